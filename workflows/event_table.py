"""The event log as CSV, which spreadsheets open as it is: UTF-8 with its mark, nothing in it that they would run."""

import csv
import io
import json
from collections.abc import Iterable, Iterator

from workflows.event_log import Event, Value

COLUMNS = ("matter", "kind", "seq", "entry", "activity", "label_zh", "label_en", "occurred_at", "recorded_at", "owner", "actor",
           "body", "on_behalf_of", "from", "to", "stage", "deadline", "rung", "documents", "facts")  # fmt: skip
"""One row an entry; *facts* is a JSON object."""

FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the beginning of a formula, also where it writes Chinese. Source: OWASP, CSV Injection."""

UNSEEN = "\ufeff\u200b\u2060\u00a0\u3000 "
"""What may stand before it unseen."""


def event_table(events: Iterable[Event]) -> Iterator[str]:
    """Write *events* as the lines of a CSV file."""
    line = io.StringIO()
    writer = csv.writer(line)
    writer.writerow(COLUMNS)
    yield "\ufeff" + _taken(line)
    for event in events:
        writer.writerow([defused(each) for each in _row(event)])
        yield _taken(line)


def _taken(line: io.StringIO) -> str:
    text = line.getvalue()
    line.seek(0)
    line.truncate()
    return text


def _row(event: Event) -> list[Value]:
    values = event.values
    facts = {key.removeprefix("fact:"): value for key, value in values.items() if key.startswith("fact:")}
    own = {
        "matter": event.trace,
        "kind": event.kind,
        "activity": event.activity,
        "label_zh": event.label.zh,
        "label_en": event.label.en,
        "occurred_at": event.at.isoformat().replace("+00:00", "Z"),
        "facts": json.dumps(facts, ensure_ascii=False, sort_keys=True) if facts else "",
    }
    return [own.get(name, values.get(name, "")) for name in COLUMNS]


def defused(value: Value) -> Value:
    """*value* with an apostrophe before what a spreadsheet would compute."""
    return "'" + value if isinstance(value, str) and value.lstrip(UNSEEN).startswith(FORMULA) else value
