"""Reading the record for its check: in parts that follow the database's own order, a page at a time, with all that a page needs.

Databases sort text each in its own way. So nothing here compares names but the database itself, and equal ones.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, exists, func, or_, select, tuple_

from engine.rows import E, M
from engine.sequencing import L, Q
from engine.store import Statement, Tx
from engine.tables import EntryPrivate, table_of

P = table_of(EntryPrivate)

CHUNK = 500
"""Entries read at once: of more, none is read faster, and all of them are held."""

STREAMS = 200
"""Streams read at once where they are asked for by name."""

NAMES = 5000
"""Names of streams read at once."""

SIZE = 20_000
"""About how many entries a part has: some seconds of work, so that whoever shares it is done at one time. PLACEHOLDER"""

MOST_PARTS = 100

APART = ("notices", "owed")
"""What is told of notices in streams of its own; they are read together with the stream of their matter."""

Key = tuple[str, int]
Private = dict[Key, list[tuple[str, str, str]]]
Page = tuple[Sequence[Any], Private]
Names = list[BindParameter[str]]

_OURS: Any = bindparam("campaign_id")


def apart(stream: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a stream is one of those that are read together with that of their matter."""
    return or_(*(func.substr(stream, 1, len(of) + 1) == f"{of}/" for of in APART))


_JOINED = (
    select(
        E.c.stream, E.c.seq, E.c.kind, E.c.trigger, E.c.src, E.c.dst, E.c.actor, E.c.recorded_at, E.c.record, E.c.hash,
        E.c.occurred_at, E.c.request_id, L.c.idx, L.c.hash, L.c.sequenced_at,
    )
    .outerjoin(L, and_(L.c.campaign_id == E.c.campaign_id, L.c.stream == E.c.stream, L.c.seq == E.c.seq))
    .where(E.c.campaign_id == _OURS)
    .order_by(E.c.stream, E.c.seq)
)  # fmt: skip
_VALUES = select(P.c.stream, P.c.seq, P.c.field, P.c.salt, P.c.value).where(P.c.campaign_id == _OURS)
PRIVATE = Statement(
    _VALUES.where(
        tuple_(P.c.stream, P.c.seq).between(
            tuple_(bindparam("first"), bindparam("low")), tuple_(bindparam("last"), bindparam("high"))
        ),
        ~apart(P.c.stream),
    )
)
ALL = Statement(select(E.c.stream).where(E.c.campaign_id == _OURS).distinct())
PENDING = Statement(select(Q.c.stream, Q.c.seq, Q.c.hash).where(Q.c.campaign_id == _OURS))


def _same(one: Any, other: Any) -> ColumnElement[bool]:
    return and_(
        one.c.campaign_id == other.c.campaign_id, one.c.stream == other.c.stream, one.c.seq == other.c.seq
    )  # fmt: skip


TWICE = Statement(
    select(Q.c.stream, Q.c.seq, func.count())
    .where(Q.c.campaign_id == _OURS)
    .group_by(Q.c.stream, Q.c.seq)
    .having(func.count() > 1)
    .order_by(Q.c.stream, Q.c.seq)
)
FOR_NOTHING = Statement(
    select(Q.c.stream, Q.c.seq)
    .where(Q.c.campaign_id == _OURS, or_(~exists().where(_same(E, Q)), exists().where(_same(L, Q))))
    .distinct()
    .order_by(Q.c.stream, Q.c.seq)
)
_ALONE = (
    select(P.c.stream, P.c.seq)
    .where(P.c.campaign_id == _OURS, ~exists().where(_same(E, P)))
    .distinct()
    .order_by(P.c.stream, P.c.seq)
)
ALONE = Statement(_ALONE)
_NUMBERED = select(
    ("matter/" + M.c.ref).label("name"), func.row_number().over(order_by="matter/" + M.c.ref).label("number"),
).where(M.c.campaign_id == _OURS).subquery()  # fmt: skip
PIVOTS = Statement(
    select(_NUMBERED.c.name).where(_NUMBERED.c.number % bindparam("each") == 0).order_by(_NUMBERED.c.number)
)
LEAVES = Statement(select(func.max(L.c.idx)).where(L.c.campaign_id == _OURS))
MATTERS = Statement(select(func.count()).select_from(M).where(M.c.campaign_id == _OURS))


@dataclass(frozen=True, slots=True)
class Part:
    """The streams after *after* up to *upto*, in the database's order, but for what is read with others; or the *rest*."""

    after: str | None = None
    upto: str | None = None
    rest: bool = False


class Named:
    """A read about some names, made ready once for each of a few numbers of them."""

    def __init__(self, make: Callable[[Names], Select[Any]]) -> None:
        self._make = make
        self._ready: dict[int, Statement] = {}

    def rows(self, tx: Tx, names: Sequence[str], **params: Any) -> list[Any]:
        """The rows about *names*."""
        if not names:
            return []
        size = 1 << (len(names) - 1).bit_length()
        statement = self._ready.get(size)
        if statement is None:
            statement = self._ready[size] = Statement(self._make([bindparam(f"name{at}") for at in range(size)]))
        filled = {f"name{at}": names[min(at, len(names) - 1)] for at in range(size)}
        return tx.rows(statement, **filled, **params)


ENTRIES_OF = Named(lambda names: _JOINED.where(E.c.stream.in_(names)))
VALUES_OF = Named(lambda names: _VALUES.where(P.c.stream.in_(names)))
ALONE_OF = Named(lambda names: _ALONE.where(P.c.stream.in_(names)))


def size_of(tx: Tx, campaign_id: int) -> int:
    """About how many entries there are, without counting them."""
    newest = tx.rows(LEAVES, campaign_id=campaign_id)[0][0]
    return int(0 if newest is None else newest + 1) + len(waiting(tx, campaign_id))


def parts_of(tx: Tx, campaign_id: int, size: int) -> list[Part]:
    """Cut a record of about *size* entries into parts, the rest last: the same ones however many share the work."""
    wanted = min(size // SIZE + 1, MOST_PARTS)
    each = -(-tx.rows(MATTERS, campaign_id=campaign_id)[0][0] // wanted)
    names = [name for (name,) in tx.rows(PIVOTS, campaign_id=campaign_id, each=each)] if wanted > 1 and each else []
    bounds = [None, *names, None]
    return [*(Part(*pair) for pair in pairwise(bounds)), Part(rest=True)]


def pages_of(tx: Tx, campaign_id: int, part: Part) -> Iterator[Page]:
    """The entries of a part in the order of streams, some at a time, with their private values."""
    within = [E.c.stream > part.after] if part.after is not None else []
    within += [E.c.stream <= part.upto] if part.upto is not None else []
    statement = Statement(_JOINED.where(*within, ~apart(E.c.stream)))
    for rows in tx.stream(statement, CHUNK, campaign_id=campaign_id):
        (first, low), (last, high) = rows[0][:2], rows[-1][:2]
        yield rows, _by_entry(tx.rows(PRIVATE, campaign_id=campaign_id, first=first, low=low, last=last, high=high))


def pages_of_streams(tx: Tx, campaign_id: int, streams: Sequence[str]) -> Iterator[Page]:
    """The same for these streams."""
    for at in range(0, len(streams), STREAMS):
        some = streams[at : at + STREAMS]
        rows = ENTRIES_OF.rows(tx, some, campaign_id=campaign_id)
        yield rows, _by_entry(VALUES_OF.rows(tx, some, campaign_id=campaign_id)) if rows else {}


def streams_of(tx: Tx, campaign_id: int) -> Iterator[str]:
    """The names of all streams."""
    for rows in tx.stream(ALL, NAMES, campaign_id=campaign_id):
        yield from (name for (name,) in rows)


def waiting(tx: Tx, campaign_id: int) -> list[Any]:
    """What waits for its place in the log: stream, number, hash."""
    return tx.rows(PENDING, campaign_id=campaign_id)


def waiting_for_nothing(tx: Tx, campaign_id: int) -> Iterator[tuple[str, int, bool]]:
    """What waits without an entry, or though its entry has a place already; and, with True, what waits twice."""
    yield from ((stream, seq, True) for stream, seq, _ in tx.rows(TWICE, campaign_id=campaign_id))
    yield from ((stream, seq, False) for stream, seq in tx.rows(FOR_NOTHING, campaign_id=campaign_id))


def orphans(tx: Tx, campaign_id: int, streams: Collection[str] | None) -> list[Key]:
    """The places of private values of no entry, in all streams or these."""
    if streams is None:
        return [(stream, seq) for stream, seq in tx.rows(ALONE, campaign_id=campaign_id)]
    names = sorted(streams)
    found = [
        row
        for at in range(0, len(names), STREAMS)
        for row in ALONE_OF.rows(tx, names[at : at + STREAMS], campaign_id=campaign_id)
    ]
    return [(stream, seq) for stream, seq in found]


def _by_entry(values: list[Any]) -> Private:
    held: Private = {}
    for stream, seq, name, salt, value in values:
        held.setdefault((stream, seq), []).append((name, salt, value))
    return held
