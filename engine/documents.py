"""The content store: every document lies under the hash of its bytes, written once, never changed."""

import contextlib
import fcntl
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from engine.canonical import nfc
from engine.errors import Invalid, NotFound, Unavailable
from engine.orders import Document
from engine.private_files import make_folder, sync_folder

LARGEST_BYTES = 20 * 1024 * 1024
"""Largest document, in bytes. PLACEHOLDER"""

INCOMING, MARK = ".incoming-", ".of-"
"""How the names begin of what is not whole yet, and of the marks of the databases that keep documents here."""

LONGEST_NAME = 120
"""Characters of a file name that are kept."""

_MISLEADING = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
"""What does not show in a name, or turns it: ``fdp.exe`` would read ``exe.pdf``."""


class DocumentStore(Protocol):
    """Whatever keeps bytes under their hash."""

    def put(self, content: bytes) -> str: ...

    def get(self, sha256: str) -> bytes: ...


class MemoryStore:
    """Documents of a rehearsal that is thrown away."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def put(self, content: bytes) -> str:
        sha256 = hashlib.sha256(content).hexdigest()
        self._kept[sha256] = content
        return sha256

    def get(self, sha256: str) -> bytes:
        """The bytes of a document. Raises NotFound if they are gone."""
        if sha256 not in self._kept:
            raise NotFound(f"the document {sha256[:12]}… is not kept here", "no_document")
        return self._kept[sha256]

    def has(self, sha256: str) -> bool:
        """Say whether the document is there."""
        return sha256 in self._kept

    def drop(self, sha256: str, before_s: float) -> int:  # noqa: ARG002 - here nobody else puts meanwhile
        """Throw a document away; return how many bytes that made free."""
        return len(self._kept.pop(sha256, b""))


class FileStore:
    """Documents as files ``ab/abcdef…``; a file is complete and on the disk before its name exists.

    What nobody names is thrown away after a while (`orphans`, `drop`); whoever puts a document that is there already makes it
    young again, under a lock that who throws away holds against all who put.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, content: bytes) -> str:
        """Keep *content* and return its hash. Raises Unavailable if the disk does not take it."""
        sha256 = hashlib.sha256(content).hexdigest()
        path = self.folder / sha256[:2] / sha256
        try:
            make_folder(self.folder)
            make_folder(path.parent)
            with self._locked(fcntl.LOCK_SH):
                if path.exists():
                    os.utime(path)
                else:
                    _write_whole(path, content)
        except OSError as error:
            raise Unavailable(f"the document could not be stored in {self.folder}: {error.strerror}", "disk") from error
        return sha256

    def claim(self, user: str) -> set[str]:
        """Leave a mark that the database *user* keeps its documents here; return the marks of all that do."""
        if not self.folder.is_dir():
            return set()
        mark = self.folder / f"{MARK}{user}"
        with contextlib.suppress(OSError):
            if not mark.exists():
                mark.touch(mode=0o600)
        return {each.name.removeprefix(MARK) for each in self.folder.glob(f"{MARK}*")}

    def orphans(self, before_s: float) -> list[str]:
        """The hashes of the documents that were last put before *before_s*, seconds since 1970; leftovers are thrown away."""
        found = []
        for path in self.folder.glob("[0-9a-f][0-9a-f]/*"):
            with contextlib.suppress(OSError):
                if path.stat().st_mtime < before_s and len(path.name) == 64:
                    found.append(path.name)
                elif path.stat().st_mtime < before_s and path.name.startswith(INCOMING):
                    path.unlink()
        return found

    def has(self, sha256: str) -> bool:
        """Say whether the document is there, whole or not."""
        return (self.folder / sha256[:2] / sha256).exists()

    def drop(self, sha256: str, before_s: float) -> int:
        """Throw a document away, unless it was put again since *before_s*; return how many bytes that made free."""
        path = self.folder / sha256[:2] / sha256
        try:
            with self._locked(fcntl.LOCK_EX):
                about = path.stat()
                if about.st_mtime >= before_s:
                    return 0
                path.unlink()
                return about.st_size
        except OSError:
            return 0

    @contextlib.contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        handle = os.open(self.folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, how)
            yield
        finally:
            os.close(handle)

    def get(self, sha256: str) -> bytes:
        """The bytes of a document. Raises NotFound if they are gone, Invalid if they are no longer what they were."""
        try:
            content = (self.folder / sha256[:2] / sha256).read_bytes()
        except OSError:
            raise NotFound(f"the document {sha256[:12]}… is not in {self.folder}", "no_document") from None
        if hashlib.sha256(content).hexdigest() != sha256:
            raise Invalid(f"the document {sha256[:12]}… has been changed on the disk", "document_changed")
        return content


def _write_whole(path: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=INCOMING)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
        sync_folder(path.parent)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def take_in(store: DocumentStore, kind: str, path: str) -> Document:
    """Read the file at *path* into the store, whatever its form. Raises Invalid if it cannot be read or is too large."""
    return keep(store, kind, *read_file(kind, path))


def read_file(kind: str, path: str) -> tuple[str, bytes]:
    """The name and the bytes of the file at *path*. Raises Invalid if it cannot be read, is no file, or is too large."""
    source = Path(path)
    try:
        if not source.is_file():
            raise Invalid(f"document {kind}: no file {path!r}", "no_file")
        if source.stat().st_size > LARGEST_BYTES:
            raise Invalid(f"document {kind}: {path!r} is larger than {LARGEST_BYTES // 1024 // 1024} MB", "too_large")
        content = source.read_bytes()
    except (OSError, ValueError) as error:
        raise Invalid(f"document {kind}: {path!r} cannot be read: {error}", "unreadable") from None
    return source.name, content


def keep(store: DocumentStore, kind: str, name: str, content: bytes) -> Document:
    """Put bytes into the store as a document of *kind*."""
    shown = _MISLEADING.sub(" ", nfc(name.encode("utf-8", "replace").decode()))
    return Document(kind, shown[:LONGEST_NAME], store.put(content), len(content))
