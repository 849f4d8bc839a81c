"""The desk on which one order lies inside its transaction: what was read, what will be written, and how."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.campaign import Campaign
from engine.canonical import new_salt
from engine.clock import from_us, to_us
from engine.errors import Conflict, DubanError, Invalid, Refused
from engine.evaluating import Occasion, Weighed, weigh
from engine.foreign_keys import refuse_foreign
from engine.held import Held
from engine.history import Line, append, chain_of
from engine.ids import new_id
from engine.in_hand import hold
from engine.orders import SYSTEM, Actor, Document, Order
from engine.outcome import Outcome
from engine.owed_record import OWED, said_owed
from engine.owing import owe, would_owe
from engine.people import People
from engine.replay import outcome_at
from engine.rows import INSERT_ATTACHMENT, INSERT_OWED, SEEN_REQUEST, NoticeRow
from engine.sight import sight_of
from engine.situation import Situation
from engine.store import Tx
from engine.vault import refuse_unsealed

DEEPEST = 16
"""How many orders may follow from one another in a transaction."""


@dataclass(slots=True)
class Desk:
    """One order at work. *depth* counts the orders that led to this one."""

    campaign: Campaign
    people: People
    tx: Tx
    now: datetime
    actor: Actor
    depth: int = 0

    def deeper(self, actor: Actor) -> "Desk":
        """The desk for an order that follows from this one."""
        if self.depth >= DEEPEST:
            raise DubanError(
                f"more than {DEEPEST} orders follow from one another; the definition goes in circles", "too_deep"
            )
        return Desk(self.campaign, self.people, self.tx, self.now, actor, self.depth + 1)

    def seen(self, order: Order) -> Outcome | None:
        """The stored answer to the order's request id, if it was carried out before. Raises Conflict for another content."""
        if order.request_id is None:
            return None
        if self._is_new(order.request_id):
            return None
        found = self.tx.rows(SEEN_REQUEST, campaign_id=self.campaign.id, request_id=order.request_id)
        return self._answer(order, found)

    def _is_new(self, request_id: str) -> bool:
        """Whether it is known without a look that nothing was done under the request id."""
        mirror = self.tx.mirror
        return mirror is not None and not mirror.has_come(self.tx, self.campaign.id, request_id)

    def _answer(self, order: Order, found: Sequence[Any]) -> Outcome | None:
        if not found:
            return None
        stream, seq, mark = found[0]
        salt, _, digest = (mark or ":").partition(":")
        if not hmac.compare_digest(digest, self._digest(salt, order)):
            raise Conflict(f"the request id {order.request_id!r} was used for another order", "request_id_reused")
        self._refuse_foreign(stream.removeprefix("matter/"))
        return outcome_at(self.tx, self.campaign, stream, seq, self.now)

    def mark(self, order: Order) -> str | None:
        """A salted digest of the order, kept with its request id."""
        if order.request_id is None:
            return None
        salt = new_salt()[:16]
        return f"{salt}:{self._digest(salt, order)}"

    def _digest(self, salt: str, order: Order) -> str:
        who = f"{self.actor.login} {self.actor.on_behalf_of}" if self.actor.on_behalf_of else self.actor.login
        return hashlib.sha256(f"{salt}:{who}:{order.content()}".encode()).hexdigest()

    def take(self, ref: str, order: Order, if_version: int | None) -> Held | Outcome:
        """Lock the matter, then look whether the request was carried out before, then compare the version.

        What the actor does not see is neither locked nor read: a lock that is waited for would tell that it is there.
        """
        sight = None if self.actor.person == SYSTEM.person else sight_of(self.campaign, self.actor)
        if sight is not None:
            sight.must_be_there(self.tx, ref)
        if order.request_id is None or self._is_new(order.request_id):
            held, _ = hold(self.tx, self.campaign, ref, self.now)
        else:
            where = {"campaign_id": self.campaign.id, "request_id": order.request_id}
            held, (found,) = hold(self.tx, self.campaign, ref, self.now, (SEEN_REQUEST, where))
            answer = self._answer(order, found)
            if answer is not None:
                return answer
        if sight is not None:
            sight.must_see(self.tx, held.row, held.parties)
        if if_version is not None and held.row.version != if_version:
            raise Conflict(
                f"{ref} is at version {held.row.version}, not {if_version}: somebody was faster; look again",
                "stale_version",
            )
        self._refuse_before_opening(held, order)
        return held

    def _refuse_foreign(self, ref: str) -> None:
        """Raise NotFound for a matter that the actor does not see: for him it is not there."""
        if self.actor.person != SYSTEM.person:
            sight_of(self.campaign, self.actor).must_be_there(self.tx, ref)

    def _refuse_before_opening(self, held: Held, order: Order) -> None:
        """Raise Invalid for an act dated before its matter existed."""
        if order.occurred_at is None:
            return
        row, since = held.row, self.since(held)
        if order.occurred_at < since:
            raise Invalid(
                f"occurred_at {order.occurred_at.isoformat()} lies before {row.ref} was opened ({since.isoformat()})",
                "before_opening",
            )

    def since(self, held: Held) -> datetime:
        """When the matter began to be: what the campaign opens exists since its launch."""
        opened = from_us(held.row.opened_at)
        return min(opened, self.campaign.launched_at) if held.row.number is None else opened

    def read_facts(self, held_definition: int, stated: Mapping[str, Any], own: str | None = None) -> dict[str, Any]:
        """The typed facts that are *stated* of the matter *own*, which is there already. Raises Invalid, NotFound."""
        machine = self.campaign.machines[held_definition]
        if stated and not machine.vaulted.isdisjoint(stated):
            refuse_unsealed(machine, stated)
        if stated and not machine.naming.isdisjoint(stated):
            refuse_foreign(self.tx, self.campaign, self.actor, machine, stated, own)
        return self.campaign.facts[held_definition].read(stated)

    def weigh(self, held: Held, stated: Mapping[str, Any], sets: Mapping[str, Any], occurred: datetime) -> Weighed:
        """Hold what the order states against the standards in force. Raises Refused for what they contradict."""
        if not held.machine.weighs:
            return Weighed({**stated, **sets})
        zone = self.campaign.zone
        opened = from_us(held.row.opened_at).astimezone(zone).date()
        occasion = Occasion(stated, sets, opened, occurred.astimezone(zone).date(), self.actor.login == "system")
        return weigh(self.campaign.standards, held.machine, held.facts, held.marks.evaluated, occasion)

    def refuse_violations(self, held: Held, situation: Situation, what: str) -> None:
        """Raise Refused if the new situation breaks an invariant."""
        reasons = held.machine.violated(situation)
        if reasons:
            words = "; ".join(reason.en for reason in reasons)
            raise Refused(f"{held.row.ref}: {what} is refused: {words}", "invariant", reasons)

    def refuse_unknown_documents(
        self, held_documents: Mapping[str, Any], brought: Sequence[Document], kind: str
    ) -> None:
        for paper in brought:
            if paper.kind not in held_documents:
                known = ", ".join(sorted(held_documents)) or "none"
                raise Invalid(f"{kind} knows no document {paper.kind!r}; it knows: {known}", "unknown_document")

    def recorded_us(self, held: Held) -> int:
        """Now, but never before the last entry of the matter: a clock set back does not bend the record."""
        return max(to_us(self.now), held.row.updated_at)

    def enter(
        self,
        held: Held,
        order: Order,
        line: Line,
        changed: Mapping[str, Any],
        *,
        version: bool = True,
        more: Mapping[str, Any] | None = None,
        private: Mapping[str, Any] | None = None,
        notices: Sequence[NoticeRow] = (),
    ) -> dict[str, Any]:
        """Write the entry of *held*: *changed* facts (personal ones as commitments), documents, clocks; returns its body.

        The *notices* that the act owes are written with it, and it says what they are.
        """
        row = held.row
        row.version += version
        hidden, said = _parts(held, order, changed)
        if private:
            hidden.update(private)
        if more:
            said.update(more)
        rows = would_owe(self.tx, self.campaign, notices) if notices else ()
        if rows:
            said[OWED] = said_owed(rows)
        line.private, line.more = hidden, said
        line.request_id, line.request_mark = order.request_id, self.mark(order)
        chain = chain_of(row, self.campaign.log)
        body = append(self.tx, chain, line)
        row.seq, row.head, row.updated_at = chain.seq, chain.head, line.recorded_us
        for each in rows:
            self.tx.put_one(INSERT_OWED, each)
        body["private"] = hidden
        return body

    def attach(self, held: Held, documents: Sequence[Document], seq: int) -> None:
        """Take over documents: the newest of a kind is held, all versions are kept."""
        for paper in documents:
            held.documents[paper.kind] = [paper.sha256, paper.name, paper.size]
            values = {
                "id": new_id(), "campaign_id": held.row.campaign_id, "matter_id": held.row.id, "seq": seq,
                "kind": paper.kind, "name": paper.name, "sha256": paper.sha256, "size": paper.size,
                "actor": self.actor.login, "attached_at": held.row.updated_at,
            }  # fmt: skip
            self.tx.write(INSERT_ATTACHMENT, values)

    def owe(self, notices: Sequence[NoticeRow]) -> None:
        """Write *notices* that no act of a matter owes."""
        owe(self.tx, self.campaign, notices)

    def outcome(
        self, held: Held, body: dict[str, Any], notices: Sequence[NoticeRow], children: Sequence[str] = ()
    ) -> Outcome:
        private = body.pop("private")
        return Outcome(
            self.campaign, held.row, held.clocks.rows, held.facts, body, held.row.head, private, notices, self.now,
            children=children,
        )  # fmt: skip


def _parts(held: Held, order: Order, changed: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the entry of an act keeps private, and what it says: version, *changed* facts, documents, clocks."""
    specs = held.machine.fact_specs
    hidden: dict[str, Any] = {}
    public: dict[str, Any] = {}
    for name, value in changed.items():
        if specs[name].personal:
            hidden[f"fact:{name}"] = value
        else:
            public[name] = value
    if order.reason:
        hidden["reason"] = order.reason
    said: dict[str, Any] = {"version": held.row.version, "definition": held.machine.definition.digest}
    if public:
        said["facts"] = public
    if order.documents:
        hidden.update({f"name:{paper.kind}": paper.name for paper in order.documents})
        said["documents"] = [
            {"kind": paper.kind, "sha256": paper.sha256, "size": paper.size} for paper in order.documents
        ]
    if held.clocks.effects:
        said["clocks"] = list(held.clocks.effects)
    return hidden, said
