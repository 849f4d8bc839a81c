"""What is taken in: files that are what their name says, and no bombs."""

import hashlib
import io
import struct
import zipfile

import pytest

from engine.documents import LARGEST_BYTES, MemoryStore
from engine.errors import Invalid
from engine.intake import FORMS, OLE, examine, take_upload


def zipped(*names: str, **contents: bytes) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, contents.get("content", b"x"))
    return kept.getvalue()


WORD = ("[Content_Types].xml", "word/document.xml")

SOUND = {
    "pdf": b"%PDF-1.4\n", "ofd": zipped("OFD.xml"), "txt": "办理报告".encode(), "csv": "报告".encode("gb18030"), "xml": b"<a/>",
    "md": b"# x", "json": b"{}", "eml": b"From: x\r\n", "doc": OLE + b"x", "xls": OLE, "ppt": OLE, "wps": OLE, "et": OLE,
    "dps": OLE, "docx": zipped(*WORD), "xlsx": zipped("[Content_Types].xml", "xl/workbook.xml"),
    "pptx": zipped("[Content_Types].xml", "ppt/presentation.xml"), "odt": zipped("mimetype"), "ods": zipped("mimetype"),
    "rtf": b"{\\rtf1", "jpg": b"\xff\xd8\xff\xe0", "jpeg": b"\xff\xd8\xff\xe0", "png": b"\x89PNG\r\n\x1a\n", "gif": b"GIF89a",
    "bmp": b"BM", "tif": b"II*\x00", "tiff": b"MM\x00*", "mp3": b"ID3", "mp4": b"\x00\x00\x00\x18ftypmp42", "wav": b"RIFF",
    "zip": zipped("a.txt"),
}  # fmt: skip


def code_of(name: str, content: bytes) -> str:
    with pytest.raises(Invalid) as caught:
        examine("report", name, content)
    return caught.value.code


def test_every_form_on_the_list_is_taken_by_its_own_bytes_and_not_by_a_programs() -> None:
    assert SOUND.keys() == FORMS.keys()
    for ending, content in SOUND.items():
        examine("report", f"材料.{ending.upper()}", content)
        assert code_of(f"a.{ending}", b"\x7fELF\x00\x01") == "document_content"


def test_what_is_empty_too_large_or_of_no_form_is_not_taken() -> None:
    assert code_of("a.txt", b"") == "empty_document"
    assert code_of("a.txt", b"x" * (LARGEST_BYTES + 1)) == "too_large"
    for name in ("a.exe", "a.svg", "a.html", "a", "", ".pdf", "a.pdf.js", "a.docm", "x/"):
        assert code_of(name, b"%PDF-") == "document_form"


def test_an_office_file_with_macros_is_not_taken() -> None:
    assert code_of("a.docx", zipped(*WORD, "word/vbaProject.bin")) == "document_content"


def test_a_bomb_is_known_by_its_table_of_contents_alone() -> None:
    assert code_of("a.zip", zipped("zeros", content=b"\0" * 20_000_000)) == "zip_bomb"
    assert code_of("a.zip", zipped(*map(str, range(2_001)))) == "zip_bomb"
    lying = zipped("a.txt").replace(struct.pack("<II", 3, 1), struct.pack("<II", 3, 2**31), 3)
    assert code_of("a.zip", lying) == "zip_bomb"


def test_an_upload_lies_under_its_hash_with_the_last_part_of_its_name() -> None:
    store = MemoryStore()

    paper = take_upload(store, "report", "C:\\用户\\报告\r\n.txt", b"hello")

    assert paper.sha256 == hashlib.sha256(b"hello").hexdigest() and store.get(paper.sha256) == b"hello"
    assert (paper.name, paper.size) == ("报告  .txt", 5)
