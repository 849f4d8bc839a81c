"""What the standards say of a matter, written for people."""

from collections.abc import Iterable
from typing import Any

from commands.call import Call
from commands.paper import entry, line

MOST_OPEN = 8
"""Rows that wait for facts and are written out; more would hide the rest. PLACEHOLDER"""


def evaluations_page(call: Call, machine: Any, items: Iterable[dict[str, Any]]) -> None:
    """Write each evaluation: the answer, the rows that are met, and those that wait for facts."""
    for each in items:
        line()
        entry(
            call.label(each["label"]),
            f"{call.label(each['verdict_label'])}  {call.word('适用日', 'on')} {each['on']}",
            16,
        )
        rows = [row for row in each["rows"] if row.get("label")]
        for row in (row for row in rows if row["verdict"] == "met"):
            entry("  " + call.word("达到", "met"), row_words(call, row), 16)
        waiting = [row for row in rows if row["verdict"] == "unknown" and row["tier"] == "base"]
        for row in waiting[:MOST_OPEN]:
            missing = call.word("、", ", ").join(
                call.label(machine.labels.get(f"fact:{code}")) or code for code in row["not_stated"]
            )
            entry("  " + call.word("待填", "open"), f"{row_words(call, row)}  ← {missing}", 16)
        _rest(call, each, rows, len(waiting[:MOST_OPEN]))


def _rest(call: Call, each: dict[str, Any], rows: list[dict[str, Any]], shown: int) -> None:
    """Count the rows that were not written out, and say what another version says."""
    no = sum(row["verdict"] == "not_met" for row in rows)
    hidden = sum(row["verdict"] == "unknown" for row in rows) - shown
    if rows:
        said = call.word(f"{no} 行未达到，另 {hidden} 行待填", f"{no} rows not met, {hidden} more are open")
        entry("  " + call.word("其余", "rest"), said, 16)
    if each.get("differs"):
        entry("  " + call.word("从旧兼从轻", "two versions"), _differs(call, each["differs"]), 16)


def _differs(call: Call, differs: dict[str, Any]) -> str:
    from engine.verdicts import VERDICTS

    answer = call.label(VERDICTS[differs["verdict"]])
    return call.word(f"按 {differs['on']} 的标准：{answer}", f"by the standards of {differs['on']}: {answer}")


def row_words(call: Call, row: dict[str, Any]) -> str:
    """A row in one line: measure, figures, basis, mark and code."""
    said = f"{call.label(row['label'])}  {call.label(row['condition'])}"
    return f"{call.beside(said, row['basis'])} [{row['mark']}] {row['code']}"


def evaluated_in(call: Call, machine: Any, each: dict[str, Any], indent: str, width: int) -> None:
    """Write what an entry says of the standards, and who approved it."""
    from engine.verdicts import VERDICTS

    for answer in each.get("evaluations", ()):
        spec = machine.doc.evaluates.get(answer["code"])
        name = call.label(spec.label) if spec else answer["code"]
        entry(indent + name, f"{call.label(VERDICTS[answer['verdict']])}  {answer['row'] or ''}".strip(), width)
    if each.get("approved_by"):
        who = each["approved_by"]
        entry(
            indent + call.word("批准人", "approved by"),
            f"{call.beside(who['login'], who.get('body', ''))}  [{who['auth']}]",
            width,
        )
