"""Recurring returns (定期报表): which are due when, who has made them, and who is silent."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from engine.campaign import Campaign
from engine.campaign_schema import ReturnSpec, SilenceSpec
from engine.chores import STANDING_OF
from engine.clock import rfc3339
from engine.contents import contents
from engine.desk import Desk
from engine.errors import Conflict
from engine.opening import open_by_policy
from engine.orders import Open
from engine.rows import DeadlineRow, MatterRow
from engine.store import Tx
from engine.tallies import is_zero
from engine.terms import end_of_day

OPENS, LISTS, SILENT = "open", "list", "monitor"
"""What is done for a period of a return; before the code of the return or monitor in the record of chores."""

STANDINGS = {"on_time": "按时报送", "zero": "其中零报告", "late": "逾期报送（视同没有执法数据）", "missing": "未报送"}
"""The lists of a period, in the words of the bulletin. Source of 视同: Changzhou 2011-01-26, law.md §4.2 [S69], P."""


@dataclass(frozen=True, slots=True)
class ReturnPeriod:
    """One period of a return: when its matters are opened, when they are due and when the office gets the list."""

    spec: ReturnSpec
    period: str
    opens_at: datetime
    due_at: datetime
    listed_at: datetime

    def ref(self, body: str) -> str:
        """The reference of the return of *body*."""
        return f"{self.spec.kind}/{self.spec.code}/{self.period}/{body}"


@dataclass(frozen=True, slots=True)
class Made:
    """How one body stands with one return: *standing* is on_time, late, missing or open; *zero* if it reported nothing."""

    ref: str
    body: str
    title: str
    standing: str
    zero: bool
    recorded_late: bool


def periods_of(campaign: Campaign, spec: ReturnSpec, days: Iterable[tuple[datetime, str]]) -> Iterator[ReturnPeriod]:
    """The periods of a return that is due on *days*: (an instant of the day, the name of its period)."""
    work = campaign.work
    for at, period in days:
        day = at.astimezone(campaign.zone).date()
        due = at if spec.due_at is not None else end_of_day(day, campaign.zone)
        opens, listed = (_morning(campaign, work.calendar.shift(day, count)) for count in (-spec.opens_before, 1))
        yield ReturnPeriod(spec, period, opens, due, listed)


def _morning(campaign: Campaign, day: date) -> datetime:
    at: time = campaign.work.remind_at
    return datetime.combine(day, at, campaign.zone).astimezone(UTC)


def owing(campaign: Campaign, spec: ReturnSpec) -> Sequence[str]:
    """The bodies that owe a return."""
    return campaign.doc.roster if spec.owed_by == "roster" else spec.owed_by


def open_returns(desk: Desk, each: ReturnPeriod) -> int:
    """Open the returns of a period, with its own dates, for every body that owes one and has none; say how many."""
    opened = 0
    for body in owing(desk.campaign, each.spec):
        title = f"{each.spec.label.zh} {each.period}（{desk.campaign.body_name(body)}）"
        order = Open(
            kind=each.spec.kind, body=body, ref=each.ref(body), title=title, occurred_at=each.opens_at,
            facts={"series": each.spec.code, "period": each.period, "due_at": rfc3339(each.due_at)},
            request_id=f"return:{each.spec.code}:{each.period}:{body}",
        )  # fmt: skip
        try:
            opened += not open_by_policy(desk, order).replayed
        except Conflict:
            continue
    return opened


def made_of(tx: Tx, campaign: Campaign, each: ReturnPeriod, now_us: int) -> list[Made]:
    """How every body stands with the returns of a period, in the order of their references."""
    return made_of_all(tx, campaign, [each], now_us)[0]


def made_of_all(tx: Tx, campaign: Campaign, several: Sequence[ReturnPeriod], now_us: int) -> list[list[Made]]:
    """The same for *several* periods of one kind of return, read at once."""
    if not several:
        return []
    spec = several[0].spec
    bodies = owing(campaign, spec)
    rows = {row[0]: row for row in tx.rows(STANDING_OF, campaign_id=campaign.id, kind=spec.kind, code=spec.deadline)}
    order = {ref: at for at, ref in enumerate(rows)}
    found = [sorted({each.ref(body) for body in bodies} & rows.keys(), key=order.__getitem__) for each in several]
    return [[_made(*rows[ref], now_us=now_us) for ref in refs] for refs in found]


def made_in(pair: tuple[MatterRow, Sequence[DeadlineRow]], spec: ReturnSpec, now_us: int) -> Made | None:
    """The same of a matter already read; None if it has no such deadline."""
    matter, rows = pair
    row = next((row for row in reversed(rows) if row.code == spec.deadline), None)
    if row is None:
        return None
    return _made(
        matter.ref, matter.body, matter.title, matter.data, row.status, row.breach_at, row.breached_at, now_us=now_us
    )  # fmt: skip


def _made(
    ref: str,
    body: str,
    title: str,
    data: str | bytes,
    status: str,
    breach_at: int,
    breached_at: int | None,
    *,
    now_us: int,
) -> Made:
    over = status in ("breached", "cancelled") or (status in ("running", "paused") and breach_at <= now_us)
    standing = {"met": "on_time", "late": "late"}.get(status) or ("missing" if over else "open")
    zero = standing in ("on_time", "late") and is_zero(contents(data)["facts"])
    return Made(ref, body, title, standing, zero, recorded_late=status == "met" and breached_at is not None)


def sorted_out(made: Iterable[Made]) -> dict[str, list[str]]:
    """The bodies of each list of a period; zero returns are among those on time, too."""
    made = list(made)
    lists = {name: [each.body for each in made if each.standing == name] for name in ("on_time", "late", "missing")}
    lists["zero"] = [each.body for each in made if each.zero and each.standing == "on_time"]
    return {name: lists[name] for name in STANDINGS}


@dataclass(frozen=True, slots=True)
class Silence:
    """A body that has been silent for as many periods running as *monitor* looks at, or more; found after the first so many."""

    monitor: SilenceSpec
    body: str
    first: ReturnPeriod
    last: ReturnPeriod
    found_at: datetime


def silences(
    monitor: SilenceSpec, periods: Sequence[ReturnPeriod], missing: Sequence[Mapping[str, Made]]
) -> Iterator[Silence]:
    """The bodies silent in the last of *periods*; *missing* are the silent bodies of each period, in the same order."""
    if not periods:
        return
    run = list(zip(periods, missing, strict=True))
    for body in run[-1][1]:
        silent = 0
        for _, bodies in reversed(run):
            if body not in bodies:
                break
            silent += 1
        if silent >= monitor.periods:
            first = len(run) - silent
            yield Silence(monitor, body, run[first][0], run[-1][0], run[first + monitor.periods - 1][0].listed_at)


def local_day(campaign: Campaign, each: ReturnPeriod) -> str:
    """The last day on which the return of a period is on time."""
    last = each.due_at - timedelta(microseconds=1)
    return last.astimezone(campaign.zone).date().isoformat()
