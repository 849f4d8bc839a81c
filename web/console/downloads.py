"""Files handed out by pages."""

from fastapi.responses import Response


def download(content: bytes, name: str, media: str = "text/csv; charset=utf-8") -> Response:
    """*content* as a file *name* (ASCII), to be saved and not shown."""
    return Response(content, media_type=media, headers={"Content-Disposition": f'attachment; filename="{name}"'})
