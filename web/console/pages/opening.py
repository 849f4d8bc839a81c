"""Opening a matter: the form with exactly what its kind asks for."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from engine.errors import DubanError, Forbidden, Invalid
from engine.machine import Compiled
from engine.orders import Open
from web.console.alike import with_alike
from web.console.cards import Attempt, Card, Paper, dress
from web.console.forms import fields_of
from web.console.list_filter import must_be_known
from web.console.pages.doing import Sent
from web.console.shell import matter_url
from web.console.telling import Teller
from web.console.visit import Visit, Visitor

router = APIRouter()


@router.get("/open/{kind}")
def opening(visit: Visitor, kind: str) -> Response:
    """The form by which a matter of *kind* is opened. Raises NotFound, Forbidden."""
    return _page(visit, kind, None)


@router.post("/open/{kind}")
def opened(visit: Visitor, kind: str) -> Response:
    """Open a matter; to its page, or back to the form with what was typed."""
    must_be_known(visit, kind)
    machine = visit.campaign.kind(kind)
    sent = Sent(visit, machine, "open")
    spec = machine.doc.open
    try:
        order = Open(
            kind=kind, body=visit.field("body") or None, title=visit.field("title") or None,
            facts=sent.facts([*spec.asks, *spec.optional]), documents=sent.documents(), **sent.common(),
        )  # fmt: skip
        if sent.attempt.errors or sent.attempt.papers:
            raise Invalid("look at what is marked", "form")
        outcome = visit.execute(order, sent.actor())
    except DubanError as error:
        if error.exit_code == 1:
            raise
        sent.note(error)
        return _page(visit, kind, sent.attempt, sent.status(error))
    name = visit.speech.label(machine.doc.label)
    said = visit.t(f"已开立：{name} {outcome.ref}。", f"Opened: {name} {outcome.ref}.")
    return visit.back(matter_url(outcome.ref), with_alike(visit, outcome.ref, said))


def bodies_for(visit: Visit, kind: str) -> list[str]:
    """The bodies for which the visitor, or somebody whom he stands in for, may open a matter of *kind*."""
    machine, parts = visit.campaign.kind(kind), visit.campaign.parts
    seats = [machine.seats[role] for role in machine.doc.open.role if role != "system"]
    actors = [visit.actor, *visit.workspace.deputies(visit.actor).values()]
    return [
        body
        for body in visit.campaign.bodies
        if any(seat.held_by(actor, parts, body, {}) for seat in seats for actor in actors)
    ]


def _page(visit: Visit, kind: str, attempt: Attempt | None, status: int = 200) -> HTMLResponse:
    must_be_known(visit, kind)
    machine = visit.campaign.kind(kind)
    bodies = bodies_for(visit, kind)
    if not bodies:
        raise Forbidden(f"{visit.actor.login} may not open a {kind}", "forbidden")
    teller = Teller(visit.campaign, machine, visit.speech)
    card = dress(visit, _card(visit, teller, machine, attempt), None, attempt)
    if attempt is None:
        card.typed = {"body": visit.asked("body")}
    wanted = card.was("body") or (bodies[0] if len(bodies) == 1 else "")
    return visit.page(
        "open.html", status, card=card, kind_label=machine.doc.label, bodies=[(code, teller.body(code)) for code in bodies],
        wanted=wanted, teller=teller,
    )  # fmt: skip


def _card(visit: Visit, teller: Teller, machine: Compiled, attempt: Attempt | None) -> Card:
    spec = machine.doc.open
    fields = fields_of(
        teller.campaign, machine, spec.asks, spec.optional, teller.speech, visit.form if attempt else None,
        attempt.errors if attempt else None,
    )  # fmt: skip
    names = [("", visit.t(f"本人（{visit.actor.login}）", f"myself ({visit.actor.login})"))]
    names += [(login, visit.t(f"代 {login}", f"for {login}")) for login in visit.workspace.deputies(visit.actor)]
    return Card(
        "open", visit.speech.label(spec.label), f"/open/{machine.kind}", visit.t("开立", "Open"), fields=fields,
        papers=[Paper(code, teller.document(code), required=True) for code in spec.needs],
        more_papers=[(code, teller.document(code)) for code in machine.doc.documents if code not in spec.needs],
        reason="may", behalves=names if len(names) > 1 else [],
    )  # fmt: skip
