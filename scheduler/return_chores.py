"""What is done for each period of a return: its matters are opened, its list is made known, silence is told."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from engine.campaign import Campaign
from engine.campaign_schema import SilenceSpec
from engine.clock import to_us
from engine.desk import Desk
from engine.orders import SYSTEM
from engine.store import Tx
from scheduler.announcing import Announcer, Occasion
from scheduler.returns import (
    LISTS,
    OPENS,
    SILENT,
    STANDINGS,
    Made,
    ReturnPeriod,
    Silence,
    local_day,
    made_of,
    made_of_all,
    open_returns,
    silences,
    sorted_out,
)
from workflows.workspace import Workspace


def occasions(campaign: Campaign, periods: Sequence[ReturnPeriod]) -> Iterator[tuple[datetime, str, str]]:
    """When something is done for each of *periods*: the instant, what with which code, and the period's name."""
    for each in periods:
        yield each.opens_at, f"{OPENS}:{each.spec.code}", each.period
        if each.spec.list_to:
            yield each.listed_at, f"{LISTS}:{each.spec.code}", each.period
        for monitor in campaign.doc.monitors:
            if monitor.silent_in == each.spec.code:
                yield each.listed_at, f"{SILENT}:{monitor.code}", each.period


class ReturnChores:
    """The chores that returns bring, for one workspace; each is done once by whoever keeps the record of chores."""

    def __init__(self, workspace: Workspace, announcer: Announcer, periods: Sequence[ReturnPeriod]) -> None:
        self.workspace = workspace
        self.announcer = announcer
        self.periods = {(each.spec.code, each.period): each for each in periods}
        self.monitors = {monitor.code: monitor for monitor in workspace.campaign.doc.monitors}

    def ends(self, code: str, period: str) -> datetime | None:
        """When what *code* opens for a period is over: a return still due is opened by a campaign that is loaded late."""
        what, _, name = code.partition(":")
        return self.periods[name, period].due_at if what == OPENS and name else None

    def owed_anyway(self, code: str) -> bool:
        """Say whether *code* is done for each period that was missed, not only for the last: a return is owed for each."""
        return code.startswith(f"{OPENS}:")

    def act(self, tx: Tx, code: str, period: str, at: datetime, now: datetime) -> bool:
        """Do what *code* says for a period; say whether it was one of ours."""
        what, _, name = code.partition(":")
        if what == OPENS and name:
            desk = Desk(self.workspace.campaign, self.workspace.people, tx, now, SYSTEM)
            open_returns(desk, self.periods[name, period])
        elif what == LISTS and name:
            self._list(tx, self.periods[name, period], code, at, now)
        elif what == SILENT and name:
            monitor = self.monitors[name]
            self._silence(tx, monitor, self.periods[monitor.silent_in, period], code, now)
        return bool(name)

    def _list(self, tx: Tx, each: ReturnPeriod, code: str, at: datetime, now: datetime) -> None:
        """Make known who has made a return and who has not; on record in the same words (通报)."""
        campaign = self.workspace.campaign
        lists = sorted_out(made_of(tx, campaign, each, to_us(now)))
        lines = [f"{STANDINGS[name]}（{len(bodies)}）：{self._names(bodies)}" for name, bodies in lists.items()]
        lines = self.announcer.with_root(tx, lines)
        values = {
            "label": each.spec.label.zh, "title": each.period, "campaign": campaign.doc.name.zh, "list": "\n".join(lines),
            "last_day": local_day(campaign, each), "basis": each.spec.policy, "mark": each.spec.mark,
        }  # fmt: skip
        reached = self.announcer.reached(tx, each.spec.list_to, now)
        self.announcer.tell(tx, Occasion("returns", code, each.period, at), reached, values, now)
        text = "\n".join([f"{each.spec.label.zh} {each.period}", *lines])
        self.announcer.record(tx, f"returns/{each.spec.code}/{each.period}", text, now)

    def _silence(self, tx: Tx, monitor: SilenceSpec, last: ReturnPeriod, code: str, now: datetime) -> None:
        """Tell whom the monitor names of the bodies that are silent, if there are any; a zero return is no silence."""
        campaign = self.workspace.campaign
        found = self.silent(tx, monitor, last, now)
        if not found:
            return
        bodies = [each.body for each in found]
        values = {
            "label": monitor.label.zh, "title": last.period, "campaign": campaign.doc.name.zh, "list": self._names(bodies),
            "last_day": local_day(campaign, last), "basis": monitor.basis, "mark": monitor.mark,
        }  # fmt: skip
        reached = self.announcer.reached(tx, monitor.tell, now)
        self.announcer.tell(tx, Occasion("silence", code, last.period, last.listed_at), reached, values, now)
        text = f"{monitor.label.zh} {last.period}：{self._names(bodies)}"
        self.announcer.record(tx, f"monitor/{monitor.code}/{last.period}", text, now)

    def silent(self, tx: Tx, monitor: SilenceSpec, last: ReturnPeriod, now: datetime) -> list[Silence]:
        """The bodies silent up to the period *last*, as things stand at *now*."""
        over = [
            each for each in self.periods.values() if each.spec.code == monitor.silent_in and each.due_at <= last.due_at
        ]
        made = zip(over, made_of_all(tx, self.workspace.campaign, over, to_us(now)), strict=True)
        return list(found_silent(monitor, list(made)))

    def _names(self, bodies: Sequence[str]) -> str:
        return "、".join(self.workspace.campaign.body_name(body) for body in bodies) or "无"


def found_silent(monitor: SilenceSpec, made: Sequence[tuple[ReturnPeriod, Sequence[Made]]]) -> Iterator[Silence]:
    """The silent bodies, from how each stands with each period; a period for which nothing was opened does not count."""
    opened = [(each, found) for each, found in made if found]
    missing: list[Mapping[str, Made]] = [
        {one.body: one for one in found if one.standing == "missing"} for _, found in opened
    ]
    return silences(monitor, [each for each, _ in opened], missing)
