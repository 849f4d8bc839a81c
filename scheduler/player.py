"""The people of a rehearsal: an agenda of who does what next, rebuilt from the database whenever one begins."""

import heapq
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.clock import from_us, rfc3339, to_us
from engine.errors import DubanError
from engine.orders import Actor, Do
from engine.outcome import Outcome
from engine.store import Tx
from scheduler.arrivals import Arrivals
from scheduler.invention import Inventor
from scheduler.office_hours import OfficeHours
from scheduler.people_model import PeopleModel
from scheduler.planning import Act, Planner, Standing
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
        self._last_id = 0
        self._agenda: list[tuple[int, str, int, Act]] = []
        self._current: dict[str, Act] = {}
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
        arrived = self._standings.arrived(tx)
        for act in self._arrivals.all():
            if act.order.request_id not in arrived:
                self._note(act)
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
        act = heapq.heappop(self._agenda)[3]
        del self._current[act.tie]
        before = tx.writes
        try:
            outcome = self.workspace.engine.run(tx, act.order, self._actor(act.login))
        except DubanError as error:
            if tx.writes != before:
                raise
            self.refusals.append(self._refused(act, error))
            return act, None
        self.orders += 1
        self._replan(tx, {outcome.matter.id, outcome.matter.parent_id})
        return act, outcome

    def due(self, tx: Tx) -> set[int | None]:
        """The matters that the coming turn may move; to be handed to *follow* after it."""
        return set(self._standings.due(tx, to_us(self.workspace.clock.now())))

    def follow(self, tx: Tx, touched: set[int | None]) -> None:
        """Plan anew for what a turn has moved or opened."""
        self._replan(tx, touched)

    def _replan(self, tx: Tx, touched: set[int | None]) -> None:
        idents = {ident for ident in touched if ident is not None}
        idents.update(self._standings.new(tx, self._last_id))
        for ident in sorted(idents):
            standing = self._standings.one(tx, ident)
            parent = standing.row.parent_id
            if parent is not None and parent not in idents:
                self._plan(self._standings.one(tx, parent))
            self._plan(standing)

    def _plan(self, standing: Standing) -> None:
        self._last_id = max(self._last_id, standing.row.id)
        act = self._planner.next_act(standing)
        if act is None:
            self._current.pop(standing.row.ref, None)
        else:
            self._note(act)

    def _note(self, act: Act) -> None:
        """Put *act* on the agenda in place of what the matter had there; never earlier than now."""
        self._pushed += 1
        self._current[act.tie] = act
        at_us = max(to_us(act.at), to_us(self.workspace.clock.now()))
        heapq.heappush(self._agenda, (at_us, act.tie, self._pushed, act))

    def _actor(self, login: str) -> Actor:
        if login not in self._actors:
            self._actors[login] = self.workspace.people.believed(login)
        return self._actors[login]

    def _refused(self, act: Act, error: DubanError) -> dict[str, Any]:
        trigger = act.order.trigger if isinstance(act.order, Do) else type(act.order).__name__
        return {"at": rfc3339(act.at), "ref": act.tie, "trigger": trigger, "login": act.login, "error": str(error)}
