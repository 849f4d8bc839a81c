"""My work (待办): what waits for the visitor, what hurts first, and one click to say “received”."""

from fastapi import APIRouter
from fastapi.responses import Response

from engine.errors import NotFound
from engine.lists import Page
from engine.notice_desk import NoticeDesk
from engine.work import GROUPS, WorkDesk
from web.console.visit import Visitor

router = APIRouter()

FIRST = 12
"""Rows of each group on the front page; the whole group is a click away. PLACEHOLDER"""

ROWS = 50
"""Rows of a page of one group. PLACEHOLDER"""


@router.get("/work")
def work(visit: Visitor) -> Response:
    """Every group of what waits, with its number; one group whole if it is asked for."""
    desk = WorkDesk(visit.reader)
    asked = visit.asked("group")
    found = desk.of(visit.actor, FIRST if not asked else 1)
    group = None
    if asked:
        if asked not in GROUPS:
            raise NotFound(f"no group {asked[:40]!r}", "no_group")
        more = desk.group(asked, visit.actor, Page("urgency", ROWS, visit.asked("cursor") or None))
        group = {"code": asked, "label": GROUPS[asked], **more}
    deputies = visit.workspace.deputies(visit.actor)
    return visit.page("work.html", groups=found["groups"], group=group, deputies=sorted(deputies))


@router.post("/work/ack")
def acknowledge(visit: Visitor) -> Response:
    """Say that a notice was received."""
    NoticeDesk(visit.workspace.engine, visit.actor).acknowledge(visit.field("notice"))
    return visit.back(visit.field("back") or "/work", visit.t("已签收", "Acknowledged"))
