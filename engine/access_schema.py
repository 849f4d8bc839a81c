"""The form of a file of access: which actors there are, which matters each sees, and which functions he may use."""

from typing import Literal

from pydantic import Field, model_validator

from engine.term_schema import Code, Codes, Label, Mark, Strict

Function = Literal[
    "accounts", "grants", "audit", "security_log", "notices", "notices_all", "forecast", "urge", "hold", "definitions",
    "publish", "amend", "exports_own", "exports_all", "exports_audit", "statistics", "supervise", "monitors", "channels", "contacts",
    "backup", "calendar", "seal", "rehearse", "vault_ask", "vault_approve", "vault_list", "keys", "privacy",
]  # fmt: skip
"""What somebody may use besides the acts on a matter, which its definition gives to roles."""


class SeesSpec(Strict):
    """Matters that are seen: all, those one's body is a party to, or what was opened from those or led to them.

    *kinds* narrows them to some kinds; *masked* hides the personal facts in them.
    """

    see: Literal["all", "party", "children", "parents"]
    kinds: Codes = []
    masked: bool = False


class ActorClassSpec(Strict):
    """A class of actors: who holds one of *posts* at a body of one of *parts* (none: at any body).

    The functions in *stands_in* are theirs only as long as the campaign has nobody with the post named there.
    """

    label: Label
    parts: Codes = []
    posts: Codes = Field(min_length=1)
    sees: list[SeesSpec] = []
    functions: list[Function] = []
    stands_in: dict[Code, list[Function]] = {}
    basis: str = Field(min_length=1)
    mark: Mark = "D"


class FlagSpec(Strict):
    """Facts that make a body a party: where one of the bool *facts* is true, the body of *part* sees the matter."""

    label: Label
    kinds: Codes = Field(min_length=1)
    facts: Codes = Field(min_length=1)
    part: Code
    basis: str = Field(min_length=1)
    mark: Mark = "D"


class AccessDoc(Strict):
    """A whole file of access. A campaign's own takes the place of ours class by class and flag by flag."""

    schema_: Literal["access/1"] = Field(alias="schema")
    classes: dict[Code, ActorClassSpec] = {}
    flags: dict[Code, FlagSpec] = {}
    closed: Codes = []
    """Parts whose bodies nobody from outside stands in for, and whose people stand in for nobody outside."""

    @model_validator(mode="after")
    def _not_empty(self) -> "AccessDoc":
        if not self.classes and not self.flags:
            raise ValueError("a file of access has classes or flags")
        return self
