"""The form of a registry of statutory periods: per code what starts it, who must act, and its versions over the years."""

from typing import Annotated, Literal

from pydantic import Field

from engine.term_schema import Day, ExtensionSpec, Label, Mark, Strict, Term

StatuteCode = Annotated[str, Field(pattern=r"^T-[A-Z0-9]+(-[A-Z0-9]+)*$")]
"""The code of a statutory period, ``T-HANDOVER``."""


class StatuteVersion(Strict):
    """One wording of the rule: in force from the day *valid_from* to the day *valid_to*, both included.

    *extension* names the roles of the definitions that use it.
    """

    valid_from: Day
    valid_to: Day | None = None
    term: Term
    basis: str = Field(min_length=1)
    mark: Mark
    roll: Literal["next", "none"] = "next"
    extension: ExtensionSpec | None = None
    note: Label | None = None


class StatuteSpec(Strict):
    """One statutory period: the event that starts it, who must act, who is to be told, what follows if nobody does."""

    label: Label
    starts: Label
    acts: Label
    told: Label | None = None
    consequence: Label | None = None
    versions: list[StatuteVersion] = Field(min_length=1)


class StatutesDoc(Strict):
    """A whole registry file."""

    schema_: Literal["statutes/1"] = Field(alias="schema")
    statutes: dict[StatuteCode, StatuteSpec]
