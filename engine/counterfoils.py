"""Counterfoils (存根): receipts asked for again, by who made the entry or sees it, with the seal as soon as there is one."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import literal, select

from engine.campaign import Campaign
from engine.canonical import parsed
from engine.checkpoints import last_checkpoint
from engine.deliveries import stream_of_notice
from engine.errors import NotFound, Unseen
from engine.log_proofs import proof_of
from engine.log_search import WantedEntries, seen_entries
from engine.orders import Actor
from engine.own_entries import own_page
from engine.receipts import COMINGS, FIND, Signing
from engine.rows import E, N, NoticeRow
from engine.sight import Sight
from engine.store import Tx
from engine.viewing import View

LAST = 2**31
"""Beyond the last number that a stream can have."""


@dataclass(frozen=True, slots=True)
class Counterfoil:
    """An entry that somebody may have the receipt of: what was hashed, its leaf, and its seal; None as long as it has none."""

    log: str
    record: str
    leaf: str
    body: Mapping[str, Any]
    sealed: Mapping[str, Any] | None

    @property
    def receipt(self) -> dict[str, Any]:
        """The receipt itself, not signed yet."""
        return {"log": self.log, "stream": self.body["stream"], "seq": self.body["seq"], "leaf": self.leaf}


def counterfoil(view: View, sight: Sight | None, actor: Actor, stream: str, seq: int) -> Counterfoil:
    """The entry *seq* of *stream*, for whoever made it or, by his *sight*, sees it.

    Raises NotFound for one that is not there, and the same for one that is not for *actor*: what is foreign does not exist.
    """
    campaign, nothing = view.campaign, f"there is no entry {seq} of {stream[:200]!r}"
    with view.database.snapshot() as tx:
        row = tx.row(FIND, campaign_id=campaign.id, stream=stream, seq=seq) if 0 < seq < LAST else None
        record, leaf = row or (None, "")
        body = json.loads(record) if record is not None else {"stream": stream, "seq": seq}
        sees = sight is not None and _sees(tx, view, sight, body)  # asked also where there is none: it takes as long
        if record is None:
            raise NotFound(nothing, "no_entry")
        if not (_had_a_hand(body, actor) or sees):
            raise Unseen(nothing, "no_entry")
        return Counterfoil(campaign.log, record, leaf, body, proof_of(tx, campaign, stream, seq))


def of_acknowledgement(tx: Tx, campaign: Campaign, notice: NoticeRow) -> Counterfoil | None:
    """The entry by which *notice* was acknowledged, for whoever may know of it; None as long as there is none."""
    stream = stream_of_notice(campaign, notice)
    rows = tx.select(
        select(E.c.record, E.c.hash)
        .where(E.c.campaign_id == campaign.id, E.c.stream == stream, E.c.trigger == "acknowledge")
        .where(E.c.kind == "notice", E.c.recorded_at == notice.acknowledged_at)
    )
    for record, leaf in rows:
        body = parsed(record)
        if body.get("notice") == str(notice.id):
            return Counterfoil(campaign.log, record, leaf, body, proof_of(tx, campaign, stream, body["seq"]))
    return None


def receipt_file(signing: Signing, found: Iterable[Counterfoil]) -> bytes:
    """The file that verifiers take: a line a receipt, signed if there is a key, with its seal if there is one."""
    lines = [json.dumps({**signing.signed(each.receipt), "sealed": each.sealed}, ensure_ascii=False) for each in found]
    return "".join(f"{line}\n" for line in lines).encode()


def own_entries(
    view: View, sight: Sight, actor: Actor, since: datetime, until: datetime | None, limit: int, cursor: str | None
) -> dict[str, Any]:
    """A page of what *actor* entered himself since then, newest first: entries as `engine.log_search` has them.

    ``receipt`` is theirs, not signed yet, and ``sealed`` says whether a checkpoint covers them. Raises Invalid.
    """
    found = own_page(view, sight, WantedEntries(actor=actor.login, since=since, until=until), limit, cursor)
    with view.database.snapshot() as tx:
        sealed = last_checkpoint(tx, view.campaign)
    size = sealed.checkpoint.size if sealed is not None else 0
    entries = [each for each in (*found["waiting"], *found["items"]) if not each["stream"].startswith(COMINGS)]
    log = view.campaign.log
    for each in entries:
        each["receipt"] = {"log": log, "stream": each["stream"], "seq": each["seq"], "leaf": each["hash"]}
        each["sealed"] = each["idx"] is not None and each["idx"] < size
    return {"items": entries, "next": found["next"]}


def _had_a_hand(body: Mapping[str, Any], actor: Actor) -> bool:
    """Whether it is the actor's own act: he did it, it was done for him, or he approved it."""
    inner = body.get(body["kind"])
    said = [body.get("approved_by"), inner.get("approved_by") if isinstance(inner, Mapping) else None]
    approvers = [each.get("login") if isinstance(each, Mapping) else each for each in said]
    return actor.login in (body["actor"], body.get("on_behalf_of"), *approvers)


def _sees(tx: Tx, view: View, sight: Sight, body: Mapping[str, Any]) -> bool:
    """Whether somebody else's entry is seen: by who looks into the record, and of a matter by whoever has it before him.

    What came of a notice is also seen by whoever sees the notice, whatever it is about.
    """
    stream, seq = body["stream"], body["seq"]
    if sight.may("audit"):
        which = (E.c.campaign_id == view.campaign.id, E.c.stream == stream, E.c.seq == seq)
        return bool(tx.select(select(literal(1)).select_from(E).where(*which, *seen_entries(view, sight))))
    about, _, ref = stream.partition("/")
    if about == "matter":
        return bool(view.among(tx, [ref]))
    return about == "notices" and sight.may("notices") and (bool(view.among(tx, [ref])) or _told(tx, view, body))


def _told(tx: Tx, view: View, body: Mapping[str, Any]) -> bool:
    """Whether the one notice that the entry is about is among those that are seen."""
    ident = body.get("notice")
    if ident is None:
        return False
    which = (N.c.campaign_id == view.campaign.id, N.c.id == int(ident), *view.notices_within(few=True))
    return bool(tx.select(select(literal(1)).select_from(N).where(*which)))
