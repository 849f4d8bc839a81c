"""Checkpoints kept outside the database: append-only files, one line a checkpoint, each with the proof from the last."""

import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import Unavailable
from engine.log_entries import epoch_of
from engine.signed_notes import BadNote, Checkpoint, read_checkpoint

SUFFIX = ".jsonl"
"""How the name of a file of anchors ends."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """One line of such a file: a checkpoint as it was known outside at *at* (RFC 3339)."""

    place: str
    epoch: int
    checkpoint: Checkpoint
    note: str
    at: str
    tsr: str = ""
    witness: str = ""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line that is no anchor."""

    place: str
    why: str


def anchor_folders() -> list[Path]:
    """The folders that ``DUBAN_ANCHORS`` names, divided as in a search path; anchors are written to each of them."""
    return [Path(each) for each in os.environ.get("DUBAN_ANCHORS", "").split(os.pathsep) if each]


def state_folder() -> Path:
    """Where a node keeps what it last sealed: ``DUBAN_STATE``, or below the user's state folder."""
    said = os.environ.get("DUBAN_STATE")
    home = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(said) if said else Path(home).expanduser() / "duban" / "sealed"


def file_name(origin: str) -> str:
    """The name of the file for the anchors of one origin."""
    plain = "".join(each if each.isalnum() or each in "-_." else "-" for each in origin.removeprefix("duban/"))
    return plain + SUFFIX


def read_anchors(folders: Sequence[Path], log: str) -> Iterator[Anchor | Unreadable]:
    """Every anchor of *log*, of whatever epoch, in the folders or files named. Raises Unavailable for one that is not there."""
    for folder in folders:
        if folder.is_file():
            yield from _read_file(folder, log)
            continue
        if not folder.is_dir():
            raise Unavailable(f"there are no anchors at {folder}: no such folder or file", "no_anchors")
        for path in sorted(folder.glob(f"*{SUFFIX}")):
            yield from _read_file(path, log)


def _read_file(path: Path, log: str) -> Iterator[Anchor | Unreadable]:
    try:
        with path.open("rb") as file:
            for number, raw in enumerate(file, start=1):
                found = _read_line(f"{path}:{number}", raw, log)
                if found is not None:
                    yield found
    except OSError as error:
        raise Unavailable(f"the anchors in {path} cannot be read: {error.strerror}", "no_anchors") from None


def _read_line(place: str, raw: bytes, log: str) -> Anchor | Unreadable | None:
    if not raw.strip():
        return None
    if not raw.endswith(b"\n"):
        return None  # what a process that died was writing; it was never believed to be there
    try:
        said = json.loads(raw)
        checkpoint = read_checkpoint(said["note"])
        epoch = epoch_of(log, checkpoint.origin)
        if epoch is None:
            return None
        at, tsr, witness = (str(said.get(name, "")) for name in ("at", "tsr", "witness"))
        return Anchor(place, epoch, checkpoint, said["note"], at, tsr, witness)
    except (BadNote, KeyError, TypeError, ValueError, AttributeError) as error:
        return Unreadable(place, str(error)[:200])


TAIL_BYTES = 64 * 1024
"""How much of the end of a file is read to find its last line; a line has less than three thousand bytes."""


def last_anchor(path: Path, log: str) -> Anchor | None:
    """The last whole line of a file that is of *log*; None if there is none. Raises Unavailable."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - TAIL_BYTES))
            lines = file.read().splitlines(keepends=True)[1 if size > TAIL_BYTES else 0 :]
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Unavailable(f"the anchors in {path} cannot be read: {error.strerror}", "no_anchors") from None
    found = (_read_line(f"{path}:", raw, log) for raw in reversed(lines))
    last = next((each for each in found if isinstance(each, Anchor)), None)
    if last is None and size > TAIL_BYTES:
        for each in _read_file(path, log):
            last = each if isinstance(each, Anchor) else last
    return last


def newest_anchors(folders: Sequence[Path], log: str) -> list[Anchor]:
    """The last anchor of *log* in every file of *folders*."""
    paths = [path for folder in folders for path in sorted(folder.glob(f"*{SUFFIX}"))]
    return [last for path in paths if (last := last_anchor(path, log)) is not None]


def append_anchor(path: Path, line: dict[str, Any]) -> None:
    """Add a line to a file of anchors, on the disk before this returns. Raises Unavailable.

    What a process that died, or found the disk full, left of its last line gives way: it was never believed to be there.
    """
    content = json.dumps(line, ensure_ascii=False, sort_keys=True).encode() + b"\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            with suppress(OSError):  # a share without locks: then one node alone writes there
                fcntl.flock(file, fcntl.LOCK_EX)
            torn = _torn(path)
            try:
                if torn:
                    os.truncate(path, os.fstat(file.fileno()).st_size - len(torn))
            except OSError:  # a file to which one may only append
                file.write(b"\n")
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise Unavailable(f"the anchor cannot be written to {path}: {error.strerror}", "disk") from None


def _torn(path: Path) -> bytes:
    """What stands behind the last whole line of a file."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - TAIL_BYTES))
        return file.read().rpartition(b"\n")[2]


def replace_state(path: Path, line: dict[str, Any]) -> None:
    """Keep one line only, whole or not at all: what this node last sealed. Raises Unavailable."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_name(f".{path.name}.{os.getpid()}")
        with fresh.open("wb") as file:
            file.write(json.dumps(line, ensure_ascii=False, sort_keys=True).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        raise Unavailable(f"what was sealed cannot be kept in {path}: {error.strerror}", "disk") from None


def _check_path(log: str) -> Path:
    return state_folder() / "checked" / file_name(log).replace(SUFFIX, ".json")


def kept_check(log: str) -> tuple[int, str] | None:
    """The size and root with which the last check on this machine ended without a finding; None if there was none."""
    try:
        said = json.loads(_check_path(log).read_bytes())
        return int(said["size"]), str(said["root"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep_check(log: str, size: int, root: str, at: str) -> None:
    """Remember with what a check ended. Raises Unavailable."""
    replace_state(_check_path(log), {"size": size, "root": root, "at": at})
