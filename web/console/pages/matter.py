"""The page of a matter: where it stands, what can be done, what it holds, and everything that happened to it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from engine.errors import Invalid
from engine.machine import Compiled
from web.console import matter_view as view
from web.console.acts_besides import besides_cards
from web.console.cards import Able, Attempt, cards_of
from web.console.list_filter import instant_of
from web.console.telling import Teller
from web.console.timeline import FILTERS, page_of, people, told
from web.console.visit import Visit, Visitor

router = APIRouter()

NOTICES = 12
"""Notices that are shown at once; the others come when they are asked for. PLACEHOLDER"""


@router.get("/m/{ref:path}")
def matter(visit: Visitor, ref: str) -> Response:
    """A matter, now or as it stood at ``as_of``."""
    return matter_page(visit, ref)


def machine_of(visit: Visit, shown: Mapping[str, Any]) -> Compiled:
    """The version of the definition by which a matter is worked."""
    machines = visit.campaign.machines
    ident = machines.by_digest.get(shown["definition_hash"])
    return machines[ident] if ident is not None else visit.campaign.kind(shown["kind"])


def matter_page(visit: Visit, ref: str, status: int = 200, attempt: Attempt | None = None) -> HTMLResponse:
    """The page; with an *attempt* the form that was refused stands open in it, with what was typed."""
    as_of = _as_of(visit) if attempt is None else None
    shown = visit.reader.show(ref, as_of)
    teller = Teller(visit.campaign, machine_of(visit, shown), visit.speech)
    entries = visit.reader.history(ref)["items"]
    now = min(as_of, visit.now) if as_of else visit.now
    if as_of is not None:
        entries = [each for each in entries if datetime.fromisoformat(each["recorded_at"]) <= as_of]
    able = Able(visit, ref) if as_of is None else None
    possible = list(able.triggers) if able else None
    who = people(visit)
    touching = view.acts_on_deadlines(teller, shown["state"], possible or ())
    said = {
        "shown": shown, "teller": teller, "as_of": as_of, "able": able, "attempt": attempt,
        "cards": cards_of(visit, teller, able, shown, attempt) if able else [],
        "others": besides_cards(visit, teller, able, shown, attempt) if able else [],
        "pictures": view.where(teller, shown, entries, possible), "facts": view.facts_rows(teller, shown),
        "deadlines": view.deadline_rows(visit, teller, shown, entries, now, touching),
        "papers": view.papers_rows(teller, who, shown, entries), "waits": view.waits_rows(teller, shown),
        "handed": view.strip_of_handovers(visit, teller, shown, now),
        "kind_label": teller.machine.doc.label, "late_after": visit.campaign.late_after,
    }  # fmt: skip
    said |= _line(visit, teller, who, ref, entries)
    told_of = view.notice_rows(visit, teller, who, ref, as_of)
    whole = visit.asked("notices") == "all"
    said |= {"notices": told_of if whole else told_of[:NOTICES], "notices_total": len(told_of)}
    return visit.page("matter.html", status, **said)


def _line(visit: Visit, teller: Teller, who: Any, ref: str, entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The entries of the page of the time line that is asked for."""
    wanted = visit.asked("entries") if visit.asked("entries") in FILTERS else ""
    before = visit.asked("before")
    page, after, total = page_of(entries, wanted, int(before) if before.isdecimal() and len(before) < 12 else None)
    return {
        "line": [told(teller, who, ref, each) for each in page],
        "line_after": after,
        "line_total": total,
        "line_wanted": wanted,
    }


def _as_of(visit: Visit) -> datetime | None:
    """The instant as of which the matter is wanted. Raises Invalid."""
    asked = visit.asked("as_of")
    if not asked:
        return None
    try:
        return instant_of(visit, asked, end=True)
    except (ValueError, OverflowError):
        raise Invalid(f"not an instant: {asked[:40]!r}; write 2010-11-26T09:00", "instant") from None
