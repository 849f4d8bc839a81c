"""Matters: the list, one of them now or earlier, its possibilities, history, documents, and who knew of it."""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from engine.alike import alike
from engine.errors import Forbidden, NotFound
from engine.knowing import knew
from engine.lists import Page, Wanted
from engine.log_proofs import proofs
from engine.masking import MASK
from engine.orders import Actor
from web.api.answers import Paged, answered, paged, turned
from web.api.parts import Parts
from web.api.routes import router, told
from web.api.sifting import MattersAsked
from web.api.sights import reader_of
from web.api.speaking import acting, instant, looker, version_of

At = Annotated[str | None, Query(max_length=64, description="当时的情形 · as it was then (RFC 3339)")]
Looking = Annotated[Actor, Depends(looker)]


def listed(
    parts: Parts, actor: Actor, asked: MattersAsked, wanted: Wanted, as_of: datetime | None = None
) -> dict[str, Any]:
    """A page of the matters that *actor* sees and that fit *wanted*. Raises Invalid."""
    reader = reader_of(parts, actor)
    return turned(asked, lambda cursor: reader.matching(wanted, as_of, Page(asked.order, asked.limit, cursor)))


def routes(parts: Parts) -> APIRouter:
    """The routes."""
    found = router()

    @found.get("/matters", tags=["matters"], responses=told("Matters", "事项 · Matters", 304))
    def list_matters(request: Request, asked: Annotated[MattersAsked, Query()], actor: Looking) -> Response:
        """列出事项 · List matters, a page at a time, with their total number."""
        return answered(request, listed(parts, actor, asked, asked.wanted(parts), instant(parts, asked.as_of, "as_of")))

    @found.get(
        "/matters/{ref:path}/possibilities",
        tags=["matters"],
        responses=told("Possibilities", "可以办理什么 · What may be done", 304),
    )
    def list_possibilities(
        request: Request, ref: str, actor: Looking, on_behalf_of: Annotated[str | None, Query(max_length=200)] = None
    ) -> Response:  # fmt: skip
        """可以办理的动作，及其余为何不能 · What the caller may do now, and why not the rest."""
        return answered(request, reader_of(parts, actor).can(ref, acting(parts, actor, on_behalf_of)))

    @found.get(
        "/matters/{ref:path}/alike",
        tags=["matters"],
        responses=told("Alike", "可能系同一事实的事项 · What may be about the same facts", 304),
    )
    def list_alike(request: Request, ref: str, actor: Looking) -> Response:
        """可能系同一事实的其他事项，及并案的动作 · Other matters that may be about the same facts, and the act that merges."""
        return answered(request, alike(reader_of(parts, actor), ref))

    @found.get("/matters/{ref:path}/history", tags=["matters"], responses=told("Entries", "留痕 · Entries", 304))
    def list_entries(request: Request, ref: str, asked: Annotated[Paged, Query()], actor: Looking) -> Response:
        """留痕，按序号 · Every entry, oldest first."""
        items = reader_of(parts, actor).history(ref)["items"]
        return answered(request, paged(items, lambda each: (each["seq"],), asked))

    @found.get(
        "/matters/{ref:path}/knowledge", tags=["matters"], responses=told("Items", "何人何时知情 · Who knew", 304)
    )
    def list_knowledge(request: Request, ref: str, actor: Looking, as_of: At = None) -> Response:
        """何人何时知情 · Who knew of the matter, since when, and how."""
        return answered(request, knew(reader_of(parts, actor), ref, instant(parts, as_of, "as_of")))

    @found.get(
        "/matters/{ref:path}/proof", tags=["audit"], responses=told("Proofs", "包含证明 · Proofs of inclusion", 304)
    )
    def prove_matter(request: Request, ref: str, actor: Looking) -> Response:
        """事项各条留痕在日志中的证明 · Proofs that the matter's entries are in the log."""
        reader_of(parts, actor).show(ref)
        with parts.workspace.database.snapshot() as tx:
            return answered(request, proofs(tx, parts.workspace.campaign, [f"matter/{ref}"]))

    _documents(found, parts)

    @found.get("/matters/{ref:path}", tags=["matters"], responses=told("ShownMatter", "事项 · The matter", 304))
    def show_matter(request: Request, ref: str, actor: Looking, as_of: At = None) -> Response:
        """事项全貌 · A matter with its deadlines; its ETag is what If-Match of an order takes."""
        then: datetime | None = instant(parts, as_of, "as_of")
        shown = reader_of(parts, actor).show(ref, then, actor)
        return answered(request, shown, version_of(shown))

    return found


def _documents(found: APIRouter, parts: Parts) -> None:
    @found.get(
        "/matters/{ref:path}/documents", tags=["documents"], responses=told("Documents", "材料 · Documents", 304)
    )
    def list_documents(request: Request, ref: str, actor: Looking) -> Response:
        """全部材料，含历次版本 · Every document that was brought, all versions."""
        return answered(request, {"items": _versions(parts, actor, ref)})

    @found.get(
        "/matters/{ref:path}/documents/{sha256}", tags=["documents"],
        responses=told("Binary", "文件 · The file", 304, media="application/octet-stream"),
    )  # fmt: skip
    def download_document(request: Request, ref: str, sha256: str, actor: Looking) -> Response:
        """下载 · Download; always as an attachment that nothing opens by itself."""
        paper = next((each for each in _versions(parts, actor, ref) if each["sha256"] == sha256), None)
        if paper is None:
            raise NotFound(f"{ref} has no document {sha256[:64]!r}", "no_document")
        if paper["name"] == MASK:
            raise Forbidden("the document may hold personal data that you do not see", "forbidden")
        if request.headers.get("if-none-match", "").strip() == f'"{sha256}"':
            return Response(status_code=304, headers={"ETag": f'"{sha256}"'})
        content = parts.workspace.documents.get(sha256)
        headers = {
            "Content-Disposition": attachment(paper["name"] or paper["kind"]),
            "ETag": f'"{sha256}"',
            "Accept-Ranges": "none",
        }
        return Response(content, 200, headers, "application/octet-stream")


def _versions(parts: Parts, actor: Actor, ref: str) -> list[dict[str, Any]]:
    return [
        {"kind": paper["kind"], "name": paper["name"], "sha256": paper["sha256"], "size": paper.get("size"), "seq": entry["seq"],
         "brought_by": entry["actor"], "recorded_at": entry["recorded_at"]}
        for entry in reader_of(parts, actor).history(ref)["items"] for paper in entry["documents"]
    ]  # fmt: skip


def attachment(name: str) -> str:
    """``Content-Disposition`` for a file of any name (RFC 6266): plain for the old, in full for everybody else."""
    plain = (
        "".join(char if char.isascii() and (char.isalnum() or char in "._- ") else "_" for char in name) or "document"
    )
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
