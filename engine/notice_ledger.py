"""The ledger of notices: who was told what, when, by whom, and what came of it; now or as it stood at an earlier instant.

What was owed is read from the notices' own stored instants, what came of it from the chained stream ``notices/…`` alone,
so that an answer as of a past day rests on the record and not on today's row.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, func, literal, select

from engine.campaign import Campaign
from engine.clock import Clock, rfc3339, to_us
from engine.deliveries import DEAD, FAILED, SENT, stream_of_notice, words_of
from engine.errors import NotFound
from engine.history import read_stream
from engine.notice_desk import number_of
from engine.rows import E, N, NoticeRow
from engine.shapes import at, notice_json
from engine.store import Database, Tx

PUT_ASIDE = {"passed_on": "cancelled", "cancel": "cancelled", "drop": "cancelled", "hold": "held", "release": "owed",
             "retry": "owed"}  # fmt: skip
"""What a notice is after an act on it that is neither a sending nor a receipt."""

TOLD = ("sent", "acknowledged")
WAITING = ("owed", "failed", "held")


@dataclass(frozen=True, slots=True)
class Act:
    """One entry about a notice."""

    trigger: str
    actor: str
    recorded_us: int
    stream: str
    seq: int
    hash: str
    said: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Where:
    """Which notices: all that is given must fit. *since* and *until* (exclusive) bound when a notice was owed.

    A *status* ``owed`` takes in what was tried in vain and is still owed (``failed``).
    """

    ref: str | None = None
    body: str | None = None
    recipient: str | None = None
    kind: str | None = None
    status: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self, campaign_id: int, as_of_us: int) -> list[ColumnElement[bool]]:
        """The conditions that the database can check."""
        found: list[ColumnElement[bool]] = [N.c.campaign_id == campaign_id, N.c.planned_at <= as_of_us]
        for column, value in ((N.c.ref, self.ref), (N.c.body, self.body), (N.c.recipient, self.recipient)):
            if value is not None:
                found.append(column == value)
        if self.kind is not None:
            found.append(N.c.kind == self.kind)
        if self.since is not None:
            found.append(N.c.effective_at >= to_us(self.since))
        if self.until is not None:
            found.append(N.c.effective_at < to_us(self.until))
        return found

    def wants(self, status: str) -> bool:
        """Say whether a notice with this status fits."""
        return self.status in (None, status) or (self.status == "owed" and status == "failed")


@dataclass(slots=True)
class Course:
    """What came of one notice by some instant, entry by entry."""

    acts: list[Act] = field(default_factory=list)
    status: str = "owed"
    sent: Act | None = None
    receipt: Act | None = None
    attempts: int = 0

    def take(self, act: Act) -> None:
        """Go on by one entry."""
        self.acts.append(act)
        if act.trigger in (SENT, FAILED, DEAD):
            self.attempts += 1
        if act.trigger == SENT:
            self.sent, self.status = act, "sent"
        elif act.trigger == "acknowledge":
            self.receipt, self.status = act, "acknowledged"
        elif act.trigger in (FAILED, DEAD):
            self.status = act.trigger
        else:
            self.attempts = 0 if act.trigger == "retry" else self.attempts
            self.status = PUT_ASIDE.get(act.trigger, self.status)


class Ledger:
    """Answer what was told in one campaign of one database; *within* are conditions that narrow it to what somebody sees."""

    def __init__(
        self, database: Database, campaign: Campaign, clock: Clock, within: Sequence[ColumnElement[bool]] = ()
    ) -> None:
        self.database = database
        self.campaign = campaign
        self.clock = clock
        self.within = within

    def listed(self, where: Where, as_of: datetime | None = None) -> dict[str, Any]:
        """The notices that fit, in the order in which they were owed, each with what proves it."""
        conditions = [*where.conditions(self.campaign.id, to_us(as_of or self.clock.now())), *self.within]
        with self.database.snapshot() as tx:
            rows = tx.select(select(N).where(*conditions).order_by(N.c.effective_at, N.c.planned_at, N.c.id))
            notices = [NoticeRow(*row) for row in rows]
            courses = self._courses(tx, conditions, as_of)
            causes = self._causes(tx, conditions)
        if as_of is not None:
            then = to_us(as_of)
            notices = [each for each in notices if causes.get(each.id, {"recorded_us": 0})["recorded_us"] <= then]
        items = [line_json(each, courses.get(each.id, Course()), causes.get(each.id), as_of) for each in notices]
        found = {"items": [each for each in items if where.wants(each["status"])]}
        return {**found, "as_of": rfc3339(as_of)} if as_of else found

    def shown(self, ident: str, *, addresses: bool) -> dict[str, Any]:
        """Everything of one notice: each attempt, receipt and error with its entry, and whether its words are those sent.

        *addresses*: whether the asker may see at which address somebody is reached. Raises NotFound.
        """
        number = number_of(ident)
        where = [N.c.campaign_id == self.campaign.id, N.c.id == number, *self.within]
        with self.database.snapshot() as tx:
            rows = tx.select(select(N).where(*where)) if number is not None else []
            if not rows:
                raise NotFound(f"no notice {ident!r}; duban notice list shows their ids", "no_notice")
            notice = NoticeRow(*rows[0])
            course = self._courses(tx, where, None).get(notice.id, Course())
            cause = self._causes(tx, where).get(notice.id)
            lines = read_stream(tx, self.campaign.id, stream_of_notice(self.campaign, notice))
        private = {body["seq"]: values for body, _, values in lines}
        said = line_json(notice, course, cause, None)
        said["acts"] = [_act_json(act, private.get(act.seq, {}), addresses) for act in course.acts]
        said["caused_by"] = {name: value for name, value in cause.items() if name != "recorded_us"} if cause else None
        on_record, in_chain = words_of(notice), said["words"]
        said["words_check"] = {
            "on_record": on_record, "in_chain": in_chain, "same": None if in_chain is None else on_record == in_chain,
        }  # fmt: skip
        return said

    def _courses(
        self, tx: Tx, conditions: Sequence[ColumnElement[bool]], as_of: datetime | None, since_us: int = 0
    ) -> dict[int, Course]:
        """What came of each notice that fits, by *as_of*, from the chained streams.

        Nothing is read from before *since_us*: nothing comes of a notice before it is owed.
        """
        streams = select(literal("notices/", Text) + func.coalesce(N.c.ref, self.campaign.code)).where(*conditions)
        statement = (
            select(E.c.trigger, E.c.actor, E.c.recorded_at, E.c.stream, E.c.seq, E.c.hash, E.c.record)
            .where(E.c.campaign_id == self.campaign.id, E.c.kind == "notice", E.c.stream.in_(streams))
            .order_by(E.c.stream, E.c.seq)
        )
        if since_us:
            statement = statement.where(E.c.recorded_at >= since_us)
        if as_of is not None:
            statement = statement.where(E.c.recorded_at <= to_us(as_of))
        courses: dict[int, Course] = {}
        for trigger, actor, recorded_us, stream, seq, digest, record in tx.select(statement):
            said = json.loads(record)
            act = Act(trigger, actor, recorded_us, stream, seq, digest, said)
            for ident in said.get("notices", [said.get("notice")]):
                number = number_of(str(ident))
                if number is not None:
                    courses.setdefault(number, Course()).take(act)
        return courses

    def _causes(self, tx: Tx, conditions: Sequence[ColumnElement[bool]]) -> dict[int, dict[str, Any]]:
        """The entry of the matter by which each notice was owed: whose act it was, or time's."""
        same = and_(
            E.c.campaign_id == N.c.campaign_id,
            E.c.stream == literal("matter/", Text) + N.c.ref,
            E.c.seq == N.c.entry_seq,
        )
        statement = select(N.c.id, E.c.stream, E.c.seq, E.c.kind, E.c.trigger, E.c.actor, E.c.hash, E.c.recorded_at)
        names = ("stream", "seq", "kind", "trigger", "actor", "hash", "recorded_us")
        rows = tx.select(statement.select_from(N).join(E, same).where(*conditions))
        return {ident: dict(zip(names, values, strict=True)) for ident, *values in rows}


def line_json(
    notice: NoticeRow, course: Course, cause: Mapping[str, Any] | None, as_of: datetime | None
) -> dict[str, Any]:
    """A notice as the contract has it, with the provider's answer, the hash of the words, who told, who took receipt."""
    said = notice_json(notice)
    if as_of is not None:
        said |= {"status": course.status, "attempts": course.attempts, "last_error": None}
        said["sent_at"] = at(course.sent.recorded_us) if course.sent else None
        said["acknowledged_at"] = at(course.receipt.recorded_us) if course.receipt else None
    elif notice.status == "owed" and course.status == FAILED:
        said["status"] = "failed"
    said["by"] = cause["actor"] if cause else "system"
    said["acknowledged_by"] = course.receipt.actor if course.receipt else None
    said["answer"] = course.sent.said.get("answer") if course.sent else None
    said["channel"] = (course.sent.said.get("through") if course.sent else None) or said["channel"]
    said["words"] = course.sent.said.get("words") if course.sent else None
    said["proof"] = _proof(course.sent) if course.sent else None
    return said


def _proof(act: Act) -> dict[str, Any]:
    return {"stream": act.stream, "seq": act.seq, "hash": act.hash}


def _act_json(act: Act, private: Mapping[str, Any], addresses: bool) -> dict[str, Any]:
    said = {
        "at": at(act.recorded_us),
        "what": act.trigger or "sent",
        "actor": act.actor,
        "channel": act.said.get("through") or act.said.get("channel"),
        "answer": act.said.get("answer"),
        "error": private.get("error"),
        "to": act.said.get("heirs", act.said.get("to")),
        "proof": _proof(act),
    }
    return {**said, "address": private.get("address")} if addresses else said


def summary(items: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Count *items* of the ledger: per recipient, per body and in all."""
    found = list(items)
    people: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    bodies: dict[str, list[Mapping[str, Any]]] = {}
    for each in found:
        people.setdefault((each["body"], each["recipient"]), []).append(each)
        bodies.setdefault(each["body"], []).append(each)
    return {
        "items": [{"body": body, "recipient": who, **_counts(own)} for (body, who), own in sorted(people.items())],
        "bodies": [{"body": body, **_counts(own)} for body, own in sorted(bodies.items())],
        "total": _counts(found),
    }


def _counts(items: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """How many were owed, told, acknowledged, not delivered (dead or cancelled) and wait; the median time to acknowledge."""
    spans = [
        (datetime.fromisoformat(each["acknowledged_at"]) - datetime.fromisoformat(each["sent_at"])).total_seconds()
        for each in items
        if each["acknowledged_at"] and each["sent_at"]
    ]
    return {
        "owed": len(items),
        "told": sum(each["status"] in TOLD for each in items),
        "acknowledged": sum(each["status"] == "acknowledged" for each in items),
        "not_delivered": sum(each["status"] in ("dead", "cancelled") for each in items),
        "waiting": sum(each["status"] in WAITING for each in items),
        "median_to_acknowledge_s": median(spans) if spans else None,
    }
