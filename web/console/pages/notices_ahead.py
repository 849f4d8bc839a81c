"""Notices that are still to come: what goes if nobody acts, what is held for a person, and urging many at once."""

from datetime import timedelta
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from engine.addressees import pressed_on
from engine.errors import DubanError, Invalid
from engine.foresight import Foresight, what_is_foreseen
from engine.held_desk import Choice, HeldDesk
from engine.holding import held_within
from engine.ids import new_id
from engine.lists import Page, Wanted
from engine.notice_ledger import Where
from engine.orders import Urge
from engine.pressing import urged
from engine.urging import PRESSED, administers
from web.console.asking import Asking
from web.console.pages.notices import choices, kept, pages_of, ticked
from web.console.refusals import STATUS, in_words
from web.console.visit import Visit, Visitor

router = APIRouter()

AHEAD = timedelta(days=7)
"""How far a forecast looks if nothing else is asked. PLACEHOLDER"""

FARTHEST = timedelta(days=92)
"""How far a forecast looks at most. PLACEHOLDER"""

MOST_RECKONED = 75
"""Matters that a page of a forecast reckons with; of more there is a next page. PLACEHOLDER"""

MOST_URGED = 100
"""Matters that are urged at once. PLACEHOLDER"""


@router.get("/notices/forecast")
def forecast(visit: Visitor) -> Response:
    """What will be sent by the end of a day if nobody acts."""
    visit.sight.require("forecast", "查看通知预告", "look at what is foreseen")
    asking = Asking(visit)
    usual = (visit.now + AHEAD).astimezone(visit.campaign.zone).date()
    asked = asking.day("until") or usual
    until, body = asking.midnight(asked, after=1), asking.choice("body", visit.campaign.bodies)
    if until is None or until - visit.now > FARTHEST:
        asking.errors["until"] = visit.t(f"最远可看 {FARTHEST.days} 天", f"no farther than {FARTHEST.days} days")
    elif until <= visit.now:
        asking.errors["until"] = visit.t("该日已过", "that day is over")
    foreseen = Foresight([])
    if not asking.errors and until is not None:
        with visit.workspace.database.snapshot() as tx:
            given = tx, visit.reader, visit.workspace.people, visit.now, until, body, MOST_RECKONED
            foreseen = what_is_foreseen(*given, visit.asked("cursor") or None)
    found = [each.as_json() for each in foreseen.items]
    return visit.page(
        "notices_forecast.html", asking.status, tab="forecast", foreseen=foreseen, most=MOST_RECKONED, items=found,
        until=visit.asked("until") or usual.isoformat(), last=asked, errors=asking.errors, kept=kept(visit), **choices(visit),
    )  # fmt: skip


@router.get("/notices/held")
def held(visit: Visitor) -> Response:
    """What waits for a person, and who may decide on it."""
    return _held(visit)


@router.post("/notices/held")
def decide(visit: Visitor) -> Response:
    """Release, drop, or hold everything, with a reason."""
    pages_of(visit)
    act, reason = visit.field("act"), visit.field("reason")
    try:
        said = _decide(visit, act, reason)
    except DubanError as error:
        return _held(visit, error)
    return visit.back("/notices/held", said=said)


def _decide(visit: Visit, act: str, reason: str) -> str:
    desk = HeldDesk(visit.workspace.engine, visit.actor)
    if act == "hold_all":
        count = desk.hold(Choice(everything=True), reason, visit.workspace.mode)["held"]
        return visit.t(f"已进入积压待发状态，暂缓 {count} 件", f"Held mode is on; {count} held")
    choice = _choice(visit)
    if act == "release":
        said = desk.release(choice, reason)
        ended = visit.t("；积压待发状态已解除", "; held mode has ended") if said["mode_ended"] else ""
        return (
            visit.t(f"核定发出 {said['released']} 件，合并为 {said['messages']} 件消息",
                    f"{said['released']} released, as {said['messages']} messages") + ended
        )  # fmt: skip
    if act == "drop":
        count = desk.drop(choice, reason)["dropped"]
        return visit.t(f"已取消 {count} 件，不再发出", f"{count} dropped: they are never sent")
    raise Invalid("say what to do: release, drop or hold_all", "act")


def _choice(visit: Visit) -> Choice:
    """Which held notices: all, those of a recipient, or those ticked."""
    which = visit.field("which")
    if which == "all":
        return Choice(everything=True)
    if which.startswith("to:"):
        return Choice(recipient=which.removeprefix("to:"))
    return Choice(idents=tuple(ticked(visit, "notice")))


def _held(visit: Visit, error: DubanError | None = None) -> Response:
    pages = pages_of(visit)
    with visit.workspace.database.snapshot() as tx:
        counts = held_within(tx, visit.campaign, visit.sight)
    recipient = visit.asked("recipient") or None
    found = pages.page(Where(status="held", recipient=recipient), limit=50, cursor=visit.asked("cursor") or None)
    status = 200 if error is None else STATUS[error.exit_code]
    return visit.page(
        "notices_held.html", status, tab="held", counts=counts, found=found, recipient=recipient,
        total=sum(each["count"] for each in counts["recipients"]), may=administers(visit.campaign, visit.actor),
        chosen=ticked(visit, "notice"), which=visit.field("which"), reason=visit.field("reason"), act=visit.field("act"),
        error=in_words(error, visit.lang) if error else None, kept=kept(visit),
    )  # fmt: skip


@router.get("/notices/urge")
def urging(visit: Visitor) -> Response:
    """Choose the matters whose bodies are to be pressed, and see who that is."""
    return _urging(visit)


@router.post("/notices/urge")
def urge(visit: Visitor) -> Response:
    """Press the bodies of the matters that are ticked, each by an order of its own; a form sent twice urges once."""
    visit.sight.require("urge", "催办", "urge")
    refs, words, form = ticked(visit, "ref"), visit.field("text"), visit.field("form")[:40]
    try:
        if not refs:
            raise Invalid("tick the matters", "which")
        if len(refs) > MOST_URGED:
            raise Invalid(f"at most {MOST_URGED} matters at once", "which")
    except Invalid as error:
        return _urging(visit, error, refs)
    pressed, refused = 0, []
    for ref in refs:
        try:
            visit.execute(Urge(ref=ref, reason=words, request_id=f"urge:{form}:{ref}" if form else None))
            pressed += 1
        except DubanError as error:
            refused.append((ref, error))
    if refused:
        return _urging(visit, refused[0][1], [ref for ref, _ in refused], pressed)
    return visit.back("/notices?kind=urge", said=visit.t(f"已催办 {pressed} 个事项", f"{pressed} matters urged"))


def _urging(
    visit: Visit, error: DubanError | None = None, chosen: list[str] | None = None, pressed: int = 0
) -> Response:  # fmt: skip
    visit.sight.require("urge", "催办", "urge")
    asking = Asking(visit)
    light = asking.choice("light", ("red", "yellow"))
    kind = asking.choice("kind", visit.campaign.machines.newest)
    body = asking.choice("body", visit.campaign.bodies)
    wanted = Wanted(light=light, kind=kind, body=body, closed=False)
    found: dict[str, Any] = {"items": [], "total": 0, "next": None}
    if light is not None and not asking.errors:
        found = visit.reader.matching(wanted, page=Page("urgency", MOST_URGED))
    status = asking.status if error is None else STATUS[error.exit_code]
    with visit.workspace.database.snapshot() as tx:
        directory = visit.workspace.people.directory(tx, visit.now)
        people = {
            each["ref"]: [
                (body, list(dict.fromkeys(login for post in PRESSED for login in directory.reach(body, [post]))))
                for body in pressed_on(each)
            ]
            for each in found["items"]
        }
        before = urged(tx, visit.campaign, None if visit.sight.everything else visit.sight.bodies)

    kinds = [(code, visit.speech.label(visit.campaign.kind(code).doc.label)) for code in visit.campaign.machines.newest]
    return visit.page(
        "notices_urge.html", status, tab="urge", found=found, people=people, before=before["items"], errors=asking.errors,
        chosen=chosen, text=visit.field("text"), form=visit.field("form") or str(new_id()), pressed=pressed,
        error=in_words(error, visit.lang) if error else None, matter_kinds=kinds, most=MOST_URGED, **choices(visit),
    )  # fmt: skip
