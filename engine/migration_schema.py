"""The form of what a definition says of matters that follow an earlier version of it: where each of their parts goes."""

from pydantic import Field

from engine.term_schema import Code, Codes, Strict

Places = dict[Code, Code | None]
"""Codes of the earlier version with those of this one; null: it is left behind, on purpose."""


class MigrationSpec(Strict):
    """How a matter of version *from* becomes one of this version. What is not named keeps its code, if that is here too.

    A kind of document can be left behind only as long as no live matter holds one: the plan names those that do.

    A deadline goes on as it is, by the rule it began with: its start, its last day, breach, pauses and extensions stay. Those
    in *recount* are counted again from their own start by the rule of this version. *sets* states facts for all of them.
    """

    from_: int = Field(alias="from", ge=1)
    states: dict[Code, Code] = {}
    facts: Places = {}
    documents: Places = {}
    deadlines: Places = {}
    handovers: Places = {}
    triggers: Places = {}
    recount: Codes = []
    sets: dict[Code, bool | int | str] = {}
