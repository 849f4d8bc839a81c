"""Checking every entry: its hash, its link to the one before, every copied column, its place in the tree, its time."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.campaign import Campaign
from engine.canonical import ZERO_HASH, commitment, parsed
from engine.clock import stamp
from engine.hashes import Hash, hash_of
from engine.store import Tx
from engine.verify_bounds import Bounds
from engine.verify_erasures import Missed
from engine.verify_findings import Findings
from engine.verify_matters import Lines, MatterCheck
from engine.verify_notices import NoticeCheck, Told
from engine.verify_older import copied_before
from engine.verify_pages import (
    APART,
    Key,
    Page,
    Part,
    orphans,
    pages_of,
    pages_of_streams,
    streams_of,
    waiting,
    waiting_for_nothing,
)  # fmt: skip

AT_ONCE = 500
"""Entries of whole matters that are held before all that hangs on them is read and compared."""

REFS_AT_ONCE = 100
"""Matters of which so much is read at once."""

COPIED = ("stream", "seq", "kind", "trigger", "from", "to", "actor", "log", "request_id")
"""What of an entry's text stands in columns too, for queries; its instants are compared by themselves."""

EARLY_US = 15 * 60 * 1_000_000
"""How long before the last sequencing an entry may have been recorded that got its place only after it."""

LATE_US = 2 * 60 * 1_000_000
"""How long after its place was given an entry may say that it was recorded: clocks of two machines."""

Last = tuple[int, str, int, int]
"""Of the entry before: its number, hash, leaf and instant."""

GONE = "it waits for its place in the log and is not there"

NONE_BEFORE: Last = (0, ZERO_HASH, -1, 0)


@dataclass(slots=True)
class Counted:
    """What was read; *erased* are private values that were erased by law, the first in *first_erased*.

    *older* are notices that were entered in a form used before, see `engine.verify_older`.
    """

    entries: int = 0
    streams: int = 0
    leaves: int = 0
    notices: int = 0
    older: int = 0
    matters: int = 0
    unplaced: int = 0
    oldest_us: int | None = None
    erased: int = 0
    first_erased: Key | None = None

    def add(self, more: "Counted") -> None:
        """Count what was read after it too."""
        for name in ("entries", "streams", "leaves", "notices", "older", "matters", "unplaced", "erased"):
            setattr(self, name, getattr(self, name) + getattr(more, name))
        oldest = [each for each in (self.oldest_us, more.oldest_us) if each is not None]
        self.oldest_us = min(oldest, default=None)
        self.first_erased = self.first_erased or more.first_erased


class EntryCheck:
    """The check of all entries of a campaign, with every matter and notice that they tell of; *bounds* if its clock is a real one.

    The streams of one matter are read together, wherever they stand: what its acts owed and what became of it, each once.
    """

    def __init__(self, tx: Tx, campaign: Campaign, found: Findings, bounds: Bounds | None) -> None:
        self.tx, self.campaign, self.found, self.bounds = tx, campaign, found, bounds
        self.counted = Counted()
        self.hashing: Hash = hash_of(campaign.log)
        self.matters = MatterCheck(tx, campaign, found)
        self.notices = NoticeCheck(tx, campaign, found)
        self.missed = Missed()
        self.pending = {(stream, seq): digest for stream, seq, digest in waiting(tx, campaign.id)}

    def part(self, part: Part) -> Counted:
        """Check a part of the record: of one that is the rest, whatever belongs to no matter with a history."""
        self.counted = Counted()
        if part.rest:
            self._rest()
        else:
            self._matters(pages_of(self.tx, self.campaign.id, part))
        return self._counted()

    def some(self, streams: Collection[str]) -> Counted:
        """Check these streams, and all others of the matters that they are about."""
        self.counted = Counted()
        refs = {ref for of, _, ref in (each.partition("/") for each in streams) if of in ("matter", *APART)}
        wanted = sorted({*streams, *(f"matter/{ref}" for ref in refs)})
        mine = [each for each in wanted if each.partition("/")[0] not in APART]
        told = set(self._matters(pages_of_streams(self.tx, self.campaign.id, mine)))
        self._told_of(sorted(refs - told))
        self._orphans({*wanted, *(f"{of}/{ref}" for of in APART for ref in refs)})
        return self._counted()

    def _counted(self) -> Counted:
        self.counted.matters, self.matters.matters = self.matters.matters, 0
        self.counted.notices, self.notices.notices = self.notices.notices, 0
        self.counted.older, self.notices.older = self.notices.older, 0
        return self.counted

    def _rest(self) -> None:
        matters, told = set[str](), set[str]()
        for stream in streams_of(self.tx, self.campaign.id):
            of, _, ref = stream.partition("/")
            if of == "matter":
                matters.add(ref)
            elif of in APART:
                told.add(ref)
        self._told_of(sorted(told - matters))
        self._orphans(None)
        self.matters.without()
        self.notices.without(told | matters)

    def _told_of(self, refs: list[str]) -> None:
        """Check what is told of notices about nothing that has a history: the campaign itself, or what is gone."""
        for first in range(0, len(refs), REFS_AT_ONCE):
            self._compare({ref: [] for ref in refs[first : first + REFS_AT_ONCE]})

    def _orphans(self, streams: Collection[str] | None) -> None:
        """What has no entry: values, and places in the queue for the log."""
        add = self.found.add
        for stream, seq in orphans(self.tx, self.campaign.id, streams):
            add("private", "a private value of no entry", stream, seq)
        for stream, seq, often in waiting_for_nothing(self.tx, self.campaign.id):
            if streams is None or stream in streams:
                words = "it waits for its place in the log twice" if often else GONE
                add("leaf" if often else "entry_gone", words, stream, seq)

    def _matters(self, pages: Iterable[Page]) -> list[str]:
        """Check all streams of these pages, and with each matter's the others that are about it; return the matters."""
        held: dict[str, Lines] = {}
        count, refs = 0, list[str]()
        for stream, lines in self._streams(pages):
            if stream.startswith("matter/"):
                held[stream[7:]] = lines
                count += len(lines)
                if count >= AT_ONCE or len(held) >= REFS_AT_ONCE:
                    refs += held
                    self._compare(held)
                    held, count = {}, 0
        self._compare(held)
        return [*refs, *held]

    def _compare(self, held: Mapping[str, Lines]) -> None:
        """Compare these matters, and what was owed and sent about them, with their rows."""
        if not held:
            return
        apart = [f"{of}/{ref}" for of in APART for ref in sorted(held)]
        told = dict(self._streams(pages_of_streams(self.tx, self.campaign.id, apart)))
        self.matters.check({ref: lines for ref, lines in held.items() if lines})
        self.notices.check(
            {
                ref: Told(lines, told.get(f"owed/{ref}", []), told.get(f"notices/{ref}", []))
                for ref, lines in held.items()
            }
        )

    def _streams(self, pages: Iterable[Page]) -> Iterator[tuple[str, Lines]]:
        """Every stream with its entries, each checked by itself and against the one before; only of what is compared they are kept."""
        stream, told = None, False
        lines: Lines = []
        last = NONE_BEFORE
        for rows, private in pages:
            self.counted.entries += len(rows)
            for row in rows:
                if row[0] != stream:
                    if stream is not None:
                        self._settle(stream)
                        yield stream, lines
                    stream, lines, last = row[0], [], NONE_BEFORE
                    told = stream.partition("/")[0] in ("matter", *APART)
                    self.counted.streams += 1
                body, last = self._entry(row, last)
                key = (row[0], row[1])
                opened = self._opened(body, key, private.get(key, ()), row[12]) if private else {}
                commits = body.get("commit")
                if isinstance(commits, dict) and len(commits) > len(opened):
                    self.missed.miss(row[1], commits.keys() - opened.keys())
                if row[2] == "erased":
                    self.missed.take(body, row[1])
                if told:
                    lines.append((body, row[9], opened))
        if stream is not None:
            self._settle(stream)
            yield stream, lines

    def _opened(self, body: dict[str, Any], key: Key, values: Any, idx: int | None) -> dict[str, Any]:
        """The private values of an entry; one that is not what was committed to is found."""
        opened = {}
        commits = body.get("commit", {})
        for name, salt, value in values:
            try:
                opened[name] = parsed(value)
                sound = commits.get(name) == commitment(salt, opened[name], self.campaign.log)
            except (ValueError, AttributeError):
                sound = False
            if not sound:
                self.found.add("private", f"the value of {name} is not what was committed to", *key, idx)
        return opened

    def _settle(self, stream: str) -> None:
        """Hold what is missing in a stream against what its entries say was erased."""
        missed = self.missed
        if missed.gone or missed.covered:
            for code, words, seq in missed.flaws():
                self.found.add(code, words, stream, seq)
            lawful = missed.lawful()
            self.counted.erased += len(lawful)
            if lawful:
                self.counted.first_erased = self.counted.first_erased or (stream, lawful[0][0])
            self.missed = Missed()

    def _entry(self, row: Any, last: Last) -> tuple[dict[str, Any], Last]:
        stream, seq, kind, trigger, src, dst, actor, recorded_at, record, digest, occurred_at, request_id, idx, *_ = row
        add = self.found.add
        body = _read(record)
        if self.hashing(b"\x00" + (record.encode() if isinstance(record, str) else b"")).hex() != digest:
            add("hash", "the entry's text does not have the entry's hash", stream, seq, idx)
        if seq != last[0] + 1:
            add("gap", f"after {last[0]} comes {seq}", stream, seq, idx)
        if body.get("prev") != last[1]:
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
            self._unplaced(row)
            idx = last[2]
        else:
            self._placed(row, last)
        return body, (seq, digest, idx, recorded_at)

    def _unplaced(self, row: Any) -> None:
        """An entry without a place must be waiting for one, as it was when it was written."""
        stream, seq, recorded_at, digest = row[0], row[1], row[7], row[9]
        waits = self.pending.get((stream, seq))
        if waits is None:
            self.found.add("unlogged", "it has no place in the log and waits for none", stream, seq)
        elif waits != digest:
            self.found.add("leaf", "it is not what was written", stream, seq)
        self.counted.unplaced += 1
        self.counted.oldest_us = min(self.counted.oldest_us or recorded_at, recorded_at)

    def _placed(self, row: Any, last: Last) -> None:
        stream, seq, recorded_at, digest, (idx, leaf, sequenced_at) = row[0], row[1], row[7], row[9], row[12:]
        self.counted.leaves += 1
        if bytes(leaf).hex() != digest:
            self.found.add("leaf", f"leaf {idx} of the log is not this entry", stream, seq, idx)
        if idx <= last[2]:
            self.found.add("order", f"leaf {idx} follows leaf {last[2]} in the stream", stream, seq, idx)
        if self.bounds is None:
            return
        low, high = self.bounds.between(idx)
        low = max(low, self.bounds.before(idx)) - EARLY_US
        if recorded_at < low:
            self.found.add(
                "time", "it says it was recorded before entries that were sealed long before it", stream, seq, idx
            )
        elif recorded_at > min(sequenced_at, high) + LATE_US:
            self.found.add("time", "it says it was recorded after it got its place in the log", stream, seq, idx)
        elif recorded_at < last[3] - LATE_US:
            self.found.add("time", "it says it was recorded before the entry it follows", stream, seq, idx)


def _read(record: str) -> dict[str, Any]:
    """An entry's text as an object; nothing if it is none."""
    try:
        body = parsed(record)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
