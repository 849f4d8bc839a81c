"""Sealing: everything that waits gets its place, the root is signed, and the signed root is put outside the database."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select

from engine.anchors import (
    SUFFIX,
    Anchor,
    anchor_folders,
    append_anchor,
    file_name,
    last_anchor,
    newest_anchors,
    replace_state,
    state_folder,
)
from engine.campaign import Campaign
from engine.clock import from_us, rfc3339, to_us
from engine.errors import Conflict, VerificationFailed
from engine.failpoints import reach
from engine.hashes import hash_of
from engine.log_entries import begin_in_log, log_story, note_in_log, origin_of
from engine.log_tables import LogCheckpoint
from engine.merkle import consistency_proof, root_of
from engine.orders import SYSTEM, Actor
from engine.sequencing import StoredTree, TornLog, head_of, sequence, take_head
from engine.signed_notes import Checkpoint, read_checkpoint, sign
from engine.store import Database, Statement, Tx
from engine.tables import table_of
from engine.transacting import transact

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

C = table_of(LogCheckpoint)

EVERY = timedelta(seconds=60)
"""How often a log that has grown is sealed by itself."""

AT_LEAST = timedelta(hours=1)
"""How often it is put outside in any case: silence is told from a log that is held back."""

LAST = Statement(
    select(C.c.size, C.c.root, C.c.note, C.c.created_at)
    .where(C.c.campaign_id == bindparam("campaign_id"), C.c.epoch == bindparam("epoch"))
    .order_by(C.c.size.desc())
    .limit(1)
)
CHECKPOINTS = Statement(
    select(C.c.epoch, C.c.size, C.c.root, C.c.note, C.c.created_at)
    .where(C.c.campaign_id == bindparam("campaign_id"))
    .order_by(C.c.epoch, C.c.size)
)
ADD = Statement(insert(C), [column.name for column in C.columns])


@dataclass(frozen=True, slots=True)
class Sealed:
    """A checkpoint of the log; *new* if it was made just now."""

    note: str
    epoch: int
    at: datetime
    new: bool

    @property
    def checkpoint(self) -> Checkpoint:
        return read_checkpoint(self.note)


def last_checkpoint(tx: Tx, campaign: Campaign) -> Sealed | None:
    """The newest checkpoint of the present epoch."""
    epoch = head_of(tx, campaign.id, campaign.log).epoch
    row = tx.row(LAST, campaign_id=campaign.id, epoch=epoch)
    return Sealed(row[2], epoch, from_us(row[3]), new=False) if row else None


def short_root(tx: Tx, campaign: Campaign) -> str:
    """The newest sealed root as it is printed, sixteen digits and the number of entries; empty if there is none."""
    sealed = last_checkpoint(tx, campaign)
    return f"{sealed.checkpoint.short}@{sealed.checkpoint.size}" if sealed else ""


def seal(database: Database, campaign: Campaign, now: datetime, private: "Ed25519PrivateKey") -> Sealed | None:
    """Sequence what waits and sign the root; None if another process is at it, or there is nothing to sign.

    Raises Conflict for a key that is not the log's.
    """
    sequence(database, campaign.id, campaign.log, to_us(now))
    transact(database, lambda tx: _introduce(tx, campaign, now, private))
    sequence(database, campaign.id, campaign.log, to_us(now))
    sealed, _ = transact(database, lambda tx: _seal(tx, campaign, now, private))
    reach("sealed")
    return sealed


def _introduce(tx: Tx, campaign: Campaign, now: datetime, private: "Ed25519PrivateKey") -> None:
    """Put the key on record in a campaign that has none yet; refuse any other key. Raises Conflict."""
    public, known = private.public_key().public_bytes_raw().hex(), log_story(tx, campaign).public
    if not known:
        begin_in_log(tx, campaign)  # two nodes that begin at one moment bring one key, once
        known = log_story(tx, campaign).public
    if not known:
        introduce(tx, campaign, SYSTEM, now, public)
    elif known != public:
        raise Conflict(
            f"this is not the log's key: it is {public[:16]}…, the log's is {known[:16]}…; point DUBAN_KEY at that one",
            "key_retired",
        )


def introduce(tx: Tx, campaign: Campaign, actor: Actor, now: datetime, public: str) -> None:
    """Put the first key of a log on record."""
    note_in_log(tx, campaign, actor, now, "key", "new", {"public": public})


def _seal(tx: Tx, campaign: Campaign, now: datetime, private: "Ed25519PrivateKey") -> Sealed | None:
    head = take_head(tx, campaign.id, campaign.log)
    if head is None or head.size == 0:
        return None
    last = tx.row(LAST, campaign_id=campaign.id, epoch=head.epoch)
    if last and last[0] == head.size:
        return Sealed(last[2], head.epoch, from_us(last[3]), new=False)
    _introduce(tx, campaign, now, private)
    root = head.frontier.root()
    note = sign(Checkpoint(origin_of(campaign.log, head.epoch), head.size, root), private)
    values = {"campaign_id": campaign.id, "epoch": head.epoch, "size": head.size, "root": root, "note": note}
    tx.write(ADD, {**values, "created_at": to_us(now)})
    return Sealed(note, head.epoch, now, new=True)


def put_outside(database: Database, campaign: Campaign, sealed: Sealed, now: datetime) -> list[Path]:
    """Append a checkpoint to every folder of anchors, with the proof from the last one; return the files.

    Where another process has put a later one meanwhile, that stays the last: the log never seems to have been shorter.

    Raises VerificationFailed, and writes nothing, where the last anchor is not a beginning of this log.
    """
    refuse_bent(database, campaign)
    name = file_name(origin_of(campaign.log, sealed.epoch))
    written = []
    for folder in anchor_folders():
        path = folder / name
        last = last_anchor(path, campaign.log)
        if last is not None and last.checkpoint.size > sealed.checkpoint.size:
            continue
        if last is not None and last.checkpoint.size == sealed.checkpoint.size:
            since = now - datetime.fromisoformat(last.at)
            if timedelta(0) <= since < AT_LEAST:
                continue
        append_anchor(path, _line(database, campaign, sealed, now, last.checkpoint.size if last else 0))
        written.append(path)
    reach("anchored")
    kept = last_anchor(state_folder() / name, campaign.log)
    if kept is None or kept.checkpoint.size <= sealed.checkpoint.size:
        replace_state(state_folder() / name, {"at": rfc3339(now), "note": sealed.note})
    return written


def _line(database: Database, campaign: Campaign, sealed: Sealed, now: datetime, old: int) -> dict[str, Any]:
    size = sealed.checkpoint.size
    with database.snapshot() as tx:
        proof = consistency_proof(
            hash_of(campaign.log), StoredTree(tx, campaign.id, campaign.log), min(old, size), size
        )
    return {"at": rfc3339(now), "from": old, "proof": [each.hex() for each in proof], "note": sealed.note}


def outside(log: str) -> list[Anchor]:
    """The newest anchors of a log in the configured folders and in this node's own state."""
    return newest_anchors([each for each in (*anchor_folders(), state_folder()) if each.is_dir()], log)


def bent(tx: Tx, campaign: Campaign, anchors: Sequence[Anchor]) -> dict[str, Any] | None:
    """The first finding of holding the stored tree against *anchors*; None if all agree."""
    head = head_of(tx, campaign.id, campaign.log)
    tree = StoredTree(tx, campaign.id, campaign.log)
    for each in anchors:
        said, size = each.checkpoint, each.checkpoint.size
        if each.epoch > head.epoch or (each.epoch == head.epoch and size > head.size):
            words = (
                f"{each.place} anchors {size} entries of epoch {each.epoch}; "
                f"the database has {head.size} of epoch {head.epoch}"
            )
            return {"code": "rollback", "stream": None, "seq": None, "idx": head.size, "message": words}
        if each.epoch == head.epoch and _root(tree, size) != said.root:
            words = f"{each.place} anchors another history: at {size} entries the root is not {said.short}…"
            return {"code": "fork", "stream": None, "seq": None, "idx": size, "message": words}
    return None


def _root(tree: StoredTree, size: int) -> bytes:
    try:
        return root_of(tree.hashing, tree, 0, size)
    except TornLog:
        return b""


def refuse_bent(database: Database, campaign: Campaign) -> None:
    """Raise VerificationFailed, with advice, if the database was put back behind its last anchor or goes another way."""
    anchors = outside(campaign.log)
    if not anchors:
        return
    with database.snapshot() as tx:
        finding = bent(tx, campaign, anchors)
    if finding is not None:
        raise VerificationFailed(
            finding["message"], finding["code"],
            hint="put the newer database back; if it is lost, two people put that on record: "
            "duban audit recover --reason … --approve-by LOGIN",
        )  # fmt: skip


def stamp_outside(campaign: Campaign, sealed: Sealed, now: datetime, url: str) -> list[Path]:
    """Have a checkpoint stamped by the authority at *url* and keep the stamp in every folder of anchors; return the files.

    Raises Unavailable or Invalid if the authority does not stamp it.
    """
    from engine.timestamps import ask_stamp

    stamp = base64.b64encode(ask_stamp(url, sealed.checkpoint.text.encode())).decode()
    name = file_name(origin_of(campaign.log, sealed.epoch)).replace(SUFFIX, f".tsr{SUFFIX}")
    written = [folder / name for folder in anchor_folders()]
    for path in written:
        append_anchor(path, {"at": rfc3339(now), "note": sealed.note, "tsr": stamp})
    return written
