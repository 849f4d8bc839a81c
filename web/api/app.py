"""The API put together: ``api_of`` is what is mounted at ``/api/v1``."""

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response

from engine.errors import DubanError
from web.api import (
    audit,
    bulk,
    calendars,
    deadlines,
    definitions,
    desk,
    events,
    exports,
    figures,
    jobs,
    matters,
    notices,
    orders,
    people,
    proposals,
    receipts,
    rehearsals,
    supervision,
)
from web.api.answers import answered
from web.api.bodies import flaws
from web.api.document import document_of
from web.api.gate import Gate
from web.api.parts import Parts
from web.api.problems import Problem, answer, problem_of
from web.api.routes import Route
from web.api.sights import count_denial
from web.gone import let_go
from web.heads import methods_of

WORDS = {
    400: ("bad_request", "the request is not well put"),
    404: ("no_such_address", "there is no such address; see openapi.json"),
    405: ("no_such_method", "this method is not for this address"),
    413: ("too_large", "too large"),
}
"""What HTTP itself refuses."""


def api_of(parts: Parts) -> Gate:
    """The application to be mounted; every request of it has passed the gate."""
    app = FastAPI(
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
    )
    app.router.route_class = Route
    running = jobs.Jobs(parts)
    routers = (
        bulk.routes(parts), orders.routes(parts), matters.routes(parts), deadlines.routes(parts), notices.routes(parts),
        figures.routes(parts), definitions.routes(parts, running), people.routes(parts), audit.routes(parts, running),
        jobs.routes(running), exports.routes(parts), events.routes(parts), desk.routes(parts), proposals.routes(parts),
        calendars.routes(parts), supervision.routes(parts), rehearsals.routes(parts),
        receipts.routes(parts),
    )  # fmt: skip
    for each in routers:
        app.include_router(each)
    document = document_of(app)

    @app.get("/openapi.json", include_in_schema=False)
    def openapi(request: Request) -> Response:
        return answered(request, document)

    _tell_refusals(app, parts, [route for each in routers for route in each.routes])
    return Gate(app, parts)


def _tell_refusals(app: FastAPI, parts: Parts, routes: Sequence[Any]) -> None:
    let_go(app)

    def said(request: Request, problem: Problem) -> Response:
        return answer(problem, request.headers.get("accept-language", ""))

    @app.exception_handler(DubanError)
    def refused(request: Request, error: DubanError) -> Response:
        count_denial(parts, request.state.actor, error)
        return said(request, problem_of(error))

    @app.exception_handler(Problem)
    def told(request: Request, error: Problem) -> Response:
        return said(request, error)

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> Response:
        return said(request, flaws([dict(each) for each in error.errors()]))

    def of_http(request: Request, error: Any) -> Response:
        code, words = WORDS.get(error.status_code, ("http", str(error.detail)))
        headers: dict[str, str] = dict(error.headers or {})
        if error.status_code == 405:
            path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
            headers["Allow"] = ", ".join(methods_of(routes, path))
        return said(request, Problem(error.status_code, code, words, {"exit_code": 2}, headers))

    for code in (400, 404, 405, 413):
        app.add_exception_handler(code, of_http)
