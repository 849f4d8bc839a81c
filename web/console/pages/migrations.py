"""Taking live matters over to another version (迁移): what it would do, and the proposal that another person decides."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from engine.errors import DubanError, NotFound
from web.console.pages.campaign import tabs
from web.console.refusals import STATUS, in_words
from web.console.visit import Visit, Visitor
from workflows.migration import plan_migration
from workflows.proposing import submit_migration
from workflows.publication import find_version, versions_of

router = APIRouter()

MOST = 200
"""Dates that are shown one by one. PLACEHOLDER"""


@router.get("/campaign/machines/{kind}/migrate")
def plan(visit: Visitor, kind: str) -> Response:
    """What taking the live matters over would do; nothing is changed."""
    return _page(visit, kind, _version(visit.asked("to")))


@router.post("/campaign/machines/{kind}/migrate")
def propose(visit: Visitor, kind: str) -> Response:
    """Propose it to a second person."""
    visit.sight.require("publish", "迁移在办事项", "take live matters over")
    version = _version(visit.field("to"))
    try:
        ident = submit_migration(visit.workspace, kind, version, visit.actor, visit.field("said"))
    except NotFound:
        raise
    except DubanError as error:
        return _page(visit, kind, version, STATUS.get(error.exit_code, 422), in_words(error, visit.lang))
    return visit.back(f"/campaign/drafts/{ident}", visit.t("已提交，待第二人批准", "proposed; another person decides"))


def namer(visit: Visit, kind: str) -> Callable[[str, str, int], str]:
    """How a plan names states and deadlines: by the labels of the version, else of any that knows the code."""
    numbers = [each["version"] for each in versions_of(visit.workspace, kind)["items"]]
    labels = {number: find_version(visit.workspace, kind, number).id for number in numbers}

    def named(drawer: str, code: str, version: int) -> str:
        for ident in (labels.get(version), *labels.values()):
            label = visit.campaign.machines[ident].labels.get(f"{drawer}:{code}") if ident is not None else None
            if label is not None:
                return visit.speech.label(label)
        return code

    return named


def _version(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):  # a version has at most nine digits
        raise NotFound(f"there is no version {text[:20]!r}", "no_version")
    return int(text)


def _page(visit: Visit, kind: str, version: int, status: int = 200, error: dict[str, Any] | None = None) -> Response:
    visit.sight.require("definitions", "查看迁移方案", "see what a migration would do")
    found = plan_migration(visit.workspace, find_version(visit.workspace, kind, version))
    return visit.page(
        "migration.html", status, plan=found.as_json(), sound=found.sound, kind=kind, version=version, error=error,
        may=visit.sight.may("publish"), typed=visit.field("said"), most=MOST, tabs=tabs(visit),
        named=namer(visit, kind),
    )  # fmt: skip
