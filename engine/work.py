"""My work (待办): what waits for one person, by the posts he holds now, each with the reason why it is his."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, not_, or_, select

from engine.clock import rfc3339, to_us
from engine.contents import contents, titled
from engine.held import Held
from engine.kept import versions_of
from engine.lists import Page, Wanted, line_json, open_rows_of, page_of, rows_of, total
from engine.looking_at import look_at
from engine.orders import Actor, Order
from engine.outlook import awaits, waits_for_receipt, waits_for_role
from engine.reading import Reader
from engine.rows import D, DeadlineRow, M, MatterRow, N, NoticeRow
from engine.serving_acts import always_open, hands, receipts, serves, steps, ways_on
from engine.shapes import deadline_json, notice_json
from engine.store import Tx

GROUPS: Mapping[str, dict[str, str]] = {
    "act": {"zh": "待办理", "en": "to act on"},
    "receipt": {"zh": "待签收", "en": "to receive"},
    "returned": {"zh": "被退回", "en": "returned"},
    "deadline": {"zh": "临近或逾期的期限", "en": "deadlines near or past"},
    "notice": {"zh": "待签收的通知", "en": "notices to acknowledge"},
    "waiting": {"zh": "等待他人或时间", "en": "waiting for others or for time"},
}
"""What waits for a person, by why it is his; last what is his and waits for something else first."""

HIS = ("act", "receipt", "returned", "waiting")
"""Groups that name matters as his, to act on or to stand by."""

IDLE = ("waiting",)
"""Groups in which nothing can be done now."""


class WorkDesk:
    """Say what waits for somebody in the campaign of *reader*."""

    def __init__(self, reader: Reader) -> None:
        self.reader, self.campaign = reader, reader.campaign

    def of(self, actor: Actor, limit: int = 20, sight: ColumnElement[bool] | None = None) -> dict[str, Any]:
        """Each group with its whole number and its first *limit* items, what hurts most first.

        Where no matter is his, *bodies* says how many wait for others of his bodies: he may bring documents to them.
        """
        now, sight = self.reader.clock.now(), self.reader.seen(sight)
        found = []
        with self.reader.database.snapshot() as tx:
            for code, label in GROUPS.items():
                items, count, after = self._group(tx, code, actor, now, Page("urgency", limit), sight)
                found.append({"code": code, "label": label, "count": count, "items": items, "next": after})
        idle = not any(each["count"] for each in found if each["code"] in HIS)
        bodies = self._waited_for(actor) if idle else []
        return {"as_of": rfc3339(now), "actor": actor.login, "groups": found, "bodies": bodies}

    def _waited_for(self, actor: Actor) -> list[dict[str, Any]]:
        """The actor's bodies with how many open matters that he sees wait for an act or a receipt of somebody there."""
        bodies = sorted({body for body, _ in actor.posts if body in self.campaign.bodies})
        counts = {body: self.reader.count(Wanted(waiting_for=body, closed=False)) for body in bodies}
        return [{"body": body, "count": count} for body, count in counts.items() if count]

    def group(self, code: str, actor: Actor, page: Page, sight: ColumnElement[bool] | None = None) -> dict[str, Any]:
        """One group, page by page: ``act``, ``receipt`` and ``returned`` go on at a cursor."""
        with self.reader.database.snapshot() as tx:
            items, count, after = self._group(tx, code, actor, self.reader.clock.now(), page, self.reader.seen(sight))
        return {"items": items, "total": count, "next": after}

    def _group(
        self, tx: Tx, code: str, actor: Actor, now: datetime, page: Page, sight: ColumnElement[bool] | None
    ) -> tuple[list[dict[str, Any]], int, str | None]:
        if code == "deadline":
            return self._deadlines(tx, actor, now, page, sight)
        if code == "notice":
            return self._notices(tx, actor, page)
        conditions = [M.c.campaign_id == self.campaign.id, self.condition(code, actor)]
        conditions += [] if sight is None else [sight]
        count = total(tx, conditions, self.campaign)
        ids, after = page_of(tx, conditions, page) if count else ([], None)
        held = (
            {(ident, role) for ident, role, _, _ in self._seats(actor, code)} if code in ("act", "waiting") else set()
        )
        rows = open_rows_of(tx, ids)
        against = self._against(tx, actor, [matter for matter, _ in rows], now) if code == "act" else {}
        items = []
        for matter, clocks in rows:
            why = self._why(code, actor, matter, held)
            if code == "act":
                why["against"] = against.get(matter.id, [])
            items.append({**line_json(self.campaign, matter, clocks, now, kept=True), "why": why})
        return sorted(items, key=lambda each: bool(each["why"].get("against"))), count, after

    def _against(
        self, tx: Tx, actor: Actor, matters: Sequence[MatterRow], now: datetime
    ) -> dict[int, list[dict[str, Any]]]:
        """Of each matter with which nothing can be done yet, though its state leaves the actor something to do: why not.

        Most states have an act without conditions: only where there is none the whole matter is read, all at once.
        """
        doubtful = [
            each.id
            for each in matters
            for data in [contents(each.data)]
            if "damaged" not in data
            and not always_open(self.campaign.machines[each.definition_id], each.state, actor, each.body, data["facts"])
        ]
        return {held.row.id: self._why_not(held, actor, now) for held in look_at(tx, self.campaign, doubtful, now)}

    def _why_not(self, held: Held, actor: Actor, now: datetime) -> list[dict[str, Any]]:
        machine, state = held.machine, held.row.state
        survey = machine.survey(held.situation(self.campaign, actor, Order(), {}, now))
        if steps(machine, [code for code, (arrow, _) in survey.items() if arrow is not None], state):
            return []
        refused = [reasons for arrow, reasons in survey.values() if arrow is None]
        said = [one.as_json() for reasons in refused if all(one.kind != "role" for one in reasons) for one in reasons]
        return list({json.dumps(each, sort_keys=True): each for each in said}.values()) or ways_on(machine, state)

    def condition(self, code: str, actor: Actor) -> ColumnElement[bool]:
        """Which matters wait for *actor*: each to act on, to receive or to wait for, and beside that perhaps come back to him."""
        bodies = sorted({body for body, _ in actor.posts})
        if not bodies:
            return false()
        if code in ("receipt", "returned"):
            return self._handed(actor, code)
        if code == "waiting":
            doable = or_(self._awaited(actor, "act"), self._handed(actor, "receipt"))
            return and_(or_(self._awaited(actor, code), waits_for_receipt(bodies)), not_(doable))
        return and_(self._awaited(actor, code), not_(self._handed(actor, "receipt")))

    def _awaited(self, actor: Actor, code: str) -> ColumnElement[bool]:
        """Where one of the actor's roles is waited for, and may do something (``act``) or has to stand by (``waiting``)."""
        seats: dict[tuple[str, tuple[str, ...]], tuple[set[int], set[str]]] = {}
        for ident, role, at, states in self._seats(actor, code):
            idents, leaves = seats.setdefault((role, at), (set(), set()))
            idents.add(ident)
            leaves.update(states)
        each = [
            and_(
                M.c.definition_id.in_(sorted(idents)),
                M.c.state.in_(sorted(states)),
                waits_for_role(role, at, self.campaign.parts),
            )
            for (role, at), (idents, states) in sorted(seats.items())
        ]
        return or_(*each) if each else false()

    def _handed(self, actor: Actor, code: str) -> ColumnElement[bool]:
        """What was handed to a body of the actor and he may receive, or came back to one and he may hand over again."""
        tokens: dict[str, set[int]] = {}
        for machine in versions_of(self.campaign):
            for name, spec in machine.doc.handovers.items():
                posts = hands(machine, spec.received_on if code == "receipt" else spec.sent_on)
                for body in {at for at, post in actor.posts if post in posts}:
                    tokens.setdefault(f"|{name}{'<' if code == 'receipt' else '~'}{body}|", set()).add(machine.id)
        each = [and_(M.c.definition_id.in_(sorted(idents)), awaits(token)) for token, idents in sorted(tokens.items())]
        return or_(*each) if each else false()

    def _seats(self, actor: Actor, code: str) -> list[tuple[int, str, tuple[str, ...], list[str]]]:
        """Of each version the roles that the actor's posts may hold, at which bodies, and the states that wait for them.

        Of these states those in which they have something to do (``act``), or those in which they have not (``waiting``).
        """
        found = []
        for machine in versions_of(self.campaign):
            for role, spec in machine.doc.roles.items():
                at = tuple(sorted({body for body, post in actor.posts if post in spec.posts}))
                states = [
                    state
                    for state, leaf in machine.tree.leaves.items()
                    if at and role in leaf.waits_for and not leaf.final
                    and serves(machine, state, role, at, actor.posts) is (code == "act")
                ]  # fmt: skip
                if states:
                    found.append((machine.id, role, at, states))
        return found

    def _why(self, code: str, actor: Actor, matter: MatterRow, held: Collection[tuple[int, str]]) -> dict[str, Any]:
        machine = self.campaign.machines[matter.definition_id]
        if code in ("act", "waiting"):
            facts = contents(matter.data)["facts"]
            roles = [
                role
                for role in machine.tree.leaves[matter.state].waits_for
                if (machine.id, role) in held and machine.seats[role].held_by(actor, machine.parts, matter.body, facts)
            ]
            labels = [{"code": role, "label": machine.doc.roles[role].label.model_dump()} for role in roles]
            ways = {"ways": self._ways(actor, matter)} if code == "waiting" else {}
            return {"group": code, "roles": labels, **ways}
        codes = _handovers(matter, actor, "<~")
        labels = [{"code": each, "label": machine.doc.handovers[each].label.model_dump()} for each in codes]
        return {"group": code, "handovers": labels}

    def _ways(self, actor: Actor, matter: MatterRow) -> list[dict[str, Any]]:
        """What a matter waits for that its own state does not let the actor do: a receipt of his body, or a way on."""
        machine = self.campaign.machines[matter.definition_id]
        received = [receipts(machine, matter.state, code) for code in _handovers(matter, actor, "<")]
        return [way for ways in received for way in ways] or ways_on(machine, matter.state)

    def _deadlines(
        self, tx: Tx, actor: Actor, now: datetime, page: Page, sight: ColumnElement[bool] | None
    ) -> tuple[list[dict[str, Any]], int, None]:
        """Running deadlines that are his to keep and near their end or past it, the longest past first."""
        now_us = to_us(now)
        mine = self._owned(actor)
        if not mine:
            return [], 0, None
        bodies = sorted({body for body, _ in actor.posts})
        where = [
            D.c.campaign_id == self.campaign.id, D.c.owner_body.in_(bodies), D.c.stopped_at.is_(None),
            D.c.status.in_(("running", "breached")), D.c.yellow_at <= now_us, or_(*mine),
        ]  # fmt: skip
        if sight is not None:
            where.append(select(M.c.id).where(M.c.id == D.c.matter_id, sight).exists())
        statement = select(D).where(*where).order_by(D.c.breach_at, D.c.id)
        rows = [DeadlineRow(*row) for row in tx.select(statement.limit(page.limit) if page.limit else statement)]
        matters = {row.id: row for row, _ in rows_of(tx, list(dict.fromkeys(row.matter_id for row in rows)))}
        count: int = tx.select(select(func.count()).select_from(D).where(*where))[0][0]
        return [self._deadline(row, matters[row.matter_id], now_us) for row in rows], count, None

    def _deadline(self, row: DeadlineRow, matter: MatterRow, now_us: int) -> dict[str, Any]:
        machine = self.campaign.machines[matter.definition_id]
        data = contents(matter.data)
        shown = deadline_json(self.campaign, machine, row, matter.ref, now_us, data["facts"])
        return {
            **shown,
            "title": titled(matter.title, data),
            "kind": matter.kind,
            "body": matter.body,
            "why": {"group": "deadline"},
        }

    def _owned(self, actor: Actor) -> Sequence[ColumnElement[bool]]:
        """By version the codes of the deadlines that are kept by a role of one of the actor's posts; timers are nobody's."""
        posts = {post for _, post in actor.posts}
        found = []
        for machine in versions_of(self.campaign):
            codes = [
                code
                for code, spec in machine.doc.deadlines.items()
                if not spec.timer and posts.intersection(self.campaign.seat_posts(machine, spec.owner))
            ]
            if codes:
                found.append(and_(D.c.definition_id == machine.id, D.c.code.in_(codes)))
        return found

    def _notices(self, tx: Tx, actor: Actor, page: Page) -> tuple[list[dict[str, Any]], int, None]:
        """What was sent to him and not acknowledged, the latest first."""
        logins = [login for login in (actor.login, actor.on_behalf_of) if login]
        where = [N.c.campaign_id == self.campaign.id, N.c.recipient.in_(logins), N.c.status == "sent"]
        statement = select(N).where(*where).order_by(N.c.effective_at.desc(), N.c.id.desc())
        rows = tx.select(statement.limit(page.limit) if page.limit else statement)
        count: int = tx.select(select(func.count()).select_from(N).where(*where))[0][0]
        return [{**notice_json(NoticeRow(*row)), "why": {"group": "notice"}} for row in rows], count, None


def _handovers(matter: MatterRow, actor: Actor, marks: str) -> list[str]:
    """The hand-overs to the actor's bodies whose receipt is awaited (``<``), or of theirs that came back (``~``)."""
    bodies = {body for body, _ in actor.posts}
    pairs = [token.partition(mark)[::2] for token in matter.awaits.split("|") for mark in marks if mark in token]
    return [code for code, body in pairs if body in bodies]
