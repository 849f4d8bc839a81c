"""My work (待办): what waits for the visitor."""

from fastapi import APIRouter
from fastapi.responses import Response

from web.console.visit import Visitor

router = APIRouter()


@router.get("/work")
def work(visit: Visitor) -> Response:
    """What waits for an act or a receipt of the visitor's body."""
    body = visit.actor.body
    items = visit.reader.listed(waiting_for=body)["items"] if body else []
    return visit.page("work.html", items=items)
