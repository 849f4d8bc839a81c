"""One's calendar feed: its secret address is made and taken back here, and served to whatever calendar has it."""

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from engine.errors import DubanError, Forbidden, Unavailable
from engine.feed_tokens import FeedTokens
from web.console.refusals import STATUS, in_words
from web.console.request import house_of
from web.console.visit import Visit, Visitor
from workflows.personal_feed import feed_of

router = APIRouter()


@router.get("/deadlines/feed")
def about(visit: Visitor) -> Response:
    """Whether there is a feed, and what it is for."""
    return _about(visit)


@router.post("/deadlines/feed")
def change(visit: Visitor) -> Response:
    """Make a new address, shown this once; or take the present one back."""
    desk, login = FeedTokens(visit.workspace.engine, visit.actor), visit.actor.login
    try:
        if visit.field("act") == "revoke":
            desk.revoke(login)
            return visit.back(
                "/deadlines/feed", said=visit.t("已收回，原地址立即失效", "Taken back: the address is dead")
            )
        secret = desk.make(login)["token"]
    except DubanError as error:
        return _about(visit, error=error)
    return _about(visit, secret)


def _about(visit: Visit, secret: str = "", error: DubanError | None = None) -> Response:
    since = FeedTokens(visit.workspace.engine, visit.actor).since(visit.actor.login)
    url = visit.request.url
    address = f"{url.scheme}://{url.netloc}/feed/{secret}.ics" if secret else ""
    status = 200 if error is None else STATUS[error.exit_code]
    return visit.page(
        "deadlines_feed.html", status, tab="feed", since=since, address=address,
        error=in_words(error, visit.lang) if error else None,
    )  # fmt: skip


@router.api_route("/feed/{token}.ics", methods=["GET", "HEAD"])
def feed(request: Request, token: str) -> Response:
    """The feed: no session, reading only; a secret that is none is nothing."""
    house = house_of(request)
    lang = "en" if request.query_params.get("lang") == "en" else "zh"
    try:
        house.look_again()
        written = feed_of(house.workspace, token, lang)
    except Forbidden:
        return PlainTextResponse("没有此日历 · no such calendar\n", status_code=404)
    except Unavailable:
        return PlainTextResponse("暂不可用 · not available now\n", status_code=503, headers={"Retry-After": "600"})
    said = {"Content-Disposition": 'inline; filename="duban.ics"', "Cache-Control": "no-store"}
    return Response(written, media_type="text/calendar; charset=utf-8", headers=said)
