"""What an arrow does to matters above and below its own: children that it opens, triggers that it sends."""

from pydantic import Field

from engine.term_schema import Code, Strict


class SpawnSpec(Strict):
    """A child matter opened by a move. *facts* maps the child's facts to the parent's, *sets* gives constants."""

    kind: Code
    body: str = Field(default="matter", pattern=r"^(matter|part:[a-z_]+|fact:[a-z0-9_]+)$")
    facts: dict[Code, Code] = {}
    sets: dict[Code, bool | int | str] = {}
    when: str | None = None


class SignalSpec(Strict):
    """A trigger sent as the system's order to the parent matter, or to every open child of the kind *to*.

    It is done if the receiver's machine lets it happen; children that the same move opens are not sent it.
    """

    trigger: Code
    to: Code | None = None
    when: str | None = None
