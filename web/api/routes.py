"""A route of the API: what it can answer with, faults told by an id, and how it stands in the OpenAPI document."""

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import HTTPException, RequestValidationError
from fastapi.responses import Response
from fastapi.routing import APIRoute

from engine.errors import DubanError
from engine.history import watch_entries
from web.api.acknowledging import addresses, receipts_of
from web.api.bodies import JSON, MULTIPART
from web.api.forms_schema import Form, WithDocuments
from web.api.gate import fault
from web.api.problems import MEDIA as PROBLEM
from web.api.problems import TITLES, Problem
from web.api.sights import must_be_within, scope_of

ALWAYS = (400, 401, 403, 404, 405, 406, 413, 422, 429, 431, 500, 503)
"""What any address may answer."""


class Route(APIRoute):
    """A route that tells every fault by an id alone, and answers only in a format that is asked for."""

    def scope(self) -> str:
        """The scope that a token must have for this."""
        return scope_of(self.methods or (), [str(each) for each in self.tags], self.path)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler within."""
        handler = super().get_route_handler()
        produces = media_types(self.responses)
        scope = self.scope()

        async def handled(request: Request) -> Response:
            if not acceptable(request.headers.get("accept", "*/*"), produces):
                raise Problem(406, "not_acceptable", f"the answer is {' or '.join(produces)}", {"exit_code": 2})
            try:
                must_be_within(request.state.actor, scope)
                with watch_entries() as request.state.entered:
                    return await _acknowledged(request, await handler(request))
            except (Problem, DubanError, HTTPException, RequestValidationError):
                raise
            except Exception as error:
                if type(error).__module__.startswith("starlette"):  # a form that is none, told by its own status
                    raise
                raise fault(error) from None

        return handled


async def _acknowledged(request: Request, response: Response) -> Response:
    """An answer with the addresses of the receipts in its head; most requests have put nothing on record."""
    if request.state.entered and not hasattr(request.state, "receipts"):
        await run_in_threadpool(receipts_of, request)
    where = addresses(request)
    if where:
        response.headers["Link"] = where
    return response


def media_types(responses: Mapping[int | str, Mapping[str, Any]]) -> list[str]:
    """In which formats a success is told."""
    found = [
        media
        for code, said in responses.items()
        if str(code) in ("200", "201", "202")
        for media in said.get("content", {})
    ]
    return found or ["application/json"]


def acceptable(accept: str, produces: list[str]) -> bool:
    """Say whether one of the formats is asked for (RFC 9110, 12.5.1); a refusal is told in its own whatever is asked."""
    for each in accept.split(","):
        name, *parameters = [part.strip().lower() for part in each.split(";")]
        if any(part.startswith("q=0") and not part.strip("q=0.") for part in parameters):
            continue
        for media in produces:
            if name in ("*/*", "", media, media.partition("/")[0] + "/*"):
                return True
    return False


def router() -> APIRouter:
    """A router of such routes."""
    return APIRouter(route_class=Route)


def told(
    shape: str, about: str, *more: int, status: int = 200, media: str = "application/json"
) -> dict[int | str, dict[str, Any]]:
    """The documented answers of an operation: a success in *shape*, 304 where it has a tag, and every problem."""
    schema = {"$ref": f"#/components/schemas/{shape}"}
    found: dict[int | str, dict[str, Any]] = {status: {"description": about, "content": {media: {"schema": schema}}}}
    if 304 in more:
        found[304] = {"description": "内容未变 · Nothing has changed since the tag in If-None-Match"}
    for code in sorted({*ALWAYS, *more} - {304}):
        zh, en = TITLES[code]
        problem = {"schema": {"$ref": "#/components/schemas/Problem"}}
        found[code] = {"description": f"{zh} · {en}", "content": {PROBLEM: problem}}
    return found


def body(form: type[Form]) -> dict[str, Any]:
    """The documented body of an operation that reads *form*."""
    ref = {"$ref": f"#/components/schemas/{form.__name__}"}
    content: dict[str, Any] = {JSON[0]: {"schema": ref}}
    if issubclass(form, WithDocuments):
        files = {
            "type": "string",
            "format": "binary",
            "description": "文件，字段名即材料种类 · a file under the kind of document",
        }
        parts = {"type": "object", "properties": {"order": ref}, "additionalProperties": files}
        content[MULTIPART] = {"schema": parts, "encoding": {"order": {"contentType": JSON[0]}}}
    required = any(each.is_required() for each in form.model_fields.values())
    return {"requestBody": {"required": required, "content": content}}
