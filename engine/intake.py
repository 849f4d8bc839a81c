"""Taking in what somebody uploads: only files that are what their name says, of kinds an office works with, and no bombs.

Nothing is ever opened for its content here, so nothing in a file can run; a zip file is judged by its table of contents.
"""

import io
import zipfile
from collections.abc import Callable
from pathlib import PurePosixPath

from engine.documents import LARGEST_BYTES, DocumentStore, keep, read_file
from engine.errors import Invalid
from engine.orders import Document

MOST_MEMBERS = 2_000
"""Files within a zip file. PLACEHOLDER"""

LARGEST_UNPACKED = 200 * 1024 * 1024
"""Bytes that a zip file may become. PLACEHOLDER"""

MOST_SWOLLEN = 100
"""How many times its own size a zip file may become; what becomes less than `NEVER_A_BOMB` is not looked at. PLACEHOLDER"""

NEVER_A_BOMB = 10 * 1024 * 1024

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How the older office files begin (compound files, [MS-CFB] 2.2)."""

MACROS = "vbaproject.bin"
"""The member that holds the macros of an office file."""


def _begins(*signs: bytes, at: int = 0) -> Callable[[bytes], bool]:
    return lambda content: content[at:].startswith(signs)


def _pdf(content: bytes) -> bool:
    return b"%PDF-" in content[:1024]


def _text(content: bytes) -> bool:
    """Text in UTF-8, UTF-16 with its mark, or GB 18030; no control characters but tab, line and page."""
    for encoding in ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8", "gb18030"):
        try:
            text = content.decode(encoding)
        except ValueError:
            continue
        return not any(char < " " and char not in "\t\n\r\f" for char in text)
    return False


def _zipped(*wanted: str) -> Callable[[bytes], bool]:
    """A zip file that holds a member beginning so, for each of *wanted*, and no macros."""

    def fits(content: bytes) -> bool:
        names = _members(content)
        return all(any(name.startswith(start) for name in names) for start in wanted) and not any(
            wanted and name.lower().endswith(MACROS) for name in names
        )

    return fits


def _members(content: bytes) -> list[str]:
    """The names in a zip file. Raises Invalid for a bomb; nothing in what is no zip file."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            found = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError, RecursionError):
        return []
    unpacked = sum(each.file_size for each in found)
    if len(found) > MOST_MEMBERS or unpacked > LARGEST_UNPACKED:
        raise Invalid("the archive holds too much: too many files, or too large unpacked", "zip_bomb")
    if unpacked > NEVER_A_BOMB and unpacked > MOST_SWOLLEN * len(content):
        raise Invalid(f"the archive becomes more than {MOST_SWOLLEN} times its size unpacked", "zip_bomb")
    return [each.filename for each in found]


_ole, _jpeg = _begins(OLE), _begins(b"\xff\xd8\xff")
_tiff = _begins(b"II*\x00", b"MM\x00*")

FORMS: dict[str, Callable[[bytes], bool]] = {
    "pdf": _pdf, "ofd": _zipped("OFD.xml"), "txt": _text, "md": _text, "csv": _text, "json": _text, "xml": _text,
    "eml": _text, "doc": _ole, "xls": _ole, "ppt": _ole, "wps": _ole, "et": _ole, "dps": _ole,
    "docx": _zipped("[Content_Types].xml", "word/"), "xlsx": _zipped("[Content_Types].xml", "xl/"),
    "pptx": _zipped("[Content_Types].xml", "ppt/"), "odt": _zipped("mimetype"), "ods": _zipped("mimetype"),
    "rtf": _begins(b"{\\rtf"), "jpg": _jpeg, "jpeg": _jpeg, "png": _begins(b"\x89PNG\r\n\x1a\n"),
    "gif": _begins(b"GIF87a", b"GIF89a"), "bmp": _begins(b"BM"), "tif": _tiff, "tiff": _tiff,
    "mp3": _begins(b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"), "mp4": _begins(b"ftyp", at=4), "wav": _begins(b"RIFF"),
    "zip": lambda content: bool(_members(content)),
}  # fmt: skip
"""What is taken, by the end of the name, and how its bytes must look. OFD: GB/T 33190-2016. The choice is a PLACEHOLDER."""


def examine(kind: str, name: str, content: bytes) -> None:
    """Raise Invalid if a document of *kind* is not to be taken in: empty, too large, of no known form, or not what it says."""
    if not content:
        raise Invalid(f"document {kind}: {name!r} is empty", "empty_document")
    if len(content) > LARGEST_BYTES:
        raise Invalid(f"document {kind}: {name!r} is larger than {LARGEST_BYTES // 1024 // 1024} MB", "too_large")
    ending = PurePosixPath(name.strip().replace("\\", "/")).suffix.lower().removeprefix(".")
    if ending not in FORMS:
        there = ", ".join(sorted(FORMS))
        raise Invalid(f"document {kind}: {name!r} is no form that is taken; taken are: {there}", "document_form")
    if not FORMS[ending](content):
        raise Invalid(f"document {kind}: {name!r} is no {ending} file by its content", "document_content")


def take_upload(store: DocumentStore, kind: str, name: str, content: bytes) -> Document:
    """Take *content* into the store under its hash. Raises Invalid, Unavailable."""
    base = name.replace("\\", "/").rpartition("/")[2].strip() or "document"
    examine(kind, base, content)
    return keep(store, kind, base, content)


def take_file(store: DocumentStore, kind: str, path: str) -> Document:
    """Take the file at *path* into the store, by the same rules. Raises Invalid, Unavailable."""
    return take_upload(store, kind, *read_file(kind, path))
