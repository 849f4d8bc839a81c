"""The form of a file of standards: from when to when, and which rows of figures decide for each crime."""

from typing import Literal

from pydantic import Field

from engine.definition_schema import Code, Codes, FactSpec, Label, Mark, Strict
from engine.term_schema import Day

EVERY_CRIME = "any"
"""The code under ``crimes`` whose rows are looked at whatever the crime."""


class StandardRow(Strict):
    """One alternative: met if *when* holds, or always if there is none.

    *tier* ``next`` is the figure from which the heavier range of punishment applies. *only_for* narrows a row of
    ``any`` to some crimes. A row is in force from *valid_from* through *valid_to*; without them, as long as its file.
    """

    code: Code
    label: Label
    when: str | None = None
    tier: Literal["base", "next"] = "base"
    basis: str = Field(min_length=1)
    mark: Mark
    only_for: Codes = []
    valid_from: Day | None = None
    valid_to: Day | None = None
    note: Label | None = None


class CrimeSpec(Strict):
    """The rows of one crime; *when*, if there, must hold as well for each of them."""

    label: Label
    basis: str = Field(min_length=1)
    when: str | None = None
    note: Label | None = None
    rows: list[StandardRow] = Field(min_length=1)


class ComputingNote(Strict):
    """How an amount is to be worked out before it is stated."""

    label: Label
    basis: str = Field(min_length=1)
    mark: Mark


class StandardDoc(Strict):
    """A whole file of standards.

    What *gives* ``threshold`` says that a threshold is met, and so that there is a duty; what *gives* ``duty`` founds
    the duty on another ground. Files of one *family* are looked at together, each in its time. What the file *presumes*
    of a bool fact counts while nobody has stated it.
    """

    schema_: Literal["standard/1"] = Field(alias="schema")
    family: Code
    code: Code
    gives: Literal["threshold", "duty"] = "threshold"
    label: Label
    basis: str = Field(min_length=1)
    valid_from: Day
    valid_to: Day | None = None
    facts: dict[Code, FactSpec]
    presumes: dict[Code, bool] = {}
    computing: list[ComputingNote] = []
    crimes: dict[Code, CrimeSpec]
