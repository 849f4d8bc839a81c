"""The bytes of documents that an erasure destroys: whose they are, who else uses them, and what is destroyed by now."""

from collections.abc import Collection, Mapping

from sqlalchemy import bindparam, select

from engine.campaign import Campaign
from engine.errors import Reason, Refused
from engine.held import Held
from engine.privacy_record import PrivacyStory
from engine.rows import A, M
from engine.store import Statement, Tx

PAPER = "paper/"
"""How the bytes of a document are named among the places of an erasure: with their hash behind."""

OF_MATTER = Statement(select(A.c.sha256, A.c.kind).where(A.c.matter_id == bindparam("matter_id")).order_by(A.c.seq))


def papers_of(tx: Tx, held: Held, spare: Collection[str] = ()) -> dict[str, str]:
    """The hashes of a matter's documents, all versions, with their kinds; not those to *spare*."""
    rows = tx.rows(OF_MATTER, matter_id=held.row.id)
    return {sha256: kind for sha256, kind in rows if PAPER + sha256 not in spare}


def users_of(tx: Tx, hashes: Collection[str]) -> dict[str, set[str]]:
    """Who uses these bytes: references of matters of all campaigns, each behind its campaign's number."""
    found: dict[str, set[str]] = {}
    wanted = select(A.c.sha256, M.c.campaign_id, M.c.ref).join(M, M.c.id == A.c.matter_id)
    for sha256, campaign_id, ref in tx.select(wanted.where(A.c.sha256.in_(sorted(hashes)))) if hashes else ():
        found.setdefault(sha256, set()).add(f"{campaign_id} {ref}")
    return found


def refuse_used(tx: Tx, campaign: Campaign, ref: str, papers: Mapping[str, str]) -> None:
    """Raise Refused if another matter uses one of the documents of *ref* that are to be destroyed."""
    for sha256, users in sorted(users_of(tx, papers).items()):
        if users - {f"{campaign.id} {ref}"}:
            reason = Reason(
                "document_used", f"材料 {sha256[:12]}… 另有事项在用，请保留此处",
                f"another matter uses the document {sha256[:12]}… too: leave it out",
            )  # fmt: skip
            raise Refused(
                f"the document {sha256[:12]}… of {ref} is used by another matter too", "document_used", [reason]
            )


def destroyed(campaign: Campaign, story: PrivacyStory) -> dict[str, set[str]]:
    """The hashes of the documents that erasures destroyed, each with the matters (as of `users_of`) of which they did."""
    found: dict[str, set[str]] = {}
    for each in story.requests.values():
        if each.status == "erased":
            for sha256 in each.papers:
                found.setdefault(sha256, set()).add(f"{campaign.id} {each.target.get('matter')}")
    return found
