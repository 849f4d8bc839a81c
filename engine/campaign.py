"""A campaign made ready to run: its bodies by part, its dates and calendar, its ladders and its compiled machines."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, time, timedelta
from functools import cached_property
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from engine.access import NOTHING, Access
from engine.access_schema import AccessDoc
from engine.campaign_schema import CampaignDoc, RungSpec
from engine.clock_plans import ClockPlans
from engine.counted import Counted
from engine.delivery import delivery_of
from engine.errors import NotFound
from engine.facts import FactReader, read_instant
from engine.handover_acts import HandoverActs
from engine.ladders import parse_rung
from engine.machine import Compiled
from engine.seats import Seat
from engine.standards import Standards
from engine.term_schema import Label
from engine.terms import Clockwork
from engine.texts import Texts
from engine.workdays import WorkCalendar

V = TypeVar("V")


class PerMachine(dict[int, V]):
    """Something made for each definition version when it is first asked for; making it twice at once is harmless."""

    def __init__(self, make: Callable[[int], V]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, ident: int) -> V:
        made = self[ident] = self._make(ident)
        return made


class Machines(PerMachine[Compiled]):
    """The campaign's machines by id, compiled when first needed; *newest* is the version of each kind for new matters.

    *by_digest* finds the one that an entry of a history names; *vaulted* are those with facts that belong in the vault.
    """

    def __init__(
        self,
        make: Callable[[int], Compiled],
        newest: Mapping[str, int],
        by_digest: Mapping[str, int] | None = None,
        vaulted: Collection[int] = (),
    ) -> None:
        super().__init__(lambda ident: self._told(make(ident)))
        self.newest = newest
        self.dates: Mapping[str, date] = {}
        self.by_digest = by_digest or {}
        self.vaulted = vaulted

    def _told(self, machine: Compiled) -> Compiled:
        """Let *machine* call the campaign's dates and kinds of matters by their names."""
        days = {f"date:{name}": Label(zh=str(day), en=str(day)) for name, day in self.dates.items()}
        machine.outside = {**days, **{f"kind:{kind}": _KindName(self, kind) for kind in self.newest}}
        return machine


class _KindName:
    """What a kind of matter is called, read when it is said: its definition may name this one in its turn."""

    def __init__(self, machines: Machines, kind: str) -> None:
        self._machines, self._kind = machines, kind

    @property
    def zh(self) -> str:
        return self._machines[self._machines.newest[self._kind]].doc.label.zh

    @property
    def en(self) -> str:
        return self._machines[self._machines.newest[self._kind]].doc.label.en


class Campaign:
    """Everything an order needs to know of its campaign; never changed, but made anew when the database's *stamp* moves.

    *sights* keeps what the holders of posts see and *places* where matters belong, for `engine.sight`; *said* what texts say
    of matters, for `engine.notices`; *clock_reads* how an order reads the clocks of a matter, for `engine.ended_clocks`.
    """

    def __init__(
        self,
        ident: int,
        doc: CampaignDoc,
        machines: "Machines",
        calendar: WorkCalendar,
        texts: Texts,
        log: str,
        channel: str,
        standards: Standards | None = None,
        calendars: Mapping[str, WorkCalendar] | None = None,
        stamp: str = "0",
        access: AccessDoc | None = None,
    ) -> None:
        self.id = ident
        self.doc = doc
        self.code = doc.code
        self.log = log
        self.channel = channel
        self.texts = texts
        self.standards = standards or Standards()
        self.zone = ZoneInfo(doc.zone)
        self.late_after = timedelta(hours=doc.late_entry.hours) if doc.late_entry else None
        self.launched_at = read_instant(doc.launched_at, self.zone)
        self.dates = {name: date.fromisoformat(day) for name, day in doc.dates.items()}
        self.work = Clockwork(self.zone, calendar, self.dates, time.fromisoformat(doc.remind_at))
        self._calendars = calendars or {}
        self.stamp = stamp
        self.sights, self.places = dict[Any, Any](), dict[str, Any]()
        self.said, self.clock_reads = dict[Any, Any](), dict[Any, Any]()
        self.bodies = {body.code: body for body in doc.bodies}
        self.parts = parts_of(doc)
        self.access = Access(access or NOTHING, doc.bodies)
        self.delivery = delivery_of(doc, self.zone, calendar, self.parts)
        self.rungs: dict[str, Sequence[RungSpec]] = {name: ladder.rungs for name, ladder in doc.ladders.items()}
        self.ladders = {name: tuple(parse_rung(rung.at) for rung in rungs) for name, rungs in self.rungs.items()}
        self.circles = {
            name: Seat(name, f"part:{spec.part}", frozenset(spec.posts)) for name, spec in doc.circles.items()
        }
        self.circle_posts = {name: tuple(spec.posts) for name, spec in doc.circles.items()}
        self._taxa = {name: {taxon.code for taxon in taxa} for name, taxa in doc.taxonomies.items()}
        self.machines = machines
        machines.dates = self.dates
        self.plans = PerMachine(lambda ident: ClockPlans(machines[ident]))
        self.handovers = PerMachine(lambda ident: HandoverActs(machines[ident]))
        self.facts = PerMachine(lambda ident: FactReader(machines[ident].fact_specs, self.zone, self.knows))

    @cached_property
    def secret_facts(self) -> frozenset[str]:
        """The names of the facts that belong in the vault, in any version of a definition that the database holds."""
        docs = (self.machines[ident].doc for ident in self.machines.vaulted)
        return frozenset(name for doc in docs for name, spec in doc.facts.items() if spec.vault)

    def work_then(self, counted: Counted) -> Clockwork:
        """What a date was counted with: the calendar and the campaign's dates of that time, as far as they are kept."""
        calendar = self._calendars.get(counted.calendar, self.work.calendar)
        dates = {**self.dates, **{name: date.fromisoformat(day) for name, day in counted.dates.items()}}
        if calendar == self.work.calendar and dates == self.dates:
            return self.work
        return replace(self.work, calendar=calendar, dates=dates, memo={})

    def knows(self, kind: str, code: str) -> bool:
        """Say whether *code* is a body of the campaign, or an entry of its taxonomy *kind*."""
        return code in self.bodies if kind == "body" else code in self._taxa.get(kind, ())

    def kind(self, kind: str) -> Compiled:
        """The machine of *kind*. Raises NotFound naming the kinds there are."""
        if kind not in self.machines.newest:
            raise NotFound(
                f"no kind {kind!r} in {self.code}; there are: {', '.join(sorted(self.machines.newest))}", "no_kind"
            )
        return self.machines[self.machines.newest[kind]]

    def body_name(self, code: str, lang: str = "zh") -> str:
        """The name of a body, or its code if the campaign does not know it."""
        body = self.bodies.get(code)
        return getattr(body.name, lang) if body else code

    def seat_posts(self, machine: Compiled, role: str) -> tuple[str, ...]:
        """The posts of a role of *machine* or of a circle of the campaign, the first the one to be told."""
        posts = machine.role_posts.get(role)
        return self.circle_posts.get(role, ()) if posts is None else posts

    def seat_body(self, machine: Compiled, role: str, matter_body: str, facts: Mapping[str, Any]) -> str:
        """The body of a role or circle for one matter; empty if there is none to be told."""
        seat = machine.seats.get(role) or self.circles.get(role)
        return (seat.body(self.parts, matter_body, facts) or "") if seat else ""


def parts_of(doc: CampaignDoc) -> dict[str, str]:
    """Map each part that is played by one body to that body; of several the first named counts."""
    parts: dict[str, str] = {}
    for body in doc.bodies:
        parts.setdefault(body.part, body.code)
    return parts
