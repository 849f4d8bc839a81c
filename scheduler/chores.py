"""Milestones and recurring chores of a campaign: each done once for its period, by whichever process comes first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial

from engine.campaign import Campaign
from engine.campaign_schema import ChoreSpec, MilestoneSpec
from engine.chores import DONE, OPENED_AT, WHO_HAS
from engine.clock import to_us
from engine.desk import Desk
from engine.errors import Conflict, Unavailable
from engine.history import Line, append, chain_at
from engine.log import logger
from engine.notices import compose
from engine.opening import open_by_policy
from engine.orders import SYSTEM, Open
from engine.rows import INSERT_CHORE, INSERT_NOTICE
from engine.store import Tx
from workflows.workspace import Workspace

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


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
    return sorted(found)


def _milestone(campaign: Campaign, spec: MilestoneSpec) -> Occurrence:
    """At the hour of reminders of the working day after the milestone's date."""
    day = campaign.work.calendar.shift(campaign.dates[spec.date], 1)
    return Occurrence(
        _instant(campaign, day, campaign.work.remind_at), spec.code, campaign.dates[spec.date].isoformat()
    )


def _times(campaign: Campaign, chore: ChoreSpec) -> Iterator[Occurrence]:
    """One time a week or month; a rest day gives way to the next working day, the period stays."""
    for day in _days(chore):
        moved = campaign.work.calendar.roll(day)
        week = day.isocalendar()
        period = f"{week.year}-W{week.week:02d}" if chore.every == "week" else f"{day.year}-{day.month:02d}"
        yield Occurrence(_instant(campaign, moved, time.fromisoformat(chore.at)), chore.code, period)


def _days(chore: ChoreSpec) -> Iterator[date]:
    day, last = date.fromisoformat(chore.first), date.fromisoformat(chore.last)
    while day <= last:
        if (chore.every == "week" and WEEKDAYS[day.weekday()] == chore.on) or (
            chore.every == "month" and str(day.day) == chore.on
        ):
            yield day
        day += timedelta(days=1)


def _instant(campaign: Campaign, day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, campaign.zone).astimezone(UTC)


class Chores:
    """The chores of one workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.all = occurrences(workspace.campaign)
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
        return min(self._upcoming, default=None)

    def _waiting(self, tx: Tx) -> list[Occurrence]:
        if len(self._done) == len(self.all):
            return []
        campaign = self.workspace.campaign
        self._done = {(code, period) for code, period in tx.rows(DONE, campaign_id=campaign.id)}
        opened = tx.row(OPENED_AT, id=campaign.id)
        since = opened[0] if opened else 0
        return [each for each in self.all if (each.code, each.period) not in self._done and to_us(each.at) >= since]

    def run(self) -> int:
        """Do what has fallen due; of several missed periods of one chore only the last is acted on. Returns how many were done."""
        now = self.workspace.clock.now()
        with self.workspace.database.snapshot() as tx:
            due = [each for each in self._waiting(tx) if each.at <= now]
        last = {each.code: each for each in due}
        done = 0
        for each in due:
            try:
                work = partial(self._do, each=each, now=now, silent=last[each.code] is not each)
                done += self.workspace.engine.in_transaction(work)
            except Unavailable:
                raise
            except Exception as error:  # noqa: BLE001 - one bad chore must not stop the others, nor what is owed
                logger.bind(chore=each.code, period=each.period).error(
                    "a chore could not be done: {}: {}", type(error).__name__, error
                )
        return done

    def _do(self, tx: Tx, each: Occurrence, now: datetime, *, silent: bool) -> int:
        """Do one chore unless another process was faster; *silent* only notes that its time has passed."""
        if each not in self._waiting(tx):
            return 0
        values = {"campaign_id": self.workspace.campaign.id, "code": each.code, "period": each.period}
        tx.write(INSERT_CHORE, {**values, "done_at": to_us(now)})
        tx.flush()
        if not silent:
            self._act(tx, each, now)
        self._upcoming = None
        return 1

    def _act(self, tx: Tx, each: Occurrence, now: datetime) -> None:
        doc = self.workspace.campaign.doc
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
        met = [campaign.body_name(row[0]) for row in rows if row[2] == "met"]
        late = [campaign.body_name(row[0]) for row in rows if row[2] == "late"]
        missing = [campaign.body_name(row[0]) for row in rows if row[2] in ("running", "breached", "paused")]
        lines = [
            f"{label}（{len(names)}）：{'、'.join(names) or '无'}"
            for label, names in (("按时完成", met), ("逾期完成", late), ("尚未完成", missing))
        ]
        values = {
            "label": milestone.label.zh, "list": "\n".join(lines), "campaign": campaign.doc.name.zh, "title": campaign.doc.name.zh,
            "last_day": each.period, "body": "", "owner": "",
        }  # fmt: skip
        for circle in milestone.to:
            seat = campaign.circles[circle]
            body = seat.body(campaign.parts, "", {}) or ""
            self._tell(tx, "milestone", each, body, campaign.circle_posts[circle], values, now)
        self._record(tx, f"milestone/{milestone.code}", f"{milestone.label.zh}\n" + "\n".join(lines), now)

    def _chore(self, tx: Tx, chore: ChoreSpec, each: Occurrence, now: datetime) -> None:
        campaign = self.workspace.campaign
        values = {
            "label": chore.label.zh,
            "title": each.period,
            "campaign": campaign.doc.name.zh,
            "list": "",
            "last_day": each.period,
        }
        for circle in chore.remind:
            body = campaign.circles[circle].body(campaign.parts, "", {}) or ""
            self._tell(tx, "chore", each, body, campaign.circle_posts[circle], values, now)
        if chore.remind_each == "roster":
            for body in campaign.doc.roster:
                named = {**values, "body": campaign.body_name(body), "owner": campaign.body_name(body)}
                self._tell(tx, "chore", each, body, tuple(chore.remind_posts) or ("liaison",), named, now)
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

    def _tell(
        self,
        tx: Tx,
        kind: str,
        each: Occurrence,
        body: str,
        posts: Sequence[str],
        values: dict[str, str],
        now: datetime,
    ) -> None:
        campaign = self.workspace.campaign
        if not body:
            return
        for recipient in self.workspace.people.directory(tx, now).reach(body, posts):
            notice = compose(
                campaign, kind=kind, recipient=recipient, body=body, planned_us=to_us(each.at), now_us=to_us(now),
                dedup=f"{campaign.id}:{kind}:{each.code}:{each.period}:{recipient}", values=values,
            )  # fmt: skip
            tx.put(INSERT_NOTICE, [notice])

    def _record(self, tx: Tx, trigger: str, text: str, now: datetime) -> None:
        campaign = self.workspace.campaign
        chain = chain_at(tx, campaign.id, campaign.log, f"campaign/{campaign.code}")
        append(tx, chain, Line("comment", SYSTEM, to_us(now), to_us(now), trigger=trigger, more={"text": text}))
