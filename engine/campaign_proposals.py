"""Proposals: what one person wants changed and another decides, each step on the record."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update

from engine.campaign import Campaign
from engine.canonical import nfc
from engine.clock import to_us
from engine.errors import Conflict, Invalid, NotFound
from engine.history import Line, append, chain_at
from engine.ids import new_id
from engine.orders import Actor
from engine.shapes import at
from engine.store import Statement, Tx
from engine.tables import table_of
from engine.version_tables import Proposal

P = table_of(Proposal)

MOST_OPEN = 20
"""Proposals of a campaign that may wait for a decision. PLACEHOLDER"""

LONGEST_SAID = 2_000
"""Characters of what is said of a proposal, or of why it is rejected. PLACEHOLDER"""

SHOWN = 20
"""Decided proposals of a page. PLACEHOLDER"""

OPEN, APPLIED, REJECTED, WITHDRAWN = "open", "applied", "rejected", "withdrawn"

COLUMNS = [column for column in P.columns if column.name != "content"]
LISTED = Statement(
    select(*COLUMNS).where(P.c.campaign_id == bindparam("campaign_id"), P.c.status == OPEN).order_by(P.c.id.desc())
)
DECIDED = Statement(
    select(*COLUMNS)
    .where(P.c.campaign_id == bindparam("campaign_id"), P.c.status != OPEN, P.c.id < bindparam("before"))
    .order_by(P.c.id.desc())
    .limit(bindparam("limit"))
)
ONE = Statement(
    select(*COLUMNS, P.c.content).where(P.c.campaign_id == bindparam("campaign_id"), P.c.id == bindparam("id"))
)
COUNT = Statement(select(func.count()).where(P.c.campaign_id == bindparam("campaign_id"), P.c.status == OPEN))
ADD = Statement(insert(P), [column.name for column in P.columns])
LOCK = Statement(select(P.c.status, P.c.decided_by).where(P.c.id == bindparam("id")), lock="lock_matter")
DECIDE = Statement(
    update(P)
    .where(P.c.id == bindparam("b_id"))
    .values({name: bindparam(name) for name in ("status", "decided_by", "decided_at", "reason")})
)

LAST = 2**62
"""Behind every id."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """A proposal as it is kept; *content* is empty in lists."""

    id: int
    sort: str
    digest: str
    said: str
    base: str
    proposed_by: str
    auth: str
    person: str
    proposed_at: int
    status: str
    decided_by: str | None
    decided_at: int | None
    reason: str | None
    content: str = ""

    def as_json(self) -> dict[str, Any]:
        """The proposal without its content."""
        names = ("sort", "digest", "said", "proposed_by", "status", "decided_by", "reason")
        times = {"proposed_at": at(self.proposed_at), "decided_at": at(self.decided_at)}
        return {"id": str(self.id), **{name: getattr(self, name) for name in names}, **times}


def _read(row: Any) -> Proposed:
    ident, _, *rest = row
    return Proposed(ident, *rest)


def waiting(tx: Tx, campaign: Campaign) -> list[Proposed]:
    """Every proposal that waits for a decision, the newest first."""
    return [_read(row) for row in tx.rows(LISTED, campaign_id=campaign.id)]


def decided(tx: Tx, campaign: Campaign, before: int = LAST) -> list[Proposed]:
    """A page of those that are decided, the newest first."""
    return [_read(row) for row in tx.rows(DECIDED, campaign_id=campaign.id, before=before, limit=SHOWN + 1)]


def proposed(tx: Tx, campaign: Campaign, ident: int) -> Proposed:
    """One proposal with its content. Raises NotFound."""
    row = tx.row(ONE, campaign_id=campaign.id, id=ident)
    if row is None:
        raise NotFound("there is no such proposal", "no_proposal")
    return _read(row)


def propose(tx: Tx, campaign: Campaign, new: Proposed, actor: Actor, now: datetime) -> int:
    """Keep a proposal and put it down. Raises Invalid for words that cannot be kept, Conflict if too many wait."""
    said = _words(new.said)
    if (tx.row(COUNT, campaign_id=campaign.id) or (0,))[0] >= MOST_OPEN:
        raise Conflict(f"{MOST_OPEN} proposals wait for a decision, the most: decide one first", "proposals_full")
    ident = new_id()
    values = {
        "id": ident, "campaign_id": campaign.id, "sort": new.sort, "content": new.content, "digest": new.digest, "said": said,
        "base": new.base, "proposed_by": actor.login, "auth": actor.auth, "person": actor.key, "proposed_at": to_us(now),
        "status": OPEN, "decided_by": None, "decided_at": None, "reason": None,
    }  # fmt: skip
    tx.write(ADD, values)
    _enter(
        tx,
        campaign,
        "proposed",
        ident,
        actor,
        now,
        {"sort": new.sort, "digest": new.digest, "base": new.base, "text": said},
    )
    return ident


def must_be_open(tx: Tx, ident: int) -> None:
    """Lock a proposal until the transaction ends. Raises Conflict if somebody has decided it before."""
    locked = tx.row(LOCK, id=ident)
    if locked is None or locked[0] != OPEN:
        raise Conflict(f"the proposal was decided by {locked[1] if locked else 'somebody'} before", "decided")


def decide(tx: Tx, campaign: Campaign, ident: int, status: str, actor: Actor, now: datetime, reason: str = "") -> None:
    """Put down how a proposal ended. Raises Conflict if somebody has decided it before."""
    before, why = proposed(tx, campaign, ident), _words(reason)
    must_be_open(tx, ident)
    tx.write(
        DECIDE, {"b_id": ident, "status": status, "decided_by": actor.login, "decided_at": to_us(now), "reason": why}
    )
    kind = {APPLIED: "proposal_applied", REJECTED: "proposal_rejected", WITHDRAWN: "proposal_withdrawn"}[status]
    _enter(tx, campaign, kind, ident, actor, now, {"digest": before.digest, **({"text": why} if why else {})})


def _words(text: str) -> str:
    said = nfc(text).strip()
    if len(said) > LONGEST_SAID or any(ord(char) < 32 and char not in "\n\r\t" for char in said):
        raise Invalid(f"at most {LONGEST_SAID} characters of plain text", "bad_text")
    return said


def _enter(
    tx: Tx, campaign: Campaign, kind: str, ident: int, actor: Actor, now: datetime, more: dict[str, Any]
) -> None:
    line = Line(kind, actor, to_us(now), to_us(now), trigger=f"proposal:{ident}")
    line.more = more
    append(tx, chain_at(tx, campaign.id, campaign.log, f"campaign/{campaign.code}"), line)
