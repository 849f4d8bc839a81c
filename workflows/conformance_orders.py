"""A replayed log as orders, so that a rehearsal can live through somebody else's history."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from engine.clock import rfc3339, to_us
from engine.machine import Arrow
from workflows.conformance import Conformance
from workflows.happenings import Case, Happening
from workflows.scratch import Scratch

ORDERS = "orders"


def orders(conformance: Conformance, cases: Iterable[Case], paper: str, body: str) -> Iterator[str]:
    """The acts of *cases* as lines for ``apply``, in the order of time over all cases, which the disk keeps.

    *paper* is a file that stands for every document an act needs, *body* the body of a case whose log names none.
    """
    with Scratch() as scratch:
        for case in cases:
            dated = _dated(conformance, case, paper, body)
            scratch.lay(ORDERS, ((to_us(at), json.dumps(said, ensure_ascii=False)) for at, said in dated))
        yield from scratch.by_key(ORDERS)


def _dated(conformance: Conformance, case: Case, paper: str, body: str) -> Iterator[tuple[datetime, dict[str, Any]]]:
    """The acts of one case, each with its instant."""
    done = conformance.replay(case)
    owner = done.trail.held.row.body or body
    ref = f"{conformance.machine.kind}/{case.name.rpartition('/')[2]}"
    begun = done.trail.stays[0][1]
    if not case.events or case.events[0].resource != "system":
        yield begun, _opening(conformance, case, ref, owner, begun, paper)
    for event, arrow in done.trail.taken:
        yield from ((event.at, said) for said in _acts(conformance, ref, owner, event, arrow, paper))


def _opening(conformance: Conformance, case: Case, ref: str, owner: str, at: datetime, paper: str) -> dict[str, Any]:
    spec, machine = conformance.machine.doc.open, conformance.machine
    facts = (case.events[0].facts or {}) if case.events else {}
    return _line(
        at, "open", ref, kind=machine.kind, body=owner, title=case.name,
        facts={name: value for name, value in facts.items() if name in (*spec.asks, *spec.optional)},
        documents=dict.fromkeys(spec.needs, paper),
        **{"as": _login(conformance, spec.role, owner, case.events[0] if case.events else None)},
    )  # fmt: skip


def _acts(
    conformance: Conformance, ref: str, owner: str, event: Happening, arrow: Arrow | None, paper: str
) -> Iterator[dict[str, Any]]:
    """The order of one event; what the system did by itself, a rehearsal does by itself."""
    if arrow is None or event.resource == "system" or all(seat.role == "system" for seat in arrow.seats):
        return
    known = conformance.trails.facts(event)
    needed = {*arrow.spec.needs, *arrow.spec.needs_new, *(event.documents or ())}
    yield _line(
        event.at, "do", ref, trigger=arrow.spec.trigger,
        facts={name: value for name, value in known.items() if name in arrow.takes},
        documents=dict.fromkeys(sorted(needed & conformance.machine.doc.documents.keys()), paper),
        reason=f"{event.where}", **{"as": _login(conformance, arrow.spec.role, owner, event)},
    )  # fmt: skip


def _line(at: datetime, order: str, ref: str, **said: Any) -> dict[str, Any]:
    return {"order": order, "ref": ref, "now": rfc3339(at), **{name: value for name, value in said.items() if value}}


def _login(conformance: Conformance, roles: Iterable[str], owner: str, event: Happening | None) -> str:
    """A login of a rehearsal that may act: the log's own if it is one, else of the body that it names or whose turn it is."""
    campaign, machine = conformance.campaign, conformance.machine
    resource = event.resource if event is not None else None
    if resource is not None and resource.partition(".")[0] in campaign.bodies and "." in resource:
        return resource
    group = event.group if event is not None and event.group in campaign.bodies else None
    for role in roles:
        spec = machine.doc.roles.get(role)
        body = group or (machine.seats[role].body(campaign.parts, owner, {}) or owner)
        if spec is not None and spec.posts:
            return f"{body}.{spec.posts[0]}"
    return campaign.doc.administrator
