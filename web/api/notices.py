"""Notices: the ledger, one of them with its proof, what will be sent, and what people do with them."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from engine.errors import Invalid, Usage
from engine.foresight import what_is_foreseen
from engine.held_desk import Choice, HeldDesk
from engine.holding import held_within
from engine.notice_desk import NoticeDesk
from engine.notice_ledger import Where
from engine.orders import Actor
from engine.pressing import urged
from engine.urging import administers
from web.api.answers import Paged, answered, paged, turned
from web.api.bodies import taken
from web.api.forms_schema import AckForm, ChoiceForm, EmptyForm
from web.api.parts import Parts
from web.api.routes import body as sent
from web.api.routes import router, told
from web.api.sights import ledger_of, must_see_notice, reader_of, require
from web.api.speaking import acting, body, caller, instant, looker

Looking = Annotated[Actor, Depends(looker)]
Acts = Annotated[Actor, Depends(caller)]
FURTHEST = timedelta(days=400)
"""How far ahead is foreseen. PLACEHOLDER"""

Status = Literal[
    "owed", "held", "sent", "failed", "dead", "acknowledged", "cancelled", "told", "not_delivered", "waiting"
]


class CountsAsked(BaseModel):
    """Which notices."""

    model_config = ConfigDict(extra="forbid")
    ref: Annotated[str, Field(max_length=200, description="事项 · matter")] | None = None
    body: Annotated[str, Field(max_length=100, description="单位 · body")] | None = None
    to: Annotated[str, Field(max_length=100, description="收件人 · recipient")] | None = None
    kind: Annotated[str, Field(max_length=100, description="种类 · kind")] | None = None
    status: Annotated[Status, Field(description="状态或其归类 · status, or a group of them")] | None = None
    since: Annotated[str, Field(max_length=64, description="自何时起 · owed from then on")] | None = None
    until: Annotated[str, Field(max_length=64, description="到何时为止（不含） · owed before then")] | None = None


class NoticesAsked(CountsAsked, Paged):
    """Which notices, and which page of them."""

    as_of: Annotated[str, Field(max_length=64, description="按当时的留痕 · as the record stood then")] | None = None


class ForecastAsked(Paged):
    """What is to be foreseen."""

    until: Annotated[str, Field(max_length=64, description="到何时 · until when")]
    to: Annotated[str, Field(max_length=100, description="收件人 · recipient")] | None = None
    body: Annotated[str, Field(max_length=100, description="单位 · body")] | None = None


def routes(parts: Parts) -> APIRouter:
    """The routes."""
    found = router()
    _looking(found, parts)
    _counting(found, parts)
    _acting(found, parts)
    _holding(found, parts)

    @found.get(
        "/notices/{ident}", tags=["notices"], responses=told("ShownNotice", "通知全貌 · Everything of a notice", 304)
    )
    def show_notice(request: Request, ident: str, actor: Looking) -> Response:
        """通知原文、每次发送、回执与证明 · The text as sent, each attempt, the receipt, and the entries that prove it."""
        addresses = administers(parts.workspace.campaign, actor)
        return answered(request, ledger_of(parts, actor).shown(ident, addresses=addresses))

    return found


def _where(parts: Parts, actor: Actor, asked: CountsAsked) -> Where:
    """Which notices are asked for. Raises NotFound for a matter that is not there for *actor*, Invalid for a wrong value."""
    if asked.ref is not None:
        reader = reader_of(parts, actor)
        with parts.workspace.database.snapshot() as tx:
            reader.look(tx, asked.ref)
    return Where(
        asked.ref, body(parts, asked.body), asked.to, asked.kind, asked.status, instant(parts, asked.since, "since"),
        instant(parts, asked.until, "until"),
    )  # fmt: skip


def _looking(found: APIRouter, parts: Parts) -> None:
    @found.get("/notices", tags=["notices"], responses=told("Notices", "通知台账 · The ledger of notices", 304))
    def list_notices(request: Request, asked: Annotated[NoticesAsked, Query()], actor: Looking) -> Response:
        """通知台账，最新的在前 · Who was told what, when, by whom, and did they acknowledge it; newest first."""
        pages, where, as_of = (
            ledger_of(parts, actor), _where(parts, actor, asked), instant(parts, asked.as_of, "as_of"),
        )  # fmt: skip
        found = turned(asked, lambda cursor: pages.page(where, as_of, asked.limit, cursor))
        return answered(request, found)

    @found.get("/notices/forecast", tags=["notices"], responses=told("Foreseen", "预告 · What is foreseen", 304))
    def forecast_notices(request: Request, asked: Annotated[ForecastAsked, Query()], actor: Looking) -> Response:
        """若无人办理，将发出哪些通知 · What will be sent if nobody acts."""
        items, damaged = _foreseen(parts, actor, asked)
        numbered = [{**each, "number": number} for number, each in enumerate(items)]
        return answered(request, {**paged(numbered, lambda each: (each["number"],), asked), "damaged": list(damaged)})


def _foreseen(parts: Parts, actor: Actor, asked: ForecastAsked) -> tuple[list[dict[str, Any]], Sequence[str]]:
    workspace = parts.workspace
    now, end, code = workspace.clock.now(), instant(parts, asked.until, "until"), body(parts, asked.body)
    if end is not None and end - now > FURTHEST:
        raise Invalid(f"until: at most {FURTHEST.days} days ahead", "until")
    reader = workspace.reader.seen_by(require(parts, actor, "forecast"))
    with workspace.database.snapshot() as tx:
        found = what_is_foreseen(tx, reader, workspace.people, now, end or now, code)
    return [each.as_json() for each in found.items if asked.to in (None, each.recipient)], found.damaged


def _counting(found: APIRouter, parts: Parts) -> None:
    workspace = parts.workspace

    @found.get("/notices/summary", tags=["notices"], responses=told("Any", "按收件人和单位计数 · Counts", 304))
    def count_notices(request: Request, asked: Annotated[CountsAsked, Query()], actor: Looking) -> Response:
        """按收件人和单位计数 · Counts per recipient and body, of all pages."""
        return answered(request, ledger_of(parts, actor).counts(_where(parts, actor, asked), recipients=True))

    @found.get(
        "/notices/urged", tags=["notices"], responses=told("Items", "各单位被催办次数 · How often each was urged", 304)
    )
    def count_urgings(request: Request, actor: Looking) -> Response:
        """各单位被催办次数 · How often each body was urged."""
        held = require(parts, actor, "notices")
        with workspace.database.snapshot() as tx:
            return answered(request, urged(tx, workspace.campaign, None if held.everything else held.bodies))

    @found.get("/notices/held", tags=["notices"], responses=told("Any", "暂缓的通知 · What is held", 304))
    def show_held(request: Request, actor: Looking) -> Response:
        """暂缓多少、是否积压待发 · How much is held for whom, and whether held mode is on."""
        sight = require(parts, actor, "notices")
        with workspace.database.snapshot() as tx:
            return answered(request, held_within(tx, workspace.campaign, sight))


def _acting(found: APIRouter, parts: Parts) -> None:
    done = told("Acknowledged", "办妥 · Done", 409, 415)

    @found.post("/notices/{ident}/ack", tags=["notices"], responses=done, openapi_extra=sent(AckForm))
    def acknowledge_notice(
        request: Request, ident: str, form: Annotated[AckForm, Depends(taken(AckForm, parts))], actor: Acts
    ) -> Response:
        """签收 · Acknowledge; the deadline runs on. Again it changes nothing."""
        must_see_notice(parts, actor, ident)
        desk = NoticeDesk(parts.workspace.engine, acting(parts, actor, form.on_behalf_of))
        said = desk.acknowledge(ident)
        headers = {"Idempotency-Replayed": "true"} if said.get("replayed") else {}
        return answered(request, said, headers=headers)

    @found.post("/notices/{ident}/retry", tags=["notices"], responses=done, openapi_extra=sent(EmptyForm))
    def retry_notice(
        request: Request, ident: str, form: Annotated[EmptyForm, Depends(taken(EmptyForm, parts))], actor: Acts
    ) -> Response:
        """重发未能送达的 · Send a dead notice again."""
        must_see_notice(parts, actor, ident)
        return answered(request, NoticeDesk(parts.workspace.engine, actor).retry(ident))


def _holding(found: APIRouter, parts: Parts) -> None:
    done = told("Any", "办妥 · Done", 409, 415)

    def choice(form: ChoiceForm) -> Choice:
        said = [bool(form.ids), form.recipient is not None or form.body is not None, form.all]
        if sum(said) != 1:
            raise Usage("say which: ids, or recipient and/or body, or all", "which")
        return Choice(tuple(form.ids), form.recipient, body(parts, form.body), form.all)

    def add(name: str, about: str, act: Callable[[HeldDesk, ChoiceForm], dict[str, Any]]) -> None:
        def change(
            request: Request, form: Annotated[ChoiceForm, Depends(taken(ChoiceForm, parts))], actor: Acts
        ) -> Response:
            return answered(request, act(HeldDesk(parts.workspace.engine, actor), form))

        change.__doc__ = about
        found.post(
            f"/notices/{name}", tags=["notices"], responses=done, openapi_extra=sent(ChoiceForm), name=f"{name}_notices",
            operation_id=f"{name}_notices",
        )(change)  # fmt: skip

    add(
        "hold", "暂缓发出；全部即进入积压待发 · Hold owed notices; all of them begins held mode.",
        lambda desk, form: desk.hold(choice(form), form.reason, parts.workspace.mode),
    )  # fmt: skip
    add(
        "release",
        "核定发出 · Release what is held, merged.",
        lambda desk, form: desk.release(choice(form), form.reason),
    )
    add("drop", "取消暂缓的 · Drop what is held.", lambda desk, form: desk.drop(choice(form), form.reason))
