"""The tally of returns (报表汇总): of one period who has reported and who has not, every figure summed up, and as a file."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from engine.clock import to_us
from engine.errors import DubanError
from engine.tallies import named_periods, return_of, tally
from web.console.downloads import download
from web.console.refusals import STATUS, in_words
from web.console.visit import Visit, Visitor
from workflows.matter_table import table_csv

router = APIRouter()

FEN = 100
"""Fen in a yuan."""

STANDINGS = (
    ("on_time", ("按时报送", "In time"), "good"), ("late", ("逾期报送", "Late"), "warn"), ("missing", ("未报送", "Missing"), "bad"),
    ("open", ("未到期", "Not due yet"), "plain"), ("zero", ("零报告", "Zero"), "plain"),
)  # fmt: skip
"""How bodies stand with a return, in the order of the page; who reported zero is in one of the others, too."""


@router.get("/statistics/returns")
def returns(visit: Visitor) -> Response:
    """One period of one return; without a choice the last one that is due, and as a file where that is asked for."""
    visit.sight.require("statistics", "查看统计", "look at figures")
    specs, asked = visit.campaign.doc.returns, visit.asked("of")
    known = [(spec, *each) for spec in specs for each in named_periods(visit.reader, spec)]
    due = [each for each in known if each[2] <= to_us(visit.now)] or known
    if not asked and due:
        spec, last, _ = max(due, key=lambda each: each[2])
        asked = f"{spec.code}/{last}"
    found, error = None, None
    code, _, period = asked.partition("/")
    try:
        found = tally(visit.reader, return_of(visit.campaign, code), period) if asked else None
    except DubanError as refused:
        error = refused
    if found is not None and visit.asked("csv"):
        return download(_csv(visit, found), f"returns-{code}-{period}.csv")
    status = 200 if error is None else STATUS.get(error.exit_code, 500)
    choices = [(f"{spec.code}/{name}", f"{visit.speech.label(spec.label)} {name}") for spec, name, _ in reversed(known)]
    return visit.page(
        "statistics_returns.html", status, found=found, asked_of=asked, choices=choices, amount=said,
        standings=[(code, visit.t(*words), tone) for code, words, tone in STANDINGS],
        wrong=in_words(error, visit.lang) if error is not None else None,
    )  # fmt: skip


def said(figure: dict[str, Any], value: int) -> str:
    """A figure as it is read: money in yuan."""
    return f"{value // FEN:,}.{value % FEN:02d}" if figure["type"] == "money" else f"{value:,}"


def _csv(visit: Visit, found: dict[str, Any]) -> bytes:
    """A row a body, a column a figure, and below them the sums; money in yuan, without marks between the thousands."""
    heads = [visit.t("单位", "Body"), visit.t("报送情况", "Returned")]
    for each in found["figures"]:
        unit = visit.t("元", "yuan") if each["type"] == "money" else each["unit"] or ""
        heads.append(f"{visit.speech.label(each['label'])}{visit.t(f'（{unit}）', f' ({unit})') if unit else ''}")
    words = {code: visit.t(*each) for code, each, _ in STANDINGS}
    rows = [
        [visit.campaign.body_name(each["body"], visit.lang), words[each["standing"]],
         *(_bare(of, each["figures"].get(of["code"])) for of in found["figures"])]
        for each in found["rows"]
    ]  # fmt: skip
    for name, (zh, en) in (("sum", ("合计", "Sum")), ("on_time", ("其中按时报送", "Of it in time"))):
        rows.append([visit.t(zh, en), "", *(_bare(of, of[name]) for of in found["figures"])])
    return table_csv(heads, rows)


def _bare(figure: dict[str, Any], value: int | None) -> str:
    return "" if value is None else said(figure, value).replace(",", "")
