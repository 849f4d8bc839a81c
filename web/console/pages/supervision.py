"""Supervision of transfers (检察监督): each figure with its list, the refusals with their clocks."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from engine.lists import Page
from web.console.sifting import query_of
from web.console.visit import Visit, Visitor
from workflows.oversight import Figure, oversight

router = APIRouter()

FIRST = 8
"""Rows shown of each figure; its number leads to all of them. PLACEHOLDER"""


@router.get("/cases/supervision")
def supervision(visit: Visitor) -> Response:
    """What is transferred, what should have been, and what was refused. Raises Forbidden for whom it is not meant."""
    visit.sight.require("supervise", "检察监督", "see the supervision of transfers")
    groups = [
        {"code": group.code, "label": group.label, "figures": [_figure(visit, each) for each in group.figures]}
        for group in oversight(visit.campaign)
    ]
    return visit.page("supervision.html", groups=groups)


def _figure(visit: Visit, figure: Figure) -> dict[str, Any]:
    count = visit.reader.count(figure.wanted)
    rows: list[dict[str, Any]] = []
    if count and figure.clocks:
        items = visit.reader.matching(figure.wanted, page=Page("urgency", FIRST))["items"]
        rows = [{**each, "clocks": _clocks(visit, each["ref"], figure.clocks)} for each in items]
    return {
        "code": figure.code, "label": figure.label, "basis": figure.basis, "count": count, "bad": figure.bad and count > 0,
        "url": "/cases" + query_of(figure.wanted, visit.campaign.zone), "rows": rows,
    }  # fmt: skip


def _clocks(visit: Visit, ref: str, codes: tuple[str, ...]) -> list[dict[str, Any]]:
    """The latest deadline of each of *codes* of a matter."""
    latest = {each["code"]: each for each in visit.reader.deadlines(ref=ref)["items"] if each["code"] in codes}
    return list(latest.values())
