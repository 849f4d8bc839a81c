"""What a list is narrowed down by, as an address says it and a form asks it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from engine.errors import DubanError, Invalid, NotFound
from engine.facts import read_instant
from engine.lists import ORDERS, Wanted
from engine.outlook import LIGHTS, STANDINGS
from web.console.sifting import AMOUNT, DAY, FACT, LACKS, Pairs, wanted_of_pairs
from web.console.visit import Visit

NAMES = (
    "kind", "body", "state", "stage", "light", "waiting_for", "text", "closed", "due_before", "due_after", "opened_from",
    "opened_until", "late", "standing", "order", "as_of",
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
    asked = [(name, value.strip()) for name, value in visit.request.query_params.multi_items()]
    pairs = [
        (name, value) for name, value in asked if value and (name in NAMES or name.startswith((FACT, LACKS, AMOUNT)))
    ]
    found = Sifted(Wanted(), said=dict(pairs))
    sound: Pairs = []
    for name, value in pairs:
        if wrong := _wrong(visit, name, value):
            found.wrong[name] = wrong
        else:
            sound.append((name, value[:LONGEST_TEXT] if name == "text" else value))
    found.wanted = wanted_of_pairs(sound, visit.campaign.zone)
    if "as_of" in found.said and "as_of" not in found.wrong:
        found.as_of = instant_of(visit, found.said["as_of"], end=True)
    found.order = found.said.get("order", "urgency") if found.said.get("order", "urgency") in ORDERS else "urgency"
    return found


def _wrong(visit: Visit, name: str, value: str) -> str:
    """What is wrong with one name and value of a filter; nothing if it can be."""
    if not _known(visit, name, value):
        return visit.t("没有这一项", "there is no such thing")
    try:
        if name == "as_of":
            instant_of(visit, value)
        wanted_of_pairs([(name, value)], visit.campaign.zone)
    except Invalid as error:
        return error.said(visit.lang)
    except (ValueError, OverflowError):
        return visit.t("请填日期，如 2010-11-26", "a day like 2010-11-26")
    return ""


def _known(visit: Visit, name: str, code: str) -> bool:
    """Whether there is a body, a light or a kind *code*; what else it is called by is not looked up."""
    if name in ("body", "waiting_for"):
        return code in visit.campaign.bodies
    if name == "light":
        return code in LIGHTS
    if name == "standing":
        return code.rpartition(":")[2] in STANDINGS
    if name == "kind":
        try:
            visit.campaign.kind(code)
        except DubanError:
            return False
    return True


def instant_of(visit: Visit, text: str, *, end: bool = False) -> datetime:
    """An instant as it is typed; a bare day is its beginning, or its *end*. Raises ValueError, OverflowError."""
    at = read_instant(text.replace(" ", "+"), visit.campaign.zone)
    return at + DAY - timedelta(seconds=1) if end and len(text) == len("2010-11-26") else at


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
