"""Grants that wait for a second person, and posts that are taken back."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, or_, select, update

from engine.access_tables import GrantProposal
from engine.clock import from_us, rfc3339, to_us
from engine.ids import new_id
from engine.orders import Actor
from engine.people_tables import Grant
from engine.store import Statement, Tx
from engine.tables import table_of

A, G = table_of(GrantProposal), table_of(Grant)

LONGEST_ID = 19
"""Digits of the largest number of 63 bits."""

ADD = Statement(insert(A), [column.name for column in A.columns])
ONE = Statement(
    select(*A.columns).where(A.c.campaign_id == bindparam("campaign_id"), A.c.id == bindparam("id")), lock="lock_matter"
)
ALL = Statement(select(*A.columns).where(A.c.campaign_id == bindparam("campaign_id")).order_by(A.c.id))
DECIDE = Statement(
    update(A)
    .where(A.c.id == bindparam("b_id"))
    .values(status=bindparam("status"), decided_by=bindparam("decided_by"), decided_at=bindparam("decided_at"))
)
TAKE_BACK = Statement(
    update(G)
    .where(
        G.c.campaign_id == bindparam("b_campaign_id"),
        G.c.login == bindparam("b_login"),
        G.c.body == bindparam("b_body"),
        G.c.post == bindparam("b_post"),
        or_(G.c.valid_to.is_(None), G.c.valid_to > bindparam("b_now")),
    )
    .values(valid_to=bindparam("valid_to"))
)


def propose(
    tx: Tx, campaign_id: int, actor: Actor, login: str, seat: tuple[str, str], until: datetime | None, now: datetime
) -> str:
    """Store a proposal; return its id."""
    ident = new_id()
    tx.write(
        ADD,
        {
            "id": ident, "campaign_id": campaign_id, "login": login, "body": seat[0], "post": seat[1],
            "valid_to": to_us(until) if until else None, "proposed_by": actor.login, "proposed_persons": actor.trace,
            "proposed_at": to_us(now), "status": "open", "decided_by": None, "decided_at": None,
        },
    )  # fmt: skip
    return str(ident)


def one(tx: Tx, campaign_id: int, ident: str) -> dict[str, Any] | None:
    """The proposal *ident*, locked; None if there is none."""
    number = int(ident) if ident.isascii() and ident.isdecimal() and len(ident) <= LONGEST_ID else -1
    number = number if number < 1 << 63 else -1
    row = tx.row(ONE, campaign_id=campaign_id, id=number)
    return _named(row) if row else None


def every(tx: Tx, campaign_id: int) -> list[dict[str, Any]]:
    """All proposals of a campaign, the oldest first."""
    return [_named(row) for row in tx.rows(ALL, campaign_id=campaign_id)]


def decide(tx: Tx, ident: int, status: str, by: str, now: datetime) -> None:
    """Write down how a proposal ended."""
    tx.write(DECIDE, {"b_id": ident, "status": status, "decided_by": by, "decided_at": to_us(now)})


def take_back(tx: Tx, campaign_id: int, login: str, body: str, post: str, now: datetime) -> None:
    """End every grant of a post to *login* that has not ended."""
    values = {"b_campaign_id": campaign_id, "b_login": login, "b_body": body, "b_post": post, "b_now": to_us(now)}
    tx.write(TAKE_BACK, {**values, "valid_to": to_us(now)})


def as_json(row: dict[str, Any]) -> dict[str, Any]:
    """A proposal as lists show it."""
    return {
        "id": str(row["id"]), "login": row["login"], "grant": f"{row['body']}.{row['post']}",
        "until": rfc3339(from_us(row["valid_to"])) if row["valid_to"] is not None else None,
        "proposed_by": row["proposed_by"], "proposed_at": rfc3339(from_us(row["proposed_at"])),
        "status": row["status"], "decided_by": row["decided_by"],
    }  # fmt: skip


def _named(row: Any) -> dict[str, Any]:
    return dict(zip([column.name for column in A.columns], row, strict=True))
