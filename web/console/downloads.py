"""Files handed out by pages."""

from typing import TypeVar

from fastapi.responses import Response

from web.console.acknowledging import receipt_url
from web.console.said import carry
from web.console.visit import Visit
from web.relations import RECEIPT

Answer = TypeVar("Answer", bound=Response)


def download(content: bytes, name: str, media: str = "text/csv; charset=utf-8") -> Response:
    """*content* as a file *name* (ASCII), to be saved and not shown."""
    return Response(content, media_type=media, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def taken_out(visit: Visit, answer: Answer) -> Answer:
    """A file that was put on record: its head names the receipt, and the next page of the visitor offers it."""
    made = visit.made
    if made:
        answer.headers["Link"] = f'<{receipt_url(made)}>; rel="{RECEIPT}"'
        carry(answer, visit.t("导出已记入留痕", "The export is on record"), made, secure=visit.house.secure)
    return answer
