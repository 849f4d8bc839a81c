"""A matter moved by hand through its real machine and clocks, without a database, by the campaign of 2010."""

from datetime import UTC, datetime, time
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from engine.campaign_file import load_campaign
from engine.clock_plans import ClockPlans
from engine.deadlines import Clocks
from engine.ladders import compiled
from engine.machine import Arrow, Compiled
from engine.orders import SYSTEM, Actor
from engine.situation import Marks, Situation
from engine.terms import Clockwork
from workflows.calendars import load_calendar
from workflows.library import read_definition

WORKFLOWS = Path(__file__).resolve().parent.parent / "workflows"
BAODI = load_campaign((WORKFLOWS / "campaigns" / "baodi-2010.yaml").read_bytes(), "baodi-2010.yaml", None).doc
PARTS = {body.part: body.code for body in reversed(BAODI.bodies)}
DATES = {name: datetime.fromisoformat(day).date() for name, day in BAODI.dates.items()}
ZONE = ZoneInfo(BAODI.zone)
WORK = Clockwork(ZONE, load_calendar(["cn-2010", "cn-2011"]), DATES, time(9))
LADDERS = {name: compiled(rung.at for rung in ladder.rungs) for name, ladder in BAODI.ladders.items()}


@cache
def machine_of(kind: str) -> tuple[Compiled, ClockPlans]:
    """The machine of one of our kinds with its clock plans."""
    file = WORKFLOWS / f"{kind}.yaml"
    machine = Compiled(read_definition(file), 1, PARTS)
    return machine, ClockPlans(machine)


class Walk:
    """One matter moved by hand through the real machine and its real clocks, without a database."""

    def __init__(self, kind: str, body: str, at: str, **facts: Any) -> None:
        self.machine, self.plans = machine_of(kind)
        self.body, self.facts = body, dict(facts)
        self.state, self.documents, self.marks = self.machine.initial, set[str](), Marks()
        self.clocks = Clocks(self.machine, [], WORK, LADDERS, self.on(at))
        scopes = self.machine.tree.leaves[self.state].scopes
        self.marks.note(self.machine.doc.open.trigger, "system", "", scopes, self.facts)
        opening = self.plans.opening(self.state, self.machine.doc.open.trigger)
        self.clocks.apply(opening, self.situation(SYSTEM, {}, set(), None), self.clocks.now, 1)

    def on(self, at: str) -> datetime:
        return datetime.fromisoformat(at).replace(tzinfo=ZONE).astimezone(UTC)

    def situation(self, actor: Actor, stated: dict[str, Any], brought: set[str], reason: str | None) -> Situation:
        marks = self.marks
        return Situation(
            state=self.state,
            scopes=self.machine.tree.leaves[self.state].scopes,
            facts={**self.facts, **stated},
            documents=self.documents | brought,
            visited=marks.visited,
            ever=marks.ever,
            counts=marks.counts,
            last=marks.last,
            came_from=marks.came_from,
            today=self.clocks.now.astimezone(ZONE).date(),
            dates=DATES,
            deadlines=self.clocks.statuses(),
            children={},
            body=self.body,
            actor=actor,
            standing=self.facts,
            stated=stated,
            brought=brought,
            reason=reason,
        )

    def do(
        self,
        who: str,
        trigger: str,
        *,
        docs: str = "",
        at: str | None = None,
        reason: str | None = None,
        **facts: Any,
    ) -> str:
        """Fire *trigger* as *who* (``body.post``), bringing *docs*; return the new state."""
        if at is not None:
            self.clocks.move_to(self.on(at))
        place, _, post = who.partition(".")
        actor = SYSTEM if who == "system" else Actor(who, "rehearsal", frozenset({(place, post)}))
        brought = set(docs.split())
        arrow: Arrow = self.machine.plan(trigger, self.situation(actor, facts, brought, reason), "x")
        self.facts |= facts
        self.documents |= brought
        self.marks.note(trigger, actor.person, self.state, self.machine.tree.leaves[arrow.dst].scopes, facts)
        self.state = arrow.dst
        after = self.situation(actor, facts, set(), reason)
        assert not self.machine.violated(after)
        self.clocks.apply(self.plans.of(arrow), after, self.clocks.now, 2)
        self.clocks.documents_in(brought, self.clocks.now, 2)
        return self.state

    def clock(self, code: str) -> tuple[str, str]:
        row = next(row for row in reversed(self.clocks.rows) if row.code == code)
        return self.clocks.statuses()[code], row.last_day
