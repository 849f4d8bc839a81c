"""Checks of a campaign file by itself: codes exist, days are days, phases follow one another."""

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.campaign_schema import CampaignDoc, ChoreSpec, RungSpec
from engine.check_delivery import check_delivery
from engine.check_returns import check_returns
from engine.recurrence_schema import DAYS_IN_TURN, fits
from engine.source import Findings, Path

OWNER, HEAD = "owner", "head"
"""Whom a rung can reach without a circle: the role that owns the deadline, and the head of its body."""

YEARS = range(1949, 2200)
"""Years a campaign can lie in: far enough from the ends of the calendar to count from. PLACEHOLDER"""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def check_campaign(doc: CampaignDoc, found: Findings) -> None:
    """Report what is wrong in *doc* without looking at any definition."""
    check = _Campaign(doc, found)
    check.days()
    check.time()
    check.retention()
    check.phases()
    check.bodies()
    check.seats()
    check.duties()
    check.owed()
    check.circles()
    check.ladders()
    check.rhythms()
    check_returns(doc, found)
    check_delivery(doc, found)


def to_day(text: str) -> date | None:
    """Read a civil date of the YEARS; None if the calendar has no such day."""
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) and int(text[:4]) in YEARS else None
    except ValueError:
        return None


def _is_zone(name: str) -> bool:
    """Say whether *name* is a time zone that is the same on every machine and has no leap seconds."""
    if name in ("localtime", "posixrules") or name.startswith(("posix/", "right/")):
        return False
    try:
        return bool(ZoneInfo(name))
    except (ZoneInfoNotFoundError, OSError, ValueError):
        return False


def _is_instant(text: str) -> bool:
    try:
        return to_day(text[:10]) is not None and bool(datetime.fromisoformat(text))
    except ValueError:
        return False


class _Campaign:
    """The checks, each of one part of the file."""

    def __init__(self, doc: CampaignDoc, found: Findings) -> None:
        self._doc, self._found = doc, found
        self._bodies = {body.code: body for body in doc.bodies}
        self._told = {OWNER, HEAD, *doc.circles}

    def days(self) -> None:
        places: list[tuple[Path, str]] = [(("start",), self._doc.start), (("end",), self._doc.end)]
        places.append((("source", "issued_on"), self._doc.source.issued_on))
        places += [(("dates", name), day) for name, day in self._doc.dates.items()]
        for position, phase in enumerate(self._doc.phases):
            places.append((("phases", position, "start"), phase.start))
            places.append((("phases", position, "end"), phase.end))
        for position, chore in enumerate(self._doc.chores):
            places.append((("chores", position, "first"), chore.first))
            places.append((("chores", position, "last"), chore.last))
        for position, each in enumerate(self._doc.returns):
            places += [(("returns", position, key), getattr(each, key)) for key in ("first", "last")]
        for path, text in places:
            if to_day(text) is None:
                hint = f"years {YEARS.start} to {YEARS.stop - 1}"
                self._found.add(path, "no_such_day", f"the calendar has no day {text}", hint)

    def time(self) -> None:
        if not _is_zone(self._doc.zone):
            message = f"there is no time zone '{self._doc.zone[:60]}'"
            self._found.add(("zone",), "unknown_zone", message, "a name like Asia/Shanghai")
        if not _is_instant(self._doc.launched_at):
            message = f"'{self._doc.launched_at[:60]}' is no instant"
            self._found.add(("launched_at",), "no_instant", message, "like 2010-11-25T09:00:00+08:00")

    def retention(self) -> None:
        """Periods of keeping are those of kinds that the campaign runs."""
        rule = self._doc.retention
        for kind in rule.kinds if rule is not None else ():
            if kind not in self._doc.definitions:
                known = ", ".join(self._doc.definitions)
                message = f"the campaign runs no kind {kind!r}; it runs: {known}"
                self._found.add(("retention", "kinds", kind), "unknown_kind", message)

    def phases(self) -> None:
        self._found.unique(("phases",), "phase", [phase.code for phase in self._doc.phases], ("code",))
        before: date | None = None
        for position, phase in enumerate(self._doc.phases):
            path: Path = ("phases", position)
            first, last = to_day(phase.start), to_day(phase.end)
            if first and last and first > last:
                self._found.add((*path, "end"), "phase_order", "the phase ends before it begins")
            if first and before and first <= before:
                message = f"the phase begins on {first}, but the one before it ends on {before}"
                self._found.add((*path, "start"), "phase_overlap", message)
            if position and phase.number <= self._doc.phases[position - 1].number:
                self._found.add((*path, "number"), "phase_order", "the numbers of the phases must rise")
            before = last or before

    def bodies(self) -> None:
        found = self._found
        found.unique(("bodies",), "body", [body.code for body in self._doc.bodies], ("code",))
        for position, body in enumerate(self._doc.bodies):
            path: Path = ("bodies", position)
            found.unique((*path, "posts"), "post", body.posts)
            if body.parent is not None and found.expect((*path, "parent"), "body", body.parent, self._bodies):
                self._descent((*path, "parent"), body.code)
        found.expect(("roster",), "body", self._doc.roster, self._bodies)
        found.unique(("roster",), "body", self._doc.roster)

    def _descent(self, path: Path, code: str) -> None:
        seen, above = {code}, self._bodies[code].parent
        while above is not None and above in self._bodies and above not in seen:
            seen.add(above)
            above = self._bodies[above].parent
        if above == code:
            self._found.add(path, "own_parent", f"the body '{code}' stands above itself")

    def seats(self) -> None:
        logins = {f"{body.code}.{post}" for body in self._doc.bodies for post in body.posts}
        for login, seats in self._doc.logins.items():
            for position, seat in enumerate(seats):
                path: Path = ("logins", login, position)
                if self._found.expect((*path, "body"), "body", seat.body, self._bodies):
                    self._found.expect((*path, "post"), "post", seat.post, self._bodies[seat.body].posts)
        self._found.expect(("administrator",), "login", self._doc.administrator, logins | set(self._doc.logins))

    def duties(self) -> None:
        found = self._found
        found.unique(("duties",), "duty", [duty.number for duty in self._doc.duties], ("number",))
        for position, duty in enumerate(self._doc.duties):
            path: Path = ("duties", position)
            for key, code in (("lead", duty.lead), ("coordinator", duty.coordinator)):
                if code is not None:
                    found.expect((*path, key), "body", code, self._bodies)
            for key, codes in (("supports", duty.supports), ("responsible", duty.responsible)):
                found.expect((*path, key), "body", codes, self._bodies)
                found.unique((*path, key), "body", codes)
            if duty.lead is not None and duty.lead in duty.supports:
                at = (*path, "supports", duty.supports.index(duty.lead))
                found.add(at, "lead_supports", f"the body '{duty.lead}' leads this duty and supports it too")
            if duty.lead is None and not duty.responsible and duty.coordinator is None:
                found.add(path, "nobodys_duty", f"nobody answers for the duty {duty.number}")
            elif not duty.responsible and any(opening.each == "duties" for opening in self._doc.opens):
                message = f"no body is responsible for the duty {duty.number}, so no matter would be opened for it"
                found.add(path, "nobodys_duty", message, "name under 'responsible' whoever is to report on it")

    def owed(self) -> None:
        found, doc = self._found, self._doc
        phases = {phase.code for phase in doc.phases}
        found.unique(("deliverables",), "deliverable", [each.code for each in doc.deliverables], ("code",))
        for position, owed in enumerate(doc.deliverables):
            path: Path = ("deliverables", position)
            found.expect((*path, "phase"), "phase", owed.phase, phases)
            found.expect((*path, "due"), "date", owed.due, doc.dates)
            found.expect((*path, "addressees"), "body", owed.addressees, self._bodies)
            self._roster_or_bodies((*path, "owed_by"), owed.owed_by)
        found.unique(("safeguards",), "safeguard", [each.code for each in doc.safeguards], ("code",))
        for position, safeguard in enumerate(doc.safeguards):
            found.expect(("safeguards", position, "to"), "body", safeguard.to, self._bodies)
            self._roster_or_bodies(("safeguards", position, "by"), safeguard.by)

    def _roster_or_bodies(self, path: Path, value: str | list[str]) -> None:
        if isinstance(value, list):
            self._found.expect(path, "body", value, self._bodies)

    def circles(self) -> None:
        parts = {body.part for body in self._doc.bodies}
        for code, circle in self._doc.circles.items():
            path: Path = ("circles", code)
            if code in (OWNER, HEAD):
                message = f"'{code}' is reserved for the deadline's own body"
                self._found.add(path, "reserved_circle", message, key=True)
            if self._found.expect((*path, "part"), "part", circle.part, parts):
                players = [body for body in self._doc.bodies if body.part == circle.part]
                self._found.expect((*path, "posts"), "post", circle.posts, players[0].posts)
        for name, taxa in self._doc.taxonomies.items():
            self._found.unique(("taxonomies", name), "code", [taxon.code for taxon in taxa], ("code",))

    def ladders(self) -> None:
        for name, ladder in self._doc.ladders.items():
            for position, rung in enumerate(ladder.rungs):
                path: Path = ("ladders", name, "rungs", position)
                self._found.expect((*path, "to"), "circle", rung.to, self._told)
                if rung.opens is not None:
                    self._found.expect((*path, "opens", "kind"), "kind", rung.opens.kind, self._doc.definitions)
            self._rising(("ladders", name, "rungs"), ladder.rungs)

    def _rising(self, path: Path, rungs: list[RungSpec]) -> None:
        for position, rung in enumerate(rungs):
            above = [each.at for each in rungs[:position] if surely_before(rung.at, each.at)]
            if above:
                message = f"the rung {rung.at} comes before {above[0]}, which stands above it"
                where = (*path, position, "at")
                self._found.add(where, "rung_order", message, "write rungs in order of time")

    def rhythms(self) -> None:
        found, doc = self._found, self._doc
        found.unique(("milestones",), "milestone", [each.code for each in doc.milestones], ("code",))
        for position, milestone in enumerate(doc.milestones):
            path: Path = ("milestones", position)
            found.expect((*path, "date"), "date", milestone.date, doc.dates)
            found.expect((*path, "kind"), "kind", milestone.kind, doc.definitions)
            found.expect((*path, "to"), "circle", milestone.to, self._told)
        found.unique(("chores",), "chore", [each.code for each in doc.chores], ("code",))
        for position, chore in enumerate(doc.chores):
            self._chore(("chores", position), chore)
        for position, opening in enumerate(doc.opens):
            found.expect(("opens", position, "kind"), "kind", opening.kind, doc.definitions)

    def _chore(self, path: Path, chore: ChoreSpec) -> None:
        found = self._found
        found.expect((*path, "remind"), "circle", chore.remind, self._doc.circles)
        if chore.opens is not None:
            found.expect((*path, "opens"), "kind", chore.opens, self._doc.definitions)
        if chore.opens_body is not None:
            found.expect((*path, "opens_body"), "body", chore.opens_body, self._bodies)
        first, last = to_day(chore.first), to_day(chore.last)
        if first and last and first > last:
            found.add((*path, "last"), "chore_order", "the chore ends before it begins")
        if not fits(chore.every, chore.on):
            message = f"'{chore.on}' is no day of the {chore.every}"
            found.add((*path, "on"), "chore_day", message, DAYS_IN_TURN)


LONGEST_REST = 11
"""Days that rest can move a rung, or add to a span of working days beside its week-ends. PLACEHOLDER"""


def surely_before(one: str, other: str) -> bool:
    """Say whether the rung *one* fires before *other* whatever the calendar and the hour of the breach."""
    (first, unit), (second, other_unit) = _split(one), _split(other)
    if unit == other_unit:
        return first < second
    return _range(first, unit)[1] < _range(second, other_unit)[0]


def _split(at: str) -> tuple[int, str]:
    unit = at.lstrip("+-0123456789") or "d"
    return int(at.removesuffix(unit)), unit


def _range(number: int, unit: str) -> tuple[float, float]:
    """Say between how many days before (-) or after the breach a rung can fire; days begin at 09:00."""
    if unit == "h":
        return number / 24, number / 24
    span = abs(number) * 2 / 5 if unit == "wd" else 0
    early, late = (span + LONGEST_REST, 0.0) if number < 0 else (0.0, span + LONGEST_REST)
    return number - 15 / 24 - early, number + 9 / 24 + late
