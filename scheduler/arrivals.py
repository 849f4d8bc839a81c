"""What is found in a rehearsal: cases, leads and operations that begin by themselves, each by its number."""

from datetime import date
from random import Random

from engine.campaign import Campaign
from engine.orders import Open
from scheduler.invention import Inventor, pick
from scheduler.office_hours import OfficeHours
from scheduler.people_model import PeopleModel
from scheduler.people_schema import ArrivalSpec, VariantSpec
from scheduler.planning import Act


class Arrivals:
    """Everything that arrives by itself, for one seed and the number of cases asked for."""

    def __init__(
        self, campaign: Campaign, model: PeopleModel, seed: int, cases: int, tools: tuple[Inventor, OfficeHours]
    ) -> None:
        self.campaign = campaign
        self.model = model
        self.seed = seed
        self.cases = cases
        self.inventor, self.hours = tools

    def all(self) -> list[Act]:
        """Each arrival as the order that opens it; which one it is depends on seed and number alone."""
        found = []
        for code, spec in self.model.arrivals.items():
            days = self._days(spec)
            count = self.cases if spec.count == "asked" else int(spec.count)
            found += [self._arrival(code, spec, days, number) for number in range(count)] if days else []
        return found

    def _days(self, spec: ArrivalSpec) -> list[date]:
        """The working days on which it may arrive: after the first date, through the last."""
        day, last = self.campaign.dates[spec.first], self.campaign.dates[spec.last]
        days = []
        while (day := self.hours.calendar.shift(day, 1)) <= last:
            days.append(day)
        return days

    def _arrival(self, code: str, spec: ArrivalSpec, days: list[date], number: int) -> Act:
        rng = Random(f"{self.seed}:{code}:{number}")  # noqa: S311 - a rehearsal must be repeatable, not secret
        at = self.hours.on(rng.choice(days), rng)
        body = pick(spec.bodies, rng)
        machine = self.campaign.kind(spec.kind)
        seat = machine.seats[spec.role]
        actor_body = seat.body(self.campaign.parts, body, {}) or body
        sources = {**spec.facts, **(_variant(spec, rng).facts if spec.variants else {})}
        order = Open(
            kind=spec.kind, body=body, title=rng.choice(spec.titles),
            facts=self.inventor.facts(sources, rng, at, body, actor_body), request_id=f"people:{code}:{number}",
        )  # fmt: skip
        login = f"{actor_body}.{machine.doc.roles[spec.role].posts[0]}"
        return Act(at, f"{code}:{number:06d}", login, order, machine.doc.open.label)


def _variant(spec: ArrivalSpec, rng: Random) -> VariantSpec:
    at = pick({str(index): variant.share for index, variant in enumerate(spec.variants)}, rng)
    return spec.variants[int(at)]
