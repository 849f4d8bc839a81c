"""A backup is one file that is complete: the database, the documents, and a manifest with the hash of each."""

import contextlib
import fcntl
import hashlib
import io
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from engine.clock import rfc3339
from engine.copying import contents, snapshot_to, sound
from engine.documents import FileStore
from engine.errors import Conflict, DubanError, Invalid, Unavailable, VerificationFailed
from engine.failpoints import reach
from engine.private_files import give_name
from engine.store import Database

FORM = "duban-backup/1"
"""The form of the file: a tar with ``manifest.json`` first, then ``database.sqlite``, then ``documents/<sha256>``."""

MANIFEST, DATABASE, DOCUMENTS = "manifest.json", "database.sqlite", "documents/"
BLOCK = 1024 * 1024


def back_up(database: Database, documents: Path, target: Path, now: datetime) -> dict[str, Any]:
    """Write a backup to *target* while others go on working; return its manifest.

    The file is whole and on the disk before its name exists. A document that is gone or changed on the disk is named as
    missing: what is left is worth keeping. Raises Conflict for a file that is there, Unavailable if the disk is full.
    """
    if os.path.lexists(target):
        raise Conflict(f"{target} is there already; a backup overwrites nothing", "exists")
    if not target.parent.is_dir():
        raise Invalid(f"no such folder: {target.parent}", "no_folder")
    with workplace(target.parent, ".duban-backup-") as place:
        copy = place / DATABASE
        snapshot_to(database, copy)
        said = sound(copy)
        if said != "ok":
            raise VerificationFailed(f"the copy of the database is not sound: {said}", "quick_check")
        manifest = _manifest(database, copy, FileStore(documents), now)
        whole = place / "backup.tar"
        _write(whole, manifest, copy, FileStore(documents))
        try:
            give_name(whole, target)
        except FileExistsError:
            raise Conflict(f"{target} is there already; a backup overwrites nothing", "exists") from None
    return {**manifest, "file": str(target), "size": target.stat().st_size}


def _manifest(database: Database, copy: Path, store: FileStore, now: datetime) -> dict[str, Any]:
    found = contents(copy)
    papers, missing = [], []
    for sha256, size in found.pop("documents"):
        try:
            store.get(sha256)
        except DubanError as error:
            missing.append({"sha256": sha256, "why": error.code})
        else:
            papers.append({"name": DOCUMENTS + sha256, "sha256": sha256, "size": size})
    whole = {"name": DATABASE, "sha256": _hash(copy), "size": copy.stat().st_size}
    return {
        "form": FORM, "made_at": rfc3339(now), "source": database.wire.name, **found, "files": [whole, *papers],
        "missing": missing,
    }  # fmt: skip


def _write(path: Path, manifest: dict[str, Any], copy: Path, store: FileStore) -> None:
    with path.open("xb") as file:
        path.chmod(0o600)
        with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
            words = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
            _add(tar, MANIFEST, len(words), _bytes(words))
            for each in manifest["files"]:
                if each["name"] == DATABASE:
                    with copy.open("rb") as whole:
                        _add(tar, DATABASE, each["size"], whole)
                else:
                    content = store.get(each["sha256"])
                    _add(tar, each["name"], len(content), _bytes(content))
        file.flush()
        os.fsync(file.fileno())


def _add(tar: tarfile.TarFile, name: str, size: int, content: Any) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    tar.addfile(info, content)


def _bytes(content: bytes) -> Any:
    return io.BytesIO(content)


def unpacked(source: Path, place: Path) -> dict[str, Any]:
    """Unpack a backup into the folder *place* and check each file against the manifest; return the manifest.

    Raises Invalid for a file that is no backup or is damaged, naming what is wrong with it.
    """
    try:
        with tarfile.open(source, mode="r:") as tar:
            manifest = _read_manifest(source, tar)
            wanted = {each["name"]: each for each in manifest["files"]}
            (place / DOCUMENTS).mkdir(exist_ok=True)
            for member in iter(tar.next, None):
                if not member.isfile() or member.name not in wanted:
                    raise Invalid(f"{source}: {member.name[:80]!r} is not in the manifest", "not_in_manifest")
                _take_out(source, tar, member, wanted.pop(member.name), place)
    except (tarfile.TarError, EOFError) as error:
        raise Invalid(f"{source} is damaged, or no backup of duban: {error}", "damaged") from None
    if wanted:
        raise Invalid(f"{source} is damaged: {min(wanted)} is missing", "damaged")
    return manifest


def _read_manifest(source: Path, tar: tarfile.TarFile) -> dict[str, Any]:
    """The manifest, which stands first. Raises Invalid for anything else."""
    first = tar.next()
    if first is None or first.name != MANIFEST or not first.isfile() or first.size > 64 * BLOCK:
        raise Invalid(f"{source} is no backup of duban: there is no manifest in front", "no_backup")
    file = tar.extractfile(first)
    manifest: Any = None
    try:
        manifest = json.loads(file.read() if file else b"")
        names = [each["name"] for each in manifest["files"]]
        fits = manifest["form"] == FORM and names.count(DATABASE) == 1 and len(names) == len(set(names))
        fits = fits and all(name == DATABASE or _is_document(name) for name in names)
    except (ValueError, KeyError, TypeError, RecursionError):
        fits = False
    if not fits:
        raise Invalid(f"{source}: the manifest is not one of {FORM}", "manifest")
    return dict(manifest)


def _is_document(name: str) -> bool:
    rest = name.removeprefix(DOCUMENTS)
    return name.startswith(DOCUMENTS) and len(rest) == 64 and set(rest) <= set("0123456789abcdef")


def _take_out(source: Path, tar: tarfile.TarFile, member: tarfile.TarInfo, said: dict[str, Any], place: Path) -> None:
    file, digest = tar.extractfile(member), hashlib.sha256()
    with (place / member.name).open("xb") as out:
        while file is not None and (block := file.read(BLOCK)):
            digest.update(block)
            out.write(block)
    if digest.hexdigest() != said["sha256"] or member.size != said["size"]:
        raise Invalid(f"{source} is damaged: {member.name} is not what the manifest says", "damaged")


@contextmanager
def workplace(parent: Path, prefix: str) -> Iterator[Path]:
    """A folder beside the target that is gone afterwards, whatever happens. Raises Unavailable if the disk does not take it."""
    try:
        place, held = _room(parent, prefix)
    except OSError as error:
        raise Unavailable(f"{parent} does not take it: {error.strerror}", "disk") from error
    try:
        reach("at_work")
        yield place
    except OSError as error:
        raise Unavailable(f"the disk does not take it ({error.strerror}); nothing was changed", "disk") from error
    finally:
        shutil.rmtree(place, ignore_errors=True)
        os.close(held)


def _room(parent: Path, prefix: str) -> tuple[Path, int]:
    """A new folder that nobody clears away while the handle beside it is open; what those left who were killed is gone."""
    alone = os.open(parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with contextlib.suppress(OSError):  # a file system without locks only keeps what was left
            fcntl.flock(alone, fcntl.LOCK_EX)
            for left in parent.glob(f"{prefix}*"):
                _clear(left)
        place = Path(tempfile.mkdtemp(dir=parent, prefix=prefix))
        held = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        with contextlib.suppress(OSError):
            fcntl.flock(held, fcntl.LOCK_EX)
        return place, held
    finally:
        os.close(alone)


def _clear(left: Path) -> None:
    """Throw a folder of ours away, unless its maker is at work in it."""
    with contextlib.suppress(OSError):
        handle = os.open(left, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(handle).st_uid == os.getuid():
                shutil.rmtree(left, ignore_errors=True)
        finally:
            os.close(handle)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
