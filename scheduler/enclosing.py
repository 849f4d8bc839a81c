"""Documents that go along with a notice: whole and unaltered, within a limit, or not at all, and then it is said."""

import mimetypes
from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.documents import DocumentStore
from engine.errors import DubanError
from engine.orders import Document

LARGEST_FILE = 5 * 1024 * 1024
"""Bytes of one enclosed document; a larger one is read in the system. PLACEHOLDER"""

LARGEST_TOTAL = 10 * 1024 * 1024
"""Bytes of all enclosed documents of one message: many servers refuse more. PLACEHOLDER"""

LONGEST_NAME = 80
"""Characters of a file's name in a message."""


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that goes along: its name, its type and its bytes; *kept* if it is a document that the store keeps."""

    name: str
    type: str
    content: bytes = field(repr=False)
    kept: bool = True


def enclosed(store: DocumentStore, wanted: Sequence[Document]) -> tuple[list[Enclosure], list[str]]:
    """Fetch the documents, by their hashes; return them and, in words, why others cannot go along."""
    files: list[Enclosure] = []
    missing: list[str] = []
    total = 0
    for paper in wanted:
        shown = safe_name(paper.name)
        if paper.size > LARGEST_FILE or total + paper.size > LARGEST_TOTAL:
            missing.append(f"{shown}（文件过大，请在系统中查阅）")
            continue
        try:
            content = store.get(paper.sha256)
        except (DubanError, KeyError, OSError):
            missing.append(f"{shown}（原件缺失或已被改动，未予附送，请与办公室联系）")
            continue
        total += paper.size
        files.append(Enclosure(shown, type_of(shown), content))
    return files, missing


def safe_name(name: str) -> str:
    """A file's name that is safe in a header and on a disk: one line, no path, not endless, its ending kept."""
    plain = "".join(char if char.isprintable() and char not in '/\\:"<>|*?' else "_" for char in name).strip(". ")
    stem, dot, ending = plain.rpartition(".")
    if dot and len(ending) <= 10:
        return f"{stem[: LONGEST_NAME - len(ending) - 1]}.{ending}" if stem else plain
    return plain[:LONGEST_NAME] or "document"


def type_of(name: str) -> str:
    """The type of a file by its name; nothing that a reader would open as a page or run."""
    guessed = mimetypes.guess_type(name)[0] or ""
    plain = guessed in {"application/pdf", "text/plain", "image/png", "image/jpeg"} or guessed.startswith(
        ("application/vnd.", "application/msword")
    )
    return guessed if plain else "application/octet-stream"
