"""Hand-overs as they happen: what an act sends, receives, returns or overtakes, worked out before anything is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine import reasons as because
from engine.clock import from_us, rfc3339
from engine.definition_schema import HandoverSpec
from engine.desk import Desk
from engine.errors import Forbidden, Refused
from engine.handover_acts import HandoverAct
from engine.held import Held
from engine.machine import Arrow
from engine.orders import SYSTEM, Do


@dataclass(frozen=True, slots=True)
class Doing:
    """One act on one matter, as far as hand-overs look at it; *facts* are those after it."""

    desk: Desk
    held: Held
    order: Do
    arrow: Arrow
    stated: Mapping[str, Any]
    facts: Mapping[str, Any]
    occurred: datetime

    def label(self, code: str) -> Any:
        return self.held.machine.doc.handovers[code].label


def hand_over(doing: Doing) -> list[dict[str, Any]]:
    """Return what the entry will say of hand-overs. Raises Refused or Forbidden; reads the matter, changes nothing.

    A receipt lies on the receiver's side: it is dated after the sending, not in the future, and not given by the sender.
    """
    acts = doing.desk.campaign.handovers[doing.held.machine.id]
    said: list[dict[str, Any]] = []
    for act in acts.of(doing.order.trigger):
        said += _of_act(doing, act)
    done = {each["code"] for each in said}
    for code, last in doing.held.marks.handed.items():
        if last["status"] == "sent" and code not in done and not acts.receivable(code, doing.arrow.dst):
            said.append({"code": code, "op": "lapsed"})
    return said


def _of_act(doing: Doing, act: HandoverAct) -> list[dict[str, Any]]:
    last = doing.held.marks.handed.get(act.code)
    said: list[dict[str, Any]] = []
    if act.receives and last is not None and last["status"] == "sent":
        said = _received(doing, act, last) if _by_receiver(doing, act, last) else []
    elif act.sends:
        said = _sent(doing, act)
        said += _received(doing, act, said[0]) if said and act.receives else []
    if act.returns and last is not None and last["status"] in ("sent", "received"):
        said.append({"code": act.code, "op": "returned"})
    return said


def _sent(doing: Doing, act: HandoverAct) -> list[dict[str, Any]]:
    """The sending; nothing if one body would hand over to itself. Raises Refused if that was stated in the order."""
    held, spec = doing.held, act.spec
    to = doing.desk.campaign.seat_body(held.machine, spec.to, held.row.body, doing.facts)
    side = _side(doing)
    if not to or to == side:
        if to and to in doing.stated.values():
            reason = because.to_oneself(spec.label, to)
            raise Refused(f"{held.row.ref}: {reason.en}", "own_side", [reason])
        return []
    return [
        {
            "code": act.code, "op": "sent", "from": side, "to": to, "at": rfc3339(_sent_at(doing, act)),
            "encloses": _enclosed(doing, spec),
        }
    ]  # fmt: skip


def _sent_at(doing: Doing, act: HandoverAct) -> datetime:
    """When it was sent; what is delivered against a receipt, and not dated itself, at the time of the receipt."""
    said = doing.stated.get(act.spec.received_fact) if act.receives and act.spec.received_fact else None
    if not said or doing.order.occurred_at is not None:
        return doing.occurred
    began = [doing.held.clocks.open_row(code) for code in act.spec.sender_clocks]
    earliest = max((from_us(row.started_at) for row in began if row is not None), default=doing.occurred)
    return min(doing.occurred, max(datetime.fromisoformat(said), earliest))


def _enclosed(doing: Doing, spec: HandoverSpec) -> dict[str, str]:
    """Each enclosure with its hash; the arrow has made sure that all are there."""
    hashes = {kind: paper[0] for kind, paper in doing.held.documents.items()}
    hashes |= {paper.kind: paper.sha256 for paper in doing.order.documents}
    return {kind: hashes[kind] for kind in spec.encloses if kind in hashes}


def _side(doing: Doing) -> str:
    """The body for which the actor acts: that of the seat that lets it, by the facts before the act."""
    held, actor, parts = doing.held, doing.desk.actor, doing.desk.campaign.parts
    for seat in doing.arrow.seats:
        mine = actor.login == SYSTEM.login or seat.held_by(actor, parts, held.row.body, held.facts)
        body = seat.body(parts, held.row.body, held.facts) if mine and seat.role != "system" else None
        if body:
            return body
    return actor.body or held.row.body


def _received(doing: Doing, act: HandoverAct, sent: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The receipt, by the receiver's side or on the paper that the sender brings with the sending itself."""
    ref = doing.held.row.ref
    said = doing.stated.get(act.spec.received_fact) if act.spec.received_fact else None
    at = datetime.fromisoformat(said) if said else doing.occurred
    if at < datetime.fromisoformat(sent["at"]):
        reason = because.before_sending(act.spec.label, rfc3339(at), sent["at"])
        raise Refused(f"{ref}: {reason.en}", "received_before_sent", [reason])
    papers = {paper.kind: paper.sha256 for paper in doing.order.documents}
    receipt = papers.get(act.spec.receipt) if act.spec.receipt else None
    return [{"code": act.code, "op": "received", "at": rfc3339(at), **({"receipt": receipt} if receipt else {})}]


def _by_receiver(doing: Doing, act: HandoverAct, sent: Mapping[str, Any]) -> bool:
    """Say whether this act is the receiver's. Raises Forbidden for somebody of the sender's side, and for whoever sent it.

    Somebody with posts on both sides (the office is hosted by a department) may receive what another one sent.
    What the system does in place of a person (a right that lapses) is no receipt; a signal that only it may give is.
    """
    actor = doing.desk.actor
    if actor.login == SYSTEM.login:
        return all(seat.role == "system" for seat in doing.arrow.seats)
    bodies = {body for body, _ in actor.posts}
    if actor.had_a_hand_in(sent["by"]) or (sent["from"] in bodies and sent["to"] not in bodies):
        reason = because.senders_side(act.spec.label, sent["from"])
        raise Forbidden(f"{doing.held.row.ref}: {reason.en}", "own_side", [reason])
    return sent["to"] in bodies
