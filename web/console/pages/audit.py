"""The audit (审计): the whole record searched, who may what, who asked for what is not his, and readings of the vault."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from engine.errors import Invalid, NotFound
from engine.log_search import WantedEntries, denials, found_entries
from engine.vault_desk import VaultDesk
from web.console.asking import Asking
from web.console.entry_words import KINDS, Sentences
from web.console.visit import Visit, Visitor

router = APIRouter()

A_PAGE = 50

ASKED = ("actor", "kind", "trigger", "ref", "from", "until", "text")

LONGEST_TEXT = 200
"""Characters of a text that is looked for. PLACEHOLDER"""


@router.get("/audit")
def history(visit: Visitor) -> Response:
    """The record, the last entry first."""
    require_audit(visit)
    asking = Asking(visit)
    kind = asking.choice("kind", _kinds(visit))
    found = _found(visit, asking, () if kind is None else (kind,))
    return visit.page(
        "audit.html", asking.status, tab="history", found=found, errors=asking.errors, kept=_kept(visit),
        kinds=[(code, visit.t(*KINDS[code])) for code in _kinds(visit)], sentences=Sentences(visit.campaign, visit.speech),
    )  # fmt: skip


@router.get("/audit/access")
def access(visit: Visitor) -> Response:
    """Who was given what, who came in, and who asked for what is not his."""
    require_audit(visit)
    asking = Asking(visit)
    secure = visit.sight.may("security_log")
    found = _found(visit, asking, ("account", "access", "denied") if secure else ("account",))
    with visit.workspace.database.snapshot() as tx:
        refused = denials(tx, visit.reader) if secure else []
        directory = visit.workspace.people.directory(tx, visit.now)
    holders = [
        {"body": code, "post": post, "logins": directory.reach(code, [post])}
        for code, body in visit.campaign.bodies.items()
        for post in body.posts
        if any(post in directory.posts_at(login, code) for login in directory.reach(code, [post]))
    ]
    return visit.page(
        "audit_access.html", asking.status, tab="access", found=found, errors=asking.errors, kept=_kept(visit), secure=secure,
        denials=refused, holders=holders, sentences=Sentences(visit.campaign, visit.speech),
    )  # fmt: skip


@router.get("/audit/vault")
def vault(visit: Visitor) -> Response:
    """Who asked to read who reported, who approved, and how often it was read; never the identity."""
    require_audit(visit)
    desk = VaultDesk(visit.workspace.engine, visit.actor, visit.sight)
    return visit.page(
        "audit_vault.html", tab="vault", items=desk.listed()["items"][::-1][:500], all_of_them=visit.sight.may("vault_list")
    )  # fmt: skip


def require_audit(visit: Visit) -> None:
    """Raise Forbidden unless the visitor may look into the record."""
    visit.sight.require("audit", "审计", "look into the record")


def _kinds(visit: Visit) -> list[str]:
    hidden = () if visit.sight.may("security_log") else ("denied", "access")
    return [code for code in KINDS if code not in hidden]


def _kept(visit: Visit) -> dict[str, str]:
    return {name: visit.asked(name) for name in ASKED if visit.asked(name)}


def _found(visit: Visit, asking: Asking, kinds: tuple[str, ...]) -> dict[str, Any]:
    """What is asked for; nothing where a filter is wrong."""
    text, ref = asking.text("text"), asking.text("ref")
    if text is not None and len(text) > LONGEST_TEXT:
        asking.errors["text"] = visit.t(f"至多 {LONGEST_TEXT} 字", f"at most {LONGEST_TEXT} characters")
    if ref is not None:
        try:
            with visit.workspace.database.snapshot() as tx:
                visit.reader.look(tx, ref)
        except NotFound:
            asking.errors["ref"] = visit.t("没有该事项", "there is no such matter")
    wanted = WantedEntries(
        ref=ref, actor=asking.text("actor"), kinds=kinds, trigger=asking.text("trigger"), since=asking.start("from"),
        until=asking.end("until"), text=text,
    )  # fmt: skip
    nothing: dict[str, Any] = {"items": [], "waiting": [], "next": None, "looked_to": 0}
    if asking.errors:
        return nothing
    try:
        return found_entries(visit.reader, visit.sight, wanted, A_PAGE, asking.text("cursor"))
    except Invalid as error:
        asking.not_a_cursor(error)
        return nothing
