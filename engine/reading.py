"""Looking: matters, lists, boards, histories and deadlines, now or as of an earlier instant, each a plain JSON value."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select

from engine.approvals import approvals
from engine.boards import Group, board_json, duties_json, groups, kinds_json, phases_json
from engine.clock import rfc3339, to_us
from engine.contents import contents
from engine.deadline_pages import matter_of_deadline
from engine.derivations import changes_of, explained
from engine.errors import NotFound
from engine.handovers import handovers_json, waits
from engine.history import FOREVER, read_stream, stream_of
from engine.lists import ALL, Page, Wanted, listed, total
from engine.lists_past import listed_then
from engine.masking import masked_private
from engine.orders import Actor
from engine.possibilities import can_json
from engine.replay import clocks_then, replay, row_then
from engine.rows import D, DeadlineRow, E, M, MatterRow, N, NoticeRow
from engine.shapes import at, deadline_json, entry_json, facts_missing, matter_json, notice_json, watch_json
from engine.store import Tx
from engine.verdicts import evaluations_json
from engine.viewing import View
from engine.watches import STANDING, WATCHED

Rows = list[tuple[MatterRow, list[DeadlineRow]]]


class Reader(View):
    """Read one campaign of one database, as somebody sees it by his *sight*; without one the machinery reads all of it."""

    def can(self, ref: str, actor: Actor) -> dict[str, Any]:
        """What *actor* may do with the matter now, and why not the rest."""
        with self.database.snapshot() as tx:
            held = self.look(tx, ref)
        return can_json(self.campaign, held, actor, self.clock.now())

    def show(self, ref: str, as_of: datetime | None = None, actor: Actor | None = None) -> dict[str, Any]:
        """A matter with its deadlines; as of an earlier instant if asked. Raises NotFound, also for a time before it was."""
        now = self.clock.now()
        with self.database.snapshot() as tx:
            held = self.look(tx, ref, now)
            matter, rows = held.row, held.clocks.rows
            if as_of is not None:
                matter, rows = self._then(tx, matter, rows, as_of)
                now = min(as_of, now)
            count = tx.select(
                select(func.count()).select_from(E).where(*self._stream(ref), E.c.recorded_at <= to_us(now))
            )
            links = self._links(tx, matter, as_of)
            handed = self._handovers(tx, matter, rows, now, as_of)
            given = approvals(tx, matter, self.campaign.machines[matter.definition_id], to_us(now))
            masked = self.masks(tx, held.row)
        shown = matter_json(self.campaign, matter, rows, now, masked=masked)
        data = json.loads(matter.data)
        facts = data["facts"]
        machine = self.campaign.machines[matter.definition_id]
        shown["evaluations"] = evaluations_json(self.campaign, machine, data["marks"].get("evaluated", {}), facts)
        shown["handovers"], shown["waits_for"] = handed, waits(self.campaign, matter)
        clocks = [row for row in rows if row.status not in WATCHED]
        shown["deadlines"] = [deadline_json(self.campaign, machine, row, ref, to_us(now), facts) for row in clocks]
        shown["watches"] = [watch_json(machine, row, matter) for row in rows if row.status in STANDING]
        shown["approved_at"] = at(given.at)
        shown["documents"] = [{**paper, "approved_at": at(given.of.get(paper["kind"]))} for paper in shown["documents"]]
        shown |= {"entries_count": count[0][0], "possible": [], "facts_missing": facts_missing(machine, matter, facts)}
        if actor is not None and as_of is None:
            shown["possible"] = [each["trigger"] for each in can_json(self.campaign, held, actor, now)["possible"]]
        return {**shown, **links, **({"as_of": rfc3339(as_of)} if as_of else {})}

    def _handovers(
        self, tx: Tx, matter: MatterRow, rows: Sequence[DeadlineRow], now: datetime, as_of: datetime | None
    ) -> list[dict[str, Any]]:
        if not self.campaign.machines[matter.definition_id].doc.handovers:
            return []
        until = to_us(as_of) if as_of is not None else FOREVER
        lines = read_stream(tx, self.campaign.id, stream_of(matter.ref), until=until)
        if self.masks(tx, matter):
            lines = [(body, digest, masked_private(private)) for body, digest, private in lines]
        return handovers_json(tx, self.campaign, matter, rows, lines, to_us(now))

    def refs(self) -> list[tuple[str, str]]:
        """Every reference with its title, newest matters first; for the completion of a command line."""
        with self.database.snapshot() as tx:
            rows = tx.select(
                select(M.c.ref, M.c.title)
                .where(M.c.campaign_id == self.campaign.id, *self.within())
                .order_by(M.c.id.desc())
            )
        return [(ref, title) for ref, title in rows]

    def _stream(self, ref: str) -> tuple[ColumnElement[bool], ...]:
        return (E.c.campaign_id == self.campaign.id, E.c.stream == stream_of(ref))

    def _links(self, tx: Tx, matter: MatterRow, as_of: datetime | None) -> dict[str, Any]:
        """The references of parent and children, as of an earlier instant of those that were there."""
        children = tx.select(select(M).where(M.c.parent_id == matter.id, *self.within(few=True)).order_by(M.c.id))
        there = [MatterRow(*row) for row in children]
        if as_of is not None:
            there = [child for child in there if self._was_there(tx, child, as_of)]
        above = select(M.c.ref).where(M.c.id == matter.parent_id, *self.within(few=True))
        parent = tx.select(above) if matter.parent_id else []
        return {"parent": parent[0][0] if parent else None, "children": [child.ref for child in there]}

    def _then(
        self, tx: Tx, matter: MatterRow, rows: Sequence[DeadlineRow], as_of: datetime
    ) -> tuple[MatterRow, list[DeadlineRow]]:
        then = replay(tx, self.campaign, matter, until=as_of)
        if not then.seq:
            raise NotFound(f"{matter.ref} was not there yet at {rfc3339(as_of)}", "not_yet")
        return row_then(self.campaign, matter, then), clocks_then(self.campaign, rows, then)

    def history(self, ref: str) -> dict[str, Any]:
        """Every entry of a matter, oldest first."""
        with self.database.snapshot() as tx:
            masked = self.masks(tx, self.look(tx, ref).row)
            lines = read_stream(tx, self.campaign.id, stream_of(ref))
        late_after = self.campaign.late_after
        items = [entry_json(body, digest, private, late_after, masked=masked) for body, digest, private in lines]
        return {"items": items}

    def matters(
        self, tx: Tx, as_of: datetime | None = None, only: Sequence[ColumnElement[bool]] = (), **where: str | None
    ) -> Rows:
        """The matters that fit *only* and *where* (kind, body), each with its deadlines, in the order of their references."""
        conditions = [M.c.campaign_id == self.campaign.id, *self.within(), *only]
        conditions += [M.c[name] == value for name, value in where.items() if value is not None]
        if as_of is None:
            return self._read(tx, conditions)
        still = self._read(tx, [*conditions, M.c.updated_at <= to_us(as_of)])
        return sorted([*still, *self._changed(tx, as_of, conditions)], key=lambda pair: pair[0].ref)

    def _read(self, tx: Tx, conditions: Sequence[ColumnElement[bool]]) -> Rows:
        found = [MatterRow(*row) for row in tx.select(select(M).where(*conditions).order_by(M.c.ref))]
        by_matter: dict[int, list[DeadlineRow]] = {}
        clocks = select(D).where(D.c.matter_id.in_(select(M.c.id).where(*conditions))).order_by(D.c.id)
        for values in tx.select(clocks):
            row = DeadlineRow(*values)
            by_matter.setdefault(row.matter_id, []).append(row)
        return [(matter, by_matter.get(matter.id, [])) for matter in found]

    def _changed(self, tx: Tx, as_of: datetime, conditions: Sequence[ColumnElement[bool]]) -> Rows:
        """The matters that were there at *as_of* and have changed since, as they were; the others' rows still say it."""
        began = select(E.c.seq).where(
            E.c.campaign_id == M.c.campaign_id, E.c.stream == "matter/" + M.c.ref, E.c.seq == 1,
            E.c.recorded_at <= to_us(as_of),
        )  # fmt: skip
        changed = [*conditions, M.c.updated_at > to_us(as_of), began.exists()]
        return [self._then(tx, matter, rows, as_of) for matter, rows in self._read(tx, changed)]

    def _was_there(self, tx: Tx, matter: MatterRow, as_of: datetime) -> bool:
        first = select(E.c.recorded_at).where(*self._stream(matter.ref), E.c.seq == 1)
        row = tx.select(first)
        return bool(row) and bool(row[0][0] <= to_us(as_of))

    def listed(
        self,
        kind: str | None = None,
        as_of: datetime | None = None,
        page: Page = ALL,
        sight: ColumnElement[bool] | None = None,
        **which: Any,
    ) -> dict[str, Any]:
        """The matters that fit *which* (see `engine.lists.Wanted`), a page of them or all; *sight* is what may be seen."""
        return self.matching(Wanted(kind=kind, **which), as_of, page, sight)

    def matching(
        self,
        wanted: Wanted,
        as_of: datetime | None = None,
        page: Page = ALL,
        sight: ColumnElement[bool] | None = None,
    ) -> dict[str, Any]:
        """The matters that fit a filter."""
        now = self._until(as_of)
        with self.database.snapshot() as tx:
            sight = self.seen(sight)
            if as_of is None:
                return listed(tx, self.campaign, wanted, now, page, sight, self.hidden, self.searched())
            return listed_then(tx, self.campaign, wanted, now, page, sight, self._changed, self.hidden)

    def count(self, wanted: Wanted) -> int:
        """How many matters fit a filter now."""
        conditions = wanted.conditions(self.campaign, to_us(self.clock.now()), self.seen(), self.searched())
        with self.database.snapshot() as tx:
            return total(tx, conditions, self.campaign)

    def _until(self, as_of: datetime | None) -> datetime:
        now = self.clock.now()
        return min(as_of, now) if as_of else now

    def board(self, as_of: datetime | None = None, sight: ColumnElement[bool] | None = None) -> dict[str, Any]:
        """One row a body and kind: its stage (the least advanced), its worst light, and how many are in each stage."""
        with self.database.snapshot() as tx:
            return board_json(self.campaign, self._groups(tx, as_of, sight), self._until(as_of))

    def phases(
        self, kind: str, as_of: datetime | None = None, sight: ColumnElement[bool] | None = None
    ) -> dict[str, Any]:
        """Bodies by the stages of *kind*, with lights and counts. Raises NotFound."""
        self.campaign.kind(kind)
        with self.database.snapshot() as tx:
            return phases_json(self.campaign, self._groups(tx, as_of, sight, M.c.kind == kind), kind)

    def kinds(self, as_of: datetime | None = None, sight: ColumnElement[bool] | None = None) -> dict[str, Any]:
        """Bodies by kinds, with lights and counts."""
        with self.database.snapshot() as tx:
            return kinds_json(self.campaign, self._groups(tx, as_of, sight))

    def duties(
        self, kind: str, as_of: datetime | None = None, sight: ColumnElement[bool] | None = None
    ) -> dict[str, Any]:
        """The matters of *kind*, of which each body has one for each of its duties, by duty and body. Raises NotFound."""
        self.campaign.kind(kind)
        sight = self.seen(sight)
        conditions = [M.c.campaign_id == self.campaign.id, M.c.kind == kind, *([] if sight is None else [sight])]
        with self.database.snapshot() as tx:
            if as_of is None:
                pairs = self._read(tx, conditions)
            else:
                still = self._read(tx, [*conditions, M.c.updated_at <= to_us(as_of)])
                pairs = [*still, *self._changed(tx, as_of, conditions)]
        return duties_json(self.campaign, pairs, self._until(as_of))

    def _groups(
        self, tx: Tx, as_of: datetime | None, sight: ColumnElement[bool] | None, *more: ColumnElement[bool]
    ) -> list[Group]:
        sight = self.seen(sight)
        conditions = [M.c.campaign_id == self.campaign.id, *more, *([] if sight is None else [sight])]
        then = None if as_of is None else (lambda tx, at: self._changed(tx, at, conditions))
        return groups(tx, self.campaign, self._until(as_of), conditions, then=then)

    def deadlines(
        self, ref: str | None = None, status: str | None = None, body: str | None = None, until: datetime | None = None
    ) -> dict[str, Any]:
        """The deadlines that fit, the next one first."""
        now_us = to_us(self.clock.now())
        statement = (
            select(D, M.c.ref, M.c.data)
            .join(M, M.c.id == D.c.matter_id)
            .where(
                D.c.campaign_id == self.campaign.id, *(D.c.status != each for each in sorted(WATCHED)), *self.within()
            )
        )
        for column, value in ((M.c.ref, ref), (D.c.owner_body, body)):
            if value is not None:
                statement = statement.where(column == value)
        if until is not None:
            statement = statement.where(D.c.breach_at <= to_us(until))
        with self.database.snapshot() as tx:
            if ref is not None:
                self.look(tx, ref)
            found = tx.select(statement.order_by(D.c.breach_at, D.c.id))
        items = []
        for *values, matter_ref, data in found:
            row = DeadlineRow(*values)
            machine = self.campaign.machines[row.definition_id]
            shown = deadline_json(self.campaign, machine, row, matter_ref, now_us, contents(data)["facts"])
            if status is None or shown["status"] == status:
                items.append(shown)
        return {"items": items}

    def deadline(self, name: str, code: str | None = None) -> dict[str, Any]:
        """One deadline by its id, or by reference and code (the latest of that code). Raises NotFound."""
        items = self.deadlines(ref=name if code else matter_of_deadline(self, name))["items"]
        fitting = [each for each in items if (each["code"] == code if code else each["id"] == name)]
        if not fitting:
            wanted = f"{name} has no deadline {code!r}" if code else f"no deadline {name!r}"
            raise NotFound(wanted + _known(items if code else []), "no_deadline")
        found: dict[str, Any] = max(fitting, key=lambda each: int(each["id"]))
        return {**found, **self._explained(found)}

    def _explained(self, found: Mapping[str, Any]) -> dict[str, Any]:
        """What the date of a deadline rests on, from the record."""
        with self.database.snapshot() as tx:
            held = self.look(tx, found["ref"])
            lines = read_stream(tx, self.campaign.id, stream_of(found["ref"]))
        row = next(row for row in held.clocks.rows if str(row.id) == found["id"])
        changes = changes_of((body for body, _, _ in lines), found["id"])
        return explained(self.campaign, held.machine, row, held.facts, changes)

    def notices(self, ref: str | None = None, body: str | None = None, status: str | None = None) -> dict[str, Any]:
        """The notices that fit, in the order in which they were planned."""
        statement = select(N).where(N.c.campaign_id == self.campaign.id, *self.notices_within())
        for column, value in ((N.c.ref, ref), (N.c.body, body), (N.c.status, status)):
            if value is not None:
                statement = statement.where(column == value)
        with self.database.snapshot() as tx:
            rows = tx.select(statement.order_by(N.c.effective_at, N.c.planned_at, N.c.id))
        return {"items": [notice_json(NoticeRow(*row)) for row in rows]}


def _known(items: Sequence[Mapping[str, Any]]) -> str:
    codes = sorted({each["code"] for each in items})
    return f"; it has: {', '.join(codes)}" if codes else ""
