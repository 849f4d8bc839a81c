"""Entering a case (立案登记): the form of the definition's opening, with what the standards say of it as it is typed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from engine.errors import DubanError, Forbidden, NotFound
from engine.ids import new_id
from engine.machine import Compiled
from engine.opening import LONGEST_TITLE, may_open_for
from engine.orders import Open
from web.console.alike import with_alike
from web.console.case_list import KINDS
from web.console.forms import Field, Stated, fields_of, occurred, stated
from web.console.refusals import STATUS, in_words
from web.console.shell import matter_url
from web.console.trying import Tried, try_out
from web.console.visit import Visit, Visitor

router = APIRouter()


@router.get("/cases/new")
def blank(visit: Visitor) -> Response:
    """The form, empty. Raises Forbidden for who may open none of the kind."""
    machine = _kind(visit, visit.asked("kind") or KINDS[0])
    return _form(visit, machine, Stated())


@router.post("/cases/new")
def enter(visit: Visitor) -> Response:
    """Open the matter, or only try what the standards say of it."""
    machine = _kind(visit, visit.field("kind"))
    bodies = may_open_for(visit.campaign, machine.kind, visit.actor)
    said, when = _read(visit, machine)
    if visit.field("try"):
        return _form(visit, machine, said)
    for code in machine.doc.open.asks:
        if code not in said.facts and code not in said.errors:
            said.errors[code] = visit.t("请填写", "this is needed")
    body = visit.field("body") or (bodies[0] if len(bodies) == 1 else "")
    if not body:
        said.errors["body"] = visit.t("请选择单位", "choose a body")
    if said.errors:
        return _form(visit, machine, said, status=422)
    order = Open(
        kind=machine.kind, body=body, title=visit.field("title") or None, facts=said.facts, occurred_at=when,
        request_id=visit.field("request") or None,
    )  # fmt: skip
    try:
        done = visit.execute(order)
    except DubanError as error:
        _beside(machine, said, error, visit)
        return _form(visit, machine, said, STATUS.get(error.exit_code, 500), error)
    said_of_it = visit.t(f"已登记 {done.ref}", f"{done.ref} is entered")
    return visit.back(matter_url(done.ref), with_alike(visit, done.ref, said_of_it))


@router.post("/cases/verdict")
def verdict(visit: Visitor) -> Response:
    """What the standards say of what has been typed so far: a part of the page, and nothing is written."""
    machine = _kind(visit, visit.field("kind"))
    said, when = _read(visit, machine)
    tried = _tried(visit, machine, said, when)
    return visit.page("case_verdict.html", tried=tried, tried_error=_refused(visit, tried))


def _kind(visit: Visit, kind: str) -> Compiled:
    if kind not in KINDS:
        raise NotFound(f"no kind of case {kind[:40]!r}", "no_kind")
    machine = visit.campaign.kind(kind)
    if not may_open_for(visit.campaign, kind, visit.actor):
        raise Forbidden(f"{visit.actor.login} may not open a {kind}", "forbidden")
    return machine


def _read(visit: Visit, machine: Compiled) -> tuple[Stated, datetime | None]:
    spec = machine.doc.open
    reader = visit.campaign.facts[machine.id]
    said = stated(machine, dict.fromkeys((*spec.asks, *spec.optional)), visit.form, reader, visit.speech)
    try:
        when = occurred(visit.field("occurred"), visit.campaign.zone)
    except (ValueError, OverflowError):
        said.errors["occurred"], when = (
            visit.t("请填时间，如 2010-11-26T09:00", "an instant like 2010-11-26T09:00"),
            None,
        )
    if len(visit.field("title")) > LONGEST_TITLE:
        said.errors["title"] = visit.t(f"至多 {LONGEST_TITLE} 字", f"at most {LONGEST_TITLE} characters")
    return said, when


def _tried(visit: Visit, machine: Compiled, said: Stated, when: datetime | None) -> Tried:
    day = (when or visit.now).astimezone(visit.campaign.zone).date()
    return try_out(visit.campaign, machine, said.facts, day, visit.speech)


def _refused(visit: Visit, tried: Tried) -> Mapping[str, Any] | None:
    return in_words(tried.refused, visit.lang) if tried.refused is not None else None


def _beside(machine: Compiled, said: Stated, error: DubanError, visit: Visit) -> None:
    """Put a refusal of the standards beside the field that it is about."""
    words = visit.t("；", "; ").join(reason.zh if visit.lang == "zh" else reason.en for reason in error.reasons)
    for spec in machine.doc.evaluates.values():
        if error.code == "ground" and spec.ground:
            said.errors[spec.ground] = words
        if error.code == "standard_met":
            said.errors |= {
                name: words for name in (spec.threshold, spec.duty) if name and said.facts.get(name) is False
            }


def _form(
    visit: Visit, machine: Compiled, said: Stated, status: int = 200, error: DubanError | None = None
) -> Response:
    spec, typed = machine.doc.open, visit.form if visit.request.method == "POST" else None
    fields = fields_of(visit.campaign, machine, spec.asks, spec.optional, visit.speech, typed, said.errors)
    for each in fields:
        if each.kind == "number" and visit.lang == "en":
            each.hint = ""  # units have no English words
    bodies = may_open_for(visit.campaign, machine.kind, visit.actor)
    try:
        when = occurred(visit.field("occurred"), visit.campaign.zone)
    except (ValueError, OverflowError):
        when = None
    tried = _tried(visit, machine, said, when)
    return visit.page(
        "case_new.html", status, machine=machine, groups=_groups(visit, machine, fields), errors=said.errors, tried=tried,
        bodies=[(code, visit.campaign.body_name(code, visit.lang)) for code in bodies], tried_error=_refused(visit, tried),
        refusal=in_words(error, visit.lang) if error is not None else None, request_id=visit.field("request") or str(new_id()),
        kinds=[(kind, visit.campaign.kind(kind).doc.label) for kind in KINDS if kind in visit.campaign.machines.newest
               and may_open_for(visit.campaign, kind, visit.actor)],
    )  # fmt: skip


def _groups(visit: Visit, machine: Compiled, fields: list[Field]) -> list[tuple[str, list[Field]]]:
    """The fields by what they are for: what it is about, the figures that the standards look at, what follows."""
    specs = list(machine.doc.evaluates.values())
    figures = {name for spec in specs for name in spec.facts}
    ends = {name for spec in specs for name in (spec.threshold, spec.duty, spec.ground) if name}
    rest = {each.code for each in fields} - figures - ends
    named = (
        (visit.t("基本情况", "What it is about"), rest),
        (
            visit.t("数额、数量与情节（与立案追诉标准比对）", "Figures and circumstances (held against the standards)"),
            figures - ends,
        ),
        (visit.t("认定", "Finding"), ends),
    )
    found = [(title, [each for each in fields if each.code in codes]) for title, codes in named]
    return [(title, some) for title, some in found if some]
