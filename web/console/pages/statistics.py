"""Statistics (统计): how many by which side, deadlines kept, returns, two days compared; every number leads to its rows."""

from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from engine.errors import DubanError, Invalid, Refused
from engine.lists import Page, Wanted
from engine.two_days import compare, how_many
from web.console.downloads import download, taken_out
from web.console.figure_tables import AXES, RETURNED, axis_table, figures_of, kept_table, returns_table
from web.console.refusals import STATUS, in_words
from web.console.sifting import query_of, wanted_of_pairs
from web.console.taking_out import take_out
from web.console.visit import Visit, Visitor
from workflows.matter_table import table_csv

router = APIRouter()

FILTERS = ("kind", "body", "opened_from", "opened_until")
"""What all figures are narrowed down by at once."""

ROWS = 50
"""Rows of a page. PLACEHOLDER"""

MOST_COMPARED = 1_000
"""Matters with which something has happened between the days that a page compares: each is replayed twice. PLACEHOLDER"""

MOST_SHOWN = 200
"""Rows of each table of a comparison on the page; the file has all. PLACEHOLDER"""

HEADS = (("项目", "Item"), ("件数", "Count"), ("未办结", "Open"))
KEPT_HEADS = (("单位", "Body"), ("类型", "Kind"), ("按期", "Kept"), ("其中按期录入", "Entered in time"), ("逾期", "Not kept"),
              ("合计", "All"), ("按期率", "Share kept"))  # fmt: skip
RETURN_HEADS = (("单位", "Body"), ("应报", "Owed"), ("按时", "In time"), ("零报告", "Zero"), ("逾期", "Late"), ("未报", "Missing"),
                ("未到期", "Not due"))  # fmt: skip

CHANGES = (("opened", ("新立", "Opened")), ("moved", ("流转", "Moved")), ("closed", ("办结", "Closed")))


@router.get("/statistics")
def statistics(visit: Visitor) -> Response:
    """All figures of what the visitor sees, or those of one axis."""
    _require(visit)
    pairs = visit.request.query_params.multi_items()
    tidy = [(name, value) for name, value in pairs if value.strip()]
    if tidy != pairs:
        return RedirectResponse("/statistics" + ("?" + urlencode(tidy) if tidy else ""), status_code=303)
    wanted, figures, axis = _wanted(visit), figures_of(visit), visit.asked("axis")
    axes = figures.axes()
    shown = [axis] if axis else [each for each in AXES if each in axes and not (each == "kind" and wanted.kind)]
    figures.together = shown
    tables = [axis_table(visit, figures, each, wanted) for each in shown]
    return visit.page(
        "statistics.html", tables=tables, kinds_words=_kinds(visit), axis=axis,
        axes_words=[(code, visit.speech.label(name)) for code, name in axes.items()],
        filter_query=query_of(wanted, visit.campaign.zone).removeprefix("?"),
        kept=kept_table(visit, figures, wanted) if not axis else None,
        returns=returns_table(visit, figures, wanted) if not axis else [], return_heads=RETURN_HEADS[1:], returned=RETURNED,
        bodies=_bodies(visit),
    )  # fmt: skip


@router.get("/statistics/table.csv")
def table(visit: Visitor) -> Response:
    """One table as a file: of an axis, of the deadlines kept, or of the returns. Raises Invalid for another."""
    _require(visit)
    wanted, figures, which = _wanted(visit), figures_of(visit), visit.asked("table")
    heads: Any = HEADS
    if which == "kept":
        rows: list[list[Any]] = [
            [
                each["body_name"],
                each["kind_name"],
                each["met"],
                each["by_record"],
                each["late"],
                each["of"],
                each["share"],
            ]
            for each in kept_table(visit, figures, wanted)["rows"]
        ]
        heads = KEPT_HEADS
    elif which == "returns":
        lines, heads = returns_table(visit, figures, wanted), RETURN_HEADS
        rows = [[each["name"], *((each[name] or {"count": 0})["count"] for name in RETURNED)] for each in lines]
    else:
        rows = [[row["name"], row["count"], row["open"]] for row in axis_table(visit, figures, which, wanted)["rows"]]
    return download(table_csv([visit.t(*head) for head in heads], rows), f"statistics-{which}.csv")


@router.get("/statistics/kept")
def kept(visit: Visitor) -> Response:
    """The deadlines behind one figure of those kept or not; without a choice those that were not kept, of every body."""
    _require(visit)
    owner, kind, ended = visit.asked("owner") or None, visit.asked("kind") or None, visit.asked("ended") or "late"
    if kind is not None:
        visit.campaign.kind(kind)
    page = Page("urgency", ROWS, visit.asked("cursor") or None)
    found = figures_of(visit).kept_rows(owner, kind, ended, page)
    label = visit.campaign.kind(kind).doc.label if kind is not None else None
    return visit.page(
        "statistics_kept.html", found=found, owner=owner, kind=kind, ended=ended, kind_label=label, kinds_words=_kinds(visit),
        bodies=_bodies(visit), ends=[("late", visit.t("逾期", "not kept")), ("met", visit.t("按期", "kept"))],
    )  # fmt: skip


@router.get("/statistics/compare")
def two_days(visit: Visitor) -> Response:
    """What differs between the ends of two days."""
    _require(visit)
    zone = visit.campaign.zone
    first, today = visit.campaign.launched_at.astimezone(zone).date(), visit.now.astimezone(zone).date()
    since, until = (
        visit.asked("from") or max(first, today - timedelta(days=7)).isoformat(),
        visit.asked("until") or today.isoformat(),
    )
    found, error = None, None
    try:
        found = _compared(visit, since, until)
    except DubanError as refused:
        error = refused
    if found is not None and visit.asked("csv"):
        return _compared_csv(visit, found)
    return visit.page(
        "statistics_compare.html", 200 if error is None else STATUS.get(error.exit_code, 500), found=found, since=since, until=until,
        wrong=in_words(error, visit.lang) if error is not None else None, first=first, today=today, most=MOST_SHOWN,
        changes=[(code, visit.t(*words)) for code, words in CHANGES],
        bodies=_bodies(visit),
    )  # fmt: skip


def _compared(visit: Visit, since: str, until: str) -> dict[str, Any]:
    first, last, body = _end(visit, since), _end(visit, until), visit.asked("body") or None
    if how_many(visit.reader, first, last) > MOST_COMPARED:
        raise Refused(
            f"more than {MOST_COMPARED} matters have changed between the two days: choose them nearer, "
            "or use the command: duban report compare",
            "too_many",
        )
    return compare(visit.reader, first, last, body)


def _end(visit: Visit, day: str) -> datetime:
    """The end of a day. Raises Invalid."""
    try:
        return datetime.combine(date.fromisoformat(day) + timedelta(days=1), time(0), visit.campaign.zone) - timedelta(
            seconds=1
        )
    except (ValueError, OverflowError):
        raise Invalid(f"not a day: {day[:40]!r}; write 2010-12-10", "day") from None


def _compared_csv(visit: Visit, found: dict[str, Any]) -> Response:
    heads = [
        visit.t(*head)
        for head in (("变化", "Change"), ("编号", "Number"), ("单位", "Body"), ("原", "From"), ("现", "To"))
    ]
    rows = [
        [visit.t(*words), each["ref"], visit.campaign.body_name(each["body"], visit.lang),
         visit.speech.label(each["from_label"]), visit.speech.label(each["to_label"])]
        for code, words in CHANGES for each in found[code]
    ]  # fmt: skip
    rows += [
        [visit.t("灯", "light"), each["ref"], visit.campaign.body_name(each["body"], visit.lang),
         visit.speech.word("light", each["from"]), visit.speech.word("light", each["to"])]
        for each in found["lights"]
    ]  # fmt: skip
    rows += [
        [f"{visit.t('期限', 'deadline')} {visit.speech.label(each['label'])}", each["ref"],
         visit.campaign.body_name(each["owner"], visit.lang), *(
             f"{visit.speech.word('status', each[side])} {each[day] or ''}".strip()
             for side, day in (("from", "last_day_from"), ("to", "last_day")))]
        for each in found["deadlines"]
    ]  # fmt: skip
    about = {name: visit.asked(name)[:10] for name in ("from", "to") if visit.asked(name)}
    written = take_out(visit, "comparison", len(rows), lambda: table_csv(heads, rows), about, audit=True)
    return taken_out(visit, download(written, "compare.csv"))


def _wanted(visit: Visit) -> Wanted:
    pairs = [(name, value) for name, value in visit.request.query_params.multi_items() if name in FILTERS]
    return wanted_of_pairs(pairs, visit.campaign.zone)


def _require(visit: Visit) -> None:
    visit.sight.require("statistics", "查看统计", "look at figures")


def _kinds(visit: Visit) -> list[tuple[str, str]]:
    return [(kind, visit.speech.label(visit.campaign.kind(kind).doc.label)) for kind in visit.campaign.machines.newest]


def _bodies(visit: Visit) -> list[tuple[str, str]]:
    return [(code, visit.speech.label(body.name)) for code, body in visit.campaign.bodies.items()]
