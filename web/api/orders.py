"""Orders: open, do, correct, attach, urge, and what is ordered of a clock; each one order on the one road."""

from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Header, Request
from fastapi.responses import Response

from engine.callers_keys import own_request
from engine.errors import Conflict, Forbidden
from engine.orders import Actor, Attach, Comment, Correct, Do, Extend, Open, Order, Pause, Resume, Urge
from web.api.acknowledging import receipt_signed
from web.api.answers import answered, request_id, tag_of, wanted_version
from web.api.bodies import documents_of, taken
from web.api.callers import address_of
from web.api.forms_schema import (
    AttachForm,
    ClockForm,
    CommentForm,
    CorrectForm,
    DoForm,
    ExtendForm,
    Form,
    OpenForm,
    UrgeForm,
    WithDocuments,
    WithFacts,
)
from web.api.forms_schema import Order as Said
from web.api.parts import Parts
from web.api.problems import Problem, problem_of
from web.api.routes import body, router, told
from web.api.sights import must_be_within, reader_of
from web.api.speaking import Terms, acting, caller, instant, terms

Acts = Annotated[Actor, Depends(caller)]
On = Annotated[Terms, Depends(terms)]
Make = Callable[..., Order]

DONE = told("Outcome", "办结此令 · The order was carried out, now or before (Idempotency-Replayed)", 409, 412, 415)


def given(parts: Parts, form: Said) -> dict[str, Any]:
    """What every order has of its form: why, when, facts, documents."""
    said: dict[str, Any] = {"reason": form.reason, "occurred_at": instant(parts, form.occurred_at, "occurred_at")}
    if isinstance(form, WithFacts):
        said["facts"] = form.facts
    if isinstance(form, WithDocuments):
        said["documents"] = documents_of(form, parts.workspace.documents)
    return said


class Desk:
    """Carry out orders as they are asked for over HTTP."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts

    def carry_out(
        self, request: Request, actor: Actor, on: Terms, make: Make, ref: str | None = None, *, status: int = 200
    ) -> Response:
        """Carry out what *make* makes of the request id and the version. Raises Problem 412 with the current ETag."""
        said: dict[str, Any] = {"request_id": own_request(self.parts.workspace.engine, actor, request_id(on.key))}
        if ref is not None:
            said["if_version"] = wanted_version(on.match, lambda: self._version(actor, ref))
        try:
            outcome = self.parts.workspace.engine.execute(make(**said), actor)
        except Conflict as error:
            if error.code != "stale_version" or ref is None:
                raise
            raise self._stale(error, actor, ref) from None
        shown = {**outcome.as_json(), "receipt": receipt_signed(request, outcome.receipt())}
        headers = {"ETag": f'"{outcome.matter.version}"'} | (
            {"Idempotency-Replayed": "true"} if outcome.replayed else {}
        )
        if status == 201:
            headers["Location"] = f"{request.scope.get('root_path', '')}/matters/{quote(outcome.ref)}"
        return answered(request, shown, None, status, headers)

    def _version(self, actor: Actor, ref: str) -> int:
        return int(reader_of(self.parts, actor).show(ref)["version"])

    def _stale(self, error: Conflict, actor: Actor, ref: str) -> Problem:
        problem = problem_of(error)
        shown = reader_of(self.parts, actor).show(ref, None, actor)
        return Problem(412, problem.code, problem.detail, problem.more, {"ETag": tag_of(shown, shown["version"])})

    def approver(self, request: Request, login: str | None) -> Actor | None:
        """The second person: the holder of the token in ``Approver-Authorization``, in a rehearsal a believed login."""
        said = request.headers.get("approver-authorization")
        if said is not None:
            found: Actor = request.state.callers.holder(said, address_of(request.scope))
            if login not in (None, found.login):
                raise Forbidden(f"the token is {found.login}'s, not {login}'s", "forbidden")
            must_be_within(found, "act")
            return found
        if login is None:
            return None
        if self.parts.workspace.mode == "production":
            raise Forbidden(
                "who approves shows a token of their own: Approver-Authorization: Bearer db_…", "no_identity"
            )
        return self.parts.workspace.people.believed(login)


def routes(parts: Parts) -> APIRouter:
    """The routes."""
    found, desk = router(), Desk(parts)
    _opening(found, desk)
    _moving(found, desk)
    _commenting(found, desk)
    _correcting(found, desk)
    for name, form, order, summary in (
        ("extend", ExtendForm, Extend, "延长期限 · Put a deadline off by the rule its definition has."),
        ("pause", ClockForm, Pause, "中止期限 · Stop a clock where its definition has an act for that."),
        ("resume", ClockForm, Resume, "恢复期限 · Let a paused clock run on."),
    ):
        _clock(found, desk, name, form, order, summary)
    return found


def _opening(found: APIRouter, desk: Desk) -> None:
    parts = desk.parts
    opened = told("Outcome", "已开立 · The matter was opened", 409, 415, status=201)

    @found.post("/matters", tags=["orders"], status_code=201, responses=opened, openapi_extra=body(OpenForm))
    def open_matter(
        request: Request, form: Annotated[OpenForm, Depends(taken(OpenForm, parts))], actor: Acts, on: On
    ) -> Response:
        """开立事项 · Open a matter."""

        def make(**said: Any) -> Order:
            return Open(kind=form.kind, body=form.body, title=form.title, ref=form.ref, **given(parts, form), **said)

        return desk.carry_out(request, acting(parts, actor, form.on_behalf_of), on, make, status=201)


def _moving(found: APIRouter, desk: Desk) -> None:
    parts = desk.parts

    @found.post("/matters/{ref:path}/do", tags=["orders"], responses=DONE, openapi_extra=body(DoForm))
    def do_trigger(
        request: Request, ref: str, form: Annotated[DoForm, Depends(taken(DoForm, parts))], actor: Acts, on: On
    ) -> Response:
        """办理动作 · Fire a trigger."""

        def make(**said: Any) -> Order:
            return Do(ref=ref, trigger=form.trigger, **given(parts, form), **said)

        return desk.carry_out(request, acting(parts, actor, form.on_behalf_of), on, make, ref)

    @found.post("/matters/{ref:path}/attach", tags=["orders"], responses=DONE, openapi_extra=body(AttachForm))
    def attach_documents(
        request: Request, ref: str, form: Annotated[AttachForm, Depends(taken(AttachForm, parts))], actor: Acts, on: On
    ) -> Response:
        """补充材料 · Bring documents without a move."""

        def make(**said: Any) -> Order:
            return Attach(ref=ref, **given(parts, form), **said)

        return desk.carry_out(request, acting(parts, actor, form.on_behalf_of), on, make, ref)

    @found.post("/matters/{ref:path}/urge", tags=["orders"], responses=DONE, openapi_extra=body(UrgeForm))
    def urge_matter(
        request: Request, ref: str, form: Annotated[UrgeForm, Depends(taken(UrgeForm, parts))], actor: Acts, on: On
    ) -> Response:
        """催办 · Urge the body of the matter, with words; counted on the record."""
        if on.match is not None:
            raise Problem(400, "if_match", "an urging changes no version: it takes no If-Match", {"exit_code": 2})

        def make(**said: Any) -> Order:
            return Urge(ref=ref, reason=form.text, **said)

        return desk.carry_out(request, acting(parts, actor, form.on_behalf_of), on, make)


def _commenting(found: APIRouter, desk: Desk) -> None:
    parts = desk.parts

    @found.post("/matters/{ref:path}/comment", tags=["orders"], responses=DONE, openapi_extra=body(CommentForm))
    def comment_on_matter(
        request: Request,
        ref: str,
        form: Annotated[CommentForm, Depends(taken(CommentForm, parts))],
        actor: Acts,
        on: On,
    ) -> Response:
        """批注，可抄送 · Put words on the record of a matter; copies can be sent."""
        if on.match is not None:
            raise Problem(400, "if_match", "a comment changes no version: it takes no If-Match", {"exit_code": 2})

        def make(**said: Any) -> Order:
            return Comment(ref=ref, reason=form.text, copy_to=tuple(form.copy_to), **said)

        return desk.carry_out(request, acting(parts, actor, form.on_behalf_of), on, make)


def _correcting(found: APIRouter, desk: Desk) -> None:
    parts = desk.parts
    second = Header(
        alias="Approver-Authorization", max_length=600,
        description="批准人的令牌（Bearer） · the token of who approves, where a second person is needed",
    )  # fmt: skip

    @found.post("/matters/{ref:path}/correct", tags=["orders"], responses=DONE, openapi_extra=body(CorrectForm))
    def correct_facts(
        request: Request, ref: str, form: Annotated[CorrectForm, Depends(taken(CorrectForm, parts))], actor: Acts, on: On,
        approver: Annotated[str | None, second] = None,
    ) -> Response:  # fmt: skip
        """更正 · Correct facts by a new entry; the old one stays."""
        by = desk.approver(request, form.approved_by)

        def make(**said: Any) -> Order:
            return Correct(ref=ref, facts=form.facts, approved_by=by, **given(parts, form), **said)

        return desk.carry_out(request, acting(parts, actor, form.on_behalf_of), on, make, ref)


def _clock(found: APIRouter, desk: Desk, name: str, form: type[Form], order: Any, summary: str) -> None:
    parts = desk.parts

    def change(
        request: Request, ident: str, said: Annotated[Any, Depends(taken(form, parts))], actor: Acts, on: On
    ) -> Response:
        deadline = reader_of(parts, actor).deadline(ident)
        own = {"until": said.until} if isinstance(said, ExtendForm) else {}

        def make(**more: Any) -> Order:
            made: Order = order(ref=deadline["ref"], deadline=deadline["code"], **own, **given(parts, said), **more)
            return made

        return desk.carry_out(request, acting(parts, actor, said.on_behalf_of), on, make, deadline["ref"])

    change.__doc__ = summary
    found.post(
        f"/deadlines/{{ident}}/{name}", tags=["deadlines"], responses=DONE, openapi_extra=body(form), operation_id=f"{name}_deadline",
        name=f"{name}_deadline",
    )(change)  # fmt: skip
