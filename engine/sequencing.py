"""The sequencer: gives every entry its place in the tree, by presence, in batches; whichever process comes, one at a time."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, delete, func, insert, select, update

from engine.failpoints import reach
from engine.hashes import Hash, hash_of
from engine.log_tables import LogLeaf, LogNode, LogPending, LogState
from engine.merkle import STORED, Frontier, node_hash
from engine.store import Database, Statement, Tx
from engine.tables import table_of
from engine.transacting import transact

Q, L, H, S = (table_of(model) for model in (LogPending, LogLeaf, LogNode, LogState))

BATCH = 500
"""Entries sequenced in one transaction: few milliseconds in which nobody else can write on SQLite."""

_STATE = select(S.c.size, S.c.frontier, S.c.epoch, S.c.sequenced_at, S.c.since).where(
    S.c.campaign_id == bindparam("campaign_id")
)
STATE = Statement(_STATE)
TAKE_STATE = Statement(_STATE, lock="skip_locked")
ADD_STATE = Statement(insert(S), [column.name for column in S.columns])
MOVE_STATE = Statement(
    update(S)
    .where(S.c.campaign_id == bindparam("b_campaign_id"))
    .values({name: bindparam(name) for name in ("size", "frontier", "epoch", "sequenced_at")})
)
TAKE = Statement(
    delete(Q)
    .where(
        Q.c.id.in_(
            select(Q.c.id).where(Q.c.campaign_id == bindparam("campaign_id")).order_by(Q.c.id).limit(bindparam("limit"))
        )
    )
    .returning(Q.c.id, Q.c.stream, Q.c.seq, Q.c.hash)
)
WAITING = Statement(select(func.count()).select_from(Q).where(Q.c.campaign_id == bindparam("campaign_id")))
ADD_LEAF = Statement(insert(L), [column.name for column in L.columns])
ADD_NODE = Statement(insert(H), [column.name for column in H.columns])
LEAF_AT = Statement(
    select(L.c.idx, L.c.hash).where(
        L.c.campaign_id == bindparam("campaign_id"), L.c.stream == bindparam("stream"), L.c.seq == bindparam("seq")
    )
)
LEAVES = Statement(
    select(L.c.hash)
    .where(L.c.campaign_id == bindparam("campaign_id"), L.c.idx >= bindparam("low"), L.c.idx < bindparam("high"))
    .order_by(L.c.idx)
)
NODES = Statement(
    select(H.c.hash)
    .where(
        H.c.campaign_id == bindparam("campaign_id"), H.c.level == bindparam("level"),
        H.c.idx >= bindparam("low"), H.c.idx < bindparam("high"),
    )
    .order_by(H.c.idx)
)  # fmt: skip


@dataclass(slots=True)
class LogHead:
    """How far the log has come; *since* is when the log began in a database that is older than it, else 0."""

    frontier: Frontier
    epoch: int = 1
    sequenced_at: int = 0
    since: int = 0

    @property
    def size(self) -> int:
        return self.frontier.size


class TornLog(Exception):
    """The stored tree lacks a hash that it must have."""


def head_of(tx: Tx, campaign_id: int, log: str) -> LogHead:
    """How far the log of a campaign has come."""
    row = tx.row(STATE, campaign_id=campaign_id)
    return _head(row, hash_of(log)) if row else LogHead(Frontier(hash_of(log)))


def _head(row: Sequence[object], hashing: Hash) -> LogHead:
    size, frontier, epoch, sequenced_at, since = row
    try:
        edge = Frontier.stored(hashing, int(str(size)), str(frontier))
    except (ArithmeticError, IndexError, ValueError) as error:
        raise TornLog(f"the log's row holds no edge of a tree: {error}") from error
    return LogHead(
        edge,
        int(str(epoch)),
        int(str(sequenced_at)),
        int(str(since)),
    )


def take_head(tx: Tx, campaign_id: int, log: str) -> LogHead | None:
    """The same, and nobody else sequences until the end of *tx*; None if somebody else does."""
    row = tx.row(TAKE_STATE, campaign_id=campaign_id)
    if row:
        return _head(row, hash_of(log))
    if tx.row(STATE, campaign_id=campaign_id):
        return None
    fresh = {"size": 0, "frontier": "", "epoch": 1, "sequenced_at": 0, "since": 0}
    tx.write(ADD_STATE, {"campaign_id": campaign_id, **fresh})
    tx.flush()
    return LogHead(Frontier(hash_of(log)))


def store_head(tx: Tx, campaign_id: int, head: LogHead) -> None:
    """Keep how far the log has come."""
    values = {
        "b_campaign_id": campaign_id, "size": head.size, "frontier": head.frontier.text(), "epoch": head.epoch,
        "sequenced_at": head.sequenced_at,
    }  # fmt: skip
    tx.write(MOVE_STATE, values)


def sequence_in(tx: Tx, campaign_id: int, log: str, now_us: int, limit: int = BATCH) -> int | None:
    """Give up to *limit* waiting entries their place, inside *tx*; return how many, or None if somebody else is at it.

    What is there is taken: nothing is skipped when transactions commit in another order than they began. Within a stream
    the order of the entries is kept, since none is written before the one it follows is committed.
    """
    head = take_head(tx, campaign_id, log)
    if head is None:
        return None
    taken = sorted(tuple(row) for row in tx.rows(TAKE, campaign_id=campaign_id, limit=limit))
    if not taken:
        return 0
    leaves, nodes = [], []
    for _, stream, seq, digest in taken:
        leaf = bytes.fromhex(digest)
        values = {"campaign_id": campaign_id, "idx": head.size, "stream": stream, "seq": seq, "hash": leaf}
        leaves.append({**values, "sequenced_at": now_us})
        nodes += [
            {"campaign_id": campaign_id, "level": level, "idx": idx, "hash": root}
            for level, idx, root in head.frontier.append(leaf)
        ]
    head.sequenced_at = now_us
    tx.write_many(ADD_LEAF, leaves)
    tx.write_many(ADD_NODE, nodes)
    store_head(tx, campaign_id, head)
    reach("sequenced")
    return len(taken)


def sequence(database: Database, campaign_id: int, log: str, now_us: int, limit: int = BATCH) -> int:
    """Give every waiting entry its place; return how many. Another process that is at it is left alone."""
    total = 0
    while True:
        done, _ = transact(database, lambda tx: sequence_in(tx, campaign_id, log, now_us, limit))
        total += done or 0
        if done is None or done < limit:
            return total


def waiting(tx: Tx, campaign_id: int) -> int:
    """How many entries have no place in the tree yet."""
    return int(tx.rows(WAITING, campaign_id=campaign_id)[0][0])


class StoredTree:
    """The tree of a campaign as it is stored: full subtrees by level and index, for roots and proofs."""

    def __init__(self, tx: Tx, campaign_id: int, log: str) -> None:
        self.tx = tx
        self.campaign_id = campaign_id
        self.hashing = hash_of(log)
        self._memo: dict[tuple[int, int], bytes] = {}

    def __call__(self, level: int, idx: int) -> bytes:
        """The root of the full subtree *idx* of 2**level leaves. Raises TornLog if what it is made of is not there."""
        if (level, idx) not in self._memo:
            self._memo[level, idx] = self._found(level, idx)
        return self._memo[level, idx]

    def _found(self, level: int, idx: int) -> bytes:
        below = level - level % STORED
        count = 1 << (level - below)
        where = {"campaign_id": self.campaign_id, "low": idx * count, "high": (idx + 1) * count}
        rows = self.tx.rows(NODES, level=below, **where) if below else self.tx.rows(LEAVES, **where)
        hashes = [bytes(row[0]) for row in rows]
        if len(hashes) != count:
            raise TornLog(f"level {below}, {idx * count} to {(idx + 1) * count - 1}: {len(hashes)} of {count} hashes")
        while len(hashes) > 1:
            hashes = [node_hash(self.hashing, *pair) for pair in zip(hashes[::2], hashes[1::2], strict=True)]
        return hashes[0]
