"""People models: read from their files, held against the campaign they are to play, and made ready to decide."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import workflows
from engine.campaign import Campaign
from engine.errors import Invalid, NotFound, Problem
from engine.expr import Expr, ExprError, compile_expr
from engine.form_errors import read_form
from engine.machine import Arrow, Compiled
from engine.names import SYSTEM
from engine.seats import Seat
from engine.source import Findings, invalid
from engine.source import Path as Way
from engine.strictyaml import parse
from engine.suggest import did_you_mean
from scheduler.people_schema import ArrivalSpec, Hours, Pace, PeopleDoc, WaySpec

PEOPLE = Path(workflows.__file__).parent / "people"

FLEETING = {"running", "breached", "on_or_after", "since"}
"""Predicates whose answer changes by itself as time passes: a plan made earlier and one made later would differ."""

STAND_INS = {"schema": "people/1", "label": {"zh": "-", "en": "-"}}


@dataclass(frozen=True)
class Option:
    """One way of a state made ready: its condition, the arrows of its trigger from there, and whose role it is."""

    index: int
    spec: WaySpec
    pace: Pace
    when: Expr | None
    arrows: tuple[Arrow, ...]
    seat: Seat
    posts: tuple[str, ...]
    needs: tuple[str, ...]
    brings: tuple[str, ...]
    distinct: tuple[str, ...]

    @property
    def name(self) -> str:
        """The trigger, or what is attached."""
        return self.spec.do or f"attach_{self.spec.attach}"


@dataclass(frozen=True)
class PeopleModel:
    """How people behave in one campaign: by kind and leaf state the options, and what arrives by itself."""

    name: str
    doc: PeopleDoc
    hours: Hours
    options: Mapping[tuple[str, str], tuple[Option, ...]]
    arrivals: Mapping[str, ArrivalSpec]


def model_names() -> list[str]:
    """The people models that come with duban."""
    return sorted(path.stem for path in PEOPLE.glob("*.yaml"))


def load_people(name: str, campaign: Campaign) -> PeopleModel:
    """Read the model *name*, one of ours or a file. Raises NotFound, or Invalid with every flaw and its line."""
    path = _find(name)
    doc, found = _read(path)
    doc = _pruned(doc, campaign) if path.parent == PEOPLE else doc
    base_doc = None
    if doc.like is not None:
        base = _find(doc.like)
        base_doc, base_found = _read(base)
        base_doc = _pruned(base_doc, campaign) if base.parent == PEOPLE else base_doc
        _check(base_doc, base_doc.paces, campaign, base_found)
        base_found.raise_if_any()
        doc = _merged(doc, base_doc)
    _check(doc, doc.paces, campaign, found, skip=base_doc)
    found.raise_if_any()
    return PeopleModel(path.stem, doc, doc.hours or Hours(), dict(_options(doc, campaign)), doc.arrivals)


def _find(name: str) -> Path:
    ours = PEOPLE / f"{name}.yaml"
    if "/" not in name and ours.is_file():
        return ours
    path = Path(name)
    if path.is_file():
        return path
    known = ", ".join(model_names())
    raise NotFound(
        f"no people model {name!r}; there are: {known}, or give a file",
        "no_people",
        hint=did_you_mean(name, model_names()),
    )


def _read(path: Path) -> tuple[PeopleDoc, Findings]:
    shown = path.name if path.parent == PEOPLE else str(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        problem = Problem(shown, 0, 0, "unreadable", str(error.strerror))
        raise Invalid(f"{shown}: cannot be read: {error.strerror}", "unreadable", problems=[problem]) from None
    source = parse(content, shown)
    form = read_form(PeopleDoc, source, STAND_INS)
    if form.doc is None or form.problems:
        raise invalid(shown, form.problems)
    return form.doc, Findings(form.source)


def _pruned(doc: PeopleDoc, campaign: Campaign) -> PeopleDoc:
    """Leave out of a model of ours what another campaign than ours has not: kinds, bodies, dates."""
    kinds = campaign.machines.newest
    arrivals = {}
    for code, arrival in doc.arrivals.items():
        bodies = {body: weight for body, weight in arrival.bodies.items() if body in campaign.bodies}
        if bodies and arrival.kind in kinds and {arrival.first, arrival.last} <= set(campaign.dates):
            arrivals[code] = arrival.model_copy(update={"bodies": bodies})
    acts = {kind: states for kind, states in doc.acts.items() if kind in kinds}
    return doc.model_copy(update={"arrivals": arrivals, "acts": acts})


def _merged(doc: PeopleDoc, base: PeopleDoc) -> PeopleDoc:
    """The model *doc* as a change of *base*: its paces, arrivals and states replace those of the same name."""
    acts = {kind: dict(states) for kind, states in base.acts.items()}
    for kind, states in doc.acts.items():
        acts.setdefault(kind, {}).update(states)
    for kind, gone in doc.leave_out.items():
        for state, ways in acts.get(kind, {}).items():
            acts[kind][state] = [way for way in ways if way.do not in gone]
    changed = {
        "hours": doc.hours or base.hours,
        "paces": {**base.paces, **doc.paces},
        "arrivals": {**base.arrivals, **doc.arrivals},
        "acts": acts,
    }
    return doc.model_copy(update=changed)


def _check(
    doc: PeopleDoc, paces: Mapping[str, Pace], campaign: Campaign, found: Findings, skip: PeopleDoc | None = None
) -> None:
    """Report what the campaign and its machines do not know; what came from *skip* was checked there."""
    kinds = campaign.machines.newest
    for kind, states in doc.acts.items():
        if not found.expect(("acts", kind), "kind", kind, kinds):
            continue
        machine = campaign.kind(kind)
        for state, ways in states.items():
            if skip is not None and ("acts", kind, state) not in found.source.values:
                continue
            place: Way = ("acts", kind, state)
            if found.expect(place, "state", state, machine.tree.leaves):
                for at, way in enumerate(ways):
                    _check_way(way, machine, state, paces, found, (*place, at))
    for code, arrival in doc.arrivals.items():
        if skip is None or ("arrivals", code) in found.source.values:
            _check_arrival(arrival, campaign, found, ("arrivals", code))


def _check_way(
    way: WaySpec, machine: Compiled, state: str, paces: Mapping[str, Pace], found: Findings, place: Way
) -> None:
    if (way.do is None) == (way.attach is None):
        found.add(place, "inconsistent", "give exactly one of do, attach")
    if sum(each is not None for each in (way.within, way.after, way.every)) != 1:
        found.add(place, "inconsistent", "give exactly one of within, after, every")
    if way.do is not None:
        found.expect((*place, "do"), "trigger", way.do, machine.arrows[state])
        for arrow in machine.arrows[state].get(way.do, ()):
            _check_asked(way, arrow, machine, found, place)
    found.expect((*place, "documents"), "document", way.documents, machine.doc.documents)
    if way.attach is not None:
        found.expect((*place, "attach"), "document", way.attach, machine.doc.documents)
    if way.within is not None:
        found.expect((*place, "within"), "deadline", way.within, machine.doc.deadlines)
        found.expect((*place, "pace"), "pace", way.pace or "", paces)
    if way.role is not None:
        found.expect((*place, "role"), "role", way.role, machine.doc.roles)
    for name in way.facts:
        found.expect((*place, "facts", name), "fact", name, machine.doc.facts)
    if way.when is not None:
        _check_when(way.when, machine, found, (*place, "when"))


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
    found.expect((*place, "first"), "date", arrival.first, campaign.dates)
    found.expect((*place, "last"), "date", arrival.last, campaign.dates)
    found.expect((*place, "role"), "role", arrival.role, machine.doc.roles)
    for body in arrival.bodies:
        found.expect((*place, "bodies", body), "body", body, campaign.bodies)
    groups = [(arrival.facts, (*place, "facts"))]
    groups += [(variant.facts, (*place, "variants", at, "facts")) for at, variant in enumerate(arrival.variants)]
    for facts, where in groups:
        for name in facts:
            found.expect((*where, name), "fact", name, {*machine.doc.open.asks, *machine.doc.open.optional})


def _options(doc: PeopleDoc, campaign: Campaign) -> Iterator[tuple[tuple[str, str], tuple[Option, ...]]]:
    for kind, states in doc.acts.items():
        machine = campaign.kind(kind)
        for state, ways in states.items():
            yield (kind, state), tuple(_option(at, way, machine, state, doc) for at, way in enumerate(ways))


def _option(index: int, way: WaySpec, machine: Compiled, state: str, doc: PeopleDoc) -> Option:
    arrows = tuple(machine.arrows[state].get(way.do or "", ()))
    role = _role(way, machine, arrows)
    brings = [code for arrow in arrows for code in arrow.spec.needs_new] + ([way.attach] if way.attach else [])
    needs = [code for arrow in arrows for code in arrow.spec.needs] + way.documents
    return Option(
        index,
        way,
        doc.paces.get(way.pace or "", Pace(uses=[0, 1000])),
        compile_expr(way.when, machine.names) if way.when else None,
        arrows,
        machine.seats[role],
        tuple(machine.doc.roles[role].posts),
        tuple(dict.fromkeys(code for code in needs if code not in brings)),
        tuple(dict.fromkeys(brings)),
        tuple(dict.fromkeys(trigger for arrow in arrows for trigger in arrow.spec.distinct_from)),
    )


def _role(way: WaySpec, machine: Compiled, arrows: tuple[Arrow, ...]) -> str:
    """The role that acts: the model's word, else the arrow's first that people hold, else whoever may bring the document."""
    if way.role is not None:
        return way.role
    if way.attach is not None:
        return machine.doc.documents[way.attach].by[0]
    return next(role for role in arrows[0].spec.role if role != SYSTEM)


def without_arrivals(model: PeopleModel) -> PeopleModel:
    """The same people in a campaign where nothing is found."""
    return replace(model, arrivals={})
