"""The record as an event log: what happened, when, by whom, and to which matters, bodies, documents and deadlines.

Only what stands openly in the record goes out. Titles, reasons, personal facts and file names are commitments there, and
the tools that an event log is made for have no need of them.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.campaign import Campaign
from engine.definition_schema import Label
from engine.machine import Compiled
from engine.scroll import read_on
from engine.store import Database
from engine.watches import WATCHED

Value = bool | int | str
"""What an attribute may be."""

EVENTS = {
    "rung": Label(zh="提醒", en="reminder"),
    "breach": Label(zh="逾期", en="breach"),
    "run_out": Label(zh="期满", en="run out"),
    "finding": Label(zh="监测发现", en="finding"),
}
"""What a deadline does by itself."""

KINDS = {
    "recounted": Label(zh="期限重新计算", en="dates counted again"),
    "document": Label(zh="补交材料", en="document added"),
    "corrected": Label(zh="更正", en="corrected"),
    "migration": Label(zh="转入新版流程", en="moved to a new version"),
    "extension": Label(zh="延期", en="extended"),
    "comment": Label(zh="批注", en="comment"),
    "erased": Label(zh="依法删除", en="erased by law"),
}
"""Entries that are no move of the machine."""


@dataclass(frozen=True, slots=True)
class Thing:
    """An object that an event is about: *qualifier* says in which part."""

    ident: str
    kind: str
    qualifier: str


@dataclass(frozen=True, slots=True)
class Change:
    """New values of an object's attributes."""

    ident: str
    kind: str
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Event:
    """One entry as an event. *trace* is the matter's reference, *kind* its kind, *activity* a code and *label* its words."""

    ident: str
    trace: str
    kind: str
    activity: str
    label: Label
    at: datetime
    values: Mapping[str, Value]
    things: tuple[Thing, ...]
    changes: tuple[Change, ...]


@dataclass(slots=True)
class _Trace:
    """What is known of the matter whose entries are being read."""

    ref: str = ""
    kind: str = ""
    body: str = ""
    told: dict[str, dict[str, Value]] = field(default_factory=dict)

    def news(self, ident: str, kind: str, values: Mapping[str, Value]) -> Iterator[Change]:
        """What of *values* is other than what was told of the object before; a new object is told even without any."""
        known = self.told.get(ident)
        fresh = values if known is None else {name: value for name, value in values.items() if known.get(name) != value}
        self.told.setdefault(ident, {}).update(fresh)
        if fresh or known is None:
            yield Change(ident, kind, fresh)


def event_log(
    database: Database,
    campaign: Campaign,
    kind: str | None = None,
    until: datetime | None = None,
    refs: Collection[str] | None = None,
) -> Iterator[Event]:
    """The events of all matters, matter by matter, each in the order of its record; of one *kind*, of *refs* if asked."""
    beginning = f"matter/{kind}/" if kind is not None else "matter/"
    trace = _Trace()
    for body in read_on(database, campaign.id, beginning, until):
        ref = str(body["stream"]).removeprefix("matter/")
        if refs is not None and ref not in refs:
            continue
        if ref != trace.ref:
            trace = _Trace(ref, ref.partition("/")[0])
        if "matter" in body:
            trace.kind, trace.body = body["matter"]["kind"], body["matter"]["body"]
        yield _event(campaign, trace, body)


def _event(campaign: Campaign, trace: _Trace, body: Mapping[str, Any]) -> Event:
    machine = campaign.kind(trace.kind) if trace.kind in campaign.machines.newest else None
    activity, label = activity_of(machine, body)
    return Event(
        f"{trace.ref}#{body['seq']}",
        trace.ref,
        trace.kind,
        activity,
        label,
        datetime.fromisoformat(body["occurred_at"]),
        _values(machine, trace, body),
        tuple(_things(trace, body)),
        tuple(_changes(machine, trace, body)),
    )


def activity_of(machine: Compiled | None, body: Mapping[str, Any]) -> tuple[str, Label]:
    """What the entry *body* is called: a code that a program can count on, and its words."""
    kind, trigger = body["kind"], body["trigger"]
    doc = machine.doc if machine is not None else None
    if kind == "deadline":
        spec = (doc.deadlines.get(trigger) or doc.monitors.get(trigger)) if doc else None
        found = EVENTS.get(body.get("event", ""), Label(zh=str(body.get("event")), en=str(body.get("event"))))
        of = spec.label if spec is not None else Label(zh=trigger, en=trigger)
        return f"{trigger}:{body.get('event')}", Label(zh=f"{of.zh}：{found.zh}", en=f"{of.en}: {found.en}")
    if kind == "opened" and doc is not None:
        return trigger, doc.open.label
    if trigger and machine is not None and trigger in machine.triggers:
        return trigger, machine.triggers[trigger]
    return trigger or kind, KINDS.get(kind, Label(zh=trigger or kind, en=trigger or kind))


def _values(machine: Compiled | None, trace: _Trace, body: Mapping[str, Any]) -> dict[str, Value]:
    """The attributes of an event, in a fixed order; nothing that is empty."""
    said = {
        "entry": body["kind"],
        "seq": body["seq"],
        "from": body["from"],
        "to": body["to"],
        "stage": _stage(machine, body["to"]),
        "owner": trace.body if body["kind"] == "opened" else None,
        "actor": body["actor"],
        "actor_auth": body["actor_auth"],
        "body": body.get("body"),
        "on_behalf_of": body.get("on_behalf_of"),
        "recorded_at": body["recorded_at"],
        "definition": body.get("definition"),
        "deadline": body["trigger"] if body["kind"] == "deadline" else None,
        "rung": body.get("rung"),
        "documents": ";".join(paper["kind"] for paper in body.get("documents", ())),
    }
    found: dict[str, Value] = {name: value for name, value in said.items() if value not in (None, "")}
    found.update({f"fact:{name}": _plain(value) for name, value in body.get("facts", {}).items() if value is not None})
    return found


def _stage(machine: Compiled | None, leaf: str) -> str:
    found = machine.tree.leaves.get(leaf) if machine is not None else None
    return found.stage if found is not None else ""


def _plain(value: Any) -> Value:
    if isinstance(value, (bool, int, str)):
        return value
    return ";".join(str(each) for each in value) if isinstance(value, (list, tuple)) else str(value)


def _things(trace: _Trace, body: Mapping[str, Any]) -> Iterator[Thing]:
    """What the event is about; nothing twice in the same part."""
    yield Thing(trace.ref, trace.kind, "matter")
    if trace.body:
        yield Thing(f"body/{trace.body}", "body", "of")
    if body.get("body"):
        yield Thing(f"body/{body['body']}", "body", "by")
    for code, seq in _papers(body):
        yield Thing(paper_ident(trace.ref, code, seq), "document", "brings")
    for clock in _clocks(body):
        yield Thing(f"deadline/{clock['id']}", "deadline", clock["op"])
    if body["kind"] == "deadline" and body.get("event") == "rung":
        yield Thing(f"deadline/{body['deadline']}", "deadline", str(body.get("event")))
    for child in body.get("children", ()):
        yield Thing(child, str(child).partition("/")[0], "opens")


def _clocks(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What happened to deadlines; the watches of monitors are nobody's deadline."""
    return [clock for clock in body.get("clocks", ()) if clock["status"] not in WATCHED]


def _papers(body: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    for paper in body.get("documents", ()):
        yield paper["kind"], body["seq"]


def paper_ident(ref: str, code: str, seq: int) -> str:
    """The identity of one version of a document."""
    return f"document/{ref}/{code}#{seq}"


def _changes(machine: Compiled | None, trace: _Trace, body: Mapping[str, Any]) -> Iterator[Change]:
    """The objects that are new or other after the event."""
    matter: dict[str, Value] = {}
    if body["kind"] == "opened":
        matter["body"] = trace.body
    if body["to"] and body["to"] != body["from"]:
        matter.update(state=body["to"], stage=_stage(machine, body["to"]) or body["to"])
    if matter:
        yield from trace.news(trace.ref, trace.kind, matter)
    for paper in body.get("documents", ()):
        values: dict[str, Value] = {name: paper[name] for name in ("kind", "sha256", "size")}
        yield from trace.news(paper_ident(trace.ref, paper["kind"], body["seq"]), "document", values)
    for clock in _clocks(body):
        told: dict[str, Value] = {name: clock[name] for name in ("code", "status", "last_day", "breach_at")}
        if clock.get("owner"):
            told["owner"] = clock["owner"]
        yield from trace.news(f"deadline/{clock['id']}", "deadline", told)
