"""Supervision of transfers (检察监督): each figure with its list, the refusals with their clocks."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from engine.several import first_with_clocks, numbers
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
    found = oversight(visit.campaign)
    figures = [each for group in found for each in group.figures]
    counts = dict(zip(figures, numbers(visit.reader, [each.wanted for each in figures]), strict=True))
    listed = [each for each in figures if each.clocks and counts[each]]
    rows = dict(
        zip(
            listed, first_with_clocks(visit.reader, [(each.wanted, each.clocks) for each in listed], FIRST), strict=True
        )
    )
    groups = [
        {"code": group.code, "label": group.label,
         "figures": [_figure(visit, each, counts[each], rows.get(each, [])) for each in group.figures]}
        for group in found
    ]  # fmt: skip
    return visit.page("supervision.html", groups=groups)


def _figure(visit: Visit, figure: Figure, count: int, rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "code": figure.code, "label": figure.label, "basis": figure.basis, "count": count, "bad": figure.bad and count > 0,
        "url": "/cases" + query_of(figure.wanted, visit.campaign.zone), "rows": rows,
    }  # fmt: skip
