"""What happens next with a matter: the act somebody would do and its instant, by chance but always the same."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any

from engine.campaign import Campaign
from engine.clock import from_us
from engine.definition_schema import Label
from engine.orders import SYSTEM, Attach, Do, Order
from engine.rows import DeadlineRow, MatterRow
from engine.situation import Marks, Situation
from scheduler.invention import Inventor
from scheduler.office_hours import SHORTEST, OfficeHours
from scheduler.people_model import Option, PeopleModel


@dataclass(slots=True)
class Standing:
    """A matter as the player knows it: since when it is in its state, and when it last changed.

    Nobody changes it, but one is made after every act: that no one can would take three times as long.
    """

    row: MatterRow
    deadlines: Sequence[DeadlineRow]
    facts: Mapping[str, Any]
    documents: Collection[str]
    marks: Marks
    entered_us: int
    changed_us: int
    children: Mapping[str, int] = field(default_factory=dict)

    def with_children(self, children: Mapping[str, int], changed_us: int) -> "Standing":
        """The same with its open children; *changed_us* is when it or one of them changed last."""
        return Standing(
            self.row, self.deadlines, self.facts, self.documents, self.marks, self.entered_us, changed_us, children
        )

    def calls_for_the_same(self, other: "Standing") -> bool:
        """Whether all is the same that the next act depends on."""
        return self.row.version == other.row.version and self._basis() == other._basis()

    def _basis(self) -> tuple[Any, ...]:
        clocks = [
            (clock.code, clock.breach_at, clock.paused_at) for clock in self.deadlines if clock.stopped_at is None
        ]
        return self.row.text, self.entered_us, self.changed_us, self.children, clocks


@dataclass(frozen=True, slots=True)
class Act:
    """Somebody's next act: *label* is what it is called, *tie* orders acts of one instant."""

    at: datetime
    tie: str
    login: str
    order: Order
    label: Label


@dataclass(frozen=True, slots=True)
class Intention:
    """Who is next with a matter, and when; what exactly he does is made up only if it comes to that."""

    at: datetime
    tie: str
    act: Callable[[], Act]


class Planner:
    """Decide for one seed; the answer depends on nothing but the seed and what the database says of the matter."""

    def __init__(
        self, campaign: Campaign, model: PeopleModel, seed: int, inventor: Inventor, hours: OfficeHours
    ) -> None:
        self.campaign = campaign
        self.model = model
        self.seed = seed
        self.inventor = inventor
        self.hours = hours
        self._part = {body.code: body.part for body in campaign.doc.bodies}
        self._chance, self._dice = Random(0), Random(0)  # noqa: S311 - begun anew with every key: see _draw

    def next_act(self, standing: Standing) -> Intention | None:
        """The earliest act that somebody would do with the matter as it stands; None if nobody would."""
        row = standing.row
        options = self.model.options.get((row.kind, row.state))
        if not options:
            return None
        situation = self._situation(standing)
        key = f"{self.seed}:{row.ref}:{row.state}:{standing.entered_us}"
        best: tuple[datetime, int, Option] | None = None
        for option in self._chosen(options, situation, key):
            at = self._when(option, standing, situation, f"{key}:{option.index}:{situation.counts.get(option.name, 0)}")
            if at is not None and (best is None or at < best[0]):
                best = (at, option.index, option)
        if best is None:
            return None
        at, _, option = best
        return Intention(at, row.ref, partial(self._act, option, at, standing, situation, f"{key}:{row.version}"))

    def _situation(self, standing: Standing) -> Situation:
        row, marks = standing.row, standing.marks
        leaf = self.campaign.machines[row.definition_id].tree.leaves[row.state]
        return Situation(
            state=row.state, scopes=leaf.scopes, facts=standing.facts, documents=standing.documents, visited=marks.visited,
            ever=marks.ever, counts=marks.counts, last=marks.last, came_from=marks.came_from,
            today=self.hours.local(from_us(standing.changed_us)).date(), dates=self.campaign.dates, deadlines={},
            children=standing.children, body=row.body, actor=SYSTEM, standing=standing.facts,
        )  # fmt: skip

    def _chosen(self, options: Sequence[Option], situation: Situation, key: str) -> Iterator[Option]:
        """Those that are open and that chance has not left out; of the ways of one choice at most one."""
        draws: dict[str, int] = {}
        for option in options:
            if option.when is not None and not option.when.lenient(situation):
                continue
            spec = option.spec
            if spec.every is not None:
                yield option
                continue
            name = spec.choice or f"{option.name}:{option.index}"
            if name not in draws:
                draws[name] = 0 if spec.share == 1000 and spec.choice is None else self._draw(f"{key}:{name}")
            left = draws[name]
            draws[name] = left - spec.share
            if 0 <= left < spec.share:
                yield option

    def _draw(self, key: str) -> int:
        """One of a thousand, by the key alone: a generator that begins anew costs half of a new one."""
        self._chance.seed(key)
        return self._chance.randrange(1000)

    def _when(self, option: Option, standing: Standing, situation: Situation, key: str) -> datetime | None:
        spec = option.spec
        entered, changed = from_us(standing.entered_us), from_us(standing.changed_us)
        if spec.every is not None:
            return self.hours.next_of(spec.every, changed, spec.share, key)
        rng = self._dice
        rng.seed(key)
        if spec.after is not None:
            at = self.hours.after(spec.after, entered, rng, around_the_clock=spec.around_the_clock)
        else:
            at = self._within(option, _clock(standing, spec.within), changed, situation, rng)
        at = self._soon(option, at, changed, rng)
        return at if all(_runs_at(_clock(standing, code), at) for code in option.lapses) else None

    def _soon(self, option: Option, at: datetime, changed: datetime, rng: Random) -> datetime:
        """*at*, but not before something else has just been done with the matter."""
        at = at.replace(microsecond=0)
        if at > changed:
            return at
        soon = changed + SHORTEST + timedelta(seconds=rng.randrange(600))
        return soon if option.spec.around_the_clock else self.hours.in_office(soon, rng)

    def _within(
        self, option: Option, clock: DeadlineRow | None, began: datetime, situation: Situation, rng: Random
    ) -> datetime:
        """In the period that is left of the deadline; within a day if no such clock runs."""
        end = from_us(clock.breach_at) if clock is not None else began + timedelta(days=1)
        rates = option.pace.late
        body = self._body(option, situation) or situation.body
        rate = rates.get(self._part.get(body, ""), rates.get("other", 0)) if clock is not None else 0
        late = rng.randrange(1000) < rate
        return self.hours.within(option.pace, late, (began, end), rng, around_the_clock=option.spec.around_the_clock)

    def _body(self, option: Option, situation: Situation) -> str | None:
        """The body that acts; None where any body may."""
        return option.seat.body(self.campaign.parts, situation.body, situation.facts)

    def _act(self, option: Option, at: datetime, standing: Standing, situation: Situation, key: str) -> Act:
        row, spec = standing.row, option.spec
        rng = self._dice
        if spec.facts or spec.bodies:
            rng.seed(f"{key}:act")
        machine = self.campaign.machines[row.definition_id]
        body = self._body(option, situation) or (rng.choice(spec.bodies) if spec.bodies else row.body)
        papers = [*option.brings, *(code for code in option.needs if code not in situation.documents)]
        number = situation.counts.get(option.name, 0) + 1
        documents = tuple(self.inventor.document(code, machine.doc.documents[code], row.ref, number) for code in papers)
        request_id = f"people:{row.ref}:{row.version}:{option.name}"
        login = self._login(option, body, situation)
        if spec.attach is not None:
            label = machine.doc.documents[spec.attach].label
            order: Order = Attach(ref=row.ref, documents=documents, if_version=row.version, request_id=request_id)
            return Act(at, row.ref, login, order, label)
        facts = self.inventor.facts(spec.facts, rng, at, row.body, body)
        order = Do(
            ref=row.ref, trigger=option.name, facts=facts, documents=documents, reason=spec.reason, if_version=row.version,
            request_id=request_id,
        )  # fmt: skip
        return Act(at, row.ref, login, order, option.arrows[0].spec.label)

    @staticmethod
    def _login(option: Option, body: str, situation: Situation) -> str:
        """The first of the role's posts whose holder is not kept out by what they did before."""
        taken = {situation.last.get(trigger) for trigger in option.distinct}
        logins = [f"{body}.{post}" for post in option.posts]
        return next((login for login in logins if login not in taken), logins[0])


def _clock(standing: Standing, code: str | None) -> DeadlineRow | None:
    return next((row for row in reversed(standing.deadlines) if row.code == code and row.stopped_at is None), None)


def _runs_at(clock: DeadlineRow | None, at: datetime) -> bool:
    """Whether a deadline will still be running at *at*; it may be asked before or after that, the answer is the same."""
    return clock is not None and clock.paused_at is None and at < from_us(clock.breach_at)
