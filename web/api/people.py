"""People: who one is, who else there is, and who stands in for whom."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from engine.clock import rfc3339
from engine.contacts import Contacts
from engine.delegating import Delegations
from engine.errors import Invalid
from engine.feed_tokens import FeedTokens
from engine.holders import holders
from engine.notice_desk import NoticeDesk
from engine.orders import Actor
from engine.urging import administers
from web.api.answers import Paged, answered, paged
from web.api.bodies import taken
from web.api.figures import figures_of
from web.api.forms_schema import ContactForm, DelegationForm, DropForm, EmptyForm, EndForm
from web.api.parts import Parts
from web.api.routes import body as sent
from web.api.routes import router, told
from web.api.sights import sight
from web.api.speaking import body, caller, looker

Acts = Annotated[Actor, Depends(caller)]
Looking = Annotated[Actor, Depends(looker)]


def seats(actor: Actor) -> list[dict[str, str]]:
    """The posts of an actor."""
    return [{"body": body, "post": post} for body, post in sorted(actor.posts)]


def routes(parts: Parts) -> APIRouter:
    """The routes."""
    found = router()
    workspace = parts.workspace

    @found.get("/me", tags=["people"], responses=told("Me", "本人 · Oneself", 304))
    def show_me(request: Request, actor: Acts) -> Response:
        """本人：岗位、可代何人、现在时间 · Oneself: posts, for whom one may act, the time here."""
        said = {
            "login": actor.login, "auth": actor.auth, "body": actor.body, "posts": seats(actor),
            "deputy": [{"on_behalf_of": who, "posts": seats(each)} for who, each in workspace.deputies(actor).items()],
            "campaign": workspace.campaign.code, "mode": workspace.mode, "zone": workspace.campaign.zone.key,
            "administrator": administers(workspace.campaign, actor), "now": rfc3339(workspace.clock.now()),
            "functions": sorted(sight(parts, actor).functions), "scope": sorted(actor.scope) if actor.scope is not None else None,
        }  # fmt: skip
        return answered(request, said)

    @found.get("/people", tags=["people"], responses=told("Items", "人员 · People", 304))
    def list_people(request: Request, asked: Annotated[Paged, Query()], actor: Looking) -> Response:
        """人员与岗位：管理账号或联系方式的看全部，他人看本单位 · All for who keeps accounts or contacts, else one's own bodies."""
        held = sight(parts, actor)
        own = None if held.may("accounts") or held.may("contacts") else held.bodies
        with workspace.database.snapshot() as tx:
            items = holders(tx, workspace.people, workspace.campaign.id, workspace.clock.now(), own)
        return answered(request, paged(items, lambda each: (each["login"],), asked))

    _delegating(found, parts)
    _feed(found, parts)
    _contacts(found, parts)
    return found


def _delegating(found: APIRouter, parts: Parts) -> None:
    engine = parts.workspace.engine
    made = told("Any", "委托已记录 · On record", 409, 415)

    @found.get("/delegations", tags=["people"], responses=told("Items", "委托 · Delegations", 304))
    def list_delegations(request: Request, actor: Acts) -> Response:
        """委托：办公室看全部，他人看自己的 · All for the office, one's own for others."""
        return answered(request, {"items": Delegations(engine, actor).listed()})

    @found.post("/delegations", tags=["people"], status_code=201, responses=told("Any", "委托已记录 · On record", 409, 415, status=201),
                openapi_extra=sent(DelegationForm))  # fmt: skip
    def make_delegation(
        request: Request, form: Annotated[DelegationForm, Depends(taken(DelegationForm, parts))], actor: Acts
    ) -> Response:
        """委托他人代行岗位 · Let somebody stand in, from the first day to the last, inclusive."""
        first, last = _day(parts, form.from_, "from"), _day(parts, form.until, "until", 1)
        desk = Delegations(engine, actor)
        said = desk.make(form.login, form.to, first, last, form.reason, body(parts, form.body), form.post)
        return answered(request, said, status=201)

    @found.post("/delegations/end", tags=["people"], responses=made, openapi_extra=sent(EndForm))
    def end_delegation(
        request: Request, form: Annotated[EndForm, Depends(taken(EndForm, parts))], actor: Acts
    ) -> Response:
        """终止委托，立即生效 · End a delegation, at once."""
        said = Delegations(engine, actor).end(form.login, form.to, body(parts, form.body), form.post)
        return answered(request, said)


def _day(parts: Parts, text: str, what: str, more: int = 0) -> datetime:
    """The beginning of a day in the campaign's zone, or of the day so many days later."""
    try:
        day = date.fromisoformat(text) + timedelta(days=more)
    except (ValueError, OverflowError):
        raise Invalid(f"{what}: not a day: {text!r}; write 2010-11-26", "day") from None
    if not 1000 <= day.year < 9000:
        raise Invalid(f"{what}: {text} is beyond the years 1000 to 8999", "day")
    return datetime.combine(day, time(), parts.workspace.campaign.zone)


def _feed(found: APIRouter, parts: Parts) -> None:
    engine = parts.workspace.engine

    @found.post("/me/feed-token", tags=["people"], status_code=201, openapi_extra=sent(EmptyForm),
                responses=told("Any", "令牌只显示一次 · The secret, shown once", 409, 415, status=201))  # fmt: skip
    def make_feed_token(
        request: Request, form: Annotated[EmptyForm, Depends(taken(EmptyForm, parts))], actor: Acts
    ) -> Response:
        """制作日历订阅令牌，原有的失效 · Make the secret of one's calendar feed; an earlier one ends."""
        said: dict[str, Any] = FeedTokens(engine, actor).make(actor.login)
        return answered(request, said, status=201, headers={"Cache-Control": "no-store"})

    @found.delete("/me/feed-token", tags=["people"], responses=told("Any", "已收回 · Taken back"))
    def revoke_feed_token(request: Request, actor: Acts) -> Response:
        """收回日历订阅令牌 · Take the secret of one's calendar feed back."""
        return answered(request, FeedTokens(engine, actor).revoke(actor.login))


def _contacts(found: APIRouter, parts: Parts) -> None:
    engine = parts.workspace.engine
    done = told("Any", "办妥 · Done", 409, 415)

    @found.get("/contacts", tags=["people"], responses=told("Items", "联系方式 · How people are reached", 304))
    def list_contacts(
        request: Request, actor: Looking, holder: Annotated[str | None, Query(max_length=100, description="谁的 · whose")] = None
    ) -> Response:  # fmt: skip
        """联系方式：办公室看全部，他人看自己的 · All for the office, one's own for others."""
        return answered(request, {"items": Contacts(engine, actor).listed(holder)})

    @found.post("/contacts", tags=["people"], responses=done, openapi_extra=sent(ContactForm))
    def set_contact(
        request: Request, form: Annotated[ContactForm, Depends(taken(ContactForm, parts))], actor: Acts
    ) -> Response:
        """登记联系方式；put_aside 是此前无法送达、仍应补发的通知 · Say how somebody is reached over a channel; `put_aside` are the
        notices that could not be delivered before and still matter."""
        figures_of(parts).must_be_usable(form.channel, form.address)
        said = Contacts(engine, actor).set(form.holder, form.channel, form.address, form.quiet, form.rank)
        return answered(request, {**said, "put_aside": NoticeDesk(engine, actor).wanted(form.holder)})

    @found.post("/contacts/drop", tags=["people"], responses=done, openapi_extra=sent(DropForm))
    def drop_contact(
        request: Request, form: Annotated[DropForm, Depends(taken(DropForm, parts))], actor: Acts
    ) -> Response:
        """删除联系方式 · End a way."""
        return answered(request, Contacts(engine, actor).drop(form.holder, form.channel))
