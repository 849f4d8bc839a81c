"""Made-up facts and documents: what people in a rehearsal state and bring, the same for the same draw."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any

from engine.clock import rfc3339
from engine.definition_schema import DocumentSpec
from engine.documents import DocumentStore, keep
from engine.orders import Document
from scheduler.office_hours import OfficeHours
from scheduler.people_schema import Invented, Source


class Inventor:
    """Make up values for one act: of which matter's body, by which actor's body, and when."""

    def __init__(self, hours: OfficeHours, store: DocumentStore) -> None:
        self._hours = hours
        self._store = store

    def facts(
        self, sources: Mapping[str, Source], rng: Random, at: datetime, body: str, actor_body: str
    ) -> dict[str, Any]:
        """The facts of an act, drawn in the order in which the model has them."""
        return {name: self._value(source, rng, at, body, actor_body) for name, source in sources.items()}

    def _value(self, source: Source, rng: Random, at: datetime, body: str, actor_body: str) -> Any:
        if not isinstance(source, Invented):
            return source
        if source.between:
            return rng.randint(*source.between) * source.times
        if source.choose:
            return pick(source.choose, rng)
        if source.by_body:
            return pick(source.by_body.get(body) or source.by_body["other"], rng)
        if source.chance is not None:
            return rng.randrange(1000) < source.chance
        return self._of_moment(source, rng, at, body, actor_body)

    def _of_moment(self, source: Invented, rng: Random, at: datetime, body: str, actor_body: str) -> str:
        day = self._hours.local(at).date()
        if source.workdays:
            return self._hours.calendar.shift(day, rng.randint(*source.workdays)).isoformat()
        if source.days:
            return (day + timedelta(days=rng.randint(*source.days))).isoformat()
        if source.body is not None:
            return body if source.body == "matter" else actor_body
        if source.act is not None:
            return rfc3339(at) if source.act == "instant" else day.isoformat()
        return source.text or ""

    def document(self, kind: str, spec: DocumentSpec, ref: str, number: int) -> Document:
        """A document of *kind* for the matter *ref*; *number* tells later versions from earlier ones."""
        words = f"{spec.label.zh}\n{ref}\n第{number}次\n（演练自动生成）\n"
        return keep(self._store, kind, f"{spec.label.zh}.txt", words.encode())


def pick(weights: Mapping[str, int], rng: Random) -> str:
    """One of *weights*, each as often as its weight says."""
    left = rng.randrange(sum(weights.values()))
    for name, weight in weights.items():
        left -= weight
        if left < 0:
            return name
    raise ValueError("the weights are not positive")
