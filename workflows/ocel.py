"""The event log as OCEL 2.0 JSON: matters, bodies, documents and deadlines as objects, entries as events.

Source: OCEL (Object-Centric Event Log) 2.0 Specification, 16 October 2023, section on the JSON format.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from engine.campaign import Campaign
from workflows.event_log import Event, Value

ALWAYS = "1970-01-01T00:00:00Z"
"""The time of an attribute that an object has had from the beginning. Source: the same, initial values."""

TIMES = frozenset({"recorded_at", "breach_at"})
"""Attributes that are instants."""

Types = dict[str, dict[str, str]]
"""By type its attributes, each with its own type."""


def type_of(name: str, value: Value) -> str:
    """The standard's name of what the value of an attribute is."""
    if name in TIMES:
        return "time"
    if isinstance(value, bool):
        return "boolean"
    return "integer" if isinstance(value, int) else "string"


def written(value: Value) -> str:
    """A value as the format has it: a text, whose type is declared with its attribute. Source: the same, JSON schema."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def event_type(event: Event) -> str:
    """The type of an event: the same trigger means another thing in another kind of matter."""
    return f"{event.kind}:{event.activity}"


def body_values(campaign: Campaign) -> Iterator[tuple[str, dict[str, Value]]]:
    """The bodies of the campaign as objects: identity and attributes."""
    for code, body in campaign.bodies.items():
        yield f"body/{code}", {"name_zh": body.name.zh, "name_en": body.name.en, "part": body.part}


def note(types: Types, kind: str, values: Mapping[str, Value]) -> None:
    """Take down which attributes a type has."""
    known = types.setdefault(kind, {})
    for name, value in values.items():
        known.setdefault(name, type_of(name, value))


def ocel(read: Callable[[], Iterable[Event]], campaign: Campaign) -> Iterator[str]:
    """Write the log as the pieces of one JSON document; *read* reads it twice, so that nothing has to be kept."""
    kinds, things = Types(), Types()
    yield '{"events":[\n'
    yield from _joined(_events(read(), kinds))
    yield '\n],"objects":[\n'
    yield from _joined(_objects(read(), campaign, things))
    yield f'\n],"eventTypes":{_types(kinds)},"objectTypes":{_types(things)}}}\n'


def _joined(pieces: Iterator[Any]) -> Iterator[str]:
    before = ""
    for piece in pieces:
        yield before + json.dumps(piece, ensure_ascii=False, separators=(",", ":"))
        before = ",\n"


def _types(types: Types) -> str:
    return json.dumps(
        [
            {"name": kind, "attributes": [{"name": name, "type": of} for name, of in sorted(known.items())]}
            for kind, known in sorted(types.items())
        ],
        ensure_ascii=False,
        separators=(",", ":"),
    )


def _events(events: Iterable[Event], types: Types) -> Iterator[dict[str, Any]]:
    for event in events:
        kind = event_type(event)
        note(types, kind, event.values)
        yield {
            "id": event.ident,
            "type": kind,
            "time": _time(event),
            "attributes": [{"name": name, "value": written(value)} for name, value in event.values.items()],
            "relationships": [{"objectId": each.ident, "qualifier": each.qualifier} for each in event.things],
        }


def _time(event: Event) -> str:
    return event.at.isoformat().replace("+00:00", "Z")


def _objects(events: Iterable[Event], campaign: Campaign, types: Types) -> Iterator[dict[str, Any]]:
    bodies = set()
    for ident, values in body_values(campaign):
        bodies.add(ident)
        note(types, "body", values)
        yield _object(ident, "body", [(name, ALWAYS, value) for name, value in values.items()], [])
    opened: dict[str, str] = {}
    described: set[str] = set()
    for of_trace in by_trace(events):
        described.add(of_trace[0].trace)
        opened.update(
            {each.ident: each.kind for event in of_trace for each in event.things if each.qualifier == "opens"}
        )
        yield from _of_trace(of_trace, types, bodies)
    for ident, kind in opened.items():
        if ident not in described:  # of a kind that is not asked for: only that it is
            note(types, kind, {})
            yield _object(ident, kind, [], [])


def by_trace(events: Iterable[Event]) -> Iterator[list[Event]]:
    """The events of one matter at a time."""
    held: list[Event] = []
    for event in events:
        if held and held[-1].trace != event.trace:
            yield held
            held = []
        held.append(event)
    if held:
        yield held


def _of_trace(events: list[Event], types: Types, bodies: set[str]) -> Iterator[dict[str, Any]]:
    """The objects of a matter: itself, its documents, its deadlines, and bodies that the campaign does not know."""
    kinds: dict[str, str] = {}
    told: dict[str, list[tuple[str, str, Value]]] = {}
    links: dict[str, dict[tuple[str, str], None]] = {}
    for event in events:
        for change in event.changes:
            note(types, change.kind, change.values)
            kinds[change.ident] = change.kind
            told.setdefault(change.ident, []).extend(
                (name, _time(event), value) for name, value in change.values.items()
            )
        for thing in event.things:
            if thing.kind == "body" and thing.ident not in bodies:
                bodies.add(thing.ident)
                note(types, "body", {})
                yield _object(thing.ident, "body", [], [])
            if thing.kind in ("document", "deadline") or thing.qualifier == "opens":
                links.setdefault(event.trace, {})[thing.ident, "opens" if thing.qualifier == "opens" else "has"] = None
    for ident, kind in kinds.items():
        yield _object(ident, kind, told[ident], list(links.get(ident, {})))


def _object(
    ident: str, kind: str, values: list[tuple[str, str, Value]], links: list[tuple[str, str]]
) -> dict[str, Any]:
    return {
        "id": ident,
        "type": kind,
        "attributes": [{"name": name, "time": at, "value": written(value)} for name, at, value in values],
        "relationships": [{"objectId": other, "qualifier": qualifier} for other, qualifier in links],
    }
