"""Proofs out of the log: that entries are in it, without telling the others; that it only grew."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from engine.campaign import Campaign
from engine.checkpoints import Sealed, last_checkpoint
from engine.errors import Invalid, NotFound
from engine.merkle import consistency_proof, inclusion_proof
from engine.rows import E
from engine.sequencing import L, StoredTree
from engine.store import Tx


def newest(tx: Tx, campaign: Campaign) -> Sealed:
    """The newest checkpoint. Raises NotFound if there is none to prove against."""
    sealed = last_checkpoint(tx, campaign)
    if sealed is None:
        raise NotFound("there is no checkpoint to prove against; do: duban audit checkpoint", "no_checkpoint")
    return sealed


def proofs(tx: Tx, campaign: Campaign, streams: Iterable[str]) -> dict[str, Any]:
    """Every entry of *streams* that the newest checkpoint covers, with its proof. Raises NotFound without a checkpoint."""
    sealed = newest(tx, campaign)
    size, tree = sealed.checkpoint.size, StoredTree(tx, campaign.id, campaign.log)
    rows = tx.select(
        select(E.c.stream, E.c.seq, E.c.record, E.c.hash, L.c.idx)
        .join(L, (L.c.campaign_id == E.c.campaign_id) & (L.c.stream == E.c.stream) & (L.c.seq == E.c.seq))
        .where(E.c.campaign_id == campaign.id, E.c.stream.in_(sorted(streams)), L.c.idx < size)
        .order_by(E.c.stream, E.c.seq)
    )
    entries = [
        {
            "stream": stream, "seq": seq, "idx": idx, "leaf": leaf, "record": record,
            "proof": [each.hex() for each in inclusion_proof(tree.hashing, tree, idx, size)],
        }
        for stream, seq, record, leaf, idx in rows
    ]  # fmt: skip
    return {"checkpoint": sealed.note, "size": size, "root": sealed.checkpoint.root.hex(), "entries": entries}


def proof_of(tx: Tx, campaign: Campaign, stream: str, seq: int) -> dict[str, Any] | None:
    """That one entry is in the newest checkpoint, without what it says; None as long as no checkpoint covers it."""
    sealed = last_checkpoint(tx, campaign)
    where = (L.c.campaign_id == campaign.id, L.c.stream == stream, L.c.seq == seq)
    rows = tx.select(select(L.c.idx).where(*where)) if sealed is not None else []
    if sealed is None or not rows or rows[0][0] >= sealed.checkpoint.size:
        return None
    (idx,), size, tree = rows[0], sealed.checkpoint.size, StoredTree(tx, campaign.id, campaign.log)
    proof = [each.hex() for each in inclusion_proof(tree.hashing, tree, idx, size)]
    return {
        "idx": idx, "size": size, "root": sealed.checkpoint.root.hex(), "proof": proof, "checkpoint": sealed.note,
    }  # fmt: skip


def growth(tx: Tx, campaign: Campaign, old: int) -> dict[str, Any]:
    """That the log of *old* entries is the beginning of the newest checkpoint's. Raises Invalid, NotFound."""
    sealed = newest(tx, campaign)
    size, tree = sealed.checkpoint.size, StoredTree(tx, campaign.id, campaign.log)
    if old > size:
        raise Invalid(f"the newest checkpoint has {size} entries, fewer than {old}", "size")
    proof = [each.hex() for each in consistency_proof(tree.hashing, tree, old, size)]
    return {"checkpoint": sealed.note, "from": old, "size": size, "root": sealed.checkpoint.root.hex(), "proof": proof}
