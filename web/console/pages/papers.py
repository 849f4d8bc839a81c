"""Documents handed out: to who may see the matter, as a file to keep, never as a page of ours."""

from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import Response

from engine.errors import Forbidden, NotFound
from engine.masking import MASK
from web.console.visit import Visitor

router = APIRouter()

SANDBOX = "sandbox; default-src 'none'"
"""What a document may do if a browser shows it after all: nothing."""


@router.get("/d/{ref:path}")
def paper(visit: Visitor, ref: str) -> Response:
    """One version of a document of the matter, by the hash of its bytes. Raises NotFound, Forbidden."""
    kind, sha256 = visit.asked("kind"), visit.asked("sha256")
    for entry in reversed(visit.reader.history(ref)["items"]):
        for each in entry["documents"]:
            if each["sha256"] == sha256 and kind in ("", each["kind"]):
                if each["name"] == MASK:
                    raise Forbidden("the document may hold personal data that you do not see", "forbidden")
                return _file(visit.workspace.documents.get(sha256), each["name"] or each["kind"])
    raise NotFound(f"no such document of {ref}", "no_document")


def _file(content: bytes, name: str) -> Response:
    """The bytes with their name (RFC 6266): plain for old browsers, in UTF-8 for all others."""
    plain = "".join(char if char.isascii() and (char.isalnum() or char in "._- ") else "_" for char in name)
    headers = {
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": SANDBOX,
    }
    return Response(content, media_type="application/octet-stream", headers=headers)
