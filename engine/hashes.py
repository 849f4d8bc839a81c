"""The hash functions of a log: SHA-256, or SM3 (GB/T 32905-2016) for the whole of it, chosen once and named in its origin."""

import hashlib
from collections.abc import Callable

Hash = Callable[[bytes], bytes]

SM3_MARK = "/sm3"
"""How the name of a log ends whose every hash is SM3; without it every hash is SHA-256."""

NAMES = ("sha256", "sm3")
"""What a database may be begun with."""


def sha256(content: bytes) -> bytes:
    """SHA-256, 32 bytes."""
    return hashlib.sha256(content).digest()


def _made_sm3() -> Hash:
    """SM3 of the standard library, or of `cryptography` where its OpenSSL was built without it."""
    if "sm3" in hashlib.algorithms_available:
        return lambda content: hashlib.new("sm3", content).digest()
    from cryptography.hazmat.primitives.hashes import SM3
    from cryptography.hazmat.primitives.hashes import Hash as Hashing

    def sm3_of(content: bytes) -> bytes:
        hashing = Hashing(SM3())
        hashing.update(content)
        return hashing.finalize()

    return sm3_of


sm3 = _made_sm3()


def hash_of(log: str) -> Hash:
    """The hash function of the log or origin of this name."""
    return sm3 if SM3_MARK in log else sha256


def hash_name(log: str) -> str:
    """Its name."""
    return "sm3" if SM3_MARK in log else "sha256"
