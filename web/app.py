"""What is served over HTTP: whether the process is well, and links that say “received”. The console is mounted here."""

from collections.abc import Callable

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from engine.ack_desk import UNKNOWN, AckDesk, Standing
from engine.counterfoils import receipt_file
from engine.errors import Unavailable
from engine.log import logger
from engine.publishing import get_meta
from web.ack_pages import SECURITY, problem_page, standing_page
from web.bounds import Bounds, Limits
from web.console.app import open_console
from web.console.headers import Fenced
from web.console.house import House
from web.heads import Headed
from workflows.workspace import Workspace

STATUS = {"open": 200, "done": 410, "expired": 410, "over": 410, "cancelled": 410, "early": 503, "unknown": 404}
"""The status code by how a link stands; one that is used up is gone (RFC 9110, section 15.5.11)."""


def app_of(
    workspace: Workspace, desk: AckDesk | None, limits: Limits | None = None, *, house: House | None = None
) -> Bounds:
    """The application; without a *desk* every link is unknown, without a *house* there is no console."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    if house is not None:
        open_console(app, house)

    @app.get("/healthz")
    def healthz() -> Response:
        try:
            with workspace.database.snapshot() as tx:
                get_meta(tx, "mode")
        except Unavailable:
            return JSONResponse({"status": "unavailable"}, status_code=503)
        return JSONResponse({"status": "ok"})

    @app.get("/ack/{token}")
    def look(token: str) -> Response:
        return _answer(token, lambda: UNKNOWN if desk is None else desk.look(token), workspace)

    @app.post("/ack/{token}")
    def acknowledge(token: str) -> Response:
        return _answer(token, lambda: UNKNOWN if desk is None else desk.acknowledge(token), workspace, posted=True)

    @app.api_route("/ack/{token}/receipt", methods=["GET", "HEAD"])
    def receipt(token: str) -> Response:
        return _receipt(token, desk, workspace)

    if house is None:
        _answer_strangers(app)
        return Bounds(Headed(app), limits or Limits())
    return Bounds(Fenced(Headed(app), secure=house.secure), limits or Limits(), console=True)


def _answer_strangers(app: FastAPI) -> None:
    """Where nothing but links is served, everything else is answered in their plain way."""

    @app.exception_handler(404)
    def nothing_here(_request: Request, _error: Exception) -> Response:
        return _page(problem_page(404), 404)

    @app.exception_handler(405)
    def not_so(_request: Request, _error: Exception) -> Response:
        return _page(problem_page(405), 405)

    @app.exception_handler(Exception)
    def failed(_request: Request, error: Exception) -> Response:
        logger.error("a request failed: {}", type(error).__name__)
        return _page(problem_page(500), 500)


def _receipt(token: str, desk: AckDesk | None, workspace: Workspace) -> Response:
    """The receipts of what a link acknowledged, as a file; the page of an unknown link for one that has none."""
    try:
        found = [] if desk is None else desk.receipts(token)
        if not found:
            return _page(standing_page(token, UNKNOWN, workspace.campaign, posted=False), 404)
        content = receipt_file(workspace.signing, found)
    except Unavailable:
        return _page(problem_page(503), 503)
    name = f"receipt-{found[0].body['notice']}.json"
    about = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, 200, {**SECURITY, **about}, "application/json")


def _answer(token: str, ask: Callable[[], Standing], workspace: Workspace, *, posted: bool = False) -> Response:
    try:
        standing = ask()
    except Unavailable:
        return _page(problem_page(503), 503)
    code = 200 if posted and standing.status == "open" else STATUS[standing.status]
    return _page(standing_page(token, standing, workspace.campaign, posted=posted), code)


def _page(page: str, code: int) -> HTMLResponse:
    headers = {**SECURITY, **({"Retry-After": "60"} if code in (429, 503) else {})}
    return HTMLResponse(page, status_code=code, headers=headers)
