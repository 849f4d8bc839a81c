"""What proves the record: checking it, its seals and witnesses, and bundles that prove it without us."""

import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import Response, StreamingResponse

from engine.anchors import Anchor, anchor_folders, read_anchors
from engine.bundles import Contents, refuse_taking, write_bundle
from engine.clock import rfc3339
from engine.errors import DubanError, Invalid, Refused
from engine.exports import note_export
from engine.log_search import sealing
from web.console.asking import Asking
from web.console.downloads import taken_out
from web.console.pages.audit import require_audit
from web.console.refusals import STATUS, in_words
from web.console.visit import Visit, Visitor
from workflows.audit_words import FINDINGS, RESERVATIONS

router = APIRouter()

MOST_FINDINGS = 200
"""Findings that a page shows; all of them stand in the answer of the command. PLACEHOLDER"""

PIECE = 256 * 1024
"""Bytes of a bundle that are read at once."""

_one_bundle = threading.Lock()


@router.get("/audit/verify")
def verification(visit: Visitor) -> Response:
    """How the check that goes on, or the last one, stands."""
    require_audit(visit)
    check = visit.house.verifier.last
    return visit.page(
        "audit_verify.html", tab="verify", check=check, findings=FINDINGS, reservations=RESERVATIONS,
        most=MOST_FINDINGS, error=in_words(check.error, visit.lang) if check and check.error else None,
    )  # fmt: skip


@router.post("/audit/verify")
def verify(visit: Visitor) -> Response:
    """Begin a check of everything; if one goes on, look at that one."""
    require_audit(visit)
    begun = visit.house.verifier.begin(visit.workspace, visit.actor.login)
    return visit.back(
        "/audit/verify", said="" if begun else visit.t("已有一次核验正在进行", "a check is going on already")
    )


@router.get("/audit/seals")
def seals(visit: Visitor) -> Response:
    """The log's public key, its checkpoints, and what lies outside."""
    require_audit(visit)
    asking = Asking(visit)
    try:
        with visit.workspace.database.snapshot() as tx:
            found = sealing(tx, visit.reader, cursor=asking.text("cursor"))
    except Invalid as error:
        asking.not_a_cursor(error)
        with visit.workspace.database.snapshot() as tx:
            found = sealing(tx, visit.reader)
    return visit.page("audit_seals.html", asking.status, tab="seals", found=found, errors=asking.errors)


@router.get("/audit/bundle")
def bundle(visit: Visitor) -> Response:
    """What can be taken out of the house, and by whom."""
    require_audit(visit)
    return _form(visit)


@router.post("/audit/bundle")
def take(visit: Visitor) -> Response:
    """Write a bundle, put on record who took it, and hand it over."""
    require_audit(visit)
    matter, private = visit.field("ref") or None, visit.field("private") == "yes"
    try:
        refuse_taking(visit.sight, matter, private=private)
        if matter is not None:
            visit.reader.show(matter)
        if private or matter is None:
            visit.require_step_up("export")
        if not _one_bundle.acquire(blocking=False):
            raise Refused("a bundle is being written; try again in a minute", "busy")
        try:
            path = _written(visit, matter, private=private)
        finally:
            _one_bundle.release()
    except DubanError as error:
        return _form(visit, error)
    name = f"{visit.campaign.code}{'-' + matter.replace('/', '-') if matter else ''}.zip"
    about = f"attachment; filename*=UTF-8''{quote(name)}"
    size, file = path.stat().st_size, path.open("rb")
    path.unlink()  # what is open is still read to its end, and nothing is left behind
    headers = {"Content-Disposition": about, "Content-Length": str(size), "Cache-Control": "no-store"}
    return taken_out(visit, StreamingResponse(_pieces(file), media_type="application/zip", headers=headers))


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece


def _written(visit: Visit, matter: str | None, *, private: bool) -> Path:
    workspace = visit.workspace
    documents = visit.field("documents") == "yes"
    folders = [each for each in anchor_folders() if each.exists()]
    contents = Contents(
        matter, workspace.documents if documents else None, private,
        [each for each in read_anchors(folders, workspace.campaign.log) if isinstance(each, Anchor)],
        visit.house.bundle_program, rfc3339(workspace.clock.now()),
    )  # fmt: skip
    with tempfile.NamedTemporaryFile(prefix="duban-bundle-", suffix=".zip", delete=False) as file:
        path = Path(file.name)
    try:
        with workspace.database.snapshot() as tx:
            said = write_bundle(tx, workspace.campaign, path, contents)
        about = {"ref": matter, "size": said["size"], "private": private, "documents": documents}
        note_export(workspace.engine, visit.actor, "bundle", path, about)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def _form(visit: Visit, error: DubanError | None = None) -> Response:
    sight = visit.sight
    whole = sight.may("exports_all") or sight.may("exports_audit")
    return visit.page(
        "audit_bundle.html", 200 if error is None else STATUS[error.exit_code], tab="bundle",
        error=in_words(error, visit.lang) if error else None, code=error.code if error else "", ref=visit.field("ref"),
        documents=visit.field("documents") == "yes", private=visit.field("private") == "yes", whole=whole,
        own=sight.may("exports_own"), may_private=sight.may("exports_all") or sight.may("exports_own"),
    )  # fmt: skip
