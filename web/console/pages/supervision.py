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
    counted = iter(numbers(visit.reader, [each.wanted for group in found for each in group.figures]))
    groups = [
        {"code": group.code, "label": group.label,
         "figures": [_figure(visit, each, next(counted)) for each in group.figures]}
        for group in found
    ]  # fmt: skip
    return visit.page("supervision.html", groups=groups)


def _figure(visit: Visit, figure: Figure, count: int) -> dict[str, Any]:
    wanted = count and figure.clocks
    rows = first_with_clocks(visit.reader, figure.wanted, figure.clocks, FIRST) if wanted else []
    return {
        "code": figure.code, "label": figure.label, "basis": figure.basis, "count": count, "bad": figure.bad and count > 0,
        "url": "/cases" + query_of(figure.wanted, visit.campaign.zone), "rows": rows,
    }  # fmt: skip
