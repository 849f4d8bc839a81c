"""Invariants over the record: matters that are in a situation which their definition says may never be."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from engine.campaign import Campaign
from engine.definition_schema import InvariantSpec
from engine.errors import Damaged
from engine.expr import Expr
from engine.held import Held, unpack
from engine.history import read_stream, stream_of
from engine.in_hand import with_children
from engine.orders import SYSTEM
from engine.reading import Reader
from engine.rows import DeadlineRow, MatterRow
from engine.situation import Situation
from engine.store import Tx

KIND = "invariant"
"""What tells a finding of this kind from one of a monitor."""


def declared(reader: Reader) -> list[dict[str, Any]]:
    """Every invariant of the campaign's definitions that can be looked for in the record."""
    machines = [reader.campaign.kind(kind) for kind in sorted(reader.campaign.machines.newest)]
    return [
        {
            "monitor": code, "kind": machine.kind, "label": spec.label.model_dump(), "never": spec.never,
            "basis": spec.basis, "mark": spec.mark, "tell": [], "what": KIND,
        }
        for machine in machines
        for code, (spec, _) in machine.invariants.items()
    ]  # fmt: skip


def breaches(
    reader: Reader, ref: str | None = None, body: str | None = None, as_of: datetime | None = None
) -> tuple[list[dict[str, Any]], list[str]]:
    """The matters that break an invariant now, or as of an earlier instant, each with the acts that led there.

    No order can bring a matter there; a version of the definition that did not know the invariant, or a hand in the
    database, can. Also the references of those whose rows are damaged, of which nothing can be said.
    """
    now = min(as_of, reader.clock.now()) if as_of else reader.clock.now()
    found, damaged = [], []
    with reader.database.snapshot() as tx:
        for matter, rows in reader.matters(tx, as_of, body=body):
            if ref not in (None, matter.ref):
                continue
            try:
                against = broken(tx, reader.campaign, matter, rows, now)
            except Damaged:
                damaged.append(matter.ref)
                continue
            found += [_told(tx, reader.campaign, matter, code, spec) for code, spec in against]
    return sorted(found, key=lambda each: (each["since"], each["ref"], each["monitor"])), damaged


def broken(
    tx: Tx, campaign: Campaign, matter: MatterRow, rows: Sequence[DeadlineRow], now: datetime
) -> list[tuple[str, InvariantSpec]]:
    """The invariants that *matter* breaks as it stands: of its own version, and of the newest of its kind. Raises Damaged."""
    held = unpack(campaign, matter, list(rows), now)
    situation = _situation(tx, campaign, held, now)
    found = dict(_in_force(campaign, held))
    return [(code, spec) for code, (spec, expr) in found.items() if expr.lenient(situation)]


def _in_force(campaign: Campaign, held: Held) -> dict[str, tuple[InvariantSpec, Expr]]:
    newest = campaign.machines.newest.get(held.row.kind)
    found = dict(held.machine.invariants)
    if newest is not None and newest != held.machine.id:
        scopes = held.machine.tree.scopes
        for code, (spec, expr) in campaign.machines[newest].invariants.items():
            words = {str(arg) for name, args in expr.calls if name in ("state", "visited") for arg in args}
            if code not in found and words <= scopes and expr.facts <= held.machine.doc.facts.keys():
                found[code] = (spec, expr)
    return found


def _situation(tx: Tx, campaign: Campaign, held: Held, now: datetime) -> Situation:
    with_children(tx, held)
    return held.after(campaign, SYSTEM, held.row.state, {}, now)


def _told(tx: Tx, campaign: Campaign, matter: MatterRow, code: str, spec: InvariantSpec) -> dict[str, Any]:
    """One breach, with every act and correction of the matter so far."""
    bodies = [body for body, _, _ in read_stream(tx, campaign.id, stream_of(matter.ref))]
    acts = [
        {
            "seq": body["seq"], "kind": body["kind"], "trigger": body.get("trigger"), "actor": body.get("actor"),
            "from": body.get("from"), "to": body.get("to"), "at": body.get("recorded_at"), "facts": body.get("facts", {}),
        }
        for body in bodies
        if body["kind"] in ("opened", "moved", "corrected", "document", "migration")
    ]  # fmt: skip
    last = acts[-1]["at"] if acts else ""
    return {
        "monitor": code, "label": spec.label.model_dump(), "ref": matter.ref, "refs": [matter.ref], "kind": matter.kind,
        "body": matter.body, "title": matter.title, "state": matter.state, "since": last, "found_at": last,
        "status": "broken", "never": spec.never, "basis": spec.basis, "mark": spec.mark, "tell": [], "told": [],
        "times_told": 0, "acts": acts, "what": KIND,
    }  # fmt: skip
