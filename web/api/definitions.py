"""The campaign and its machines: what is in force, what was published, diagrams, what differs, and proofs of them."""

import re
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from engine.campaign_shape import campaign_json
from engine.definition import Definition
from engine.diagram import mermaid
from engine.errors import Invalid
from engine.orders import Actor
from engine.published import files, versions
from engine.publishing import FIND_CAMPAIGN
from web.api.answers import answered
from web.api.bodies import taken
from web.api.forms_schema import EmptyForm
from web.api.jobs import Jobs, Work
from web.api.parts import Parts
from web.api.routes import body, router, told
from web.api.sights import require
from web.api.speaking import caller, looker
from workflows.comparison import compared, find_side
from workflows.proving import prove_bound
from workflows.publication import find_version
from workflows.workspace import Workspace

Looking = Annotated[Actor, Depends(looker)]

PUBLISHED = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}@[1-9][0-9]{0,8}")
"""What may be compared here: what the database holds, never a file of the server."""


def routes(parts: Parts, jobs: Jobs) -> APIRouter:
    """The routes."""
    found = router()
    workspace = parts.workspace

    @found.get("/campaign", tags=["campaign"], responses=told("Any", "专项行动 · The campaign", 304))
    def show_campaign(request: Request, actor: Looking) -> Response:
        """专项行动：单位、阶段、职责、期限 · The campaign in force: bodies, phases, duties, dates."""
        return answered(request, campaign_json(workspace.campaign.doc))

    @found.get(
        "/campaign/versions", tags=["campaign"], responses=told("Items", "文件的历次版本 · Versions of its file", 304)
    )
    def list_campaign_versions(request: Request, actor: Looking) -> Response:
        """专项行动文件的历次版本 · Every version of the campaign's file."""
        with workspace.database.snapshot() as tx:
            row = tx.row(FIND_CAMPAIGN, code=workspace.campaign.code)
            return answered(request, {"items": files(tx, workspace.campaign, str(row[1]) if row else "")})

    @found.get("/definitions", tags=["definitions"], responses=told("Items", "已发布的流程 · What is published", 304))
    def list_definitions(
        request: Request, actor: Looking, kind: Annotated[str | None, Query(max_length=100)] = None
    ) -> Response:
        """已发布的各版本及其事项数 · Every published version, with the matters that follow it."""
        with workspace.database.snapshot() as tx:
            return answered(request, {"items": [each.as_json() for each in versions(tx, workspace.campaign, kind)]})

    @found.get(
        "/definitions/diff", tags=["definitions"], responses=told("Any", "变化的含义 · What the changes mean", 304)
    )
    def compare_definitions(
        request: Request, actor: Looking, old: Annotated[str, Query(max_length=120)], new: Annotated[str, Query(max_length=120)]
    ) -> Response:  # fmt: skip
        """比较两个版本（case@1、case@2） · Compare two published versions, in words."""
        for name in (old, new):
            if not PUBLISHED.fullmatch(name):
                raise Invalid(f"write what is published, as in case@1, not {name[:80]!r}", "no_version")
        return answered(request, compared(*(find_side(name, lambda: workspace) for name in (old, new))))

    _one(found, parts, jobs)
    return found


def definition_of(workspace: Workspace, kind: str, version: int) -> Definition:
    """A published definition. Raises NotFound."""
    return workspace.campaign.machines[find_version(workspace, kind, version).id].definition


def _one(found: APIRouter, parts: Parts, jobs: Jobs) -> None:
    workspace = parts.workspace

    @found.get(
        "/definitions/{kind}/{version}", tags=["definitions"], responses=told("Any", "流程定义 · The definition", 304)
    )
    def show_definition(request: Request, kind: str, version: int, actor: Looking) -> Response:
        """流程定义全文 · A definition as it was published."""
        require(parts, actor, "definitions")
        one = definition_of(workspace, kind, version)
        said = {"kind": one.doc.kind, "version": one.doc.version, "hash": one.digest}
        return answered(request, {**said, "definition": one.doc.model_dump(mode="json", by_alias=True)})

    @found.get(
        "/definitions/{kind}/{version}/diagram",
        tags=["definitions"],
        responses=told("Diagram", "流程图 · As Mermaid", 304),
    )
    def draw_definition(
        request: Request, kind: str, version: int, actor: Looking, lang: Literal["zh", "en"] = "zh"
    ) -> Response:
        """流程图（Mermaid） · The machine as text that Mermaid draws."""
        one = definition_of(workspace, kind, version)
        return answered(request, {"kind": kind, "version": version, "mermaid": mermaid(one, lang)})

    @found.post(
        "/definitions/{kind}/{version}/checks", tags=["definitions"], status_code=202, openapi_extra=body(EmptyForm),
        responses=told("Job", "已开始检查 · The check has begun", 409, 415, status=202),
    )  # fmt: skip
    def check_definition(
        request: Request, kind: str, version: int, form: Annotated[EmptyForm, Depends(taken(EmptyForm, parts))],
        actor: Annotated[Actor, Depends(caller)],
    ) -> Response:  # fmt: skip
        """检查并证明一个流程 · Check and prove a definition; the result is at the job."""
        require(parts, actor, "definitions")
        one = definition_of(workspace, kind, version)
        return jobs.begin(request, "check", {"definition": f"{kind}@{version}"}, _proof(workspace, one))


def _proof(workspace: Workspace, one: Definition) -> Work:
    def work() -> dict[str, Any]:
        problems = prove_bound(one, workspace.campaign).problems
        return {"ok": not problems, "problems": [each.as_json() for each in problems]}

    return work
