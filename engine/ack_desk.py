"""What a link may do: show what it acknowledges, and acknowledge it once, on the road that everybody takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from engine.ack_links import Claim, Links, mark_of
from engine.counterfoils import Counterfoil, of_acknowledgement
from engine.digest_words import KIND as DIGEST
from engine.digests import members
from engine.errors import Refused
from engine.notice_desk import NoticeDesk
from engine.orders import Actor
from engine.rows import MATTER_BY_REF, MatterRow, NoticeRow
from engine.service import Engine
from engine.store import Tx
from engine.told import notices_by_id

AUTH = "link"
"""How we know who acknowledges: by the link that was sent there, and by nothing else."""

Status = Literal["open", "done", "expired", "over", "cancelled", "early", "unknown"]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a link stands. *notices* are empty for an unknown one, of which nothing is said.

    *open*: it can be acknowledged; *done*: it was, by this link or otherwise; *over*: the matter is closed;
    *early*: it is not marked as sent yet.
    """

    status: Status
    notices: Sequence[NoticeRow] = ()


UNKNOWN = Standing("unknown")


class AckDesk:
    """Look at links and acknowledge by them, for one campaign."""

    def __init__(self, engine: Engine, links: Links) -> None:
        self.engine = engine
        self.links = links

    def look(self, token: str) -> Standing:
        """How the link stands; nothing changes, however often somebody looks."""
        claim = self.links.read(token)
        if claim is None:
            return UNKNOWN
        with self.engine.database.snapshot() as tx:
            return self._standing(tx, claim)

    def acknowledge(self, token: str) -> Standing:
        """Acknowledge what the link is for, if it still stands open, and say how it stood before."""
        claim = self.links.read(token)
        if claim is None:
            return UNKNOWN

        def work(tx: Tx) -> Standing:
            standing = self._standing(tx, claim)
            if standing.status != "open":
                return standing
            for notice in standing.notices:
                actor = Actor(notice.recipient, AUTH, frozenset({(notice.body, "")}))
                NoticeDesk(self.engine, actor).acknowledge_in(tx, str(notice.id))
            return standing

        try:
            return self.engine.in_transaction(work)
        except Refused:  # it was put back meanwhile: nothing of it was acknowledged
            return self.look(token)

    def receipts(self, token: str) -> list[Counterfoil]:
        """What proves that the notices of this link were acknowledged, by it or otherwise; none as long as they were not."""
        claim = self.links.read(token)
        if claim is None:
            return []
        with self.engine.database.snapshot() as tx:
            standing = self._standing(tx, claim)
            told = [each for each in standing.notices if each.acknowledged_at is not None]
            found = [of_acknowledgement(tx, self.engine.campaign, each) for each in told]
        return [each for each in found if each is not None]

    def _standing(self, tx: Tx, claim: Claim) -> Standing:
        campaign = self.engine.campaign
        found = {row.id: row for row in notices_by_id(tx, campaign.id, claim.notices)}
        notices = [found[ident] for ident in claim.notices if ident in found]
        if len(notices) < len(claim.notices) or mark_of([row.recipient for row in notices]) != claim.mark:
            return UNKNOWN
        status = self._status(tx, claim, notices)
        shown = [row for row in notices if row.status == "sent"] if status == "open" else notices
        return Standing(status, shown)

    def _status(self, tx: Tx, claim: Claim, notices: Sequence[NoticeRow]) -> Status:
        statuses = {row.status for row in notices}
        if statuses <= {"acknowledged", "cancelled"}:
            return "done" if "acknowledged" in statuses else "cancelled"
        if self.engine.clock.now() >= claim.expires_at:
            return "expired"
        if "sent" not in statuses:
            return "early"
        refs = {ref for row in notices if row.status == "sent" for ref in self._refs(tx, row)}
        return "over" if None not in refs and all(self._closed(tx, str(ref)) for ref in refs) else "open"

    def _refs(self, tx: Tx, notice: NoticeRow) -> set[str | None]:
        """The matters that a notice speaks of: of a digest those of what rides in it."""
        riding = members(tx, notice.id, "sent") if notice.kind == DIGEST else []
        return {each.ref for each in riding or (notice,)}

    def _closed(self, tx: Tx, ref: str) -> bool:
        row = tx.row(MATTER_BY_REF, campaign_id=self.engine.campaign.id, ref=ref)
        return row is None or bool(MatterRow(*row).closed)
