"""The vault (举报人信息): asking to read who reported, approving it, reading it once with a watermark, and who has read."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from engine.errors import DubanError, Forbidden, Reason
from engine.orders import Actor
from engine.vault_desk import VaultDesk
from web.console.refusal_words import STATUS, in_words
from web.console.visit import Visit, Visitor

router = APIRouter()

ROWS = 50
"""Requests of a page. PLACEHOLDER"""


@router.get("/vault")
def vault(visit: Visitor) -> Response:
    """What one asked for, what waits for one's approval, and, for who reviews it, every request and reading."""
    return _page(visit)


@router.post("/vault")
def ask(visit: Visitor) -> Response:
    """Ask to read who reported a matter."""
    try:
        _desk(visit).ask(visit.field("ref"), visit.field("purpose"))
    except DubanError as error:
        return _page(visit, error)
    return visit.back(
        "/vault", visit.t("已提出申请，待保管单位负责人批准", "Asked: the head of the body that keeps it approves")
    )


@router.post("/vault/approve")
def approve(visit: Visitor) -> Response:
    """Approve a request, for a day."""
    try:
        _desk(visit).approve(visit.field("id"))
    except DubanError as error:
        return _page(visit, error)
    return visit.back("/vault", visit.t("已批准，24 小时内有效", "Approved, for 24 hours"))


@router.post("/vault/reveal")
def reveal(visit: Visitor) -> Response:
    """Show who reported, on this page only: it is never kept, and bears the name of who reads it."""
    try:
        said = _desk(visit).reveal(visit.field("id"))
    except DubanError as error:
        return _page(visit, error)
    mark = f"{said['read_by']} {visit.speech.when(said['read_at'], seconds=True)}"
    answer = visit.page("revealed.html", opened=said, mark=mark)
    answer.headers["Cache-Control"] = "no-store, max-age=0"
    return answer


def _desk(visit: Visit) -> VaultDesk:
    def proved(_actor: Actor) -> None:
        visit.require_step_up("reveal")

    return VaultDesk(visit.workspace.engine, visit.actor, visit.sight, proved)


def _page(visit: Visit, error: DubanError | None = None) -> Response:
    sight = visit.sight
    if not any(sight.may(each) for each in ("vault_ask", "vault_approve", "vault_list")):
        reason = Reason("function", "所任职务没有“举报人信息”的权限", "no post held gives the right to the vault")
        raise Forbidden(f"{visit.actor.login} may not use the vault", "forbidden", [reason])
    if error is not None and error.exit_code == 1:
        raise error
    found = list(reversed(_desk(visit).listed()["items"]))
    login = visit.actor.login
    at = visit.asked("page")
    begin = ROWS * (int(at) if at.isdecimal() and len(at) < 6 else 0)
    values: dict[str, Any] = {
        "mine": [each for each in found if each["asked_by"] == login][:ROWS],
        "waiting": [each for each in found if each["status"] == "asked" and each["asked_by"] != login],
        "others": [each for each in found if each["asked_by"] != login][begin : begin + ROWS],
        "more": begin // ROWS + 1 if len(found) > begin + ROWS else 0,
        "may": {name: sight.may(f"vault_{name}") for name in ("ask", "approve", "list")},
    }
    status = STATUS[error.exit_code] if error else 200
    ref = visit.field("ref") or visit.asked("ref")
    words = in_words(error, visit.lang) if error else None
    return visit.page("vault.html", status, error=words, ref=ref, total=len(found), **values)
