"""History: entries in their final form, each chained to the one before it in its stream."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select

from engine.canonical import ZERO_HASH, canonical, commitment, leaf_of, new_salt, written
from engine.clock import stamp
from engine.orders import SYSTEM, Actor
from engine.rows import INSERT_ENTRY, INSERT_PLAIN_ENTRY, INSERT_PRIVATE, MatterRow
from engine.store import Statement, Tx
from engine.tables import Entry, EntryPrivate, table_of

E, P = table_of(Entry), table_of(EntryPrivate)

FORM = 1
"""Version of the form of an entry's body."""

LAST_OF_STREAM = Statement(
    select(E.c.seq, E.c.hash)
    .where(E.c.campaign_id == bindparam("campaign_id"), E.c.stream == bindparam("stream"))
    .order_by(E.c.seq.desc())
    .limit(1)
)
STREAM = Statement(
    select(E.c.seq, E.c.record, E.c.hash)
    .where(
        E.c.campaign_id == bindparam("campaign_id"),
        E.c.stream == bindparam("stream"),
        E.c.seq <= bindparam("upto"),
        E.c.recorded_at <= bindparam("until"),
    )
    .order_by(E.c.seq)
)
PRIVATE_OF_STREAM = Statement(
    select(P.c.seq, P.c.field, P.c.value).where(
        P.c.campaign_id == bindparam("campaign_id"), P.c.stream == bindparam("stream")
    )
)


@dataclass(slots=True)
class Line:
    """What one entry says. *private* values go in as salted commitments; *more* is added to the body as it is."""

    kind: str
    actor: Actor
    occurred_us: int
    recorded_us: int
    trigger: str = ""
    src: str = ""
    dst: str = ""
    request_id: str | None = None
    request_mark: str | None = None
    private: Mapping[str, Any] | None = None
    more: Mapping[str, Any] | None = None


@dataclass(slots=True)
class Chain:
    """The end of a stream: the next entry follows it."""

    campaign_id: int
    log: str
    stream: str
    seq: int = 0
    head: str = ZERO_HASH


def stream_of(ref: str) -> str:
    """The stream of a matter's history."""
    return "matter/" + ref


def chain_of(matter: MatterRow, log: str) -> Chain:
    """The chain of a locked matter, from its own row."""
    return chain_from(matter, log, matter.seq)


def chain_from(matter: MatterRow, log: str, seq: int) -> Chain:
    """The chain of a locked matter that ends, with the row's *head*, at *seq*: entries after it only have their numbers yet."""
    return Chain(matter.campaign_id, log, stream_of(matter.ref), seq, matter.head)


def chain_at(tx: Tx, campaign_id: int, log: str, stream: str) -> Chain:
    """The chain of any other stream; two writers at once meet at its key, and one tries again.

    It is read once a transaction: whoever has entered something at its end has that end to himself.
    """
    key = "chain", campaign_id, stream
    chain: Chain | None = tx.kept.get(key)
    if chain is None:
        new = tx.mirror is not None and tx.mirror.streams.is_new(tx, campaign_id, stream)
        last = None if new else tx.row(LAST_OF_STREAM, campaign_id=campaign_id, stream=stream)
        chain = Chain(campaign_id, log, stream, *last) if last else Chain(campaign_id, log, stream)
        tx.kept[key] = chain
    return chain


def append(tx: Tx, chain: Chain, line: Line) -> dict[str, Any]:
    """Write *line* as the next entry of *chain*, move the chain's end, and return the body that was hashed."""
    body = _body(chain, line)
    if line.private:
        body["commit"] = _commit(tx, chain, chain.seq + 1, line.private)
    statement = INSERT_ENTRY if line.request_id is not None else insert_plain(tx)
    tx.write(statement, _sealed(chain, line, body, tx.text))
    return body


def insert_plain(tx: Tx) -> Statement:
    """What writes entries without a request id: the same as all others where what is written is gathered, in one piece."""
    return INSERT_PLAIN_ENTRY if tx.mirror is None else INSERT_ENTRY


def link(chain: Chain, line: Line) -> dict[str, Any]:
    """Move the end of *chain* past *line*, which has nothing private; return the row, which the caller writes."""
    return _sealed(chain, line, _body(chain, line), bytes.decode)


_entered: ContextVar[dict[tuple[str, int], str] | None] = ContextVar("entered", default=None)


@contextmanager
def watch_entries() -> Iterator[dict[tuple[str, int], str]]:
    """Take down the hashes of what persons enter meanwhile, by stream and number; the machinery's own entries are left out.

    What was undone is among it; whoever uses it asks the database what is there.
    """
    entries: dict[tuple[str, int], str] = {}
    before = _entered.set(entries)
    try:
        yield entries
    finally:
        _entered.reset(before)


def _sealed(chain: Chain, line: Line, body: dict[str, Any], text: Callable[[bytes], Any]) -> dict[str, Any]:
    record = written(body)
    chain.head = leaf_of(record, chain.log)
    chain.seq += 1
    watching = _entered.get()
    if watching is not None and line.actor.login != SYSTEM.login:
        watching[chain.stream, chain.seq] = chain.head
    return _row(chain, line, text(record))


def _body(chain: Chain, line: Line) -> dict[str, Any]:
    actor = line.actor
    body: dict[str, Any] = {
        "v": FORM,
        "log": chain.log,
        "stream": chain.stream,
        "seq": chain.seq + 1,
        "prev": chain.head,
        "kind": line.kind,
        "trigger": line.trigger,
        "from": line.src,
        "to": line.dst,
        "actor": actor.login,
        "actor_auth": actor.auth,
        "occurred_at": stamp(line.occurred_us),
        "recorded_at": stamp(line.recorded_us),
    }
    if speaks_for := actor.body:
        body["body"] = speaks_for
    if actor.key:
        body["person"] = actor.key
    if actor.vouched_by:
        body["vouched_by"] = actor.vouched_by
    if actor.issued_by:
        body["begun_by"] = actor.issued_by
    if actor.on_behalf_of:
        body["on_behalf_of"] = actor.on_behalf_of
    if line.request_id is not None:
        body["request_id"] = line.request_id
    if line.more:
        body.update(line.more)
    return body


def _row(chain: Chain, line: Line, record: Any) -> dict[str, Any]:
    return {
        "campaign_id": chain.campaign_id,
        "stream": chain.stream,
        "seq": chain.seq,
        "kind": line.kind,
        "trigger": line.trigger,
        "src": line.src,
        "dst": line.dst,
        "actor": line.actor.login,
        "occurred_at": line.occurred_us,
        "recorded_at": line.recorded_us,
        "request_id": line.request_id,
        "request_mark": line.request_mark,
        "record": record,
        "hash": chain.head,
    }


def _commit(tx: Tx, chain: Chain, seq: int, private: Mapping[str, Any]) -> dict[str, str]:
    commitments, rows = {}, []
    for name, value in private.items():
        salt = new_salt()
        commitments[name] = commitment(salt, value, chain.log)
        rows.append(
            {
                "campaign_id": chain.campaign_id,
                "stream": chain.stream,
                "seq": seq,
                "field": name,
                "salt": salt,
                "value": canonical(value),
            }
        )
    tx.write_many(INSERT_PRIVATE, rows)
    return commitments


LAST_SEQ = 2**31 - 1
"""Larger than every sequence number."""

FOREVER = 2**62
"""Later than every instant, in microseconds."""


def read_stream(
    tx: Tx, campaign_id: int, stream: str, upto: int = LAST_SEQ, until: int = FOREVER
) -> list[tuple[dict[str, Any], str, dict[str, Any]]]:
    """The entries of a stream in order: body, hash, and the private values that were not erased."""
    entries, private_rows = tx.fetch(
        (STREAM, {"campaign_id": campaign_id, "stream": stream, "upto": upto, "until": until}),
        (PRIVATE_OF_STREAM, {"campaign_id": campaign_id, "stream": stream}),
    )
    private: dict[int, dict[str, Any]] = {}
    for seq, name, value in private_rows:
        private.setdefault(seq, {})[name] = json.loads(value)
    return [(json.loads(record), digest, private.get(seq, {})) for seq, record, digest in entries]
