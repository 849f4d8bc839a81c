"""Next year's campaign made from this year's: dates moved, titles and years adjusted, what stays open marked in the file."""

import errno
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import IO, Any

from engine.campaign_schema import CampaignDoc
from engine.errors import Conflict, Invalid, Unavailable
from engine.shifting import Shift, shifted, years_of
from engine.source import Path as Way
from engine.source import Source
from engine.strictyaml import CAMPAIGN_BOUNDS, parse
from workflows.calendars import load_calendar
from workflows.library import find_campaign, read_shelf
from workflows.open_questions import MARK, OLD

NO_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO)
"""Errors of a disk that is full, bounded, read-only or broken: nothing is wrong with what was asked."""

DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

EARLIEST, LATEST = 1950, 2200
"""Years in which a campaign may begin; beyond them a date is a slip of the pen. PLACEHOLDER"""

CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,47}")

QUOTED = {"quote": None, "source": "duties"}
"""Keys whose words are quoted; the second only among the duties."""

WEEKDAYS = (("周一", "Monday"), ("周二", "Tuesday"), ("周三", "Wednesday"), ("周四", "Thursday"), ("周五", "Friday"),
            ("周六", "Saturday"), ("周日", "Sunday"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Open:
    """A question that the new file leaves open, at a place of it."""

    way: Way
    zh: str
    en: str

    def as_json(self) -> dict[str, Any]:
        return {"path": ".".join(str(part) for part in self.way), "zh": self.zh, "en": self.en}


@dataclass
class Draft:
    """The new file: its *text*, the dates that moved, the phases, and what is open."""

    code: str
    text: str = ""
    moves: list[dict[str, Any]] = field(default_factory=list)
    phases: list[dict[str, Any]] = field(default_factory=list)
    opens: list[Open] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The draft as the contract has it, without its text."""
        return {
            "code": self.code,
            "dates": self.moves,
            "phases": self.phases,
            "open": [each.as_json() for each in self.opens],
        }


def draft(code: str, name: str, start: str, out: Path) -> Draft:
    """Draft the campaign *code* from the campaign *name*, beginning on *start*.

    Raises NotFound, Invalid, or Conflict if *out* is there already.
    """
    if not CODE.fullmatch(code):
        raise Invalid(f"not a code of a campaign: {code!r}; small letters, digits and hyphens", "code")
    try:
        first = date.fromisoformat(start)
    except ValueError:
        raise Invalid(f"not a day: {start!r}; write YYYY-MM-DD", "day") from None
    if not EARLIEST <= first.year <= LATEST:
        raise Invalid(f"{first} is no year for a campaign: {EARLIEST} to {LATEST}", "day")
    if out.exists():
        raise Conflict(f"{out} is there already; nothing is overwritten", "file_there")
    shelf, path = read_shelf(name), find_campaign(name)
    if shelf.campaign.doc.code == code:
        raise Invalid(f"{code} is the code of the old campaign; the new one needs its own", "code")
    source = parse(path.read_bytes(), str(path), CAMPAIGN_BOUNDS)
    return _Drafter(source, shelf.campaign.doc, code, first, path, out).done()


class _Drafter:
    """Writes into the text of the old file, scalar by scalar, so that comments and layout stay."""

    def __init__(self, source: Source, doc: CampaignDoc, code: str, start: date, path: Path, out: Path) -> None:
        self._source, self._doc, self._path, self._out = source, doc, path, out
        self._shift: Shift = shifted(doc, start, load_calendar())
        self._edits: list[tuple[int, int, str]] = []
        self._notes: dict[int, list[str]] = {}
        self._draft = Draft(code)

    def done(self) -> Draft:
        quotes = 0
        for way, value in _scalars(self._source.data):
            if way == ("code",):
                self._put(way, self._draft.code)
            elif way == ("source", "file"):
                self._put(way, None)
            elif way[0] == "definitions" and way[-1] == "file":
                self._put(way, os.path.relpath(self._path.parent / value, self._out.parent))
            elif isinstance(value, str) and _is_quote(way):
                self._put(way, OLD + value)
                quotes += 1
            elif isinstance(value, str):
                self._text(way, value)
        self._ask_source(quotes)
        self._ask_years()
        self._ask_phases()
        self._draft.text = self._written()
        return self._draft

    def _text(self, way: Way, value: str) -> None:
        """A date moves; a year in a name moves with it."""
        match = DATE.match(value)
        if match is not None and (match[0] == value or value[10:11] == "T"):
            self._date(way, value)
        elif way[-1] in ("zh", "en", "title"):
            moved = _years_moved(value, self._shift)
            if moved != value:
                self._put(way, moved)

    def _date(self, way: Way, value: str) -> None:
        was = date.fromisoformat(value[:10])
        will = self._shift.day(was)
        self._put(way, will.isoformat() + value[10:])
        calendar = self._shift.calendar
        rest, guess = not calendar.is_workday(will), calendar.is_provisional(will)
        name = ".".join(str(part) for part in way)
        self._draft.moves.append(
            {"path": name, "before": value[:10], "after": will.isoformat(), "rest_day": rest, "provisional": guess}
        )
        if rest and way[0] in ("dates", "launched_at") and not _is_start(way):
            zh, en = WEEKDAYS[will.weekday()]
            before, after = calendar.back(will), calendar.roll(will)
            self._ask(
                way, f"{will}是休息日（{zh}）；前一工作日{before}，后一工作日{after}",
                f"{will} is a rest day ({en}); the working day before is {before}, the one after {after}",
            )  # fmt: skip

    def _ask_source(self, quotes: int) -> None:
        old = self._doc.source.title
        self._ask(
            ("source", "title"),
            f"新文件的标题、发文机关和日期（原为：{old}）",
            "title, issuer and date of the new document",
        )
        self._ask(
            ("source", "issued_on"), f"{quotes}处引文仍是旧文件的，已标{OLD}；新文件原文放在旁边并写上 file: 后逐字改引",
            f"{quotes} quotes are still of the old document, marked {OLD}; put the new text beside this file, name it as file: "
            "and quote it letter by letter",
        )  # fmt: skip
        self._ask(("launched_at",), "何时启动、何时开立事项", "when it is launched and its matters are opened")
        self._ask(("roster",), "报送名单、机构和职责是否照旧", "whether roster, bodies and duties stay as they are")
        old_years = [str(year) for year in years_of(self._doc)]
        if not any(year in self._doc.name.zh for year in old_years):
            self._ask(("name", "zh"), "名称中没有年份，是否照旧", "the name has no year in it; does it stay as it is")

    def _ask_years(self) -> None:
        last = max(each.will[1] for each in self._shift.phases) if self._shift.phases else self._shift.start
        calendar = self._shift.calendar
        guessed = [
            year
            for year in range(self._shift.start.year, last.year + 1)
            if calendar.guesses(max(date(year, 1, 1), self._shift.start), min(date(year, 12, 31), last))
        ]
        for year in guessed:
            self._ask(
                ("end",), f"{year}年放假安排尚未公布：涉及该年的工作日为暂定，公布后 duban calendar import",
                f"the holidays of {year} are not announced: its working days are provisional; duban calendar import when they are",
            )  # fmt: skip

    def _ask_phases(self) -> None:
        order = [phase.code for phase in self._doc.phases]
        for each in self._shift.phases:
            days = [(span[1] - span[0]).days + 1 for span in (each.was, each.will)]
            worked = [self._shift.worked(*span) for span in (each.was, each.will)]
            self._draft.phases.append(
                {
                    "code": each.code, "before": [day.isoformat() for day in each.was], "after": [day.isoformat() for day in each.will],
                    "kept": each.kept, "days": days, "workdays": worked,
                }
            )  # fmt: skip
            if each.kept != "workdays" and worked[1] < worked[0]:
                self._ask(
                    ("phases", order.index(each.code), "end"), f"本阶段有{worked[1]}个工作日，上次{worked[0]}个",
                    f"this phase has {worked[1]} working days; it had {worked[0]}",
                )  # fmt: skip

    def _ask(self, way: Way, zh: str, en: str) -> None:
        """Mark an open question above the line of *way*, and list it."""
        self._draft.opens.append(Open(way, zh, en))
        place = self._source.keys.get(way) or self._source.at(way)
        self._notes.setdefault(place.line, []).append(f"{MARK} {zh} · {en}")

    def _put(self, way: Way, value: str | None) -> None:
        """Write *value* in the place of a scalar, in the style it has; None takes its line away."""
        span = self._source.spans.get(way)
        if span is None:
            return
        if value is None:
            start = self._source.text.rfind("\n", 0, span.start) + 1
            end = self._source.text.find("\n", span.end) + 1
            self._edits.append((start, end or len(self._source.text), ""))
            return
        mark = span.style if span.style in ("'", '"') else ""
        said = (
            value.replace("'", "''")
            if mark == "'"
            else value.replace("\\", "\\\\").replace('"', '\\"')
            if mark == '"'
            else value
        )
        if span.style in ("|", ">"):
            head, _, rest = self._source.text[span.start : span.end].partition("\n")
            indent = re.match(r" *", rest)
            said = f"{head}\n{indent[0] if indent else ''}{OLD}{rest.lstrip(' ')}" if value.startswith(OLD) else ""
            mark = ""
        if said:
            self._edits.append((span.start, span.end, f"{mark}{said}{mark}"))

    def _written(self) -> str:
        text = self._source.text
        starts = [0, *(found.end() for found in re.finditer("\n", text))]
        edits = list(self._edits)
        for number, notes in self._notes.items():
            at = starts[number - 1]
            indent = re.match(r" *", text[at:])
            lead = indent[0] if indent else ""
            edits.append((at, at, "".join(f"{lead}{note}\n" for note in notes)))
        for start, end, said in sorted(edits, reverse=True):
            text = text[:start] + said + text[end:]
        return text


def _scalars(value: Any, way: Way = ()) -> Iterator[tuple[Way, Any]]:
    pairs: Any = value.items() if isinstance(value, dict) else enumerate(value)
    for key, each in pairs:
        if isinstance(each, dict | list):
            yield from _scalars(each, (*way, key))
        else:
            yield (*way, key), each


def _is_quote(way: Way) -> bool:
    key = way[-1]
    return key in QUOTED and (QUOTED[str(key)] is None or way[0] == QUOTED[str(key)]) and len(way) > 1


def _is_start(way: Way) -> bool:
    return way[0] == "dates" and str(way[-1]).endswith("start")


def _years_moved(text: str, shift: Shift) -> str:
    def moved(found: re.Match[str]) -> str:
        year = int(found[0])
        return str(year + shift.years) if year in years_of(shift.doc) else found[0]

    return re.sub(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])", moved, text)


def write_draft(found: Draft, out: Path, check: Callable[[str], list[Any]]) -> list[Any]:
    """Write the draft, and return what the check of campaign files finds in it.

    Raises Invalid for a place that cannot be, Unavailable for a disk that does not take it; nothing half written is left.
    """
    try:
        with out.open("x", encoding="utf-8") as file:
            _fill(file, found.text, out)
    except OSError as error:
        kind, code = (Unavailable, "disk") if error.errno in NO_DISK else (Invalid, "unwritable")
        raise kind(f"{out} cannot be written: {error.strerror}", code) from None
    return check(str(out))


def _fill(file: IO[str], text: str, out: Path) -> None:
    try:
        file.write(text)
        file.flush()
    except OSError:
        out.unlink(missing_ok=True)
        raise
