"""A people model held against the campaign it is to play: what neither the campaign nor its machines know."""

from collections.abc import Mapping

from engine.campaign import Campaign
from engine.expr import ExprError, compile_expr
from engine.machine import Arrow, Compiled
from engine.source import Findings
from engine.source import Path as Way
from scheduler.people_schema import ArrivalSpec, Pace, PeopleDoc, WaySpec

FLEETING = {"running", "breached", "on_or_after", "since"}
"""Predicates whose answer changes by itself as time passes: a plan made earlier and one made later would differ."""


def check(
    doc: PeopleDoc, paces: Mapping[str, Pace], campaign: Campaign, found: Findings, skip: PeopleDoc | None = None
) -> None:
    """Report what the campaign and its machines do not know; what came from *skip* was checked there."""
    kinds = campaign.machines.newest

    def own(*place: str) -> bool:
        return skip is None or place in found.source.values

    for kind, states in doc.acts.items():
        if found.expect(("acts", kind), "kind", kind, kinds):
            own_states = {state: ways for state, ways in states.items() if own("acts", kind, state)}
            _check_acts(own_states, campaign, paces, found, ("acts", kind))
    for kind, triggers in doc.leave_out.items():
        if found.expect(("leave_out", kind), "kind", kind, kinds):
            found.expect(("leave_out", kind), "trigger", triggers, campaign.kind(kind).triggers)
    for code, arrival in doc.arrivals.items():
        if own("arrivals", code):
            _check_arrival(arrival, campaign, found, ("arrivals", code))


def _check_acts(
    states: Mapping[str, list[WaySpec]], campaign: Campaign, paces: Mapping[str, Pace], found: Findings, place: Way
) -> None:
    machine = campaign.kind(str(place[-1]))
    for state, ways in states.items():
        if found.expect((*place, state), "state", state, machine.tree.leaves):
            for at, way in enumerate(ways):
                _check_way(way, machine, state, found, (*place, state, at))
                _check_time(way, machine, found, (*place, state, at))
                if way.pace is not None:
                    found.expect((*place, state, at, "pace"), "pace", way.pace, paces)
                _check_rhythm(way, campaign, found, (*place, state, at, "every"))


def check_names(doc: PeopleDoc, campaign: Campaign, found: Findings) -> None:
    """Report parts and bodies that the campaign has not; a model of ours may name more than a campaign has."""
    parts = {body.part for body in campaign.doc.bodies} | {"other"}
    for code, pace in doc.paces.items():
        for part in pace.late:
            if ("paces", code, "late", part) in found.source.values:
                found.expect(("paces", code, "late", part), "part", part, parts)
    for kind, states in doc.acts.items():
        for state, ways in states.items():
            for at, way in enumerate(ways if ("acts", kind, state) in found.source.values else ()):
                found.expect(("acts", kind, state, at, "bodies"), "body", way.bodies, campaign.bodies)


def _check_way(way: WaySpec, machine: Compiled, state: str, found: Findings, place: Way) -> None:
    if (way.do is None) == (way.attach is None):
        found.add(place, "inconsistent", "give exactly one of do, attach")
    if way.do is not None:
        found.expect((*place, "do"), "trigger", way.do, machine.arrows[state])
        for arrow in machine.arrows[state].get(way.do, ()):
            _check_asked(way, arrow, machine, found, place)
    found.expect((*place, "documents"), "document", way.documents, machine.doc.documents)
    if way.attach is not None:
        found.expect((*place, "attach"), "document", way.attach, machine.doc.documents)
    if way.role is not None:
        found.expect((*place, "role"), "role", way.role, machine.doc.roles)
    for name in way.facts:
        found.expect((*place, "facts", name), "fact", name, machine.doc.facts)
    if way.when is not None:
        _check_when(way.when, machine, found, (*place, "when"))


def _check_time(way: WaySpec, machine: Compiled, found: Findings, place: Way) -> None:
    if sum(each is not None for each in (way.within, way.after, way.every)) != 1:
        found.add(place, "inconsistent", "give exactly one of within, after, every")
    if way.within is not None:
        found.expect((*place, "within"), "deadline", way.within, machine.doc.deadlines)
        if way.pace is None:
            found.add(place, "missing_key", "what is done within a deadline needs a pace")


def _check_rhythm(way: WaySpec, campaign: Campaign, found: Findings, place: Way) -> None:
    if way.every is not None:
        found.expect((*place, "first"), "date", way.every.first, campaign.dates)
        found.expect((*place, "last"), "date", way.every.last, campaign.dates)


def _check_asked(way: WaySpec, arrow: Arrow, machine: Compiled, found: Findings, place: Way) -> None:
    """A trigger with one arrow must get every fact it asks for; of several arrows the way means one of them."""
    if way.do is None or len(machine.arrows[arrow.src][way.do]) > 1:
        return
    for name in arrow.spec.asks:
        if name not in way.facts:
            found.add(place, "missing_fact", f"'{way.do}' asks for the fact '{name}', which is not made up here")


def _check_when(text: str, machine: Compiled, found: Findings, place: Way) -> None:
    try:
        expr = compile_expr(text, machine.names)
    except ExprError as error:
        found.add(place, "bad_expression", error.message, error.hint, offset=error.column - 1)
        return
    for name, _ in expr.calls:
        if name in FLEETING:
            found.add(place, "fleeting", f"'{name}' changes as time passes; a plan may not rest on it")


def _check_arrival(arrival: ArrivalSpec, campaign: Campaign, found: Findings, place: Way) -> None:
    if not found.expect((*place, "kind"), "kind", arrival.kind, campaign.machines.newest):
        return
    machine = campaign.kind(arrival.kind)
    dates = campaign.dates
    known = found.expect((*place, "first"), "date", arrival.first, dates)
    if (
        found.expect((*place, "last"), "date", arrival.last, dates)
        and known
        and dates[arrival.first] >= dates[arrival.last]
    ):
        found.add((*place, "last"), "inconsistent", f"'{arrival.last}' is not after '{arrival.first}'")
    found.expect((*place, "role"), "role", arrival.role, machine.doc.roles)
    for body in arrival.bodies:
        found.expect((*place, "bodies", body), "body", body, campaign.bodies)
    groups = [(arrival.facts, (*place, "facts"))]
    groups += [(variant.facts, (*place, "variants", at, "facts")) for at, variant in enumerate(arrival.variants)]
    for facts, where in groups:
        for name in facts:
            found.expect((*where, name), "fact", name, {*machine.doc.open.asks, *machine.doc.open.optional})
