"""Receipts asked for again: one with its seal, and those of what the caller did himself."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import Field

from engine.counterfoils import counterfoil, own_entries
from engine.orders import Actor
from web.api.answers import Paged, answered, turned
from web.api.parts import Parts
from web.api.routes import router, told
from web.api.sights import is_within, sight
from web.api.speaking import caller, instant

Acts = Annotated[Actor, Depends(caller)]

SEALED_EVERY_S = 60
"""Seconds after which an entry has its seal in production, see `engine.checkpoints.EVERY`; until then it is asked for again."""


TOLD = ("kind", "trigger", "recorded_at", "sealed")
"""What a list says of an entry beside its receipt."""


class ReceiptsAsked(Paged):
    """Of which time."""

    since: (
        Annotated[str, Field(max_length=64, description="自何时起，默认一天内 · from then on; else of one day")] | None
    ) = None
    until: Annotated[str, Field(max_length=64, description="到何时为止（不含） · before then")] | None = None


def routes(parts: Parts) -> APIRouter:
    """The routes."""
    found = router()
    workspace = parts.workspace

    @found.get("/receipts", tags=["audit"], responses=told("Receipts", "本人的回执 · One's own receipts", 304))
    def list_receipts(request: Request, asked: Annotated[ReceiptsAsked, Query()], actor: Acts) -> Response:
        """本人所办各事的回执，最新在前 · The receipts of what the caller did, newest first."""
        since = instant(parts, asked.since, "since") or workspace.clock.now() - timedelta(days=1)
        until, held = instant(parts, asked.until, "until"), sight(parts, actor)

        def page(cursor: str | None) -> dict[str, Any]:
            return own_entries(workspace.reader.seen_by(held), held, actor, since, until, asked.limit, cursor)

        found = turned(asked, page)
        items = [
            {**{name: each[name] for name in TOLD}, "receipt": workspace.signing.signed(each["receipt"])}
            for each in found["items"]
        ]
        return answered(request, {**found, "items": items})

    @found.get(
        "/receipts/{stream:path}/{seq}", tags=["audit"], responses=told("SealedReceipt", "回执 · A receipt", 304)
    )
    def show_receipt(request: Request, stream: str, seq: int, actor: Acts) -> Response:
        """回执与封存证明；尚未封存时 sealed 为空 · A receipt with its seal; `sealed` is null until a checkpoint covers it."""
        held = sight(parts, actor)
        view = workspace.reader.seen_by(held)
        kept = counterfoil(view, held if is_within(actor, "read") else None, actor, stream, seq)
        said = {**workspace.signing.signed(kept.receipt), "sealed": kept.sealed}
        headers = {} if kept.sealed is not None else {"Retry-After": str(SEALED_EVERY_S)}
        return answered(request, said, headers=headers)

    return found
