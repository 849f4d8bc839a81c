"""The mirror: what a process that has a database to itself knows of it without asking, and asks for at every step.

It is made of what is read once and of every later write, in the order in which they are sent. What a write does that it
cannot follow makes it forget and read again, and so does a transaction that fails.
"""

import heapq
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, select

from engine.mirrored_names import Names
from engine.mirrored_outbox import Outbox
from engine.mirrored_properties import Properties
from engine.mirrored_streams import Streams
from engine.rows import D, DeadlineRow, E, M, MatterRow, NoticeRow
from engine.store import Statement, Tx

DUE = Statement(
    select(D.c.next_fire_at, D.c.id, D.c.matter_id).where(
        D.c.next_fire_at.is_not(None), D.c.campaign_id == bindparam("campaign_id")
    )
)
FAMILIES = Statement(
    select(M.c.parent_id, M.c.id, M.c.ref, M.c.kind, M.c.closed, M.c.updated_at)
    .where(M.c.parent_id.is_not(None))
    .order_by(M.c.id)
)
REQUESTS = Statement(
    select(E.c.request_id).where(E.c.request_id.is_not(None), E.c.campaign_id == bindparam("campaign_id"))
)

Child = tuple[str, int, int]
"""A child of a matter: its kind, whether it is closed, when it was changed last in microseconds."""


class Mirror:
    """When clocks fire, who is whose child, which requests have come, and more: each read when it is first asked for.

    *properties* are those of the database, *streams* how the streams of entries end, *names* the references of matters,
    *outbox* the notices that are owed.
    """

    def __init__(self) -> None:
        self.properties, self.streams, self.names, self.outbox = Properties(), Streams(), Names(), Outbox()
        self._notes: dict[str | None, Callable[[Sequence[Any]], None]] = {
            "entry": self._enter, "deadline": self._set_clocks, "matter": self._set_matters, "notice": self._owe,
            "meta": self.properties.set, None: lambda _: self.forget(),
        }  # fmt: skip
        self.forget()

    def forget(self) -> None:
        """Know nothing any more."""
        self._forget_clocks()
        self._families: dict[int, dict[int, Child]] | None = None
        self._refs: dict[int, str] = {}
        self._requests: dict[int, set[str]] = {}
        for part in (self.properties, self.streams, self.names, self.outbox):
            part.forget()

    def _forget_clocks(self) -> None:
        self._agendas: dict[int, list[tuple[int, int]]] = {}
        self._fires: dict[int, int | None] = {}
        self._matters: dict[int, int] = {}

    def _agenda(self, tx: Tx, campaign_id: int) -> list[tuple[int, int]]:
        """When which clock fires, as a heap; what is no longer so is among it."""
        agenda = self._agendas.get(campaign_id)
        if agenda is None:
            rows = tx.rows(DUE, campaign_id=campaign_id)
            self._fires.update((ident, at) for at, ident, _ in rows)
            self._matters.update((ident, matter) for _, ident, matter in rows)
            agenda = self._agendas[campaign_id] = [(at, ident) for at, ident, _ in rows]
            heapq.heapify(agenda)
        return agenda

    def next_due(self, tx: Tx, campaign_id: int) -> int | None:
        """The earliest instant, in microseconds, at which some deadline of the campaign has something to say."""
        agenda = self._agenda(tx, campaign_id)
        while agenda and self._fires.get(agenda[0][1]) != agenda[0][0]:
            heapq.heappop(agenda)
        return agenda[0][0] if agenda else None

    def due(self, tx: Tx, campaign_id: int, now_us: int, limit: int) -> list[tuple[int, int]]:
        """The deadlines that are due at *now_us*, at most *limit*, the earliest first, each with its matter."""
        agenda = self._agenda(tx, campaign_id)
        found: dict[int, int] = {}
        while agenda and agenda[0][0] <= now_us and len(found) < limit:
            at, ident = heapq.heappop(agenda)
            if self._fires.get(ident) == at:
                found[ident] = at
        for ident, at in found.items():
            heapq.heappush(agenda, (at, ident))
        return [(ident, self._matters[ident]) for ident in found]

    def children(self, tx: Tx, ident: int) -> Iterable[Child]:
        """The children of a matter."""
        return self._family(tx, ident).values()

    def open_children(self, tx: Tx, ident: int, kind: str) -> list[tuple[int, str]]:
        """The open children of a *kind*, by their ids, each with its reference."""
        family = self._family(tx, ident)
        return [(child, self._refs[child]) for child in sorted(family) if family[child][:2] == (kind, 0)]

    def _family(self, tx: Tx, ident: int) -> dict[int, Child]:
        if self._families is None:
            self._families = {}
            for parent, child, ref, *rest in tx.rows(FAMILIES):
                self._families.setdefault(parent, {})[child] = tuple(rest)
                self._refs[child] = ref
        return self._families.get(ident, {})

    def has_come(self, tx: Tx, campaign_id: int, request_id: str) -> bool:
        """Say whether anything was entered under the request id."""
        known = self._requests.get(campaign_id)
        if known is None:
            known = self._requests[campaign_id] = {each for (each,) in tx.rows(REQUESTS, campaign_id=campaign_id)}
        return request_id in known

    def written(self, table: str | None, many: Sequence[Any]) -> None:
        """Take note of what is written to *table*: row objects, or values by their names."""
        note = self._notes.get(table)
        if note is not None:
            note(many)

    def _set_clocks(self, many: Sequence[Any]) -> None:
        if isinstance(many[0], DeadlineRow):
            self._set(many)
        else:
            self._forget_clocks()

    def _set_matters(self, many: Sequence[Any]) -> None:
        if isinstance(many[0], MatterRow):
            self._adopt(many)
            self.names.taken(many)
        else:
            self._families = None
            self.names.forget()

    def _owe(self, many: Sequence[Any]) -> None:
        if isinstance(many[0], NoticeRow):
            self.outbox.owed(many)
        else:
            self.outbox.marked(many)

    def _enter(self, many: Sequence[Mapping[str, Any]]) -> None:
        for each in many:
            request_id, campaign_id = each["request_id"], each["campaign_id"]
            if request_id is not None and campaign_id in self._requests:
                self._requests[campaign_id].add(request_id)
        self.streams.entered(many)

    def _set(self, rows: Sequence[DeadlineRow]) -> None:
        for row in rows:
            agenda = self._agendas.get(row.campaign_id)
            if agenda is not None:
                self._matters[row.id] = row.matter_id
                at = self._fires[row.id] = row.next_fire_at
                if at is not None:
                    heapq.heappush(agenda, (at, row.id))

    def _adopt(self, rows: Sequence[MatterRow]) -> None:
        if self._families is None:
            return
        for row in rows:
            if row.parent_id is not None:
                self._families.setdefault(row.parent_id, {})[row.id] = row.kind, row.closed, row.updated_at
                self._refs[row.id] = row.ref
