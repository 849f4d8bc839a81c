"""Keys that seal what nobody may read in the database: in files outside it, for their owner's eyes alone.

A file has one key a line (32 bytes in base64). The first seals; those behind it are of before, and only open, until all that
they sealed is sealed with the first.
"""

import base64
import hashlib
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from engine.errors import Invalid, Unavailable
from engine.private_files import sync_folder, write_private

T = TypeVar("T")

NONCE = 12
"""Bytes of a nonce of AES-GCM (NIST SP 800-38D, 8.2)."""

LARGEST_KEY_FILE = 4096
"""Bytes read of a key's file; a key is 44 characters."""


@dataclass(frozen=True)
class Ring:
    """The keys of one *purpose*, the first of which seals. None at all: *missing* says why, *hint* what to do."""

    purpose: str
    keys: tuple[bytes, ...] = ()
    missing: str = ""
    hint: str = ""

    def key(self) -> bytes:
        """The key that seals. Raises Unavailable without one."""
        if not self.keys:
            raise Unavailable(self.missing, f"no_{self.purpose.replace(' ', '_')}_key", hint=self.hint)
        return self.keys[0]

    def name(self) -> str:
        """What tells the sealing key from another, and nothing of it. Raises Unavailable without one."""
        return name_of(self.purpose, self.key())

    def seal(self, text: str, about: bytes) -> str:
        """Seal *text*, bound to what it is *about*, so that it cannot be put elsewhere. Raises Unavailable."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = secrets.token_bytes(NONCE)
        return base64.b64encode(nonce + AESGCM(self.key()).encrypt(nonce, text.encode(), about)).decode()

    def opened(self, sealed: str, about: bytes, name: str) -> str | None:
        """The text that the key *name* has sealed; None if it was changed, or that key is not here. Raises Unavailable."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self.key()
        held = next((each for each in self.keys if name_of(self.purpose, each) == name), None)
        try:
            content = base64.b64decode(sealed, validate=True)
            return None if held is None else AESGCM(held).decrypt(content[:NONCE], content[NONCE:], about).decode()
        except (InvalidTag, ValueError):
            return None


def name_of(purpose: str, key: bytes) -> str:
    """The name of a key."""
    return hashlib.sha256(f"duban {purpose} key/v1\0".encode() + key).hexdigest()[:16]


def new_key() -> bytes:
    """A key nobody has."""
    return secrets.token_bytes(32)


def new_key_file(path: Path, key: bytes | None = None) -> None:
    """Keep a key, a new one if none is said, in *path* for its owner's eyes. Raises Invalid if something is there."""
    try:
        write_private(path, _written([key or new_key()]))
    except FileExistsError:
        raise Invalid(f"there is a file {path} already; a key is never written over", "key") from None


def keep_keys(path: Path, keys: list[bytes]) -> None:
    """Put *keys* into *path* in the place of those there; a reader finds the old file or the new one. Raises Unavailable."""
    beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        write_private(beside, _written(keys))
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise Unavailable(f"the key cannot be written to {path}: {error.strerror}", "key_file") from None
    sync_folder(path.parent)


def _written(keys: list[bytes]) -> bytes:
    return b"".join(base64.b64encode(key) + b"\n" for key in keys)


def read_keys(path: Path, what: str) -> tuple[bytes, ...] | None:
    """The keys in *path*; None if there is no such file. Raises Invalid if others may read it, or it holds no keys."""
    try:
        with path.open("rb") as file:
            about, content = os.fstat(file.fileno()), file.read(LARGEST_KEY_FILE)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Invalid(f"the key of {what} {path} cannot be read: {error.strerror}", "key_file") from None
    if about.st_mode & 0o077 or about.st_uid != os.getuid():
        raise Invalid(f"only its owner may read the key of {what}: chmod 600 {path}", "key_mode")
    try:
        keys = tuple(base64.b64decode(line, validate=True) for line in content.split())
    except ValueError:
        keys = ()
    if not keys or any(len(key) != 32 for key in keys):
        raise Invalid(f"{path} is no key of {what}: 32 bytes in base64, one key a line", "key_file")
    return keys


class Watched(Generic[T]):
    """What is made of a file, made again once the file is another; *make* is called with nothing."""

    def __init__(self, path: Path | None, make: Callable[[], T]) -> None:
        self._path = path
        self._make = make
        self._seen: tuple[int, ...] | None = None
        self._made: list[T] = []

    def __call__(self) -> T:
        """What was made of the file as it is now."""
        seen = self._look()
        if not self._made or seen != self._seen:
            self._made[:] = [self._make()]
            self._seen = self._look()
        return self._made[0]

    def _look(self) -> tuple[int, ...] | None:
        try:
            found = None if self._path is None else self._path.stat()
        except OSError:
            return ()
        return None if found is None else (found.st_ino, found.st_mtime_ns, found.st_size)
