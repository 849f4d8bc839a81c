"""Drafts (草案与批准): a file sent, checked and shown with what it would change; proposed by one, decided by another."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from engine.campaign import parts_of
from engine.campaign_proposals import LAST, OPEN, SHOWN, Proposed, decided, waiting
from engine.errors import DubanError, Invalid, NotFound, Problem
from engine.machine import Compiled
from web.console.pages.campaign import tabs
from web.console.pages.machines import grouped
from web.console.pages.migrations import namer
from web.console.pages.proofs import proof_told
from web.console.refusals import STATUS, in_words
from web.console.visit import Visit, Visitor
from web.proof_room import must_be_proved
from workflows.drafts import LARGEST, MOST_FILES, Draft, draft_of, unpacked
from workflows.library import Shelf
from workflows.proposing import (
    FUNCTIONS,
    MIGRATE,
    Understood,
    approve,
    draft_in,
    effect,
    found,
    impact,
    job_of,
    may_decide,
    migration_in,
    submit,
    understand,
)
from workflows.turning_down import reject, withdraw

router = APIRouter()

PART = 48 * 1024
"""Characters of one hidden field that carries a piece of a draft."""

AROUND = 3
"""Lines shown before and after one with a mistake. PLACEHOLDER"""

MOST_CHANGES = 200
"""Dates that are shown one by one. PLACEHOLDER"""

SORTS = {
    "amend": ("调整方案", "amend the campaign"),
    "publish": ("发布流程版本", "publish a machine"),
    "migrate": ("在办事项改用新版本", "take live matters over"),
}
STATUSES = {
    "open": ("待批准", "waiting", "warn"), "applied": ("已批准生效", "approved", "good"),
    "rejected": ("已退回", "rejected", "bad"), "withdrawn": ("已撤回", "withdrawn", "plain"),
}  # fmt: skip


@router.get("/campaign/drafts")
def drafts(visit: Visitor) -> Response:
    """Where a draft is sent, and the proposals."""
    _look(visit)
    return _list(visit)


def _list(visit: Visit, status: int = 200, **more: Any) -> Response:
    before = visit.asked("before")
    with visit.workspace.database.snapshot() as tx:
        open_ones = waiting(tx, visit.campaign)
        over = decided(
            tx, visit.campaign, int(before) if before.isascii() and before.isdigit() and len(before) < 19 else LAST
        )
    following = str(over[SHOWN - 1].id) if len(over) > SHOWN else ""
    said = {"error": None, "problems": [], "texts": [], **more}
    return visit.page(
        "drafts.html", status, waiting=[_line(visit, each) for each in open_ones],
        decided=[_line(visit, each) for each in over[:SHOWN]],
        following=following, may=_may_propose(visit), largest=LARGEST // 1024, most=MOST_FILES, tabs=tabs(visit), **said,
    )  # fmt: skip


def _may_propose(visit: Visit) -> bool:
    return visit.sight.may("amend") or visit.sight.may("publish")


def _look(visit: Visit) -> None:
    visit.sight.require("definitions", "查看草案", "see drafts")


def _line(visit: Visit, each: Proposed) -> dict[str, Any]:
    zh, en, tone = STATUSES[each.status]
    return {**each.as_json(), "what": visit.t(*SORTS[each.sort]), "state": visit.t(zh, en), "tone": tone}


@router.post("/campaign/drafts")
def send(visit: Visitor) -> Response:
    """Look at a draft; propose it if that was asked and nothing stands against it."""
    _look(visit)
    if not _may_propose(visit):
        visit.sight.require("amend", "提出草案", "propose a change")
    draft: Draft | None = None
    try:
        draft = _sent(visit)
        what = understand(visit.workspace, draft)
        visit.sight.require(FUNCTIONS[what.sort], *SORTS[what.sort])
        told = impact(visit.workspace, what)
        if visit.field("action") == "propose":
            ident = submit(visit.workspace, what, visit.actor, visit.field("said"))
            return visit.back(
                f"/campaign/drafts/{ident}", visit.t("已提交，待第二人批准", "proposed; another person decides")
            )
    except DubanError as error:
        problems = error.problems if isinstance(error, Invalid) else []
        texts = _texts(draft, problems) if draft else []
        told_of = {**in_words(error, visit.lang), **({"reasons": []} if problems else {})}
        return _list(
            visit, STATUS.get(error.exit_code, 422), error=told_of, problems=_told(visit, problems), texts=texts
        )
    packed = draft.packed()
    pieces = [packed[at : at + PART] for at in range(0, len(packed), PART)]
    proof = _proof(visit, draft, what)
    return visit.page(
        "draft.html", what=what, told=told, groups=grouped(visit, told["diff"]), pieces=pieces, proof=proof, tabs=tabs(visit),
        typed=visit.field("said"), sort=visit.t(*SORTS[what.sort]), most=MOST_CHANGES, kept=None,
    )  # fmt: skip


def _sent(visit: Visit) -> Draft:
    """What was uploaded, else what the form carried from the page before. Raises Invalid."""
    sent: dict[str, bytes] = {}
    problems = []
    for each in visit.form.getlist("file"):
        if not isinstance(each, UploadFile) or not each.filename:
            continue
        name = each.filename.replace("\\", "/").rpartition("/")[2]
        if name in sent:
            problems.append(Problem(name[:80], 0, 0, "duplicate", "sent twice", zh="重复上传"))
        sent[name] = each.file.read(LARGEST + 1)
    if problems:
        raise Invalid("a file was sent twice", "duplicate", problems=problems)
    if sent:
        return draft_of(sent)
    packed = "".join(each for each in visit.form.getlist("packed") if isinstance(each, str))
    if not packed:
        raise Invalid("choose a file", "no_file")
    return unpacked(packed)


def _told(visit: Visit, problems: list[Problem]) -> list[dict[str, Any]]:
    return [
        {"file": each.file, "line": each.line, "column": each.column, "hint": each.advice(visit.lang),
         "text": visit.t(each.in_chinese, each.message)}
        for each in problems
    ]  # fmt: skip


def _texts(draft: Draft, problems: list[Problem]) -> list[dict[str, Any]]:
    """The files with mistakes, each with the lines around them; 0 for a gap."""
    shown = []
    for name, text in draft.files.items():
        wrong = {each.line for each in problems if each.file == name and each.line}
        if not wrong:
            continue
        lines = text.splitlines()
        near = sorted({at for line in wrong for at in range(max(1, line - AROUND), min(len(lines), line + AROUND) + 1)})
        rows: list[tuple[int, str]] = []
        for at in near:
            if rows and rows[-1][0] != at - 1:
                rows.append((0, ""))
            rows.append((at, lines[at - 1][:400]))
        shown.append({"name": name, "rows": rows})
    return shown


def _proof(visit: Visit, draft: Draft, what: Understood) -> dict[str, Any]:
    answer = visit.house.proofs.ask(job_of(visit.workspace, draft))
    parts = parts_of(what.read.campaign.doc) if isinstance(what.read, Shelf) else visit.campaign.parts
    machines = {kind: Compiled(each, 0, parts) for kind, each in what.definitions.items()} if answer else {}
    return proof_told(visit, answer, machines)


@router.get("/campaign/drafts/{ident}")
def one(visit: Visitor, ident: int) -> Response:
    """A proposal: what it would change, its proof, and what can be decided."""
    _look(visit)
    return _one(visit, ident)


def _one(visit: Visit, ident: int, status: int = 200, error: dict[str, Any] | None = None) -> Response:
    kept = _found(visit, ident)
    against = may_decide(visit.workspace, kept, visit.actor) if kept.status == OPEN else None
    shown: dict[str, Any] = {
        "kept": _line(visit, kept), "tabs": tabs(visit), "error": error, "typed": visit.field("reason"), "most": MOST_CHANGES,
        "against": in_words(against, visit.lang)["reasons"] if against else [], "own": kept.proposed_by == visit.actor.login,
        "open": kept.status == OPEN, "overtaken": False, "told": None, "groups": [], "proof": None, "plan": None, "stands": None,
        "named": None, "left_open": [],
        "sort": visit.t(*SORTS[kept.sort]),
    }  # fmt: skip
    if kept.status == OPEN:
        try:
            shown |= _impact(visit, kept)
        except DubanError as wrong:
            shown["stands"] = in_words(wrong, visit.lang)
    return visit.page("proposal.html", status, **shown)


def _impact(visit: Visit, kept: Proposed) -> dict[str, Any]:
    """What an open proposal would change now."""
    now = effect(visit.workspace, kept)
    if now.plan is not None:
        return {"plan": now.plan.as_json(), "named": namer(visit, migration_in(kept)[0])}
    assert now.what is not None and now.impact is not None  # noqa: S101 - what is no migration is a draft
    groups, proof = grouped(visit, now.impact["diff"]), _proof(visit, now.what.draft, now.what)
    return {"told": now.impact, "groups": groups, "proof": proof, "overtaken": now.overtaken,
            "left_open": [each.said(visit.lang) for each in now.what.left_open]}  # fmt: skip


def _found(visit: Visit, ident: int) -> Proposed:
    if not 0 < ident < LAST * 2:
        raise NotFound("there is no such proposal", "no_proposal")
    return found(visit.workspace, ident)


@router.post("/campaign/drafts/{ident}/{decision}")
def decide(visit: Visitor, ident: int, decision: str) -> Response:
    """Approve, reject or withdraw it. What stands against that is told on the proposal's page."""
    _look(visit)
    kept = _found(visit, ident)
    if decision == "approve" and may_decide(visit.workspace, kept, visit.actor) is None:
        visit.require_step_up("approve")
    try:
        said = _decided(visit, kept, decision)
    except DubanError as error:
        return _one(visit, ident, STATUS.get(error.exit_code, 422), in_words(error, visit.lang))
    return visit.back(f"/campaign/drafts/{ident}", said)


def _decided(visit: Visit, kept: Proposed, decision: str) -> str:
    if decision == "withdraw":
        withdraw(visit.workspace, kept.id, visit.actor)
        return visit.t("已撤回", "withdrawn")
    if decision == "reject":
        reject(visit.workspace, kept.id, visit.actor, visit.field("reason"))
        return visit.t("已退回", "rejected")
    if decision != "approve":
        raise NotFound("there is no such decision", "no_decision")
    if kept.status == OPEN and kept.sort != MIGRATE and may_decide(visit.workspace, kept, visit.actor) is None:
        must_be_proved(visit.house.proofs, visit.workspace, draft_in(kept))
    approve(visit.workspace, kept.id, visit.actor, accept_open=visit.field("accept_open") == "yes")
    return visit.t("已批准，已生效", "approved and in force")
