"""Somebody else's event log as a table: rows in any order, put together to cases on the disk."""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, TextIO
from zoneinfo import ZoneInfo

from engine.errors import Invalid
from engine.suggest import did_you_mean
from workflows.happenings import LONGEST_VALUE, Case, Happening, instant_of, refuse_endless
from workflows.scratch import Scratch

LONGEST_ROW = 10_000_000
"""Characters of a row of a table. PLACEHOLDER"""

SHOWN = 40
"""Headings that a refusal names. PLACEHOLDER"""

HEADINGS: Mapping[str, Sequence[str]] = {
    "case": ("matter", "case:concept:name", "case id", "case_id", "caseid", "case"),
    "activity": ("activity", "trigger", "concept:name", "activity name", "event"),
    "at": ("occurred_at", "time:timestamp", "complete timestamp", "timestamp", "time", "date"),
    "resource": ("actor", "org:resource", "resource", "user"),
    "group": ("body", "org:group", "department", "group"),
    "owner": ("owner",),
    "to": ("to", "state"),
    "entry": ("entry",),
    "documents": ("documents",),
    "facts": ("facts",),
}
"""By what a column is known; the first are ours, the others those of the usual tools. Compared without case."""

NEEDED = ("case", "activity", "at")


ROWS = "rows"


def cases_of_table(path: Path, zone: ZoneInfo, columns: Mapping[str, str]) -> Iterator[Case]:
    """The cases of a CSV file, in the order of their first rows; every row is looked at before the first case is told.

    *columns* says which heading is what, where `HEADINGS` does not know it.
    """
    with Scratch() as scratch:
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                scratch.lay(ROWS, _rows(path, file, zone, columns))
        except UnicodeDecodeError:
            raise Invalid(f"{path} is not UTF-8 text; save it as CSV UTF-8", "encoding") from None
        except csv.Error as error:
            raise Invalid(f"{path} is no CSV file: {error}", "csv") from None
        for name, texts in groupby(scratch.grouped(ROWS), key=itemgetter(0)):
            yield _case(str(name), (text for _, text in texts), path, zone)


def _rows(path: Path, file: TextIO, zone: ZoneInfo, columns: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The case of each row, and its line with what it says; what cannot be understood is refused here."""
    csv.field_size_limit(LONGEST_VALUE)
    lines = _Lines(path, file)
    rows = csv.reader(lines)
    found = _headings(path, next(rows, []), columns)
    for row in rows:
        lines.of_row = 0
        if row:
            said = {what: row[at].strip() if at < len(row) else "" for what, at in found.items()}
            _happening(said, zone, f"{path}:{rows.line_num}")
            yield said["case"], json.dumps([rows.line_num, said], ensure_ascii=False)


def _case(name: str, texts: Iterator[str], path: Path, zone: ZoneInfo) -> Case:
    case, characters = Case(name), 0
    for text in texts:
        number, said = json.loads(text)
        where = f"{path}:{number}"
        characters += len(text)
        refuse_endless(len(case.events) + 1, characters, where)
        case.events.append(_happening(said, zone, where))
    return case


class _Lines:
    """The lines of a text; those of one row are not longer than a sound row can be."""

    def __init__(self, path: Path, file: TextIO) -> None:
        self.path, self.file, self.number, self.of_row = path, file, 0, 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self.file.readline(LONGEST_ROW + 1)
        if not line:
            raise StopIteration
        self.number += 1
        self.of_row += len(line)
        if self.of_row > LONGEST_ROW:
            raise Invalid(f"{self.path}:{self.number}: a row is longer than {LONGEST_ROW} characters", "too_long")
        return line


def _headings(path: Path, row: Sequence[str], columns: Mapping[str, str]) -> dict[str, int]:
    """Which column holds what."""
    there = {heading.strip().lower(): at for at, heading in enumerate(row)}
    found = {}
    for what, names in HEADINGS.items():
        wanted = columns.get(what)
        if wanted is not None and wanted.lower() not in there:
            raise Invalid(
                f"{path}:1: there is no column {wanted!r}; there are: {_some(row)}", "no_column",
                hint=did_you_mean(wanted, row[:SHOWN]),
            )  # fmt: skip
        fitting = [there[name] for name in ((wanted.lower(),) if wanted else names) if name in there]
        if fitting:
            found[what] = fitting[0]
    missing = [what for what in NEEDED if what not in found]
    if missing:
        raise Invalid(
            f"{path}:1: which column is the {missing[0]}? say --column {missing[0]}=NAME; there are: {_some(row)}",
            "no_column",
        )
    return found


def _some(row: Sequence[str]) -> str:
    """The first headings, as far as somebody wants to read them."""
    return ", ".join(each[:40] for each in row[:SHOWN]) + (f" … ({len(row)})" if len(row) > SHOWN else "")


def _happening(said: Mapping[str, str], zone: ZoneInfo, where: str) -> Happening:
    for what in NEEDED:
        if not said.get(what):
            raise Invalid(f"{where}: the {what} is empty", "empty")
    documents = tuple(said["documents"].split(";")) if said.get("documents") else ()
    return Happening(
        said["activity"],
        instant_of(said["at"], zone, where),
        where,
        said.get("resource") or None,
        said.get("group") or None,
        said.get("to") or None,
        said.get("entry") or "moved",
        documents if "documents" in said else None,
        _facts(said["facts"], where) if "facts" in said else None,
        said.get("owner") or None,
    )


def _facts(text: str, where: str) -> Mapping[str, Any]:
    if not text:
        return {}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Invalid(f"{where}: facts are a JSON object, not {text[:80]!r}", "facts")
    return found
