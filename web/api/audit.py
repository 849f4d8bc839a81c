"""The record: its checkpoints, its entries, and its verification as a job."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import Field

from engine.anchors import anchor_folders, read_anchors
from engine.checkpoints import CHECKPOINTS
from engine.clock import stamp
from engine.log_proofs import growth
from engine.orders import Actor
from engine.positions import entered_after
from engine.verifying import Scope, verify
from web.api.answers import Paged, answered, paged
from web.api.bodies import taken
from web.api.forms_schema import VerifyForm
from web.api.jobs import Jobs, Work
from web.api.parts import Parts
from web.api.routes import body, router, told
from web.api.sights import reader_of, require
from web.api.speaking import caller, looker

Acts = Annotated[Actor, Depends(caller)]
Looking = Annotated[Actor, Depends(looker)]


class EntriesAsked(Paged):
    """Which entries of the log."""

    after: Annotated[int, Field(ge=0, lt=2**62, description="此位置之后 · behind this position")] = 0


def routes(parts: Parts, jobs: Jobs) -> APIRouter:
    """The routes."""
    found = router()
    workspace = parts.workspace

    @found.get("/audit/checkpoints", tags=["audit"], responses=told("Items", "检查点 · Checkpoints", 304))
    def list_checkpoints(request: Request, asked: Annotated[Paged, Query()], actor: Looking) -> Response:
        """检查点，供外部核验 · Signed checkpoints of the log, for whoever verifies it."""
        with workspace.database.snapshot() as tx:
            rows = tx.rows(CHECKPOINTS, campaign_id=workspace.campaign.id)
        items = [
            {"epoch": epoch, "size": size, "root": bytes(root).hex(), "note": note, "created_at": stamp(at)}
            for epoch, size, root, note, at in rows
        ]
        return answered(request, paged(items, lambda each: (each["epoch"], each["size"]), asked))

    @found.get("/audit/growth", tags=["audit"], responses=told("Any", "只增不改的证明 · Proof of growth", 304))
    def prove_growth(request: Request, actor: Looking, since: Annotated[int, Query(ge=0, lt=2**62)]) -> Response:
        """日志自某大小起只增不改 · Proof that the log only grew since it had so many entries."""
        with workspace.database.snapshot() as tx:
            return answered(request, growth(tx, workspace.campaign, since))

    @found.get("/audit/entries", tags=["audit"], responses=told("Items", "日志各条的位置 · Positions of the log", 304))
    def list_positions(request: Request, asked: Annotated[EntriesAsked, Query()], actor: Acts) -> Response:
        """日志：位置、链、序号 · The log: positions, streams and numbers, in its order; for those who audit."""
        require(parts, actor, "audit")
        with workspace.database.snapshot() as tx:
            placed = entered_after(tx, workspace.campaign.id, asked.after, asked.limit)
        items = [{"position": each.position, "stream": each.stream, "seq": each.seq} for each in placed]
        following = items[-1]["position"] if len(items) == asked.limit else None
        return answered(request, {"items": items, "next_after": following})

    @found.post(
        "/audit/verifications", tags=["audit"], status_code=202, openapi_extra=body(VerifyForm),
        responses=told("Job", "已开始核验 · The verification has begun", 409, 415, status=202),
    )  # fmt: skip
    def verify_record(
        request: Request, form: Annotated[VerifyForm, Depends(taken(VerifyForm, parts))], actor: Acts
    ) -> Response:
        """核验留痕 · Verify the record, or one matter's; the result is at the job."""
        if form.matter is None:
            require(parts, actor, "audit")
        else:
            reader_of(parts, actor).show(form.matter)
        return jobs.begin(request, "verification", {"matter": form.matter}, _verify(parts, form.matter))

    return found


def _verify(parts: Parts, matter: str | None) -> Work:
    workspace = parts.workspace

    def work() -> dict[str, Any]:
        campaign = workspace.campaign
        folders = [each for each in anchor_folders() if each.exists()]
        scope = Scope(
            anchors=list(read_anchors(folders, campaign.log)), documents=workspace.documents, matter=matter,
            timed=workspace.mode == "production",
        )  # fmt: skip
        with workspace.database.snapshot() as tx:
            return verify(tx, campaign, scope)

    return work
