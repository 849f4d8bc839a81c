"""Checking every entry: its hash, its link to the one before, every copied column, its place in the tree, its time."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import and_, bindparam, select, tuple_

from engine.campaign import Campaign
from engine.canonical import ZERO_HASH, commitment, parsed
from engine.clock import stamp
from engine.hashes import Hash, hash_of, sha256
from engine.rows import E
from engine.sequencing import L, Q
from engine.store import Statement, Tx
from engine.tables import EntryPrivate, table_of
from engine.verify_findings import Findings
from engine.verify_matters import Lines, MatterCheck
from engine.verify_notices import NoticeCheck
from engine.verify_older import copied_before
from engine.verify_tree import Walked

P = table_of(EntryPrivate)

CHUNK = 1000
"""Entries read at once: of more, none is read faster, and all of them are held."""

STREAMS = 100
"""Streams read at once where only some are asked for."""

_JOINED = (
    select(
        E.c.stream, E.c.seq, E.c.kind, E.c.trigger, E.c.src, E.c.dst, E.c.actor, E.c.recorded_at, E.c.record, E.c.hash,
        E.c.occurred_at, E.c.request_id, L.c.idx, L.c.hash, L.c.sequenced_at,
    )
    .outerjoin(L, and_(L.c.campaign_id == E.c.campaign_id, L.c.stream == E.c.stream, L.c.seq == E.c.seq))
)  # fmt: skip
ENTRIES = Statement(_JOINED.where(E.c.campaign_id == bindparam("campaign_id")).order_by(E.c.stream, E.c.seq))
"""Read in one pass: asked for some thousands at a time, the database would begin to join and sort anew each time."""

_VALUES = select(P.c.stream, P.c.seq, P.c.field, P.c.salt, P.c.value)
_PRIVATE = _VALUES.where(
    P.c.campaign_id == bindparam("campaign_id"),
    tuple_(P.c.stream, P.c.seq) > tuple_(bindparam("stream"), bindparam("seq")),
)
PRIVATE_UPTO = Statement(_PRIVATE.where(tuple_(P.c.stream, P.c.seq) <= tuple_(bindparam("last"), bindparam("upto"))))
PRIVATE_REST = Statement(_PRIVATE)
PENDING = Statement(select(Q.c.stream, Q.c.seq, Q.c.hash).where(Q.c.campaign_id == bindparam("campaign_id")))

COPIED = ("stream", "seq", "kind", "trigger", "from", "to", "actor", "log", "request_id")
"""What of an entry's text stands in columns too, for queries; its instants are compared by themselves."""

EARLY_US = 15 * 60 * 1_000_000
"""How long before the last sequencing an entry may have been recorded that got its place only after it."""

LATE_US = 2 * 60 * 1_000_000
"""How long after its place was given an entry may say that it was recorded: clocks of two machines."""

Key = tuple[str, int]


@dataclass(slots=True)
class Counted:
    """What was read; *erased* are private values of which only the commitment is left, the first in *first_erased*."""

    entries: int = 0
    streams: int = 0
    leaves: int = 0
    notices: int = 0
    matters: int = 0
    unplaced: int = 0
    oldest_us: int | None = None
    erased: int = 0
    first_erased: Key | None = None


@dataclass(slots=True)
class EntryCheck:
    """The check of all entries of a campaign; *timed* if the clock is a real one, *between* the bounds that anchors set."""

    tx: Tx
    campaign: Campaign
    found: Findings
    walked: Walked
    timed: bool
    between: Callable[[int], tuple[int, int]] | None = None
    streams: set[str] | None = None
    counted: Counted = field(default_factory=Counted)
    hashing: Hash = sha256

    def __post_init__(self) -> None:
        self.hashing = hash_of(self.campaign.log)

    def run(self) -> Counted:
        """Check every entry, stream by stream, and every matter and notice that they tell of."""
        matters = MatterCheck(self.tx, self.campaign, self.found)
        notices = NoticeCheck(self.tx, self.campaign, self.found)
        lines: Lines = []
        stream, told = "", False
        for name, line in self._lines():
            if name != stream:
                _taken(matters, notices, stream, lines)
                stream, lines, told = name, [], name.startswith(("matter/", "notices/", "owed/"))
                self.counted.streams += 1
            if told:
                lines.append(line)
        _taken(matters, notices, stream, lines)
        matters.finish(all_of_them=self.streams is None)
        notices.finish(all_of_them=self.streams is None)
        self.counted.matters, self.counted.notices = matters.matters, notices.notices
        return self.counted

    def _lines(self) -> Iterator[tuple[str, tuple[dict[str, Any], str, dict[str, Any]]]]:
        """Every entry in the order of streams, checked by itself and against the one before."""
        pending: dict[Key, str] = {}
        for stream, seq, digest in self.tx.rows(PENDING, campaign_id=self.campaign.id):
            if (stream, seq) in pending:
                self.found.add("leaf", "it waits for its place in the log twice", stream, seq)
            if self.streams is None or stream in self.streams:
                pending[stream, seq] = digest
        last: tuple[str, int, str, int, int] = ("", 0, ZERO_HASH, -1, 0)
        for rows, private in self._pages():
            for row in rows:
                key = (row[0], row[1])
                if last[0] != key[0]:
                    last = (key[0], 0, ZERO_HASH, -1, 0)
                body, last = self._entry(row, last, pending)
                opened = self._opened(body, key, private.pop(key, ()), row[12]) if private else {}
                if "commit" in body:
                    self._missed(body["commit"], opened, key)
                yield key[0], (body, row[9], opened)
            for stream, seq in private:
                self.found.add("private", "a private value of no entry", stream, seq)
            self.counted.entries += len(rows)
        for stream, seq in pending:
            self.found.add("entry_gone", "it waits for its place in the log and is not there", stream, seq)

    def _pages(self) -> Iterator[tuple[list[Any], dict[Key, list[tuple[str, str, str]]]]]:
        """Entries in the order of streams, some thousands at a time, with the private values of these."""
        if self.streams is not None:
            wanted = sorted(self.streams)
            for first in range(0, len(wanted), STREAMS):
                some = wanted[first : first + STREAMS]
                ours = E.c.campaign_id == self.campaign.id, E.c.stream.in_(some)
                theirs = P.c.campaign_id == self.campaign.id, P.c.stream.in_(some)
                rows = self.tx.select(_JOINED.where(*ours).order_by(E.c.stream, E.c.seq))
                yield rows, _by_entry(self.tx.select(_VALUES.where(*theirs)))
            return
        where: dict[str, Any] = {"campaign_id": self.campaign.id, "stream": "", "seq": -(2**31)}
        for rows in self.tx.stream(ENTRIES, CHUNK, campaign_id=self.campaign.id):
            last = {"last": rows[-1][0], "upto": rows[-1][1]}
            yield rows, _by_entry(self.tx.rows(PRIVATE_UPTO, **where, **last))
            where |= {"stream": rows[-1][0], "seq": rows[-1][1]}
        yield [], _by_entry(self.tx.rows(PRIVATE_REST, **where))

    def _opened(self, body: dict[str, Any], key: Key, values: Any, idx: int | None) -> dict[str, Any]:
        """The private values of an entry; one that is not what was committed to is found, one that is gone was erased."""
        opened = {}
        commits = body.get("commit", {})
        for name, salt, value in values:
            try:
                opened[name] = json.loads(value)
                sound = commits.get(name) == commitment(salt, opened[name], self.campaign.log)
            except (ValueError, AttributeError):
                sound = False
            if not sound:
                self.found.add("private", f"the value of {name} is not what was committed to", *key, idx)
        return opened

    def _missed(self, commits: Any, opened: Mapping[str, Any], key: Key) -> None:
        """Count the private values of which only the commitment is left."""
        if isinstance(commits, dict) and (gone := len(commits.keys() - opened.keys())):
            self.counted.erased += gone
            self.counted.first_erased = self.counted.first_erased or key

    def _entry(
        self, row: Any, last: tuple[str, int, str, int, int], pending: dict[Key, str]
    ) -> tuple[dict[str, Any], tuple[str, int, str, int, int]]:
        stream, seq, kind, trigger, src, dst, actor, recorded_at, record, digest, occurred_at, request_id, idx, *_ = row
        add = self.found.add
        body = _read(record)
        if self.hashing(b"\x00" + record.encode()).hex() != digest:
            add("hash", "the entry's text does not have the entry's hash", stream, seq, idx)
        if seq != last[1] + 1:
            add("gap", f"after {last[1]} comes {seq}", stream, seq, idx)
        if body.get("prev") != last[2]:
            add("chain", "it does not follow the entry before it", stream, seq, idx)
        get = body.get
        said = tuple(map(get, COPIED))
        columns = (stream, seq, kind, trigger, src, dst, actor, self.campaign.log, request_id)
        if said != columns and not copied_before(body, said, columns):
            add("column", "a column says something else than the entry's text", stream, seq, idx)
        at = stamp(recorded_at)
        if get("recorded_at") != at or get("occurred_at") != (at if occurred_at == recorded_at else stamp(occurred_at)):
            add("column", "an instant differs from the entry's text", stream, seq, idx)
        if idx is None:
            self._unplaced(row, pending)
            idx = last[3]
        else:
            self._placed(row, last)
        return body, (stream, seq, digest, idx, recorded_at)

    def _unplaced(self, row: Any, pending: dict[Key, str]) -> None:
        """An entry without a place must be waiting for one, as it was when it was written."""
        stream, seq, recorded_at, digest = row[0], row[1], row[7], row[9]
        waits = pending.pop((stream, seq), None)
        if waits is None:
            self.found.add("unlogged", "it has no place in the log and waits for none", stream, seq)
        elif waits != digest:
            self.found.add("leaf", "it is not what was written", stream, seq)
        self.counted.unplaced += 1
        self.counted.oldest_us = min(self.counted.oldest_us or recorded_at, recorded_at)

    def _placed(self, row: Any, last: tuple[str, int, str, int, int]) -> None:
        stream, seq, recorded_at, digest, (idx, leaf, sequenced_at) = row[0], row[1], row[7], row[9], row[12:]
        self.counted.leaves += 1
        if bytes(leaf).hex() != digest:
            self.found.add("leaf", f"leaf {idx} of the log is not this entry", stream, seq, idx)
        if idx <= last[3]:
            self.found.add("order", f"leaf {idx} follows leaf {last[3]} in the stream", stream, seq, idx)
        if not self.timed:
            return
        low, high = self.between(idx) if self.between is not None else (0, 2**62)
        low = max(low, self.walked.before(idx)) - EARLY_US
        if recorded_at < low:
            self.found.add(
                "time", "it says it was recorded before entries that were sealed long before it", stream, seq, idx
            )
        elif recorded_at > min(sequenced_at, high) + LATE_US:
            self.found.add("time", "it says it was recorded after it got its place in the log", stream, seq, idx)
        elif recorded_at < last[4] - LATE_US:
            self.found.add("time", "it says it was recorded before the entry it follows", stream, seq, idx)


def _by_entry(values: list[Any]) -> dict[Key, list[tuple[str, str, str]]]:
    held: dict[Key, list[tuple[str, str, str]]] = {}
    for stream, seq, name, salt, value in values:
        held.setdefault((stream, seq), []).append((name, salt, value))
    return held


def _read(record: str) -> dict[str, Any]:
    """An entry's text as an object; nothing if it is none."""
    try:
        body = parsed(record)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _taken(matters: MatterCheck, notices: NoticeCheck, stream: str, lines: Lines) -> None:
    """Hand a whole stream to whom it concerns."""
    if stream.startswith("matter/"):
        matters.take(stream, lines)
        notices.acted(stream, lines)
    elif stream.startswith(("notices/", "owed/")):
        notices.take(stream, [body for body, _, _ in lines])
