"""What open pages ask every few seconds: whether anything has changed."""

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse, Response

from web.console.visit import Stranger

router = APIRouter()


@router.get("/pulse")
def beat(visit: Stranger) -> Response:
    """The newest entry and the time: pages that show either are fetched again when it changes."""
    if visit.seen is None:
        return PlainTextResponse("", status_code=204)
    return PlainTextResponse(visit.stamp)
