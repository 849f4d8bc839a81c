"""Cases (案件): cases, penalties and leads by what they are about, kept filters, and the list as a file."""

from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from engine.errors import DubanError, NotFound
from engine.lists import Page
from engine.opening import may_open_for
from engine.saved_views import SavedViews
from web.console.case_list import KINDS, Asked, asked_of, kinds_of, tidied, values_of
from web.console.downloads import download, taken_out
from web.console.refusals import STATUS, in_words
from web.console.sifting import Pairs, query_of
from web.console.taking_out import take_out
from web.console.visit import Visit, Visitor
from workflows.matter_table import everything, matter_csv

router = APIRouter()


@router.get("/cases")
def cases(visit: Visitor) -> Response:
    """The list, narrowed down as the address says."""
    pairs = visit.request.query_params.multi_items()
    tidy = tidied(pairs)
    if tidy != pairs:
        return RedirectResponse("/cases" + ("?" + urlencode(tidy) if tidy else ""), status_code=303)
    kind = dict(pairs).get("kind")
    if kind is not None and kind not in KINDS:
        return RedirectResponse("/matters?" + urlencode(pairs), status_code=303)
    return _list(visit, pairs)


def _list(visit: Visit, pairs: Pairs, view_name: str = "", error: DubanError | None = None) -> Response:
    _must_have_cases(visit)
    asked = asked_of(visit, pairs)
    values = values_of(visit, asked)
    stands = error or asked.error
    status = 200 if stands is None else STATUS.get(stands.exit_code, 500)
    view_error = in_words(error, visit.lang) if error is not None else None
    may_open = bool(may_open_for(visit.campaign, values["machine"].kind, visit.actor))
    return visit.page("cases.html", status, **values, may_open=may_open, view_name=view_name, view_error=view_error)


def _must_have_cases(visit: Visit) -> None:
    if not kinds_of(visit):
        raise NotFound(f"the campaign {visit.campaign.code} has no cases", "no_kind")


def _sent(visit: Visit) -> tuple[Pairs, Asked]:
    """The filter that a form of the page carries."""
    _must_have_cases(visit)
    pairs = parse_qsl(visit.field("query"))
    return pairs, asked_of(visit, pairs)


@router.post("/cases/views")
def keep(visit: Visitor) -> Response:
    """Keep the filter under a name."""
    pairs, asked = _sent(visit)
    try:
        if asked.error is not None:
            raise asked.error
        kept = SavedViews(visit.workspace.engine, visit.actor).save(visit.field("name"), asked.wanted.as_json())
    except DubanError as error:
        return _list(visit, pairs, visit.field("name"), error)
    url = "/cases" + query_of(asked.wanted, visit.campaign.zone)
    return visit.back(url, visit.t(f"已保存筛选“{kept['name']}”", f"The filter “{kept['name']}” is kept"))


@router.post("/cases/views/drop")
def drop(visit: Visitor) -> Response:
    """Remove a kept filter."""
    gone = SavedViews(visit.workspace.engine, visit.actor).drop(visit.field("name"))
    url = "/cases?" + visit.field("query") if visit.field("query") else "/cases"
    return visit.back(url, visit.t(f"已删除筛选“{gone['name']}”", f"The filter “{gone['name']}” is removed"))


@router.post("/cases/export")
def export(visit: Visitor) -> Response:
    """The whole list as CSV, put on record. Raises Forbidden, and Refused for more rows than are handed out at once."""
    _, asked = _sent(visit)
    if asked.error is not None:
        raise asked.error
    count = visit.reader.matching(asked.wanted, page=Page("ref", 1))["total"]

    def write() -> bytes:
        items = everything(visit.reader, asked.wanted, asked.sort)
        return matter_csv(visit.campaign, items, asked.wanted.kind, visit.lang)

    written = take_out(visit, "matters", count, write, {"filter": query_of(asked.wanted, visit.campaign.zone)})
    name = f"{asked.wanted.kind}-{visit.now.astimezone(visit.campaign.zone):%Y%m%d}.csv"
    return taken_out(visit, download(written, name))
