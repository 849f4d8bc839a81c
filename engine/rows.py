"""The rows of the hot path as they come from the driver, with instants in microseconds, and the statements around them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any

from sqlalchemy import Text, bindparam, cast, insert, null, select, update

from engine.canonical import digest_of
from engine.ids import new_id
from engine.store import Statement
from engine.tables import UNLIT, Attachment, ChoreDone, Deadline, Entry, EntryPrivate, Firing, Matter, Notice, table_of

M, E, D, N, A = (table_of(model) for model in (Matter, Entry, Deadline, Notice, Attachment))


def _columns(table: Any) -> list[str]:
    return [column.name for column in table.columns]


@dataclass(slots=True)
class MatterRow:
    """A matter's row; field order is the table's column order. *data* may be the bytes of its text."""

    id: int
    campaign_id: int
    definition_id: int
    kind: str
    ref: str
    year: int | None
    number: int | None
    body: str
    title: str
    parent_id: int | None
    state: str
    stage: str
    closed: int
    version: int
    seq: int
    head: str
    data: str | bytes
    opened_at: int
    updated_at: int
    red_at: int = UNLIT
    yellow_at: int = UNLIT
    due_at: int | None = None
    awaits: str = ""
    seq_before: int = field(default=0, compare=False)

    @property
    def text(self) -> str:
        """What *data* says, as text."""
        return self.data if isinstance(self.data, str) else self.data.decode()


CLOSED = 2


@dataclass(slots=True)
class DeadlineRow:
    """A deadline's row; field order is the table's column order, then whether it must be written back.

    *dirty* is `CLOSED` if all that has happened to it is that it has ended.
    """

    id: int
    campaign_id: int
    definition_id: int
    matter_id: int
    code: str
    owner_body: str
    status: str
    started_at: int
    armed_at: int
    last_day: str
    breach_at: int
    yellow_at: int
    provisional: int
    paused_at: int | None
    stopped_at: int | None
    breached_at: int | None
    extensions: int
    epoch: int
    rung: int
    next_fire_at: int | None
    moves: str
    opened_seq: int
    closed_seq: int | None
    counted: str = "{}"
    new: bool = field(default=False, compare=False)
    dirty: int = field(default=False, compare=False)

    def mark(self) -> str:
        """The hash of all that only an entry about this clock changes: the entry keeps it, and a check asks for it again.

        Not in it are the ladder's pointer, which the entries of rungs prove, and the numbers of other rows.
        """
        return digest_of((self.owner_body, *_marked(self)))[:MARK_DIGITS]


def new_deadline(definition_id: int, code: str, owner_body: str, started_at: int, opened_seq: int) -> DeadlineRow:
    """The row of a clock that starts with the entry *opened_seq*, to be armed; its matter is set when it is saved."""
    return DeadlineRow(
        new_id(), 0, definition_id, 0, code, owner_body, "running", started_at, 0, "", 0, 0, 0, None, None, None, 0, 0, 0,
        None, "[]", opened_seq, None, "{}", True,
    )  # fmt: skip


MARK_DIGITS = 32
"""Hex digits of the mark of a row: 128 bits, which nobody finds another row for."""

_marked = attrgetter(
    "started_at", "armed_at", "last_day", "breach_at", "yellow_at", "provisional", "paused_at", "stopped_at",
    "breached_at", "extensions", "epoch", "moves", "opened_seq", "closed_seq", "counted",
)  # fmt: skip


def _columns_of(kind: Any) -> Callable[[Any], tuple[Any, ...]]:
    """What takes the stored columns out of a row, in order."""
    return attrgetter(*(each.name for each in fields(kind) if each.compare))


_of_matter, _of_deadline = _columns_of(MatterRow), _columns_of(DeadlineRow)


def same_matter(row: MatterRow) -> MatterRow:
    """The row once more, as if it had been read."""
    return MatterRow(*_of_matter(row))


def same_deadline(row: DeadlineRow) -> DeadlineRow:
    """The row once more, as if it had been read."""
    return DeadlineRow(*_of_deadline(row))


@dataclass(slots=True)
class NoticeRow:
    """A notice's row; field order is the table's column order."""

    id: int
    campaign_id: int
    ref: str | None
    deadline_id: int | None
    kind: str
    level: int
    recipient: str
    body: str
    channel: str
    planned_at: int
    effective_at: int
    sent_at: int | None
    acknowledged_at: int | None
    status: str
    subject: str
    text: str
    dedup: str
    entry_seq: int | None
    attempts: int
    next_try_at: int
    lease_until: int | None
    worker: str | None
    last_error: str | None
    urgent: int = 0
    digest_id: int | None = None
    items: str | None = None
    released_at: int | None = None
    acknowledged_by: str | None = None
    acknowledged_auth: str | None = None


def _all_of(table: Any, *but: str) -> Statement:
    """Adds a row with all its columns, *but* those that have no value yet: each is bound a value at some cost."""
    return Statement(insert(table), [name for name in _columns(table) if name not in but])


def _entered(*but: str) -> Statement:
    """Adds an entry, but for these columns; its *record* may be given as `Tx.text` makes it of the bytes that were hashed."""
    values: dict[str, Any] = {name: bindparam(name) for name in _columns(E) if name not in but}
    return Statement(insert(E).values(values | {"record": cast(bindparam("record"), Text)}))


_OF_REF = select(M).where(M.c.campaign_id == bindparam("campaign_id"), M.c.ref == bindparam("ref"))
_OF_ID = select(M).where(M.c.id == bindparam("id"))
_LOCKED: dict[str, Any] = {"lock": "lock_matter", "whole": True, "apart": _columns(M).index("data")}
LOCK_MATTER = Statement(_OF_REF, **_LOCKED)
LOCK_MATTER_BY_ID = Statement(_OF_ID, **_LOCKED)
MATTER_BY_REF = Statement(_OF_REF)
MATTER_BY_ID = Statement(_OF_ID)
THIS_MATTER = (
    select(M.c.id).where(M.c.campaign_id == bindparam("campaign_id"), M.c.ref == bindparam("ref")).scalar_subquery()
)
_CLOCKS_OF_REF = select(D).where(D.c.matter_id == THIS_MATTER).order_by(D.c.id)
_CLOCKS_OF_ID = select(D).where(D.c.matter_id == bindparam("id")).order_by(D.c.id)
DEADLINES_OF_REF, DEADLINES_OF_ID = (Statement(each, whole=True) for each in (_CLOCKS_OF_REF, _CLOCKS_OF_ID))
UNSAID = [null().label(each.name) if each.name in ("campaign_id", "matter_id") else each for each in D.c]
"""The columns of a clock without what its matter says itself, for `clocks_of`."""

CLOCKS_OF_REF, CLOCKS_OF_ID = (
    Statement(each.with_only_columns(*UNSAID), whole=True) for each in (_CLOCKS_OF_REF, _CLOCKS_OF_ID)
)


def clocks_of(matter: MatterRow, rows: Sequence[Sequence[Any]]) -> list[DeadlineRow]:
    """The clocks of *matter* in their order, of what a statement that leaves out what is `UNSAID` gave."""
    found = [DeadlineRow(*row) for row in rows]
    for each in found:
        each.campaign_id, each.matter_id = matter.campaign_id, matter.id
    if len(found) > 1:
        found.sort(key=attrgetter("id"))
    return found


SEEN_REQUEST = Statement(
    select(E.c.stream, E.c.seq, E.c.request_mark).where(
        E.c.campaign_id == bindparam("campaign_id"), E.c.request_id == bindparam("request_id")
    )
)
LAST_NUMBER = Statement(
    select(M.c.number)
    .where(
        M.c.campaign_id == bindparam("campaign_id"),
        M.c.kind == bindparam("kind"),
        M.c.year == bindparam("year"),
        M.c.number.is_not(None),
    )
    .order_by(M.c.number.desc())
    .limit(1)
)
NOTICES_OF_ENTRY = Statement(
    select(N)
    .where(N.c.campaign_id == bindparam("campaign_id"), N.c.ref == bindparam("ref"), N.c.entry_seq == bindparam("seq"))
    .order_by(N.c.id)
)
COPIES_OF_REF = Statement(
    select(N)
    .where(N.c.campaign_id == bindparam("campaign_id"), N.c.ref == bindparam("ref"), N.c.kind == "copy")
    .order_by(N.c.id)
)
OPEN_CHILDREN = Statement(select(M.c.kind).where(M.c.parent_id == bindparam("id"), M.c.closed == 0))
CHILDREN_OF_KIND = Statement(
    select(M.c.id, M.c.ref)
    .where(M.c.parent_id == bindparam("id"), M.c.kind == bindparam("kind"), M.c.closed == 0)
    .order_by(M.c.id)
)
INSERT_MATTER = _all_of(M)
INSERT_ENTRY = _entered()
INSERT_PRIVATE = _all_of(table_of(EntryPrivate))
INSERT_PLAIN_ENTRY = _entered("request_id", "request_mark")
INSERT_DEADLINE = _all_of(D)
INSERT_RUNNING = _all_of(D, "paused_at", "stopped_at", "breached_at", "closed_seq")
INSERT_NOTICE = _all_of(N)
INSERT_OWED = _all_of(
    N, "sent_at", "acknowledged_at", "lease_until", "worker", "last_error", "digest_id", "items", "released_at",
    "acknowledged_by", "acknowledged_auth",
)  # fmt: skip
INSERT_ATTACHMENT = _all_of(table_of(Attachment))
INSERT_FIRING = _all_of(table_of(Firing))
INSERT_CHORE = _all_of(table_of(ChoreDone))
OUTLOOK = ("red_at", "yellow_at", "due_at", "awaits")
UPDATE_MATTER = Statement(
    update(M)
    .where(M.c.id == bindparam("b_id"), M.c.seq == bindparam("b_seq_before"))
    .values(
        {
            name: bindparam(name)
            for name in ("state", "stage", "closed", "version", "seq", "head", "data", "updated_at", *OUTLOOK)
        }
    )
)
FIRE_MATTER = Statement(
    update(M)
    .where(M.c.id == bindparam("b_id"), M.c.seq == bindparam("b_seq_before"))
    .values({name: bindparam(name) for name in ("seq", "head", "updated_at", *OUTLOOK)})
)
"""What a clock that fires changes of its matter: the end of its history, and its outlook."""

_MUTABLE = (
    "status", "started_at", "armed_at", "last_day", "breach_at", "yellow_at", "provisional", "paused_at",
    "stopped_at", "breached_at", "extensions", "epoch", "rung", "next_fire_at", "moves", "closed_seq", "counted",
)  # fmt: skip
UPDATE_DEADLINE = Statement(
    update(D).where(D.c.id == bindparam("b_id")).values({name: bindparam(name) for name in _MUTABLE})
)
CLOSE_DEADLINE = Statement(
    update(D)
    .where(D.c.id == bindparam("b_id"))
    .values({name: bindparam(name) for name in ("status", "stopped_at", "closed_seq")} | {"next_fire_at": null()})
)
"""What ends with a clock that was never breached."""

FIRE_DEADLINE = Statement(
    update(D)
    .where(D.c.id == bindparam("b_id"))
    .values({name: bindparam(name) for name in ("status", "armed_at", "breached_at", "rung", "next_fire_at")})
)
"""What a clock that fires and runs on changes of itself; no index but that of what is due is touched."""
