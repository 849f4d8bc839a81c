"""The list of matters: narrowed down by its address, the most urgent first, a page at a time, and as a table for spreadsheets."""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from engine.errors import Invalid
from engine.lists import Page
from web.console.downloads import download, taken_out
from web.console.list_filter import Sifted, choices, sifted
from web.console.taking_out import take_out
from web.console.visit import Visit, Visitor
from workflows.event_table import defused

router = APIRouter()

ROWS = 50
"""Rows of a page. PLACEHOLDER"""

AT_ONCE = 500
"""Rows that are read at once for a table."""


@router.get("/matters")
def matters(visit: Visitor) -> Response:
    """The matters that fit, and the kinds that the visitor may open."""
    found = sifted(visit)
    try:
        page = _page(visit, found, Page(found.order, ROWS, visit.asked("cursor") or None))
    except Invalid as error:
        if error.code != "cursor":
            raise
        page = _page(visit, found, Page(found.order, ROWS))
    return visit.page(
        "matters.html", page=page, sifted=found, options=choices(visit, found), opens=openable(visit),
        status=422 if found.wrong else 200,
    )  # fmt: skip


@router.get("/matters.csv")
def table(visit: Visitor) -> Response:
    """All matters that fit, as a table that a spreadsheet opens, put on record; no cell of it is taken for a formula.

    Raises Forbidden, and Refused for more rows than are handed out at once.
    """
    found = sifted(visit)
    count = _page(visit, found, Page(found.order, 1))["total"]
    written = take_out(visit, "matters", count, lambda: "".join(_lines(visit, found)).encode(), found.said)
    return taken_out(visit, download(written, "matters.csv"))


def _page(visit: Visit, found: Sifted, page: Page) -> dict[str, Any]:
    return visit.reader.matching(found.wanted, found.as_of, page)


def openable(visit: Visit) -> list[tuple[str, str]]:
    """The kinds of matter that the visitor may open for some body, with their names."""
    from web.console.pages.opening import bodies_for

    kinds = {code: visit.campaign.kind(code).doc for code in visit.campaign.doc.definitions}
    return [(code, visit.speech.label(doc.open.label)) for code, doc in kinds.items() if bodies_for(visit, code)]


HEADS = (
    ("编号", "ref"), ("事项类型", "kind"), ("标题", "title"), ("单位", "body"), ("阶段", "stage"), ("状态", "state"), ("灯", "light"),
    ("最近期限", "next deadline"), ("最后一日", "last day"), ("等待", "waits for"), ("开立", "opened"), ("最近办理", "last act"),
    ("逾期未办", "overdue"), ("应办结日", "was due"), ("逾期天数", "days overdue"),
)  # fmt: skip


def _lines(visit: Visit, found: Sifted) -> Iterator[str]:
    """The table in pieces, with the mark by which spreadsheets know UTF-8."""
    yield "\ufeff" + _row([visit.t(*head) for head in HEADS])
    cursor: str | None = None
    while True:
        page = _page(visit, found, Page(found.order, AT_ONCE, cursor))
        yield "".join(_row(_cells(visit, each)) for each in page["items"])
        cursor = page["next"]
        if cursor is None:
            return


def _cells(visit: Visit, each: Mapping[str, Any]) -> list[str]:
    speech, due, over = visit.speech, each["due"], each["overdue"]
    waits = dict.fromkeys(one["body"] for one in each["waits_for"] if one["body"])
    return [
        each["ref"], speech.label(visit.campaign.kind(each["kind"]).doc.label), each["title"],
        visit.campaign.body_name(each["body"], visit.lang), speech.label(each["stage_label"]), speech.label(each["state_label"]),
        speech.word("light", each["light"]), speech.label(due["label"]) if due else "", due["last_day"] if due else "",
        visit.t("、", ", ").join(visit.campaign.body_name(code, visit.lang) for code in waits),
        speech.when(each["opened_at"]), speech.when(each["updated_at"]),
        speech.label(over["label"]) if over else "", over["last_day"] if over else "", str(over["days"]) if over else "",
    ]  # fmt: skip


def _row(cells: list[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow([defused(each) for each in cells])
    return text.getvalue()
