"""Canonical bytes and the hashes that chain a history: what is hashed is exactly what is stored."""

import hashlib
import json
import os
import unicodedata
from collections import deque
from typing import Any

import orjson

from engine.hashes import hash_of

_encoder = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
"""The definition of the canonical form; what is faster must write the same bytes."""

_SORTED = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME

ZERO_HASH = "0" * 64
"""``prev`` of the first entry of a stream."""

SALT_BYTES = 32
"""256 bits: an unsalted hash of a mobile number falls in minutes."""

DRAWN = 64
"""Salts that are drawn from the system's source of chance at once: a call for each takes a tenth of an entry's time."""

_salts: deque[str] = deque()
"""Salts that are drawn and not given out; each is taken by one thread, and a fork draws its own."""

os.register_at_fork(after_in_child=_salts.clear)


def canonical(value: Any) -> str:
    """Write *value* as JSON with sorted keys and no spaces; only text, integers, booleans, null, lists and maps."""
    try:
        return orjson.dumps(value, option=_SORTED).decode()
    except TypeError:  # beyond 64 bits, a key that is no text, deeper than 254: rare, and for the definition to say
        return _encoder.encode(value)


def written(value: Any) -> bytes:
    """Write *value* as `canonical` does, in the bytes that are hashed."""
    try:
        return orjson.dumps(value, option=_SORTED)
    except TypeError:
        return _encoder.encode(value).encode()


def parsed(text: str | bytes) -> Any:
    """Read what `canonical` wrote. Raises ValueError for what is no JSON."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:  # half a surrogate, deeper than 1,024
        pass
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def nfc(text: str) -> str:
    """Bring *text* to Unicode NFC, so that equal-looking texts have equal bytes."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def leaf_hash(body: str, log: str = "") -> str:
    """Hash an entry's canonical body as a leaf of *log*: H(0x00 ‖ body), lower-case hex (RFC 6962, section 2.1)."""
    return leaf_of(body.encode(), log)


def leaf_of(body: bytes, log: str = "") -> str:
    """The same of the bytes of a body."""
    return hash_of(log)(b"\x00" + body).hex()


def digest(text: str) -> str:
    """SHA-256 of a text, lower-case hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def digest_of(value: Any) -> str:
    """SHA-256 of the canonical form of *value*, lower-case hex."""
    return hashlib.sha256(written(value)).hexdigest()


def new_salt() -> str:
    """A fresh salt of 256 bits, hex."""
    try:
        return _salts.popleft()
    except IndexError:
        drawn = os.urandom(SALT_BYTES * DRAWN).hex()
        _salts.extend(drawn[at : at + 2 * SALT_BYTES] for at in range(0, len(drawn) - 2 * SALT_BYTES, 2 * SALT_BYTES))
        return drawn[-2 * SALT_BYTES :]


def commitment(salt: str, value: Any, log: str = "") -> str:
    """Commit to *value* without telling it: H(salt ‖ canonical value), hex. Erasing salt and value leaves proofs whole."""
    return hash_of(log)(bytes.fromhex(salt) + written(value)).hex()
