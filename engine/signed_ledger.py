"""The ledger of erasures under the log's key: a forged one and a cut one are told from the right one."""

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.canonical import canonical
from engine.errors import Invalid
from engine.log_entries import LogStory, rotation_text
from engine.signed_notes import LOG, Key

if TYPE_CHECKING:
    from engine.receipts import Signing

SIGNED = ("form", "campaign", "log", "last", "keys", "erasures")
"""What the signature covers: all of the ledger but the signature itself."""


def ledger_text(said: Mapping[str, Any]) -> bytes:
    """What the log's key signs of a ledger: its form, its log, and the hash of all it says."""
    digest = hashlib.sha256(canonical({name: said[name] for name in SIGNED}).encode()).hexdigest()
    return f"duban erasures/v2\n{said['log']}\n{digest}\n".encode()


def keys_of(story: LogStory) -> list[dict[str, str]]:
    """The keys of the log one after the other, each change with its signature: a restored database may not know the newest."""
    return [{"public": use.public, "replaces": use.replaces, "by_old": use.by_old} for use in story.keys]


def under_signature(said: dict[str, Any], signing: "Signing") -> dict[str, Any]:
    """The ledger with the log's signature, if there is a key for that."""
    return {**said, "sig": signing.sign(ledger_text(said))}


def check_signature(said: Mapping[str, Any], story: LogStory) -> None:
    """Raise Invalid unless the ledger is signed by a key of this log, or the log has none.

    A key that the database does not know yet is believed if the one before it has signed the change.
    """
    if not story.keys:
        return
    sig = said.get("sig")
    if not isinstance(sig, str):
        raise Invalid(
            "the ledger is not signed, and the log has a key: take one by duban privacy ledger", "ledger_unsigned"
        )
    try:
        text, believed = ledger_text(said), {use.public for use in story.keys}
        for use in said["keys"]:
            by = rotation_text(said["log"], use["replaces"], use["public"])
            if use["replaces"] in believed and _signs(use["replaces"], use["by_old"], by):
                believed.add(use["public"])
    except (KeyError, TypeError, AttributeError, ValueError):
        believed, text = set(), b""
    if not any(_signs(public, sig, text) for public in believed):
        raise Invalid(
            "no key of the log has signed this ledger: it was changed, or somebody else wrote it", "ledger_forged"
        )


def _signs(public: str, sig: str, text: bytes) -> bool:
    try:
        return Key("", LOG, bytes.fromhex(public)).signs(bytes.fromhex(sig), text)
    except (ValueError, TypeError):
        return False
