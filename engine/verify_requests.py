"""Entries that erased something, held against the requests by which they may have done so, and the other way round."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, select

from engine.canonical import parsed
from engine.history import E
from engine.orders import parted
from engine.store import Statement, Tx
from engine.verify_findings import Findings

DECISIONS = Statement(
    select(E.c.campaign_id, E.c.stream, E.c.seq, E.c.record)
    .where(E.c.stream.startswith("privacy/"), E.c.kind == "privacy")
    .order_by(E.c.campaign_id, E.c.stream, E.c.seq)
)
ERASURES = Statement(
    select(E.c.stream, E.c.seq, E.c.record)
    .where(E.c.campaign_id == bindparam("campaign_id"), E.c.kind == "erased")
    .order_by(E.c.stream, E.c.seq)
)

NO_REQUEST = "no decided request stands behind what was erased"
OTHERWISE = "another thing was erased than its request and decision say"
NOT_ENTERED = "the decision says that it erased something of {}, and no entry there says so"
ALONE = "one person both asked for it and decided it"

Flaw = tuple[str, str, str, int]


@dataclass(slots=True)
class _Asked:
    """A request as its entries tell it: who asked, on which ground; where and by whom it was decided, what went."""

    campaign_id: int
    stream: str
    said: Mapping[str, Any]
    asked_by: str
    seq: int
    decided: int = 0
    declined: bool = False
    actor: str = ""
    persons: frozenset[str] = frozenset()
    streams: Mapping[str, Any] = field(default_factory=dict)


def check_requests(tx: Tx, campaign_id: int, found: Findings) -> None:
    """Hold all that was erased of a campaign against the requests of the database: accounts are of all campaigns."""
    asked = _requests(tx)
    entered: set[tuple[str, str]] = set()
    for stream, seq, record in tx.rows(ERASURES, campaign_id=campaign_id):
        try:
            body = parsed(record)
            said = body["erased"]
            for code, words in _of_entry(asked.get(said["request"]), campaign_id, stream, body):
                found.add(code, words, stream, seq)
            entered.add((said["request"], stream))
        except (KeyError, TypeError, ValueError, AttributeError):
            continue  # an entry that is none: found where the chains are checked
    for ident, each in asked.items():
        if each.campaign_id != campaign_id or not each.decided:
            continue
        for stream in sorted(each.streams):
            if (ident, stream) not in entered:
                found.add("erased_unentered", NOT_ENTERED.format(stream), each.stream, each.decided)
        if parted(str(each.said.get("trace", "")))[0] & each.persons:
            found.add("erased_alone", ALONE, each.stream, each.decided)


def _requests(tx: Tx) -> dict[str, _Asked]:
    asked: dict[str, _Asked] = {}
    for campaign_id, stream, seq, record in tx.rows(DECISIONS):
        try:
            body = parsed(record)
            said, trigger = body["privacy"], body["trigger"]
            if trigger == "request":
                asked.setdefault(said["request"], _Asked(campaign_id, stream, said, body["actor"], seq))
            elif trigger in ("erase", "decline"):
                _decide(asked[said["request"]], body, said, seq)
        except (KeyError, TypeError, ValueError, AttributeError):
            continue
    return asked


def _decide(asked: _Asked, body: Mapping[str, Any], said: Mapping[str, Any], seq: int) -> None:
    if body["trigger"] == "decline":
        asked.declined = asked.declined or not asked.decided
        return
    asked.decided, asked.actor, asked.streams = seq, body["actor"], said.get("streams", {})
    names = (body["actor"], body.get("person"), body.get("on_behalf_of"))
    asked.persons = frozenset(each for each in names if each)


def _of_entry(
    asked: _Asked | None, campaign_id: int, stream: str, body: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    if asked is None or not asked.decided or asked.declined:
        yield "erased_unasked", NO_REQUEST
        return
    said, target = body["erased"], asked.said["target"]
    same = (said["ground"], said["asked_by"], body["actor"]) == (asked.said["ground"], asked.asked_by, asked.actor)
    if asked.campaign_id == campaign_id:
        own = stream == asked.stream or stream in asked.streams
        fits = asked.streams.get(stream, {}) == said["fields"] and (own or stream == f"authz/{target.get('person')}")
        fits = fits or (
            stream == f"matter/{target.get('matter')}" and not said["fields"] and stream not in asked.streams
        )
    else:
        fits = "person" in target
    if not (same and fits):
        yield "erased_otherwise", OTHERWISE
