"""What the standards said of a matter, told in the shape of the contract: each row with its words, basis and mark."""

from collections.abc import Mapping
from typing import Any

from engine.campaign import Campaign
from engine.machine import Compiled
from engine.standard_file import Row

VERDICTS = {
    "met": {"zh": "达到", "en": "met"},
    "not_met": {"zh": "未达到", "en": "not met"},
    "unknown": {"zh": "尚不能判断", "en": "not known yet"},
    "no_standard": {"zh": "无现行标准", "en": "no standard in force"},
}
"""The answers of a row and of the whole."""


def evaluations_json(
    campaign: Campaign, machine: Compiled, evaluated: Mapping[str, Any], facts: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The last answer to each question of a matter's definition, as stored, with the words of its rows."""
    return [_told(campaign, machine, each, facts) for code, each in evaluated.items() if code in machine.doc.evaluates]


def _told(campaign: Campaign, machine: Compiled, each: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, Any]:
    standards = campaign.standards
    codes = standards.in_order(each["rows"])
    rows = [{"code": code, "verdict": each["rows"][code], **_words(standards.row(code), facts)} for code in codes]
    return {
        **each,
        "label": machine.doc.evaluates[each["code"]].label.model_dump(),
        "verdict_label": VERDICTS[each["verdict"]],
        "current": standards.are_current(each["standards"]),
        "rows": rows,
        "row": next((row for row in rows if row["code"] == each["row"]), None),
    }


def _words(row: Row | None, facts: Mapping[str, Any]) -> dict[str, Any]:
    """A row's words; those of a row that the files no longer have are gone, its verdict stays."""
    if row is None:
        return {}
    return {**row_json(row), "not_stated": row.missing(facts)}


def row_json(row: Row) -> dict[str, Any]:
    """A row of the standards as the contract has it."""
    return {
        "code": row.code,
        "crime": row.crime,
        "crime_label": row.crime_label.model_dump(),
        "label": row.spec.label.model_dump(),
        "condition": row.condition().model_dump(),
        "when": row.spec.when,
        "tier": row.spec.tier,
        "gives": row.gives,
        "basis": row.spec.basis,
        "mark": row.spec.mark,
        "valid_from": row.first.isoformat(),
        "valid_to": None if row.last.year == 9999 else row.last.isoformat(),
        "note": row.spec.note.model_dump() if row.spec.note else None,
    }
