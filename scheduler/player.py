"""The people of a rehearsal: an agenda of who does what next, rebuilt from the database whenever one begins."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from engine.clock import from_us, rfc3339, to_us
from engine.errors import DubanError
from engine.orders import Actor, Do
from engine.outcome import Outcome
from engine.rows import MATTER_BY_REF
from engine.store import Tx
from scheduler.arrivals import Arrivals
from scheduler.invention import Inventor
from scheduler.office_hours import OfficeHours
from scheduler.people_model import PeopleModel
from scheduler.planning import Act, Intention, Planner, Standing
from scheduler.standings import Standings
from workflows.workspace import Workspace


@dataclass
class Player:
    """Play the people of *model* in a workspace. All it remembers can be rebuilt from the database."""

    workspace: Workspace
    model: PeopleModel
    seed: int = 1
    cases: int = 60
    orders: int = 0
    refusals: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        campaign = self.workspace.campaign
        self._hours = OfficeHours(campaign, self.model.hours)
        inventor = Inventor(self._hours, self.workspace.documents)
        self._planner = Planner(campaign, self.model, self.seed, inventor, self._hours)
        self._arrivals = Arrivals(campaign, self.model, self.seed, self.cases, (inventor, self._hours))
        self._standings = Standings(campaign, self._families())
        self._known: dict[int, Standing] = {}
        self._seen: set[int] = set()
        self.workspace.engine.watch = self._seen.update
        self._agenda: list[tuple[int, str, int, Intention]] = []
        self._current: dict[str, Intention] = {}
        self._actors: dict[str, Actor] = {}
        self._pushed = 0

    def _families(self) -> set[str]:
        return {
            kind
            for (kind, _), options in self.model.options.items()
            for option in options
            if option.when is not None and any(name == "children_open" for name, _ in option.when.calls)
        }

    def begin(self, tx: Tx) -> None:
        """Draw up the agenda from what the database holds."""
        for known in (self._known, self._current, self._agenda):
            known.clear()
        arrived = self._standings.arrived(tx)
        for act in self._arrivals.all():
            if act.order.request_id not in arrived:
                self._note(Intention(act.at, act.tie, partial(_as_is, act)))
        for standing in self._standings.everything(tx):
            self._plan(standing)

    def next_at(self) -> datetime | None:
        """When somebody acts next."""
        agenda = self._agenda
        while agenda and self._current.get(agenda[0][1]) is not agenda[0][3]:
            heapq.heappop(agenda)
        return from_us(agenda[0][0]) if agenda else None

    def act(self, tx: Tx) -> tuple[Act, Outcome | None]:
        """Do what is next on the agenda at the clock's present instant; the outcome is None if it was refused."""
        self.next_at()
        intention = heapq.heappop(self._agenda)[3]
        del self._current[intention.tie]
        act = intention.act()
        before = tx.writes
        tx.changed.clear()
        try:
            outcome = self.workspace.engine.run(tx, act.order, self._actor(act.login))
        except DubanError as error:
            if tx.writes != before:
                raise
            self._again(tx, act, error)
            return act, None
        self.orders += 1
        self._replan(tx, tx.changed, outcome)
        tx.changed.clear()
        return act, outcome

    def _again(self, tx: Tx, act: Act, error: DubanError) -> None:
        """Somebody else has moved the matter since the act was planned: look again. Any other refusal is noted."""
        found = tx.row(MATTER_BY_REF, campaign_id=self.workspace.campaign.id, ref=act.tie)
        if error.code == "stale_version" and found is not None:
            self._replan(tx, [found[0]])
        else:
            self.refusals.append(self._refused(act, error))

    def follow(self, tx: Tx) -> None:
        """Plan anew for everything that was changed since the last time by anything but the people's own acts."""
        self._replan(tx, sorted(self._seen))
        self._seen.clear()

    def _replan(self, tx: Tx, changed: Sequence[int], outcome: Outcome | None = None) -> None:
        for ident in sorted(set(changed)):
            if outcome is not None and ident == outcome.matter.id and changed.count(ident) == 1:
                standing = self._after(tx, outcome)
            else:
                standing = self._standings.one(tx, ident, self._known.get(ident))
            parent = standing.row.parent_id
            if parent is not None and parent not in changed:
                self._plan_parent(tx, parent)
            self._plan(standing)

    def _plan_parent(self, tx: Tx, ident: int) -> None:
        """Plan the parent of what has changed, if its people look at its children; of itself it stands as it stood."""
        standing = self._known[ident]
        if standing.row.kind in self._standings.families:
            self._plan(self._standings.with_children(tx, standing))

    def _after(self, tx: Tx, outcome: Outcome) -> Standing:
        """How a matter stands after an act, without reading it again."""
        row, entry = outcome.matter, outcome.entry
        entered = row.updated_at if entry["from"] != entry["to"] else self._known[row.id].entered_us
        return self._standings.after(tx, outcome, entered)

    def _plan(self, standing: Standing) -> None:
        """Put the matter's next act on the agenda, unless the one that is there was planned from the same."""
        ref, before = standing.row.ref, self._known.get(standing.row.id)
        self._known[standing.row.id] = standing
        if before is not None and ref in self._current and before.calls_for_the_same(standing):
            return
        intention = self._planner.next_act(standing)
        if intention is None:
            self._current.pop(ref, None)
        else:
            self._note(intention)

    def _note(self, intention: Intention) -> None:
        """Put what is intended on the agenda in place of what the matter had there; never earlier than now."""
        self._pushed += 1
        self._current[intention.tie] = intention
        at_us = max(to_us(intention.at), to_us(self.workspace.clock.now()))
        heapq.heappush(self._agenda, (at_us, intention.tie, self._pushed, intention))

    def _actor(self, login: str) -> Actor:
        if login not in self._actors:
            self._actors[login] = self.workspace.people.believed(login)
        return self._actors[login]

    def _refused(self, act: Act, error: DubanError) -> dict[str, Any]:
        trigger = act.order.trigger if isinstance(act.order, Do) else type(act.order).__name__
        return {"at": rfc3339(act.at), "ref": act.tie, "trigger": trigger, "login": act.login, "error": str(error)}


def _as_is(act: Act) -> Act:
    """An act that needs no making up."""
    return act
