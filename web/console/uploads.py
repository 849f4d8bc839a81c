"""Documents that come with a form: taken in once, and still there when the form has to be sent a second time."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from starlette.datastructures import UploadFile

from engine.documents import LARGEST_BYTES
from engine.errors import Invalid
from engine.intake import take_upload
from engine.orders import Document
from web.console.visit import Visit

PREFIX, KEPT = "doc.", "kept."
"""How the names of the fields begin that bring a document, and of those that remember one brought before."""

MESSAGES = {
    "empty_document": ("文件是空的", "the file is empty"),
    "too_large": ("文件超过 20 MB", "the file is larger than 20 MB"),
    "document_form": ("不收这种格式的文件（收 PDF、OFD、Office、图片、文本、压缩包等）", "files of this form are not taken"),
    "document_content": ("文件内容与扩展名不符，或含有宏", "the content is not what the name says, or holds macros"),
    "zip_bomb": ("压缩包解开后过大", "the archive holds too much"),
}  # fmt: skip
"""What is wrong with a file, by the code of its refusal."""


@dataclass
class Brought:
    """The documents of a form by kind, those that the form is to remember, and what is wrong, by kind."""

    documents: dict[str, Document] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    def kept(self, visit: Visit) -> dict[str, tuple[str, str]]:
        """By kind the name of each document and what the form says to bring it again without sending it again."""
        return {kind: (paper.name, _pack(visit, paper)) for kind, paper in self.documents.items()}


def brought(visit: Visit, kinds: Iterable[str]) -> Brought:
    """Take in the documents of *kinds* that a form brings. Raises Unavailable if the disk does not take them."""
    found = Brought()
    for kind in kinds:
        file = visit.form.get(PREFIX + kind)
        if isinstance(file, UploadFile) and file.filename:
            _take(visit, kind, file, found)
        else:
            before = _unpack(visit, kind, visit.field(KEPT + kind))
            if before is not None:
                found.documents[kind] = before
    return found


def extra(visit: Visit, kinds: Iterable[str], found: Brought) -> None:
    """Take in the document whose kind is chosen in the form itself."""
    kind, file = visit.field("extra_kind"), visit.form.get("extra_file")
    given = isinstance(file, UploadFile) and bool(file.filename)
    if kind in kinds and given and isinstance(file, UploadFile):
        _take(visit, kind, file, found)
    elif given:
        found.errors[""] = visit.t("请选择材料种类", "choose what kind of document it is")


def _take(visit: Visit, kind: str, file: UploadFile, found: Brought) -> None:
    content = file.file.read(LARGEST_BYTES + 1)
    try:
        found.documents[kind] = take_upload(visit.workspace.documents, kind, file.filename or "", content)
    except Invalid as error:
        found.errors[kind] = visit.t(*MESSAGES[error.code]) if error.code in MESSAGES else error.said(visit.lang)


def _pack(visit: Visit, paper: Document) -> str:
    """A document that is in the store already, sealed for this session: nobody can name one that he did not bring."""
    said = base64.urlsafe_b64encode(json.dumps([paper.name, paper.sha256, paper.size]).encode()).decode()
    return f"{said}.{_seal(visit, paper.kind, said)}"


def _unpack(visit: Visit, kind: str, packed: str) -> Document | None:
    said, _, seal = packed.partition(".")
    if not said or not hmac.compare_digest(seal.encode(), _seal(visit, kind, said).encode()):
        return None
    try:
        name, sha256, size = json.loads(base64.urlsafe_b64decode(said))
    except (ValueError, binascii.Error):
        return None
    return Document(kind, name, sha256, size)


def _seal(visit: Visit, kind: str, said: str) -> str:
    key = visit.seen.csrf if visit.seen else ""
    return hmac.new(key.encode(), f"kept:{kind}:{said}".encode(), hashlib.sha256).hexdigest()
