"""Somebody else's event log, read from XES or CSV: cases, each with what is said to have happened in it."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO
from xml.parsers import expat
from zoneinfo import ZoneInfo

from engine.errors import Invalid
from engine.suggest import did_you_mean

LONGEST_VALUE = 100_000
"""Characters of one value; a log has names, not novels. PLACEHOLDER"""

LONGEST_ROW = 10_000_000
"""Characters of a row of a table. PLACEHOLDER"""

LONGEST_TAG = 1 << 20
"""Bytes of one tag with its attributes; the parser would begin each block again from the start of it. PLACEHOLDER"""

DEEPEST = 64
"""Elements inside one another; the standard's lists of lists need a few. PLACEHOLDER"""

SHOWN = 40
"""Headings that a refusal names. PLACEHOLDER"""

LATEST = datetime(9000, 1, 1)  # noqa: DTZ001  compared with what a file says, in whatever zone
EARLIEST = datetime(1000, 1, 1)  # noqa: DTZ001
"""Between these every zone and every term can be counted. PLACEHOLDER"""

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


@dataclass(frozen=True, slots=True)
class Happening:
    """One event of a foreign log; *where* tells its place in the file. What the log does not say is None or empty."""

    activity: str
    at: datetime
    where: str
    resource: str | None = None
    group: str | None = None
    to: str | None = None
    entry: str = "moved"
    documents: tuple[str, ...] | None = None
    facts: Mapping[str, Any] | None = None
    owner: str | None = None


@dataclass(slots=True)
class Case:
    """A case of a foreign log: its events in the order of the file."""

    name: str
    events: list[Happening] = field(default_factory=list)


def read_log(path: Path, zone: ZoneInfo, columns: Mapping[str, str] | None = None) -> Iterator[Case]:
    """Read the cases of an XES or CSV file. Raises Invalid with the line for what cannot be understood.

    An instant without an offset is one of *zone*. *columns* says for a CSV which heading is the case, the activity or the
    time, where `HEADINGS` does not know it.
    """
    try:
        with path.open("rb") as file:
            start = file.read(200).lstrip(b"\xef\xbb\xbf \t\r\n")
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}", "no_file") from None
    if start.startswith(b"<"):
        return _xes(path, zone)
    return iter(_csv(path, zone, columns or {}))


def instant_of(text: str, zone: ZoneInfo, where: str) -> datetime:
    """Read an instant; raise Invalid if it is none."""
    try:
        at = datetime.fromisoformat(text.strip().replace("/", "-"))
    except ValueError:
        raise Invalid(
            f"{where}: {text[:80]!r} is no instant; it looks like 2010-11-26T09:00:00+08:00", "instant"
        ) from None
    if not EARLIEST < at.replace(tzinfo=None) < LATEST:
        raise Invalid(f"{where}: {text[:80]!r} is no year of ours", "instant")
    return at if at.tzinfo is not None else at.replace(tzinfo=zone)


def _csv(path: Path, zone: ZoneInfo, columns: Mapping[str, str]) -> list[Case]:
    cases: dict[str, Case] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            csv.field_size_limit(LONGEST_VALUE)
            rows = csv.reader(_lines(path, file))
            found = _headings(path, next(rows, []), columns)
            for row in rows:
                if row:
                    where = f"{path}:{rows.line_num}"
                    name, event = _from_row(row, found, zone, where)
                    cases.setdefault(name, Case(name)).events.append(event)
    except UnicodeDecodeError:
        raise Invalid(f"{path} is not UTF-8 text; save it as CSV UTF-8", "encoding") from None
    except csv.Error as error:
        raise Invalid(f"{path} is no CSV file: {error}", "csv") from None
    return list(cases.values())


def _lines(path: Path, file: TextIO) -> Iterator[str]:
    """The lines of a text, none longer than a sound row can be."""
    number = 0
    while line := file.readline(LONGEST_ROW + 1):
        number += 1
        if len(line) > LONGEST_ROW:
            raise Invalid(f"{path}:{number}: a row is longer than {LONGEST_ROW} characters", "too_long")
        yield line


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


def _from_row(row: Sequence[str], found: Mapping[str, int], zone: ZoneInfo, where: str) -> tuple[str, Happening]:
    said = {what: row[at].strip() for what, at in found.items() if at < len(row)}
    for what in NEEDED:
        if not said.get(what):
            raise Invalid(f"{where}: the {what} is empty", "empty")
    documents = tuple(said["documents"].split(";")) if said.get("documents") else ()
    return said["case"], Happening(
        said["activity"],
        instant_of(said["at"], zone, where),
        where,
        said.get("resource") or None,
        said.get("group") or None,
        said.get("to") or None,
        said.get("entry") or "moved",
        documents if "documents" in found else None,
        _facts(said.get("facts", ""), where) if "facts" in found else None,
        said.get("owner") or None,
    )


def _facts(text: str, where: str) -> Mapping[str, Any]:
    import json

    if not text:
        return {}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Invalid(f"{where}: facts are a JSON object, not {text[:80]!r}", "facts")
    return found


class _Reader:
    """What the parser tells of an XES file, put together to cases; a document type is not accepted."""

    def __init__(self, path: Path, zone: ZoneInfo) -> None:
        self.path, self.zone = path, zone
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.inside: list[str] = []
        self.trace: dict[str, Any] = {}
        self.event: dict[str, Any] = {}
        self.events: list[Happening] = []
        self.done: list[Case] = []

    @property
    def where(self) -> str:
        return f"{self.path}:{self.parser.CurrentLineNumber}"

    def _refuse(self, *_: object) -> None:
        raise Invalid(f"{self.where}: a log has no document type", "doctype")

    def _start(self, name: str, said: Mapping[str, str]) -> None:
        name = name.rpartition(":")[2]
        if not self.inside and name != "log":
            raise Invalid(f"{self.where}: an XES file begins with <log>, not <{name[:40]}>", "not_xes")
        if name == "trace":
            self.trace, self.events = {}, []
        elif name == "event":
            self.event = {}
        elif "key" in said and self.inside and self.inside[-1] in ("trace", "event"):
            target = self.event if self.inside[-1] == "event" else self.trace
            target[_ours(said["key"])] = _typed(name, said.get("value", ""))
        self.inside.append(name)
        if len(self.inside) > DEEPEST:
            raise Invalid(f"{self.where}: elements lie more than {DEEPEST} deep", "too_deep")

    def _end(self, name: str) -> None:
        self.inside.pop()
        name = name.rpartition(":")[2]
        if name == "event":
            self.events.append(self._happening())
        elif name == "trace":
            case = self.trace.get("concept:name") or f"#{len(self.done) + 1}"
            self.done.append(Case(str(case), self.events))

    def _happening(self) -> Happening:
        said = self.event
        activity = said.get("duban.trigger") or said.get("concept:name")
        if not activity:
            raise Invalid(f"{self.where}: an event without concept:name", "empty")
        if "time:timestamp" not in said:
            raise Invalid(f"{self.where}: an event without time:timestamp", "empty")
        facts = {key.removeprefix("duban.fact."): value for key, value in said.items() if key.startswith("duban.fact.")}
        ours = "duban.entry" in said
        papers = tuple(str(said["duban.documents"]).split(";")) if said.get("duban.documents") else ()
        return Happening(
            str(activity),
            instant_of(str(said["time:timestamp"]), self.zone, self.where),
            self.where,
            said.get("org:resource"),
            said.get("org:group"),
            said.get("duban.to"),
            str(said.get("duban.entry", "moved")),
            papers if ours else None,
            facts if facts or ours else None,
            said.get("duban.owner"),
        )


def _ours(key: str) -> str:
    """A key as we write it now: of our own, those of the first release had colons."""
    return key.replace(":", ".") if key.startswith("duban:") else key


def _typed(kind: str, text: str) -> Any:
    if kind == "boolean":
        return text == "true"
    try:
        return int(text) if kind == "int" else text
    except ValueError:
        return text


def _xes(path: Path, zone: ZoneInfo) -> Iterator[Case]:
    reader, fed = _Reader(path, zone), 0
    try:
        with path.open("rb") as file:
            while block := file.read(1 << 16):
                reader.parser.Parse(block, False)
                fed += len(block)
                if fed - reader.parser.CurrentByteIndex > LONGEST_TAG:
                    raise Invalid(f"{reader.where}: a tag is longer than {LONGEST_TAG} bytes", "too_long")
                yield from reader.done
                reader.done.clear()
            reader.parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise Invalid(f"{reader.where}: no XML: {expat.ErrorString(error.code)}", "not_xml") from None
    except (LookupError, ValueError):  # a name of an encoding that the parser asks for and cannot be given
        raise Invalid(f"{path}: its encoding is not known; save it as UTF-8", "encoding") from None
    yield from reader.done
