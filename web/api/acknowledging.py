"""What acknowledges an act: the receipts of what a request has put on record, in its answer and by their addresses."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from fastapi import Request

from engine.receipts import MOST, acts_among, committed
from web.api.parts import Parts
from web.relations import RECEIPT

MOST_LINKS = 8
"""Addresses in the head of one answer. PLACEHOLDER"""


def receipt_signed(request: Request, receipt: Mapping[str, Any]) -> dict[str, Any]:
    """The receipt of an order with the log's signature; its address goes into the head of the answer."""
    parts: Parts = request.state.parts
    signed = parts.workspace.signing.signed(receipt)
    request.state.receipts = [signed]
    return signed


def receipts_of(request: Request) -> list[dict[str, Any]]:
    """The receipts of what this request has put on record, the first entry first, and worked out once."""
    there: list[dict[str, Any]] | None = getattr(request.state, "receipts", None)
    acts = acts_among(getattr(request.state, "entered", {})) if there is None else {}
    if there is not None or not acts:
        return there or []
    parts: Parts = request.state.parts
    workspace = parts.workspace
    some = dict(list(acts.items())[:MOST])
    found = [workspace.signing.signed(each) for each in committed(workspace.database, workspace.campaign, some)]
    request.state.receipts = found
    return found


def acknowledged(request: Request, value: Mapping[str, Any]) -> Mapping[str, Any]:
    """An answer with the ``receipt`` of what was done; of an act that left several entries also all ``receipts``."""
    found = receipts_of(request)
    if not found or "receipt" in value:
        return value
    return {**value, "receipt": found[0], **({"receipts": found} if len(found) > 1 else {})}


def addresses(request: Request) -> str:
    """The addresses of the receipts, as the head ``Link`` has them; empty without any."""
    root = request.scope.get("root_path", "")
    found = receipts_of(request)[:MOST_LINKS]
    return ", ".join(f'<{root}/receipts/{quote(each["stream"])}/{each["seq"]}>; rel="{RECEIPT}"' for each in found)
