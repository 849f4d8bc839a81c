"""What the page of cases is made of: its filter as typed, its tabs, its choices, and the rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from engine.errors import DubanError, Invalid
from engine.lists import Page, Wanted, wanted_of
from engine.machine import Compiled
from engine.saved_views import SavedViews
from web.console.refusals import in_words
from web.console.sifting import AMOUNT, FACT, Pairs, pairs_of, query_of, wanted_of_pairs
from web.console.telling import Teller
from web.console.value_words import choices, filter_words
from web.console.visit import Visit

KINDS = ("case", "penalty", "lead")
"""The kinds of matters that are cases and what leads to them, in the order of their tabs."""

SORTS = (
    ("urgency", ("按紧急程度", "Most urgent")),
    ("ref", ("按编号", "By number")),
    ("updated", ("按更新", "Last changed")),
)

ROWS = 50
"""Rows of a page. PLACEHOLDER"""

SUM = ("sum", "sum_from", "sum_to")
"""Fields of the form that choose one sum of money and its bounds; addresses say them as the filter does."""

TELLING = ("enum", "enums")

ABOUT = ("infringement", "products")
"""The facts that say what a case is about, where it has them."""


@dataclass
class Asked:
    """A filter as an address says it; *typed* are its names and values, *error* is what could not be read."""

    pairs: Pairs
    wanted: Wanted
    sort: str
    cursor: str | None
    error: DubanError | None = None


def kinds_of(visit: Visit) -> list[str]:
    """The kinds of cases that the campaign has."""
    return [kind for kind in KINDS if kind in visit.campaign.machines.newest]


def tidied(pairs: Pairs) -> Pairs:
    """The names and values that an address needs: without empty ones, sums of money by their names."""
    said = dict(pairs)
    found = [(name, value.strip()) for name, value in pairs if value.strip() and name not in SUM]
    if code := said.get("sum", "").strip():
        found = [(name, value) for name, value in found if not name.startswith(f"{AMOUNT}{code}.")]
        ends = (("from", said.get("sum_from", "")), ("to", said.get("sum_to", "")))
        found += [(f"{AMOUNT}{code}.{end}", value.strip()) for end, value in ends if value.strip()]
    return found


def asked_of(visit: Visit, pairs: Pairs) -> Asked:
    """Read *pairs*; what cannot be read is kept as it was typed, with what is wrong."""
    first = kinds_of(visit)[0]
    named = dict(pairs)
    sort, cursor = named.get("sort", "urgency"), named.get("cursor") or None
    rest = [(name, value) for name, value in pairs if name not in ("sort", "cursor")]
    if not any(name == "kind" for name, _ in rest):
        rest = [("kind", first), *rest]
    try:
        Page(sort)
        return Asked(rest, wanted_of_pairs(rest, visit.campaign.zone), sort, cursor)
    except Invalid as error:
        kind = dict(rest)["kind"]
        return Asked(rest, Wanted(kind=kind), sort if error.code != "order" else "urgency", None, error)


def values_of(visit: Visit, asked: Asked) -> dict[str, Any]:
    """What the template shows."""
    machine = visit.campaign.kind(asked.wanted.kind or KINDS[0])
    found: dict[str, Any] = {"items": [], "total": 0, "next": None}
    if asked.error is None:
        try:
            found = visit.reader.matching(asked.wanted, page=Page(asked.sort, ROWS, asked.cursor))
        except Invalid as error:
            asked.error = error
    query = urlencode(asked.pairs)
    return {
        "asked_for": asked, "typed": dict(asked.pairs), "query_string": query, "machine": machine, "found": found,
        "kinds": _tabs(visit, asked), "views": views_of(visit, asked), "chips": _chips(visit, asked),
        "facts": _facts(visit, machine), "sums": _sums(visit, machine, asked), "states": _states(machine),
        "bodies": [(code, visit.speech.label(body.name)) for code, body in visit.campaign.bodies.items()],
        "sorts": [(code, visit.t(*words), _sorted(query, code)) for code, words in SORTS],
        "more": f"/cases?{query}&" + urlencode({"sort": asked.sort, "cursor": found["next"]}) if found.get("next") else "",
        "wrong": in_words(asked.error, visit.lang) if asked.error is not None else None,
        "more_asked": any(name.startswith((FACT, AMOUNT, "opened_", "due_")) for name, _ in asked.pairs),
        "rows": [_row(visit, each) for each in found["items"]],
    }  # fmt: skip


def _sorted(query: str, code: str) -> str:
    return f"/cases?{query}&sort={code}" if code != "urgency" else f"/cases?{query}"


def _tabs(visit: Visit, asked: Asked) -> list[dict[str, Any]]:
    return [
        {"code": kind, "label": visit.campaign.kind(kind).doc.label, "here": kind == asked.wanted.kind}
        for kind in kinds_of(visit)
    ]


def views_of(visit: Visit, asked: Asked) -> list[dict[str, Any]]:
    """The visitor's kept filters that are of cases."""
    found = []
    for each in SavedViews(visit.workspace.engine, visit.actor).listed()["items"]:
        try:
            wanted = wanted_of(each["filter"])
        except Invalid:
            continue
        if wanted.kind in KINDS:
            url = "/cases" + query_of(wanted, visit.campaign.zone)
            found.append({"name": each["name"], "url": url, "here": asked.error is None and wanted == asked.wanted})
    return found


def _chips(visit: Visit, asked: Asked) -> list[tuple[str, str]]:
    """What the filter says besides the kind, each with the address without it."""
    if asked.error is not None:
        return []
    pairs = pairs_of(asked.wanted, visit.campaign.zone)
    return [
        (
            filter_words(visit.campaign, asked.wanted, name, value, visit.speech),
            "/cases?" + urlencode([each for each in pairs if each != (name, value)]),
        )
        for name, value in pairs
        if name != "kind"
    ]


def _facts(visit: Visit, machine: Compiled) -> list[dict[str, Any]]:
    """The facts of known values that can be chosen: those of the opening, and what the standards decide."""
    decided = [name for spec in machine.doc.evaluates.values() for name in (spec.threshold, spec.duty) if name]
    spec = machine.doc.open
    return [
        {
            "name": FACT + code, "title": visit.speech.label(machine.doc.facts[code].label),
            "options": choices(visit.campaign, machine, code, visit.speech),
        }
        for code in dict.fromkeys((*spec.asks, *spec.optional, *decided))
        if not machine.doc.facts[code].personal and (machine.doc.facts[code].type in TELLING or code in decided)
    ]  # fmt: skip


def _sums(visit: Visit, machine: Compiled, asked: Asked) -> dict[str, Any]:
    """The sums of money that can be chosen, and the one that is."""
    typed = dict(asked.pairs)
    chosen = next((name.split(".")[1] for name in typed if name.startswith(AMOUNT)), "")
    options = [
        (code, visit.speech.label(spec.label))
        for code, spec in machine.doc.facts.items()
        if spec.type == "money" and not spec.personal
    ]
    ends = {end: typed.get(f"{AMOUNT}{chosen}.{end}", "") for end in ("from", "to")}
    return {"options": options, "chosen": chosen, **ends}


def _states(machine: Compiled) -> list[tuple[str, Any, Sequence[tuple[str, Any]]]]:
    """Stages with their states."""
    return [
        (code, stage.label, [(leaf, spec.label) for leaf, spec in machine.tree.leaves.items() if spec.stage == code and leaf != code])
        for code, stage in machine.doc.states.items()
    ]  # fmt: skip


def _row(visit: Visit, each: dict[str, Any]) -> dict[str, Any]:
    """A matter with the facts by which one knows it again: what it is about, the sums, the parties."""
    machine, facts = visit.campaign.kind(each["kind"]), each["facts"]
    teller, opening = Teller(visit.campaign, machine, visit.speech), machine.doc.open
    about = [teller.fact(code, facts[code]) for code in ABOUT if facts.get(code) and code in machine.doc.facts]
    sums = [
        (visit.speech.label(spec.label), teller.fact(code, facts[code]))
        for code, spec in machine.doc.facts.items()
        if spec.type == "money" and code in facts and code in (*opening.asks, *opening.optional)
    ]
    return {**each, "about": about, "sums": sums[:2], "parties": facts.get("parties", "")}
