"""The machines (流程): each definition drawn and told, its published versions, and what differs between two of them."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse, Response

from engine.diagram import mermaid
from engine.errors import Invalid, NotFound
from engine.lists import Page, Wanted
from engine.machine import Compiled
from engine.published import Version, definition_source, live_on
from web.console.machine_words import MachineWords
from web.console.pages.campaign import tabs
from web.console.visit import Visit, Visitor
from web.pictures.diagram_legend import diagram_legend
from web.pictures.state_diagram import state_diagram
from workflows.comparison import compared, find_side
from workflows.publication import find_version, versions_of

router = APIRouter()

WEIGHTS = (
    (0, "底线与回避", "What may never be, and who must be apart"),
    (1, "重大变化", "Weighty"),
    (2, "办理与时长", "Acts and terms"),
    (4, "其他规定", "Other rules"),
    (7, "名称与出处", "Names and sources"),
)
"""Headings of differences with the weight they begin at."""

SHOWN = 50
"""Matters of a page. PLACEHOLDER"""


@router.get("/campaign/machines")
def machines(visit: Visitor) -> Response:
    """Every kind of matter with what its machine is made of."""
    found = []
    for kind in visit.campaign.doc.definitions:
        machine = visit.campaign.kind(kind)
        doc = machine.doc
        found.append({"kind": kind, "label": visit.speech.label(doc.label), "version": doc.version, "states": len(machine.tree.leaves),
                      "acts": len(doc.transitions), "deadlines": len(doc.deadlines), "handovers": len(doc.handovers),
                      "invariants": len(doc.invariants), "monitors": len(doc.monitors)})  # fmt: skip
    return visit.page("machines.html", machines=found, tabs=tabs(visit))


@router.get("/campaign/machines/{kind}")
def machine(visit: Visitor, kind: str) -> Response:
    """One machine: the version that new matters follow, or the one that is asked for."""
    shown = _asked(visit, kind)
    made = visit.campaign.machines[shown.id]
    words, today = (
        MachineWords(visit.campaign, made, visit.speech),
        visit.now.astimezone(visit.campaign.zone).date().isoformat(),
    )
    doc, versions = made.doc, _versions(visit, kind)
    return visit.page(
        "machine.html", doc=doc, version=shown, versions=versions, words=words, tabs=tabs(visit),
        picture=state_diagram(made, visit.lang), legend=diagram_legend(visit.lang),
        leaves=[(leaf, words.named("role", leaf.waits_for)) for leaf in made.tree.leaves.values()],
        arrows=[words.arrow(each) for each in doc.transitions],
        deadlines=[words.deadline(code, each, today) for code, each in doc.deadlines.items()],
        handovers=[words.handover(code, each) for code, each in doc.handovers.items()],
        files=visit.sight.may("definitions"), choices=[(each["version"], str(each["version"])) for each in versions],
    )  # fmt: skip


@router.get("/campaign/machines/{kind}/diagram.svg")
def svg(visit: Visitor, kind: str) -> Response:
    """The diagram as a file."""
    made = visit.campaign.machines[_asked(visit, kind).id]
    return Response(state_diagram(made, visit.lang), media_type="image/svg+xml", headers=_attached(made, "svg"))


@router.get("/campaign/machines/{kind}/diagram.mmd")
def mmd(visit: Visitor, kind: str) -> Response:
    """The diagram as a text for Mermaid."""
    made = visit.campaign.machines[_asked(visit, kind).id]
    return PlainTextResponse(mermaid(made.definition, visit.lang), headers=_attached(made, "mmd"))


@router.get("/campaign/machines/{kind}/file")
def file(visit: Visitor, kind: str) -> Response:
    """The definition's file as it was published."""
    visit.sight.require("definitions", "查看流程与方案文件", "read the files of definitions and the campaign")
    made = visit.campaign.machines[_asked(visit, kind).id]
    with visit.workspace.database.snapshot() as tx:
        text = definition_source(tx, kind, made.doc.version) or ""
    return PlainTextResponse(text, headers=_attached(made, "yaml"))


@router.get("/campaign/machines/{kind}/matters")
def matters(visit: Visitor, kind: str) -> Response:
    """The live matters that follow a version, as far as the visitor sees them."""
    shown = _asked(visit, kind)
    page = Page(limit=SHOWN, cursor=visit.asked("cursor") or None)
    found = visit.reader.matching(Wanted(kind=kind), None, page, live_on(visit.campaign, shown.id))
    return visit.page(
        "machine_matters.html",
        found=found,
        version=shown,
        label_of=visit.campaign.kind(kind).doc.label,
        tabs=tabs(visit),
    )


@router.get("/campaign/machines/{kind}/diff")
def diff(visit: Visitor, kind: str) -> Response:
    """What differs between two published versions, in words."""
    versions = _versions(visit, kind)
    numbers = [str(each["version"]) for each in versions]
    old, new = visit.asked("old") or numbers[0], visit.asked("new") or numbers[-1]
    for each in (old, new):
        if each not in numbers:
            raise NotFound(f"{kind}@{each[:20]} is not published here", "no_version")
    said = compared(*(find_side(f"{kind}@{each}", lambda: visit.workspace) for each in (old, new)))
    return visit.page(
        "machine_diff.html", told=said, groups=grouped(visit, said), old=old, new=new, numbers=numbers, kind=kind,
        label_of=visit.campaign.kind(kind).doc.label, tabs=tabs(visit),
    )  # fmt: skip


def grouped(visit: Visit, said: dict[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Differences under their headings, the weightiest first."""
    found: dict[str, list[dict[str, Any]]] = {}
    for each in said["differences"]:
        zh, en = next((zh, en) for first, zh, en in reversed(WEIGHTS) if each["weight"] >= first)
        found.setdefault(visit.t(zh, en), []).append(each)
    return list(found.items())


def _asked(visit: Visit, kind: str) -> Version:
    """The version that is asked for, else the one that new matters follow. Raises NotFound."""
    asked = visit.asked("version")
    if not asked:
        return find_version(visit.workspace, kind, visit.campaign.kind(kind).doc.version)
    if not (asked.isascii() and asked.isdigit() and len(asked) < 10):
        raise Invalid(f"not a version: {asked[:20]!r}", "no_version")
    return find_version(visit.workspace, kind, int(asked))


def _versions(visit: Visit, kind: str) -> list[dict[str, Any]]:
    """Every published version; how many live matters follow it, as far as the visitor sees them."""
    found: list[dict[str, Any]] = versions_of(visit.workspace, kind)["items"]
    if visit.sight.everything:
        return found
    ids = {each["version"]: find_version(visit.workspace, kind, each["version"]).id for each in found}
    for each in found:
        which = live_on(visit.campaign, ids[each["version"]])
        each["live"] = visit.reader.matching(Wanted(kind=kind), None, Page(limit=1), which)["total"]
    return found


def _attached(made: Compiled, ending: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{made.kind}-{made.doc.version}.{ending}"'}
