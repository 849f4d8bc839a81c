"""What a list is narrowed down by, as an address says it and a form asks it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from engine.errors import DubanError, Invalid, NotFound
from engine.lists import ORDERS, Wanted
from engine.outlook import LIGHTS
from web.console.sifting import AMOUNT, FACT, LACKS, wanted_of_pairs
from web.console.visit import Visit

DAY = timedelta(days=1)

NAMES = (
    "kind", "body", "state", "stage", "light", "waiting_for", "text", "closed", "due_before", "due_after", "opened_from",
    "opened_until", "order", "as_of",
)  # fmt: skip
"""What of the address is a filter; the cursor is none."""

LONGEST_TEXT = 100
"""Characters that are searched for. PLACEHOLDER"""


@dataclass
class Sifted:
    """The filter of an address: what is wanted, in which order, as of when, as it was said, and what is wrong with it."""

    wanted: Wanted
    order: str = "urgency"
    as_of: datetime | None = None
    said: dict[str, str] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)

    @property
    def narrowed(self) -> bool:
        """Whether anything is left out."""
        return bool(self.said.keys() - {"order", "as_of"})


def sifted(visit: Visit) -> Sifted:
    """Read the filter of the address; a part of it that cannot be is left out, and said beside its field."""
    said = {name: visit.asked(name) for name in NAMES if visit.asked(name)}
    more = {
        name: value.strip() for name, value in visit.request.query_params.items()
        if value.strip() and (name == "late" or name.startswith((FACT, LACKS, AMOUNT)))
    }  # fmt: skip
    said |= more
    found = Sifted(Wanted(), said=said)
    values: dict[str, Any] = {}
    try:
        about = wanted_of_pairs(more.items(), visit.campaign.zone)
        values |= {name: getattr(about, name) for name in ("facts", "lacks", "amounts", "late")}
    except Invalid as error:
        found.wrong[error.code] = error.message
    for name in ("kind", "body", "waiting_for", "light", "state", "stage"):
        if name in said:
            if _known(visit, name, said[name]):
                values[name] = said[name]
            else:
                found.wrong[name] = visit.t("没有这一项", "there is no such thing")
    for name in ("due_before", "due_after", "opened_from", "opened_until"):
        if name in said:
            values[name] = _instant(visit, name, said[name], found)
    if said.get("closed") in ("yes", "no"):
        values["closed"] = said["closed"] == "yes"
    if "text" in said:
        values["text"] = said["text"][:LONGEST_TEXT]
    found.as_of = _instant(visit, "as_of", said["as_of"], found, end=True) if "as_of" in said else None
    found.order = said.get("order", "urgency") if said.get("order", "urgency") in ORDERS else "urgency"
    found.wanted = Wanted(**{name: value for name, value in values.items() if value is not None})
    return found


def _known(visit: Visit, name: str, code: str) -> bool:
    if name in ("body", "waiting_for"):
        return code in visit.campaign.bodies
    if name == "light":
        return code in LIGHTS
    if name == "kind":
        try:
            visit.campaign.kind(code)
        except DubanError:
            return False
    return True


def instant_of(visit: Visit, text: str, *, end: bool = False) -> datetime:
    """An instant as it is typed; a bare day is its beginning, or its *end*. Raises ValueError."""
    if len(text) == len("2010-11-26"):
        day = date.fromisoformat(text)
        if not 1900 <= day.year <= 9000:
            raise ValueError(text)
        return datetime.combine(day + DAY if end else day, time(0), visit.campaign.zone) - timedelta(seconds=int(end))
    at = datetime.fromisoformat(text.replace(" ", "+"))
    if not 1900 <= at.year <= 9000:
        raise ValueError(text)
    return at if at.tzinfo else at.replace(tzinfo=visit.campaign.zone)


def _instant(visit: Visit, name: str, text: str, found: Sifted, *, end: bool = False) -> datetime | None:
    """A day of a filter: ``…_until`` and ``due_before`` are exclusive, so a bare day is its end."""
    try:
        at = instant_of(visit, text, end=end or name in ("due_before", "opened_until"))
    except (ValueError, OverflowError):
        found.wrong[name] = visit.t("请填日期，如 2010-11-26", "a day like 2010-11-26")
        return None
    return (
        at + timedelta(seconds=1) if name in ("due_before", "opened_until") and len(text) == len("2010-11-26") else at
    )


def choices(visit: Visit, found: Sifted) -> dict[str, list[tuple[str, str]]]:
    """What can be chosen in the form of the filter: pairs of code and words."""
    campaign, speech = visit.campaign, visit.speech
    kinds = {code: campaign.kind(code).doc for code in campaign.doc.definitions}
    states: dict[str, str] = {}
    for code, doc in kinds.items():
        if found.wanted.kind in (None, code):
            states |= _states(doc.states, speech, "" if found.wanted.kind else speech.label(doc.label) + "·")
    return {
        "kind": sorted(((code, speech.label(doc.label)) for code, doc in kinds.items()), key=lambda each: each[1]),
        "body": [(code, speech.label(body.name)) for code, body in campaign.bodies.items()],
        "state": list(states.items()) if found.wanted.kind else [],
        "light": [(code, speech.word("light", code)) for code in LIGHTS[:-1]] + [("none", visit.t("无灯", "none"))],
        "closed": [("no", visit.t("未办结", "open")), ("yes", visit.t("已办结", "closed"))],
        "order": [
            ("urgency", visit.t("紧急程度", "urgency")), ("updated", visit.t("最近办理", "last touched")),
            ("ref", visit.t("编号", "reference")),
        ],
    }  # fmt: skip


def _states(states: Mapping[str, Any], speech: Any, before: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for code, spec in states.items():
        found[code] = before + speech.label(spec.label)
        found |= {inner: f"　{before}{speech.label(one.label)}" for inner, one in spec.states.items() if inner != code}
    return found


def must_be_known(visit: Visit, kind: str) -> None:
    """Raise NotFound for a kind of matter that the campaign does not have."""
    if kind not in visit.campaign.doc.definitions:
        raise NotFound(f"no kind {kind[:40]!r}", "no_kind")
