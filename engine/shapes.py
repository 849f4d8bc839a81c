"""What the world sees of a row: the JSON of the command line's contract, made in one place."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from engine import explanations as say
from engine.campaign import Campaign
from engine.clock import from_us, stamp
from engine.counted import unpack_counted
from engine.definition_schema import Term
from engine.erasure_grounds import ERASED_MARK
from engine.lights import Watched
from engine.lights import light as light_among
from engine.machine import Compiled
from engine.masking import MASK, masked_facts, masked_private
from engine.orders import SYSTEM
from engine.rows import DeadlineRow, MatterRow, NoticeRow
from engine.ruling import ruled
from engine.statutes import RuledDeadline
from engine.terms import derivation, unit_of
from engine.watches import WATCHED


def at(us: int | None) -> str | None:
    """An instant of the database as RFC 3339, or None."""
    return None if us is None else stamp(us)


def term_json(term: Term) -> dict[str, Any]:
    """A term as its one key and value."""
    unit = unit_of(term)
    return {unit: getattr(term, unit)}


def rule_of(campaign: Campaign, machine: Compiled, row: DeadlineRow) -> RuledDeadline:
    """The deadline of *row* with the rule in force when it started; of a watch, its monitor's."""
    return ruled(campaign.machines, machine, row, campaign.zone)


def watched(campaign: Campaign, machine: Compiled, rows: Sequence[DeadlineRow]) -> list[Watched]:
    """What the light needs of each deadline."""
    return [_watched(row, rule_of(campaign, machine, row)) for row in rows if row.status not in WATCHED]


def _watched(row: DeadlineRow, spec: RuledDeadline) -> Watched:
    return Watched(
        row.status,
        from_us(row.started_at),
        date.fromisoformat(row.last_day),
        from_us(row.breach_at),
        unit_of(spec.term),
        spec.timer,
        from_us(row.yellow_at),
    )


def light_of(campaign: Campaign, matter: MatterRow, rows: Sequence[DeadlineRow], now: datetime) -> str | None:
    """The light of a matter at *now*."""
    machine = campaign.machines[matter.definition_id]
    return light_among(watched(campaign, machine, rows), now, campaign.work, closed=bool(matter.closed))


def matter_json(
    campaign: Campaign, matter: MatterRow, rows: Sequence[DeadlineRow], now: datetime, *, masked: bool = False
) -> dict[str, Any]:
    """A matter as the contract has it; *masked* hides its personal facts and how its documents are called."""
    light = light_of(campaign, matter, rows, now)
    return shown_json(campaign, matter, json.loads(matter.data), light, masked=masked)


def shown_json(
    campaign: Campaign, matter: MatterRow, data: Mapping[str, Any], light: str | None, *, masked: bool = False
) -> dict[str, Any]:
    """The same of a matter whose *data* are read already and whose *light* is known."""
    machine = campaign.machines[matter.definition_id]
    leaf = machine.tree.leaves[matter.state]
    return {
        "ref": matter.ref,
        "kind": matter.kind,
        "definition": f"{machine.kind}@{machine.doc.version}",
        "definition_hash": machine.definition.digest,
        "version": matter.version,
        "state": matter.state,
        "state_label": {"zh": leaf.label.zh, "en": leaf.label.en},
        "stage": matter.stage,
        "stage_label": machine.doc.states[matter.stage].label.model_dump(),
        "body": matter.body,
        "title": matter.title,
        "facts": masked_facts(machine, data["facts"]) if masked else data["facts"],
        "erased": list(data.get("marks", {}).get("erased", ())),
        "masked": masked,
        "documents": documents_json(data["documents"], masked=masked),
        "light": light,
        "opened_at": at(matter.opened_at),
        "updated_at": at(matter.updated_at),
        "closed": bool(matter.closed),
    }


def documents_json(held: Mapping[str, Any], *, masked: bool = False) -> list[dict[str, Any]]:
    """The documents a matter holds, newest of each kind."""
    return [
        {"kind": kind, "name": MASK if masked else name or ERASED_MARK, "sha256": sha256, "size": size}
        for kind, (sha256, name, size) in sorted(held.items())
    ]


def deadline_json(
    campaign: Campaign, machine: Compiled, row: DeadlineRow, ref: str, now_us: int, facts: Mapping[str, Any]
) -> dict[str, Any]:
    """A deadline as the contract has it, with its derivation worked out again from what is stored."""
    spec = rule_of(campaign, machine, row)
    overdue = row.status == "running" and row.breach_at <= now_us and not spec.timer
    return {
        "id": str(row.id),
        "ref": ref,
        "code": row.code,
        "label": spec.label.model_dump(),
        "owner": row.owner_body,
        "owner_role": spec.owner,
        "basis": spec.basis,
        "mark": spec.mark,
        "statute": spec.law or None,
        "term": term_json(spec.term),
        "timer": spec.timer,
        "started_at": at(row.started_at),
        "last_day": row.last_day,
        "breach_at": at(row.breach_at),
        "yellow_at": at(row.yellow_at),
        "status": "breached" if overdue else row.status,
        "stopped_at": at(row.stopped_at),
        "breached_at": at(row.breached_at) or (at(row.breach_at) if overdue else None),
        "provisional": bool(row.provisional),
        "extensions": row.extensions,
        "derivation": derivation_json(campaign, machine, row, facts),
    }


def watch_json(machine: Compiled, row: DeadlineRow, matter: MatterRow) -> dict[str, Any]:
    """A watch of a monitor: since when its condition holds, and from when on that is a finding."""
    spec = machine.monitors[row.code].spec
    return {
        "monitor": row.code,
        "label": spec.label.model_dump(),
        "ref": matter.ref,
        "kind": matter.kind,
        "body": matter.body,
        "title": matter.title,
        "state": matter.state,
        "since": at(row.started_at),
        "for": term_json(spec.for_),
        "found_at": at(row.breach_at),
        "status": row.status,
        "times_told": row.rung,
        "tell": list(spec.tell),
        "basis": spec.basis,
        "mark": spec.mark,
    }


def derivation_json(
    campaign: Campaign, machine: Compiled, row: DeadlineRow, facts: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Why the date is what it is: the counting from the start, then every later change of it.

    What it was counted from then is taken for it, not what stands now.
    """
    steps: list[dict[str, Any]] = [dict(step) for step in counted_json(campaign, machine, row, facts)]
    moves = json.loads(row.moves)
    for what, when, *days in moves:
        zh, en = MOVES[what]
        local = datetime.fromisoformat(when).astimezone(campaign.zone).strftime("%Y-%m-%d %H:%M")
        change = f"：{days[0]} → {days[1]}" if len(days) >= 2 else ""
        steps.append({"step": what, "zh": f"{local} {zh}{change}", "en": f"{local} {en}{change.replace('：', ': ')}"})
    if moves:
        steps.append(dict(say.now(date.fromisoformat(row.last_day))))
    return steps


def counted_json(campaign: Campaign, machine: Compiled, row: DeadlineRow, facts: Mapping[str, Any]) -> list[say.Step]:
    """How the period is counted from its start; nothing if it ends on a date that is not stated any more."""
    spec, counted = rule_of(campaign, machine, row), unpack_counted(row.counted)
    facts = {**facts, **counted.facts}
    if spec.term.fact is not None and not facts.get(spec.term.fact):
        return []
    began, work = from_us(row.started_at), campaign.work_then(counted)
    return derivation(spec.term, began, work, roll=spec.roll, facts=facts, basis=spec.basis, mark=spec.mark)


MOVES = say.CHANGES
"""How each change of a date is told."""


ACTS = ("opened", "moved", "document", "corrected", "extension")
"""Kinds of entries that are somebody's act."""


def is_late_entry(body: Mapping[str, Any], late_after: timedelta | None) -> bool:
    """Say whether an act was entered later than *late_after* after it happened (补录); what time does never is."""
    if late_after is None or body["kind"] not in ACTS or body["actor"] == SYSTEM.login:
        return False
    recorded, occurred = (datetime.fromisoformat(body[name]) for name in ("recorded_at", "occurred_at"))
    return recorded - occurred > late_after


def entry_json(
    body: Mapping[str, Any],
    digest: str,
    private: Mapping[str, Any],
    late_after: timedelta | None = None,
    *,
    masked: bool = False,
) -> dict[str, Any]:
    """An entry as the contract has it; private values are put back where they were not erased.

    Of a deadline's own entries *event* says what it did (``rung``, ``breach``, ``run_out``), *rung* and *rung_label* which
    rung came, *merged* that a later rung of the same moment spoke for it. *masked* hides personal facts. *erased* are private
    values that are gone, by name (``fact:parties``, ``reason``), *erasure* what an entry says that it erased of others.
    """
    if masked:
        private = masked_private(private)
    facts = dict(body.get("facts", {}))
    facts.update({name[5:]: value for name, value in private.items() if name.startswith("fact:")})
    return {
        "seq": body["seq"],
        "kind": body["kind"],
        "trigger": body["trigger"] or None,
        "from": body["from"] or None,
        "to": body["to"] or None,
        "actor": body["actor"],
        "body": body.get("body"),
        "on_behalf_of": body.get("on_behalf_of"),
        "actor_auth": body["actor_auth"],
        "occurred_at": body["occurred_at"],
        "recorded_at": body["recorded_at"],
        "late_entry": is_late_entry(body, late_after),
        "reason": private.get("reason"),
        "facts": facts,
        "erased": sorted(body.get("commit", {}).keys() - private.keys()),
        "erasure": body.get("erased"),
        "documents": [
            {**paper, "name": private.get(f"name:{paper['kind']}", ERASED_MARK)} for paper in body.get("documents", ())
        ],
        "event": body.get("event"),
        "rung": body.get("rung"),
        "rung_label": body.get("rung_label"),
        "merged": body.get("merged"),
        "deadlines": list(body.get("clocks", ())),
        "children": list(body.get("children", ())),
        "handovers": list(body.get("handovers", ())),
        "evaluations": list(body.get("evaluations", ())),
        "approved_by": body.get("approved_by"),
        "text": body.get("text"),
        "copied": list(body.get("copied", ())),
        "version": body.get("version"),
        "request_id": body.get("request_id"),
        "hash": digest,
    }


def notice_json(row: NoticeRow) -> dict[str, Any]:
    """A notice as the contract has it."""
    return {
        "id": str(row.id),
        "ref": row.ref,
        "deadline": str(row.deadline_id) if row.deadline_id else None,
        "kind": row.kind,
        "level": row.level,
        "recipient": row.recipient,
        "body": row.body,
        "channel": row.channel,
        "planned_at": at(row.planned_at),
        "effective_at": at(row.effective_at),
        "next_try_at": at(row.next_try_at) if row.status == "owed" else None,
        "sent_at": at(row.sent_at),
        "acknowledged_at": at(row.acknowledged_at),
        "acknowledged_by": row.acknowledged_by,
        "acknowledged_auth": row.acknowledged_auth,
        "status": row.status,
        "subject": row.subject,
        "text": row.text,
        "attempts": row.attempts,
        "last_error": row.last_error,
        "urgent": bool(row.urgent),
        "digest": str(row.digest_id) if row.digest_id else None,
        "released_at": at(row.released_at),
    }


def facts_missing(machine: Compiled, matter: MatterRow, facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What opening the kind asks for and this matter was opened without: its parent had not stated it. None once it is closed."""
    if matter.closed or matter.parent_id is None:
        return []
    return [
        {"code": code, "label": machine.doc.facts[code].label.model_dump()}
        for code in machine.doc.open.asks
        if code not in facts
    ]
