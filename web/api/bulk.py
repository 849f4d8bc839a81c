"""Many orders at once, as JSON Lines: each in a transaction of its own, in order, its result told as soon as it is there."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response, StreamingResponse

from engine.callers_keys import own_request
from engine.errors import DubanError, Invalid, Unavailable
from engine.history import watch_entries
from engine.notice_desk import NoticeDesk
from engine.orders import Actor, Attach, Comment, Correct, Do, Extend, Open, Order, Pause, Resume, Urge
from engine.receipts import committed
from web.api.bodies import checked, read_json
from web.api.forms_schema import BulkLine
from web.api.gate import BULK, fault, media_of
from web.api.orders import given
from web.api.parts import Parts
from web.api.problems import Problem, problem_of
from web.api.routes import router, told
from web.api.sights import count_denial
from web.api.speaking import acting, caller

MEDIA = BULK[0]

NEEDS: dict[str, tuple[type[Order] | None, set[str], set[str]]] = {
    "open": (Open, {"kind"}, {"body", "title", "ref", "facts", "documents"}),
    "do": (Do, {"ref", "trigger"}, {"facts", "documents", "if_version"}),
    "correct": (Correct, {"ref", "facts"}, {"if_version"}),
    "attach": (Attach, {"ref", "documents"}, {"if_version"}),
    "extend": (Extend, {"ref", "deadline"}, {"until", "documents", "if_version"}),
    "pause": (Pause, {"ref", "deadline"}, {"facts", "documents", "if_version"}),
    "resume": (Resume, {"ref", "deadline"}, {"facts", "documents", "if_version"}),
    "urge": (Urge, {"ref", "reason"}, set()),
    "comment": (Comment, {"ref", "reason"}, {"copy_to"}),
    "ack": (None, {"notice"}, set()),
}
"""What each order needs and what else it takes, besides what every order takes."""

ALWAYS = {"order", "on_behalf_of", "reason", "occurred_at", "request_id"}

STATUSES = ("done", "already", "refused", "invalid")


def routes(parts: Parts) -> APIRouter:
    """The route."""
    found = router()
    line = {"schema": {"$ref": "#/components/schemas/BulkLine"}}
    extra = {"requestBody": {"required": True, "content": dict.fromkeys(BULK, line)}}

    @found.post(
        "/orders", tags=["orders"], responses=told("BulkResult", "每行一个结果 · A result a line", 415, media=MEDIA),
        openapi_extra=extra,
    )  # fmt: skip
    def apply_orders(
        request: Request,
        lines: Annotated[list[bytes], Depends(_lines(parts))],
        actor: Annotated[Actor, Depends(caller)],
    ) -> Response:
        """批量指令 · Many orders, one a line; a rerun is safe, as with the command ``apply``."""
        return StreamingResponse(Bulk(parts, actor).results(lines), media_type=MEDIA)

    return found


def _lines(parts: Parts) -> Callable[[Request], Any]:
    async def read(request: Request) -> list[bytes]:
        media = media_of(request.headers.get("content-type", ""))
        if media not in BULK:
            raise Problem(
                415, "content_type", f"send {' or '.join(BULK)}, not {media[:80] or 'content without a type'}"
            )
        lines = (await request.body()).split(b"\n")
        if len(lines) > parts.bound.bulk_lines + 1:
            raise Problem(413, "too_large", f"at most {parts.bound.bulk_lines} lines at once")
        return lines

    return read


class Bulk:
    """Carry out lines for *actor*."""

    def __init__(self, parts: Parts, actor: Actor) -> None:
        self.parts = parts
        self.actor = actor
        self._seen: Counter[str] = Counter()

    def results(self, lines: list[bytes]) -> Iterator[bytes]:
        """What came of each line, and a summary; what cannot be done for now ends it, and the summary says where."""
        counts = dict.fromkeys(STATUSES, 0)
        stopped = None
        for number, raw in enumerate(lines, start=1):
            if not raw.strip():
                continue
            try:
                said = self._result(number, raw)
            except Unavailable as error:
                stopped = {"line": number, "error": _error(error)}
                break
            counts[said["status"]] += 1
            yield _written(said)
        yield _written({"summary": counts, **({"stopped": stopped} if stopped else {})})

    def _result(self, number: int, raw: bytes) -> dict[str, Any]:
        ref = None
        try:
            line = checked(BulkLine, read_json(raw, self.parts.bound.depth))
            ref = line.ref
            said = self._carried_out(line, hashlib.sha256(raw.strip()).hexdigest())
        except Unavailable:
            raise
        except (DubanError, Problem) as error:
            if isinstance(error, DubanError):
                count_denial(self.parts, self.actor, error)
            said = {
                "status": "invalid" if _is_invalid(error) else "refused",
                "ref": ref,
                "code": error.code,
                "error": _error(error),
            }
        except Exception as error:  # noqa: BLE001 - one bad line must not stop the rest; it is logged under its id
            said = {"status": "refused", "ref": ref, "code": "fault", "error": _error(fault(error))}
        return {"line": number, **said}

    def _carried_out(self, line: BulkLine, digest: str) -> dict[str, Any]:
        kind, needs, takes = NEEDS[line.order]
        there = line.model_fields_set - {name for name in line.model_fields_set if getattr(line, name) in (None, {})}
        if needs - there or there - needs - takes - ALWAYS:
            wrong = (
                f"{line.order} needs {sorted(needs - there)}, does not take {sorted(there - needs - takes - ALWAYS)}"
            )
            raise Invalid(wrong, "missing_key" if needs - there else "key_not_taken")
        actor = acting(self.parts, self.actor, line.on_behalf_of)
        engine = self.parts.workspace.engine
        if kind is None:
            return self._acknowledged(actor, str(line.notice))
        self._seen[digest] += 1
        ident = line.request_id or f"apply:{digest[:40]}:{self._seen[digest]}"
        common = {
            name: value for name, value in given(self.parts, line).items() if name in there | {"occurred_at", "reason"}
        }
        own = {name: getattr(line, name) for name in there & ((needs | takes) - {"facts", "documents", "reason"})}
        if "copy_to" in own:
            own["copy_to"] = tuple(line.copy_to)
        outcome = engine.execute(kind(**own, **common, request_id=own_request(engine, actor, ident)), actor)
        said = {"status": "already" if outcome.replayed else "done", "ref": outcome.ref, "code": None}
        return {**said, "receipt": self.parts.workspace.signing.signed(outcome.receipt())}

    def _acknowledged(self, actor: Actor, ident: str) -> dict[str, Any]:
        workspace = self.parts.workspace
        with watch_entries() as entered:
            done = NoticeDesk(workspace.engine, actor).acknowledge(ident)
        said = {"status": "already" if done.get("replayed") else "done", "ref": done["notice"]["ref"], "code": None}
        made = committed(workspace.database, workspace.campaign, entered)
        return {**said, "receipt": workspace.signing.signed(made[0])} if made else said


def _is_invalid(error: DubanError | Problem) -> bool:
    return isinstance(error, Problem) or error.exit_code in (2, 7)


def _error(error: DubanError | Problem) -> dict[str, Any]:
    problem = error if isinstance(error, Problem) else problem_of(error)
    return {"status": problem.status, "code": problem.code, "detail": problem.detail, **problem.more}


def _written(said: dict[str, Any]) -> bytes:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
