"""Receipts: what whoever acted takes away, so that nobody can drop the act before it is sealed."""

import json
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from engine.campaign import Campaign
from engine.errors import DubanError
from engine.log_entries import log_stream, receipt_text
from engine.rows import E
from engine.signing_key import key_path, load_key
from engine.store import Database, Statement

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

Entered = Mapping[tuple[str, int], str]
"""What `engine.history.watch_entries` took down: hashes by stream and number."""

MOST = 100
"""Receipts handed out with one act; the others are to be asked for one by one. PLACEHOLDER"""

COMINGS = ("access/", "denials/")
"""Streams of who came in and who was refused: no act of anybody's that is acknowledged."""

FIND = Statement(
    select(E.c.record, E.c.hash).where(
        E.c.campaign_id == bindparam("campaign_id"), E.c.stream == bindparam("stream"), E.c.seq == bindparam("seq")
    )
)
KEYS = Statement(
    select(E.c.record)
    .where(E.c.campaign_id == bindparam("campaign_id"), E.c.stream == bindparam("stream"), E.c.kind == "key")
    .order_by(E.c.seq.desc())
)


class Signing:
    """Sign receipts with the log's key, where it can be read and is the log's; without it a receipt still names the leaf.

    The key's file is looked at with every receipt, so that a process that lasts goes on with a new key by itself.
    """

    def __init__(self, database: Database, campaign: Campaign) -> None:
        self._database = database
        self._campaign = campaign
        self._path = key_path(campaign.log.partition("/")[0])
        self._looked: tuple[int, ...] | None = None
        self._private: Ed25519PrivateKey | None = None

    def signed(self, receipt: Mapping[str, Any]) -> dict[str, Any]:
        """The receipt with the log's signature on it, if there is a key for that."""
        private = self._key()
        if private is None:
            return dict(receipt)
        text = receipt_text(receipt["log"], receipt["stream"], receipt["seq"], receipt["leaf"])
        return {**receipt, "sig": private.sign(text).hex()}

    def sign(self, text: bytes) -> str | None:
        """The log's signature of *text*, hex; None if there is no key for that."""
        private = self._key()
        return None if private is None else private.sign(text).hex()

    def _key(self) -> "Ed25519PrivateKey | None":
        try:
            about = os.stat(self._path)  # noqa: PTH116  a fifth of what pathlib takes, with every act
        except OSError:
            self._looked = None
            return None
        now = (about.st_ino, about.st_mtime_ns, about.st_size, about.st_mode)
        if now != self._looked:
            self._private = self._read()
            self._looked = now if self._private is not None else None
        return self._private

    def _read(self) -> "Ed25519PrivateKey | None":
        """The key, unless it cannot be read, or the record knows of keys and this is none of them."""
        try:
            private = load_key(self._path)
        except DubanError:  # whoever seals tells the operator; here the act is done, and its receipt goes without
            return None
        if private is None:
            return None
        campaign = self._campaign
        with self._database.snapshot() as tx:
            rows = tx.rows(KEYS, campaign_id=campaign.id, stream=log_stream(campaign.code))
        known = {json.loads(record).get("key", {}).get("public") for (record,) in rows}
        public = private.public_key().public_bytes_raw().hex()
        return private if not known or public in known else None


def acts_among(entered: Entered) -> dict[tuple[str, int], str]:
    """Of what was entered the acts, in their order: who came and went is left out."""
    return {key: leaf for key, leaf in entered.items() if not key[0].startswith(COMINGS)}


def committed(database: Database, campaign: Campaign, leaves: Entered) -> list[dict[str, Any]]:
    """Receipts, not signed yet, of those of *leaves* that are in the database, in the order in which they were made."""
    found = []
    with database.snapshot() as tx:
        for (stream, seq), leaf in leaves.items():
            row = tx.row(FIND, campaign_id=campaign.id, stream=stream, seq=seq)
            if row is not None and row[1] == leaf:
                found.append({"log": campaign.log, "stream": stream, "seq": seq, "leaf": leaf})
    return found


def read_receipt(said: Any) -> tuple[str, str, int, str] | None:
    """Log, stream, number and leaf of a receipt that somebody brings; None for what is none, or names what no database has."""
    if not isinstance(said, dict):
        return None
    log, stream, seq, leaf = (said.get(name) for name in ("log", "stream", "seq", "leaf"))
    texts = isinstance(log, str) and isinstance(stream, str) and isinstance(leaf, str)
    if not texts or type(seq) is not int or not 0 < seq < BEYOND or not f"{log}{stream}{leaf}".isprintable():
        return None
    return str(log), str(stream), seq, str(leaf)


BEYOND = 2**31
"""Beyond the last number that a stream can have."""
