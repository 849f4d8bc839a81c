"""Hand-overs told from a matter's history: what was sent, received, returned, copied, and whose time runs."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.campaign import Campaign
from engine.clock import stamp
from engine.definition_schema import HandoverSpec
from engine.machine import Compiled
from engine.rows import COPIES_OF_REF, DeadlineRow, MatterRow, NoticeRow
from engine.store import Tx

Lines = Iterable[tuple[dict[str, Any], str, dict[str, Any]]]


@dataclass(slots=True)
class Passing:
    """One hand-over as the history tells it; *seq* is the entry that sent it, *till* that of the next of its code.

    *spec* is the hand-over in the version that the matter followed last, as far as it is there.
    """

    code: str
    seq: int
    till: int | None
    spec: HandoverSpec
    told: dict[str, Any] = field(default_factory=dict)


def passings(campaign: Campaign, definition_id: int, lines: Lines) -> list[Passing]:
    """Fold a history into its hand-overs, in the order of their sending; *definition_id* for entries that name no version."""
    found: list[Passing] = []
    latest: dict[str, Passing] = {}
    names: dict[tuple[str, str], Any] = {}
    for body, _, private in lines:
        machine = campaign.machines[campaign.machines.by_digest.get(body.get("definition", ""), definition_id)]
        if "migration" in body:
            latest = _renamed(latest, body["migration"].get("handovers", {}), machine)
        for paper in body.get("documents", ()):
            names[paper["kind"], paper["sha256"]] = private.get(f"name:{paper['kind']}")
        for said in body.get("handovers", ()):
            code = said["code"]
            if said["op"] == "sent":
                _overtake(latest.get(code), body)
                latest[code] = Passing(
                    code, body["seq"], None, machine.doc.handovers[code], _sent(machine, said, body, names)
                )
                found.append(latest[code])
            elif code in latest:
                _go_on(latest[code].told, said, body, private)
    return found


def _renamed(latest: Mapping[str, Passing], places: Mapping[str, str | None], machine: Compiled) -> dict[str, Passing]:
    """The hand-overs under their codes of the version of *machine*; one that is left behind keeps what it was."""
    found: dict[str, Passing] = {}
    for code, each in latest.items():
        place = places.get(code, code)
        if place in machine.doc.handovers:
            each.code, each.spec = place, machine.doc.handovers[place]
            each.told["code"] = place
        found[each.code] = each
    return found


def _overtake(before: Passing | None, body: Mapping[str, Any]) -> None:
    if before is None:
        return
    before.till = body["seq"]
    if before.told["status"] == "sent":
        before.told.update(status="lapsed", lapsed_at=body["recorded_at"])


def _sent(
    machine: Compiled, said: Mapping[str, Any], body: Mapping[str, Any], names: Mapping[tuple[str, str], Any]
) -> dict[str, Any]:
    spec, documents = machine.doc.handovers[said["code"]], machine.doc.documents
    return {
        "code": said["code"], "label": spec.label.model_dump(), "basis": spec.basis, "mark": spec.mark,
        "status": "sent", "trigger": body["trigger"], "from": said["from"], "to": said["to"],
        "sent_at": said["at"], "sent_by": body["actor"], "sent_recorded_at": body["recorded_at"],
        "enclosures": [
            {"kind": kind, "label": documents[kind].label.model_dump(), "name": names.get((kind, digest)), "sha256": digest}
            for kind, digest in sorted(said["encloses"].items(), key=lambda each: spec.encloses.index(each[0]))
        ],
        "received_at": None, "received_by": None, "recorded_at": None, "receipt": None,
        "returned_at": None, "returned_by": None, "reason": None, "lapsed_at": None,
    }  # fmt: skip


def _go_on(told: dict[str, Any], said: Mapping[str, Any], body: Mapping[str, Any], private: Mapping[str, Any]) -> None:
    told["status"] = said["op"]
    if said["op"] == "received":
        told.update(received_at=said["at"], received_by=body["actor"], recorded_at=body["recorded_at"])
        told["receipt"] = said.get("receipt")
    elif said["op"] == "returned":
        told.update(returned_at=body["occurred_at"], returned_by=body["actor"], reason=private.get("reason"))
    else:
        told["lapsed_at"] = body["recorded_at"]


def handovers_json(
    tx: Tx, campaign: Campaign, matter: MatterRow, rows: Sequence[DeadlineRow], lines: Lines, now_us: int
) -> list[dict[str, Any]]:
    """Every hand-over of a matter, with its copies as they stood at *now_us* and the clocks on both sides."""
    found = passings(campaign, matter.definition_id, lines)
    if not found:
        return []
    copies: dict[int | None, list[dict[str, Any]]] = {}
    for values in tx.rows(COPIES_OF_REF, campaign_id=campaign.id, ref=matter.ref):
        notice = NoticeRow(*values)
        copies.setdefault(notice.entry_seq, []).append(_copy(notice, now_us))
    return [{**each.told, "copies": copies.get(each.seq, []), "clocks": _clocks(each, rows)} for each in found]


def _copy(notice: NoticeRow, now_us: int) -> dict[str, Any]:
    sent = notice.sent_at if notice.sent_at is not None and notice.sent_at <= now_us else None
    return {
        "body": notice.body, "recipient": notice.recipient, "delivered": sent is not None,
        "sent_at": None if sent is None else stamp(sent), "status": notice.status if sent == notice.sent_at else "owed",
    }  # fmt: skip


def _clocks(each: Passing, rows: Sequence[DeadlineRow]) -> list[dict[str, Any]]:
    """The sender's clocks that the sending ended or met running, and the receiver's that began with it or after."""
    spec, found = each.spec, []
    for side, codes in (("sender", spec.sender_clocks), ("receiver", spec.receiver_clocks)):
        for code in codes:
            fitting = [row for row in rows if row.code == code and _belongs(row, each, side)]
            found += [_clock(side, row) for row in fitting[-1:]]
    return found


def _belongs(row: DeadlineRow, each: Passing, side: str) -> bool:
    if side == "sender":
        return row.opened_seq <= each.seq and (row.closed_seq is None or row.closed_seq >= each.seq)
    ended = row.closed_seq is not None and row.closed_seq < each.seq
    return not ended and (each.till is None or row.opened_seq < each.till)


def _clock(side: str, row: DeadlineRow) -> dict[str, Any]:
    return {
        "side": side, "code": row.code, "owner": row.owner_body, "started_at": stamp(row.started_at),
        "last_day": row.last_day, "breach_at": stamp(row.breach_at), "status": row.status,
        "stopped_at": None if row.stopped_at is None else stamp(row.stopped_at),
    }  # fmt: skip


def pending(matter: MatterRow, data: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """The hand-overs of a matter that are sent and not received, from its row; its *data* may be read already."""
    handed = (data or json.loads(matter.data))["marks"].get("handed", {})
    return [
        {"code": code, **{name: each[name] for name in ("from", "to", "at")}}
        for code, each in handed.items()
        if each["status"] == "sent"
    ]


def waits(campaign: Campaign, matter: MatterRow, data: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """Who is to act next: the roles that the state waits for, and whoever has not yet given a receipt.

    Who has handed over and has no receipt yet has done his part: his body is not waited for meanwhile.
    """
    machine = campaign.machines[matter.definition_id]
    data = data or json.loads(matter.data)
    leaf, facts = machine.tree.leaves[matter.state], data["facts"]
    open_ones = [] if leaf.final else pending(matter, data)
    senders = {each["from"] for each in open_ones if not machine.doc.handovers[each["code"]].goes_on}
    found = []
    for role in () if leaf.final else leaf.waits_for:
        body = campaign.seat_body(machine, role, matter.body, facts)
        if body not in senders:
            found.append({"role": role, "body": body or None, "for": "act", "handover": None})
    return found + [
        {"role": None, "body": each["to"], "for": "receipt", "handover": each["code"]} for each in open_ones
    ]
