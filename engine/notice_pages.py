"""The ledger of notices a page at a time, newest first, and its counts, made by the database: for any number of notices."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, case, func, literal_column, select

from engine.campaign import Campaign
from engine.clock import Clock, rfc3339, to_us
from engine.deliveries import FAILED
from engine.digest_words import KIND as DIGEST
from engine.errors import Invalid
from engine.lists import MOST, cursor_of, read_cursor
from engine.notice_ledger import Course, Ledger, Where, line_json
from engine.outlook import NEVER
from engine.rows import N, NoticeRow
from engine.steady import steady
from engine.store import Database, Statement, Tx

ALL = Statement(
    select(N.c.kind, N.c.level, N.c.recipient, N.c.body, N.c.ref, N.c.deadline_id, N.c.planned_at, N.c.subject).where(
        N.c.campaign_id == bindparam("campaign_id"), N.c.kind != DIGEST
    )
)


class Told(NamedTuple):
    """Who was to be told what of which matter and clock, and when, in microseconds."""

    kind: str
    level: int
    recipient: str
    body: str
    ref: str | None
    deadline_id: int | None
    planned_at: int
    subject: str


def all_told(tx: Tx, campaign_id: int) -> list[Told]:
    """Every notice of a campaign but its digests, in no order: for whoever needs all of them and little of each."""
    return [Told(*row) for row in tx.rows(ALL, campaign_id=campaign_id)]


ORDER = "notices"
"""What the cursor of such a page says it is of."""

AT_ONCE = 400
"""Notices that are looked at together where only the record can say what they were then. PLACEHOLDER"""

MOST_LOOKED_AT = 20_000
"""Notices looked at for one page of an earlier day; beyond that the page is short and the next one goes on. PLACEHOLDER"""

GROUPS = {
    "told": ("sent", "acknowledged"),
    "not_delivered": ("dead", "cancelled"),
    "waiting": ("owed", "failed", "held"),
}
"""What a figure of the summary takes together; each can be asked for like a status."""

STATUSES = ("owed", "failed", "held", "sent", "acknowledged", "dead", "cancelled")


ITS_OWN = ("owed", "held", "dead")
"""Statuses for which the database has an index of its own; it is found only by a status written out."""

KEPT_APART = (*ITS_OWN, FAILED)
"""What can be asked for along such an index."""


def has_status(status: str) -> ColumnElement[bool]:
    """Whether a notice has *status*, or one of the group of that name, now. Raises Invalid for none there is."""
    if status == FAILED:
        return and_(N.c.status == literal_column("'owed'"), N.c.last_error.is_not(None))
    if status not in (*STATUSES, *GROUPS):
        raise Invalid(f"no status {status[:40]!r}; there are: {', '.join((*STATUSES, *GROUPS))}", "status")
    if status in ITS_OWN:
        return N.c.status == literal_column(f"'{status}'")
    return N.c.status.in_(GROUPS.get(status, (status,)))


def _wants(status: str | None, found: str) -> bool:
    return status is None or found in GROUPS.get(status, (status,)) or (status == "owed" and found == FAILED)


class LedgerPages(Ledger):
    """The same ledger for who turns pages; *page_within* says the same as *within* for notices that are looked at one by one."""

    def __init__(
        self, database: Database, campaign: Campaign, clock: Clock, within: Sequence[ColumnElement[bool]] = (),
        page_within: Sequence[ColumnElement[bool]] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(database, campaign, clock, within)
        self.page_within = within if page_within is None else page_within

    def page(
        self, where: Where, as_of: datetime | None = None, limit: int = 50, cursor: str | None = None
    ) -> dict[str, Any]:
        """A page of the notices that fit, newest first, with the cursor of the *next*. Raises Invalid.

        As of an earlier instant what a notice was then is told by the record alone.
        """
        if not 1 <= limit <= MOST:
            raise Invalid(f"a page has 1 to {MOST} rows, not {limit}", "limit")
        conditions = [*where.conditions(self.campaign.id, to_us(as_of or self.clock.now())), *self.page_within]
        if where.ref is None and where.status not in KEPT_APART:
            conditions[0] = (
                N.c.campaign_id + 0 == self.campaign.id
            )  # walk by the key, do not sort all of the campaign's
        if where.status is not None and as_of is None:
            conditions.append(has_status(where.status))
        elif where.status is not None:
            has_status(where.status)
        before = read_cursor(cursor, ORDER)[0] if cursor else None
        with self.database.snapshot() as tx:
            if as_of is None:
                notices, last = self._next(tx, conditions, before, limit)
                items = self._lines(tx, notices, None)
            else:
                items, last = self._then(tx, conditions, before, limit, where.status, as_of)
        said = {"items": items, "next": None if last is None else cursor_of(ORDER, (last, 0))}
        return {**said, "as_of": rfc3339(as_of)} if as_of else said

    def _next(
        self, tx: Tx, conditions: Sequence[ColumnElement[bool]], before: int | None, limit: int
    ) -> tuple[list[NoticeRow], int | None]:
        """The next *limit* rows, and the id of the last if there are more."""
        statement = select(N).where(*conditions).order_by(N.c.id.desc()).limit(limit + 1)
        if before is not None:
            statement = statement.where(N.c.id < before)
        rows = [NoticeRow(*row) for row in tx.select(statement)]
        return rows[:limit], (rows[limit - 1].id if len(rows) > limit else None)

    def _then(
        self, tx: Tx, conditions: Sequence[ColumnElement[bool]], before: int | None, limit: int, status: str | None,
        as_of: datetime,
    ) -> tuple[list[dict[str, Any]], int | None]:  # fmt: skip
        items: list[dict[str, Any]] = []
        for _ in range(MOST_LOOKED_AT // AT_ONCE):
            notices, last = self._next(tx, conditions, before, AT_ONCE)
            for each in self._lines(tx, notices, as_of):
                if len(items) == limit:
                    return items, int(items[-1]["id"])
                if _wants(status, each["status"]):
                    items.append(each)
            if last is None:
                return items, None
            before = last
        return items, before

    def _lines(self, tx: Tx, notices: Sequence[NoticeRow], as_of: datetime | None) -> list[dict[str, Any]]:
        if not notices:
            return []
        which = [N.c.id.in_([each.id for each in notices])]
        courses = self._courses(tx, which, as_of, min(each.planned_at for each in notices))
        causes = self._causes(tx, which)
        then = None if as_of is None else to_us(as_of)
        return [
            line_json(each, courses.get(each.id, Course()), causes.get(each.id), as_of)
            for each in notices
            if then is None or causes.get(each.id, {"recorded_us": 0})["recorded_us"] <= then
        ]

    def counts(self, where: Where, *, recipients: bool = False) -> dict[str, Any]:
        """How many notices fit: owed at all, told, acknowledged, not delivered, waiting; by body, or by body and recipient.

        With them the mean time from sending to acknowledgement, in seconds; None if nothing was acknowledged.
        """
        conditions = [*where.conditions(self.campaign.id, NEVER), *self.within]  # none is owed ahead of its time
        if where.status is not None:
            conditions.append(has_status(where.status))
        keys = [N.c.body, N.c.recipient] if recipients else [N.c.body]
        both = and_(N.c.acknowledged_at.is_not(None), N.c.sent_at.is_not(None))
        statement = (
            select(
                *keys, func.count(), *(_number(has_status(name)) for name in COUNTED),
                func.avg(case((both, N.c.acknowledged_at - N.c.sent_at))),
            )
            .where(*conditions)
            .group_by(*keys)
            .order_by(*keys)
        )  # fmt: skip
        names = [*(["body", "recipient"] if recipients else ["body"]), "owed", *COUNTED]
        with self.database.snapshot() as tx:
            rows = steady(tx, self.campaign, statement)
        items = [
            {
                **dict(zip(names, values, strict=True)),
                "mean_to_acknowledge_s": None if mean is None else float(mean) / 1_000_000,
            }
            for *values, mean in rows
        ]
        place = {code: at for at, code in enumerate(self.campaign.bodies)}
        items.sort(key=lambda each: (place.get(each["body"], len(place)), each["body"], each.get("recipient", "")))
        total = {name: sum(each[name] for each in items) for name in ("owed", *COUNTED)}
        return {"items": items, "total": total}


COUNTED = ("told", "acknowledged", "not_delivered", "waiting")
"""The figures of a row beside the number of all; each is what the ledger lists under that status."""


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
