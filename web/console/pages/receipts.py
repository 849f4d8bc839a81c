"""Receipts (回执): what proves that the record holds an act; those of one's own, and each as a file that verifiers take."""

import re
from datetime import timedelta
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from engine.counterfoils import Counterfoil, counterfoil, own_entries, receipt_file
from engine.errors import Invalid, NotFound
from engine.log_search import entry_of
from web.console.asking import Asking
from web.console.downloads import download
from web.console.entry_words import Sentences
from web.console.visit import Visit, Visitor

router = APIRouter()

MOST = 50
"""Receipts that are asked for at once. PLACEHOLDER"""

UNUSUAL = re.compile("[^A-Za-z0-9_.-]+")
"""What the name of a file had better not have."""

SPAN = timedelta(days=30)
"""How far back one's own are listed where no day is said. PLACEHOLDER"""


@router.get("/receipts")
def receipts(visit: Visitor) -> Response:
    """The receipts that are asked for, else one's own."""
    found = _asked(visit)
    if not found:
        return _own(visit)
    sentences = Sentences(visit.campaign, visit.speech)
    shown = [
        {"entry": (entry := entry_of(visit.reader, None, each.record, each.leaf)), "told": sentences.told(entry),
         "who": sentences.actor(entry), "receipt": _signed(visit, each), "sealed": each.sealed}
        for each in found
    ]  # fmt: skip
    places = [(each.body["stream"], each.body["seq"]) for each in found]
    return visit.page("receipt.html", shown=shown, places=places, log=visit.campaign.log)


@router.get("/receipts/file")
def file(visit: Visitor) -> Response:
    """The file: one receipt, or several, a line each. Raises NotFound for what is not there, or not for the visitor."""
    found = _asked(visit)
    if not found:
        return visit.back("/receipts")
    first = found[0].receipt
    name = UNUSUAL.sub("-", f"receipt-{first['stream'][:100]}-{first['seq']}")
    return download(receipt_file(visit.workspace.signing, found), f"{name}.json", "application/json")


def _asked(visit: Visit) -> list[Counterfoil]:
    """What is asked for, each by its stream and its number there. Raises NotFound."""
    found = []
    for each in dict.fromkeys(visit.request.query_params.getlist("of")[:MOST]):
        stream, _, seq = each.rpartition("/")
        if not (seq.isascii() and seq.isdigit() and len(seq) < 11):
            raise NotFound("there is no such entry", "no_entry")
        found.append(counterfoil(visit.reader, visit.sight, visit.actor, stream, int(seq)))
    return found


def _signed(visit: Visit, kept: Counterfoil) -> dict[str, Any]:
    return visit.workspace.signing.signed(kept.receipt)


def _own(visit: Visit) -> Response:
    asking = Asking(visit)
    since, until = asking.start("from") or visit.now - SPAN, asking.end("until")
    cursor = asking.text("cursor")
    nothing: dict[str, Any] = {"items": [], "next": None}
    try:
        found = own_entries(visit.reader, visit.sight, visit.actor, since, until, 50, cursor)
    except Invalid as error:
        asking.not_a_cursor(error)
        found = nothing
    return visit.page(
        "receipts.html", asking.status, found=found, errors=asking.errors, sentences=Sentences(visit.campaign, visit.speech),
        kept={name: visit.asked(name) for name in ("from", "until") if visit.asked(name)},
    )  # fmt: skip
