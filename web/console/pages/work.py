"""My work (待办): what waits for the visitor, what hurts first, and one click to say “received”."""

from collections.abc import Mapping

from fastapi import APIRouter
from fastapi.responses import Response

from engine.errors import NotFound
from engine.lists import Page
from engine.notice_desk import NoticeDesk
from engine.orders import Actor
from engine.work import GROUPS, WorkDesk
from web.console.visit import Visitor

router = APIRouter()

FIRST = 12
"""Rows of each group on the front page; the whole group is a click away. PLACEHOLDER"""

ROWS = 50
"""Rows of a page of one group. PLACEHOLDER"""


@router.get("/work")
def work(visit: Visitor) -> Response:
    """Every group of what waits for the visitor, or for one whom he stands in for; one group whole if it is asked for."""
    desk = WorkDesk(visit.reader)
    asked, whose = visit.asked("group"), visit.asked("for")
    deputies = visit.workspace.deputies(visit.actor)
    actor = _one_of(deputies, whose, visit.actor)
    found = desk.of(actor, FIRST if not asked else 1)
    group = None
    if asked:
        if asked not in GROUPS:
            raise NotFound(f"no group {asked[:40]!r}", "no_group")
        more = desk.group(asked, actor, Page("urgency", ROWS, visit.asked("cursor") or None))
        group = {"code": asked, "label": GROUPS[asked], **more}
    return visit.page(
        "work.html", groups=found["groups"], group=group, deputies=sorted(deputies), whose=whose, bodies=found["bodies"]
    )


@router.post("/acknowledge")
def acknowledge(visit: Visitor) -> Response:
    """Say that notices were received: one, or those of a page. Raises NotFound, Forbidden or Refused at the first that is not."""
    actor = _one_of(visit.workspace.deputies(visit.actor), visit.field("for"), visit.actor)
    desk = NoticeDesk(visit.workspace.engine, actor)
    named = [each for each in visit.form.getlist("notice") if isinstance(each, str)][:ROWS] or [""]
    for each in named:
        desk.acknowledge(each.strip())
    many = visit.t(f"（{len(named)}）", f" ({len(named)})") if len(named) > 1 else ""
    return visit.back(visit.field("back") or "/work", visit.t("已签收", "Acknowledged") + many)


def _one_of(deputies: Mapping[str, Actor], whose: str, myself: Actor) -> Actor:
    """Myself, or myself in the place of *whose* if I stand in for him. Raises NotFound."""
    if not whose:
        return myself
    if whose not in deputies:
        raise NotFound(f"you do not stand in for {whose[:40]!r}", "no_deputy")
    return deputies[whose]
