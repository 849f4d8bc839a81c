"""What the procuratorate looks at (检察监督), and what the prosecution standards would say of a matter (立案追诉标准)."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from engine.errors import Forbidden, Invalid
from engine.opening import may_open_for
from engine.orders import Actor
from engine.trial import tried
from web.api.answers import answered
from web.api.bodies import taken
from web.api.forms_schema import TryForm
from web.api.parts import Parts
from web.api.problems import problem_of
from web.api.routes import body, router, told
from web.api.sights import reader_of, require
from web.api.speaking import caller, looker
from workflows.oversight import oversight


def routes(parts: Parts) -> APIRouter:
    """The routes."""
    found = router()
    campaign = parts.workspace.campaign

    @found.get(
        "/supervision", tags=["figures"], responses=told("Supervision", "检察监督 · Supervision of transfers", 304)
    )
    def show_supervision(request: Request, actor: Annotated[Actor, Depends(looker)]) -> Response:
        """移送、应移送未移送、以罚代刑、不予立案的件数 · Transfers, what should have been, and refusals, each with its filter."""
        require(parts, actor, "supervise")
        reader = reader_of(parts, actor)
        groups = [
            {
                "code": group.code, "label": group.label.model_dump(),
                "figures": [
                    {
                        "code": each.code, "label": each.label.model_dump(), "basis": each.basis, "bad": each.bad,
                        "count": reader.count(each.wanted), "filter": each.wanted.as_json(),
                    }
                    for each in group.figures
                ],
            }
            for group in oversight(parts.workspace.campaign)
        ]  # fmt: skip
        return answered(request, {"groups": groups})

    @found.post("/verdicts", tags=["matters"], responses=told("Verdict", "标准的答复 · What the standards say", 409, 415),
                openapi_extra=body(TryForm))  # fmt: skip
    def try_standards(
        request: Request, form: Annotated[TryForm, Depends(taken(TryForm, parts))], actor: Annotated[Actor, Depends(caller)]
    ) -> Response:  # fmt: skip
        """拟登记的内容是否达到立案追诉标准，不写入 · What the standards say of facts before they are stated; nothing is written."""
        machine = campaign.kind(form.kind)
        if not may_open_for(campaign, form.kind, actor):
            raise Forbidden(f"{actor.login} may not open a {form.kind}", "forbidden")
        zone = campaign.zone
        facts = campaign.facts[machine.id].read(form.facts)
        found = tried(campaign, machine, facts, _day(form.on) or parts.workspace.clock.now().astimezone(zone).date())
        against = problem_of(found.refused) if found.refused is not None else None
        said: dict[str, Any] = {
            "answers": found.answers, "follows": {name: value for name, value in found.changed.items() if facts.get(name) != value},
            "against": None if against is None else {"code": against.code, "detail": against.detail, **against.more},
        }  # fmt: skip
        return answered(request, said)

    return found


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise Invalid(f"on: not a day: {text!r}; write 2010-11-26", "day") from None
