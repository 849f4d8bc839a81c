"""Canonical bytes and the hashes that chain a history: what is hashed is exactly what is stored."""

import hashlib
import json
import json.encoder
import secrets
import unicodedata
from collections.abc import Callable
from typing import Any

from engine.hashes import hash_of

_encoder = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _encoding() -> Callable[[Any], str]:
    """The encoder's own inner one, made once: `encode` makes it anew for every value, which takes as long as using it.

    A value that holds itself ends in a RecursionError instead of a ValueError; none of ours can.
    """
    make: Any = getattr(json.encoder, "c_make_encoder", None)
    if make is None:  # an interpreter without it
        return _encoder.encode
    inner = make(None, _encoder.default, json.encoder.encode_basestring, None, ":", ",", True, False, False)
    return lambda value: "".join(inner(value, 0))


_encode = _encoding()

_decoder = json.JSONDecoder()

ZERO_HASH = "0" * 64
"""``prev`` of the first entry of a stream."""

SALT_BYTES = 32
"""256 bits: an unsalted hash of a mobile number falls in minutes."""


def canonical(value: Any) -> str:
    """Write *value* as JSON with sorted keys and no spaces; only text, integers, booleans, null, lists and maps."""
    return _encode(value)


def parsed(text: str) -> Any:
    """Read what `canonical` wrote: no blank before it and none after. Raises ValueError for anything else."""
    value, end = _decoder.raw_decode(text)
    return value if end == len(text) else json.loads(text)


def nfc(text: str) -> str:
    """Bring *text* to Unicode NFC, so that equal-looking texts have equal bytes."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def leaf_hash(body: str, log: str = "") -> str:
    """Hash an entry's canonical body as a leaf of *log*: H(0x00 ‖ body), lower-case hex (RFC 6962, section 2.1)."""
    return hash_of(log)(b"\x00" + body.encode()).hex()


def digest(text: str) -> str:
    """SHA-256 of a text, lower-case hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def new_salt() -> str:
    """A fresh salt of 256 bits, hex."""
    return secrets.token_hex(SALT_BYTES)


def commitment(salt: str, value: Any, log: str = "") -> str:
    """Commit to *value* without telling it: H(salt ‖ canonical value), hex. Erasing salt and value leaves proofs whole."""
    return hash_of(log)(bytes.fromhex(salt) + canonical(value).encode()).hex()
