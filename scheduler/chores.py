"""Milestones and recurring chores of a campaign: each done once for its period, by whichever process comes first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import partial

from engine import recurrence
from engine.campaign import Campaign
from engine.campaign_schema import ChoreSpec, MilestoneSpec
from engine.chores import DONE, OPENED_AT, WHO_HAS, note_done
from engine.clock import to_us
from engine.desk import Desk
from engine.errors import Conflict
from engine.firing import stops_all
from engine.log import logger
from engine.opening import open_by_policy
from engine.orders import SYSTEM, Open
from engine.recurrence_schema import rule_of
from engine.store import Tx
from scheduler.announcing import Announcer, Occasion
from scheduler.return_chores import ReturnChores, occasions
from scheduler.returns import ReturnPeriod, periods_of
from workflows.workspace import Workspace

STANDINGS = {"按时完成": ("met",), "逾期完成": ("late",), "尚未完成": ("running", "breached", "paused")}
"""The lists of a milestone, and which statuses of its deadline belong to each."""


@dataclass(frozen=True, slots=True, order=True)
class Occurrence:
    """One time that a chore or milestone falls due."""

    at: datetime
    code: str
    period: str


def occurrences(campaign: Campaign) -> list[Occurrence]:
    """Every time of the campaign's chores and milestones, in order."""
    found = [_milestone(campaign, spec) for spec in campaign.doc.milestones]
    for chore in campaign.doc.chores:
        found += _times(campaign, chore)
    found += [Occurrence(*each) for each in occasions(campaign, return_periods(campaign))]
    return sorted(found)


def return_periods(campaign: Campaign) -> list[ReturnPeriod]:
    """Every period of the campaign's returns, return by return in the order of the file, the earliest first."""
    return [
        period
        for spec in campaign.doc.returns
        for period in periods_of(campaign, spec, ((each.at, each.period) for each in _times(campaign, spec.rhythm())))
    ]


def _milestone(campaign: Campaign, spec: MilestoneSpec) -> Occurrence:
    """At the hour of reminders of the working day after the milestone's date."""
    day = campaign.work.calendar.shift(campaign.dates[spec.date], 1)
    return Occurrence(
        _instant(campaign, day, campaign.work.remind_at), spec.code, campaign.dates[spec.date].isoformat()
    )


def _times(campaign: Campaign, chore: ChoreSpec) -> Iterator[Occurrence]:
    """One time a week or month; where a rest day gives way to a working day, the period stays."""
    first, last = date.fromisoformat(chore.first), date.fromisoformat(chore.last)
    for each in recurrence.occurrences(rule_of(chore.on, chore.holiday), first, last, campaign.work):
        yield Occurrence(_instant(campaign, each.day, time.fromisoformat(chore.at)), chore.code, each.period)


def _instant(campaign: Campaign, day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, campaign.zone).astimezone(UTC)


def _occasion(kind: str, each: Occurrence) -> Occasion:
    return Occasion(kind, each.code, each.period, each.at)


class Chores:
    """The chores of one workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.campaign = workspace.campaign
        self.announcer = Announcer(workspace)
        self.returns = ReturnChores(workspace, self.announcer, return_periods(self.campaign))
        self.all = occurrences(self.campaign)
        self._known = {(each.code, each.period) for each in self.all}
        self._done: set[tuple[str, str]] = set()
        self._upcoming: list[datetime] | None = None

    def next_at(self) -> datetime | None:
        """The next chore that nobody has done."""
        with self.workspace.database.snapshot() as tx:
            return min((each.at for each in self._waiting(tx)), default=None)

    def upcoming(self, tx: Tx) -> datetime | None:
        """The same for a process that has the database to itself: looked up again only after a chore was done."""
        if self._upcoming is None:
            self._upcoming = [each.at for each in self._waiting(tx)]
        return self._upcoming[0] if self._upcoming else None

    def _waiting(self, tx: Tx) -> list[Occurrence]:
        if len(self._done) == len(self._known):
            return []
        campaign = self.workspace.campaign
        self._done = self._known & {(code, period) for code, period in tx.rows(DONE, campaign_id=campaign.id)}
        opened = tx.row(OPENED_AT, id=campaign.id)
        since = opened[0] if opened else 0
        return [
            each
            for each in self.all
            if (each.code, each.period) not in self._done
            and to_us(self.returns.ends(each.code, each.period) or each.at) >= since
        ]

    def run(self) -> int:
        """Do what has fallen due; of several missed periods of one chore only the last is acted on. Returns how many were done."""
        now = self.workspace.clock.now()
        if self._upcoming is not None and all(at > now for at in self._upcoming[:1]):
            return 0
        with self.workspace.database.snapshot() as tx:
            due = [each for each in self._waiting(tx) if each.at <= now]
        last = {each.code: each for each in due}
        done = 0
        for each in due:
            try:
                silent = last[each.code] is not each and not self.returns.owed_anyway(each.code)
                work = partial(self._do, each=each, now=now, silent=silent)
                done += self.workspace.engine.in_transaction(work)
            except Exception as error:  # one bad chore must not stop the others, nor what is owed
                if stops_all(error):
                    raise
                logger.bind(chore=each.code, period=each.period).error(
                    "a chore could not be done: {}: {}", type(error).__name__, error
                )
        return done

    def _do(self, tx: Tx, each: Occurrence, now: datetime, *, silent: bool) -> int:
        """Do one chore unless another process was faster; *silent* only notes that its time has passed."""
        if each not in self._waiting(tx):
            return 0
        note_done(tx, self.workspace.campaign, each.code, each.period, now)
        if not silent:
            self._act(tx, each, now)
        self._upcoming = None
        return 1

    def _act(self, tx: Tx, each: Occurrence, now: datetime) -> None:
        doc = self.workspace.campaign.doc
        if self.returns.act(tx, each.code, each.period, each.at, now):
            return
        for milestone in doc.milestones:
            if milestone.code == each.code:
                self._report(tx, milestone, each, now)
        for chore in doc.chores:
            if chore.code == each.code:
                self._chore(tx, chore, each, now)

    def _report(self, tx: Tx, milestone: MilestoneSpec, each: Occurrence, now: datetime) -> None:
        """Tell who has met the milestone's deadline and who has not, and put the list on record."""
        campaign = self.workspace.campaign
        rows = tx.rows(WHO_HAS, campaign_id=campaign.id, kind=milestone.kind, code=milestone.deadline)
        latest = {ref: (body, status) for body, ref, status, _, _ in rows}
        lines = []
        for label, statuses in STANDINGS.items():
            fitting = [(body, ref) for ref, (body, status) in latest.items() if status in statuses]
            lines.append(f"{label}（{len(fitting)}）：{self.announcer.named(fitting) or '无'}")
        lines = self.announcer.with_root(tx, lines)
        values = {
            "label": milestone.label.zh, "list": "\n".join(lines), "campaign": campaign.doc.name.zh, "title": campaign.doc.name.zh,
            "last_day": each.period, "body": "", "owner": "",
        }  # fmt: skip
        self.announcer.tell(
            tx, _occasion("milestone", each), self.announcer.reached(tx, milestone.to, now), values, now
        )
        self.announcer.record(tx, f"milestone/{milestone.code}", f"{milestone.label.zh}\n" + "\n".join(lines), now)

    def _chore(self, tx: Tx, chore: ChoreSpec, each: Occurrence, now: datetime) -> None:
        campaign = self.workspace.campaign
        values = {
            "label": chore.label.zh,
            "title": each.period,
            "campaign": campaign.doc.name.zh,
            "list": "",
            "last_day": each.period,
        }
        self.announcer.tell(tx, _occasion("chore", each), self.announcer.reached(tx, chore.remind, now), values, now)
        if chore.remind_each == "roster":
            for body in campaign.doc.roster:
                named = {**values, "body": campaign.body_name(body), "owner": campaign.body_name(body)}
                reached = self.workspace.people.directory(tx, now).reach(body, chore.remind_posts or ("liaison",))
                self.announcer.tell(tx, _occasion("chore", each), dict.fromkeys(reached, body), named, now)
        if chore.opens is not None:
            self._open(tx, chore, each)

    def _open(self, tx: Tx, chore: ChoreSpec, each: Occurrence) -> None:
        ref = (chore.opens_ref or f"{chore.opens}/{{period}}").replace("{period}", each.period)
        desk = Desk(self.workspace.campaign, self.workspace.people, tx, self.workspace.clock.now(), SYSTEM)
        order = Open(
            kind=str(chore.opens), body=chore.opens_body, ref=ref, title=f"{chore.label.zh} {each.period}",
            request_id=f"chore:{each.code}:{each.period}",
        )  # fmt: skip
        try:
            open_by_policy(desk, order)
        except Conflict:
            return
