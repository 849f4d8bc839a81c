"""Changes of the campaign and its machines: a draft looked at, proposed by one, decided by another (草案与批准)."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from engine.campaign_proposals import LAST, OPEN, SHOWN, Proposed, decided, waiting
from engine.errors import DubanError, Forbidden, NotFound
from engine.orders import Actor
from web.api.answers import answered
from web.api.bodies import taken
from web.api.forms_schema import ApproveForm, DraftForm, EmptyForm, MigrationForm, ProposalForm, RejectForm
from web.api.parts import Parts
from web.api.problems import problem_of
from web.api.routes import body, router, told
from web.api.sights import require
from web.api.speaking import caller, looker
from web.proof_room import ProofRoom, must_be_proved
from workflows.drafts import draft_of
from workflows.migration import plan_migration
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
    submit,
    submit_migration,
    understand,
)
from workflows.publication import find_version
from workflows.turning_down import reject, withdraw
from workflows.workspace import Workspace

Looking = Annotated[Actor, Depends(looker)]
Acts = Annotated[Actor, Depends(caller)]
Before = Annotated[int | None, Query(ge=1, lt=LAST, description="上一页的 next · `next` of the page before")]

DECIDED = told("Proposal", "办妥 · Done", 409, 415)


def routes(parts: Parts) -> APIRouter:
    """The routes."""
    made = router()
    _drafting(made, parts)
    _migrating(made, parts)
    _looking(made, parts)
    _deciding(made, parts)
    return made


def _understood(parts: Parts, actor: Actor, form: DraftForm) -> Understood:
    """The draft, read; only for who may propose one of its sort. Raises Forbidden, Invalid with every mistake."""
    may = require(parts, actor, "definitions").functions
    if not may & set(FUNCTIONS.values()):
        require(parts, actor, "amend")
    what = understand(parts.workspace, draft_of({name: text.encode() for name, text in form.files.items()}))
    require(parts, actor, FUNCTIONS[what.sort])
    return what


def _drafting(made: APIRouter, parts: Parts) -> None:
    workspace = parts.workspace

    @made.post(
        "/campaign/drafts", tags=["campaign"], responses=told("Draft", "草案的影响 · What a draft would change", 409, 415),
        openapi_extra=body(DraftForm),
    )  # fmt: skip
    def look_at_draft(
        request: Request, form: Annotated[DraftForm, Depends(taken(DraftForm, parts))], actor: Acts
    ) -> Response:
        """查看草案的影响并开始证明，不改变任何内容 · See what a draft would change; its proof begins. Nothing is stored."""
        what = _understood(parts, actor, form)
        return answered(request, _told(workspace, parts.proofs, what))

    @made.post(
        "/campaign/proposals", tags=["campaign"], status_code=201, openapi_extra=body(ProposalForm),
        responses=told("Proposal", "已提交，待第二人批准 · Proposed; another person decides", 409, 415, status=201),
    )  # fmt: skip
    def propose_draft(
        request: Request, form: Annotated[ProposalForm, Depends(taken(ProposalForm, parts))], actor: Acts
    ) -> Response:
        """提出草案，待第二人批准 · Propose a draft: another person decides."""
        what = _understood(parts, actor, form)
        return _proposed(request, workspace, submit(workspace, what, actor, form.said))


def _told(workspace: Workspace, proofs: ProofRoom, what: Understood) -> dict[str, Any]:
    """What a draft would change, and its proof; None for a proof that is still being worked out."""
    said = {"sort": what.sort, "digest": what.draft.digest, "impact": impact(workspace, what)}
    return {**said, "proof": proofs.ask(job_of(workspace, what.draft))}


def _proposed(request: Request, workspace: Workspace, ident: int) -> Response:
    where = f"{request.scope.get('root_path', '')}/campaign/proposals/{ident}"
    return answered(request, found(workspace, ident).as_json(), status=201, headers={"Location": where})


def _migrating(made: APIRouter, parts: Parts) -> None:
    workspace = parts.workspace

    @made.get(
        "/definitions/{kind}/{version}/migration", tags=["definitions"],
        responses=told("Any", "迁移在办事项的方案 · What taking live matters over would do", 304),
    )  # fmt: skip
    def plan_a_migration(request: Request, kind: str, version: int, actor: Looking) -> Response:
        """在办事项改用此版本的方案：计数、问题、期限 · What taking the live matters over to this version would do."""
        require(parts, actor, "definitions")
        plan = plan_migration(workspace, find_version(workspace, kind, version))
        return answered(request, {**plan.as_json(), "sound": plan.sound})

    @made.post(
        "/definitions/{kind}/{version}/migration", tags=["campaign"], status_code=201, openapi_extra=body(MigrationForm),
        responses=told("Proposal", "已提交，待第二人批准 · Proposed; another person decides", 409, 415, status=201),
    )  # fmt: skip
    def propose_migration(
        request: Request, kind: str, version: int, form: Annotated[MigrationForm, Depends(taken(MigrationForm, parts))],
        actor: Acts,
    ) -> Response:  # fmt: skip
        """提出迁移，待第二人批准 · Propose it: another person decides."""
        require(parts, actor, "publish")
        return _proposed(request, workspace, submit_migration(workspace, kind, version, actor, form.said))


def _looking(made: APIRouter, parts: Parts) -> None:
    workspace = parts.workspace

    @made.get("/campaign/proposals", tags=["campaign"], responses=told("Proposals", "草案列表 · Proposals", 304))
    def list_proposals(request: Request, actor: Looking, before: Before = None) -> Response:
        """待批准的和已决定的，最新的在前 · What waits, then what was decided, newest first; `next` goes on with the latter."""
        require(parts, actor, "definitions")
        with workspace.database.snapshot() as tx:
            open_ones = [] if before is not None else waiting(tx, workspace.campaign)
            over = decided(tx, workspace.campaign, before or LAST)
        following = str(over[SHOWN - 1].id) if len(over) > SHOWN else None
        return answered(request, {"items": [each.as_json() for each in (*open_ones, *over[:SHOWN])], "next": following})

    @made.get(
        "/campaign/proposals/{ident}", tags=["campaign"], responses=told("ShownProposal", "草案全貌 · A proposal", 304)
    )
    def show_proposal(request: Request, ident: int, actor: Looking) -> Response:
        """草案：影响、证明、可否决定 · A proposal: what it would change now, its proof, and who stands against whose decision."""
        require(parts, actor, "definitions")
        return answered(request, _shown(parts, _found(workspace, ident), actor))


def _found(workspace: Workspace, ident: int) -> Proposed:
    if not 0 < ident < LAST:
        raise NotFound("there is no such proposal", "no_proposal")
    return found(workspace, ident)


def _shown(parts: Parts, kept: Proposed, actor: Actor) -> dict[str, Any]:
    """A proposal; of one that waits also what it would change now, or why it cannot be carried out any more."""
    workspace = parts.workspace
    said: dict[str, Any] = {
        **kept.as_json(),
        "impact": None,
        "plan": None,
        "proof": None,
        "overtaken": False,
        "open_questions": [],
        "against": [],
    }
    if kept.status != OPEN:
        return said
    against: DubanError | None = may_decide(workspace, kept, actor)
    try:
        now = effect(workspace, kept)
        said |= {"impact": now.impact, "overtaken": now.overtaken}
        if now.plan is not None:
            said["plan"] = now.plan.as_json()
        if now.what is not None:
            said["open_questions"] = [each.as_json() for each in now.what.left_open]
            said["proof"] = parts.proofs.ask(job_of(workspace, now.what.draft))
    except DubanError as error:
        against = error
    if against is not None:
        problem = problem_of(against)
        said["against"] = [{"code": problem.code, "detail": problem.detail, **problem.more}]
    return said


def _deciding(made: APIRouter, parts: Parts) -> None:
    workspace = parts.workspace

    def decided_on(request: Request, ident: int) -> Response:
        return answered(request, found(workspace, ident).as_json())

    @made.post(
        "/campaign/proposals/{ident}/approve", tags=["campaign"], responses=DECIDED, openapi_extra=body(ApproveForm)
    )
    def approve_proposal(
        request: Request, ident: int, form: Annotated[ApproveForm, Depends(taken(ApproveForm, parts))], actor: Acts
    ) -> Response:
        """批准并生效 · Approve: it comes into force. Only another person may, and only what is proved."""
        require(parts, actor, "definitions")
        kept = _found(workspace, ident)
        against: Forbidden | None = may_decide(workspace, kept, actor)
        if kept.status == OPEN and against is not None:
            raise against
        if kept.status == OPEN and kept.sort != MIGRATE:
            must_be_proved(parts.proofs, workspace, draft_in(kept))
        approve(workspace, ident, actor, accept_open=form.accept_open)
        return decided_on(request, ident)

    @made.post(
        "/campaign/proposals/{ident}/reject", tags=["campaign"], responses=DECIDED, openapi_extra=body(RejectForm)
    )
    def reject_proposal(
        request: Request, ident: int, form: Annotated[RejectForm, Depends(taken(RejectForm, parts))], actor: Acts
    ) -> Response:
        """退回，说明理由 · Reject, with a reason."""
        require(parts, actor, "definitions")
        reject(workspace, _found(workspace, ident).id, actor, form.reason)
        return decided_on(request, ident)

    @made.post(
        "/campaign/proposals/{ident}/withdraw", tags=["campaign"], responses=DECIDED, openapi_extra=body(EmptyForm)
    )
    def withdraw_proposal(
        request: Request, ident: int, form: Annotated[EmptyForm, Depends(taken(EmptyForm, parts))], actor: Acts
    ) -> Response:
        """撤回本人提出的 · Take one's own proposal back."""
        require(parts, actor, "definitions")
        withdraw(workspace, _found(workspace, ident).id, actor)
        return decided_on(request, ident)
