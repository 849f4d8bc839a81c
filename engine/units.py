"""What a number of a fact counts, in the reader's language."""

from engine.definition_schema import FactSpec

MONEY = {"分": "fen", "元": "yuan"}
"""Units of money in English."""


def unit_in(spec: FactSpec, lang: str) -> str:
    """The unit of a fact; in English a Chinese measure word is left out, for the label says it already."""
    unit = spec.unit or ""
    return unit if lang == "zh" or unit.isascii() else MONEY.get(unit, "")
