"""Checks of a campaign's recurring returns and of the monitors of silence in them."""

from collections.abc import Mapping

from engine.campaign_schema import CampaignDoc, ReturnSpec
from engine.definition import Definition
from engine.recurrence_schema import DAYS_IN_TURN, fits
from engine.source import Findings, Path

GIVEN = ("series", "period", "due_at")
"""The facts with which a return is opened: which return, for which period, and when it is due."""


def check_returns(doc: CampaignDoc, found: Findings) -> None:
    """Report returns and monitors of *doc* that name what does not exist, or fall on no day."""
    bodies = {body.code for body in doc.bodies}
    codes = [each.code for each in doc.returns]
    found.unique(("returns",), "return", codes, ("code",))
    found.unique(("monitors",), "monitor", [each.code for each in doc.monitors], ("code",))
    for position, each in enumerate(doc.returns):
        path: Path = ("returns", position)
        found.expect((*path, "kind"), "kind", each.kind, doc.definitions)
        found.expect((*path, "list_to"), "circle", each.list_to, doc.circles)
        if isinstance(each.owed_by, list):
            found.expect((*path, "owed_by"), "body", each.owed_by, bodies)
        _days(path, each, found)
    for position, monitor in enumerate(doc.monitors):
        found.expect(("monitors", position, "silent_in"), "return", monitor.silent_in, codes)
        found.expect(("monitors", position, "tell"), "circle", monitor.tell, doc.circles)


def _days(path: Path, each: ReturnSpec, found: Findings) -> None:
    if each.first > each.last:
        found.add((*path, "last"), "return_order", "the return ends before it begins")
    if not fits(each.every, each.on):
        message = f"'{each.on}' is no day of the {each.every}"
        found.add((*path, "on"), "return_day", message, DAYS_IN_TURN)


def check_returns_use(doc: CampaignDoc, definitions: Mapping[str, Definition], found: Findings) -> None:
    """Report returns whose kind has no such deadline, or cannot be opened with what is given."""
    for position, each in enumerate(doc.returns):
        definition = definitions.get(each.kind)
        if definition is None:
            continue
        path: Path = ("returns", position)
        found.expect((*path, "deadline"), "deadline", each.deadline, definition.doc.deadlines)
        opening = definition.doc.open
        missing = [fact for fact in opening.asks if fact not in GIVEN]
        refused = [fact for fact in GIVEN if fact not in (*opening.asks, *opening.optional)]
        if missing or refused:
            message = f"a return is opened with {', '.join(GIVEN)}; '{each.kind}' asks for others"
            found.add((*path, "kind"), "return_facts", message, f"see: {', '.join(missing or refused)}")
