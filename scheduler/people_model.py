"""People models: read from their files, held against the campaign they are to play, and made ready to decide."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import workflows
from engine.campaign import Campaign
from engine.errors import Invalid, NotFound, Problem
from engine.expr import Expr, compile_expr
from engine.form_errors import Form, read_form
from engine.machine import Arrow, Compiled
from engine.names import SYSTEM
from engine.seats import Seat
from engine.source import Findings, invalid
from engine.strictyaml import parse
from engine.suggest import did_you_mean
from scheduler.people_check import check, check_names
from scheduler.people_schema import ArrivalSpec, Hours, Pace, PeopleDoc, WaySpec

PEOPLE = Path(workflows.__file__).parent / "people"

STAND_INS = {"schema": "people/1", "label": {"zh": "-", "en": "-"}}


@dataclass(frozen=True)
class Option:
    """One way of a state made ready: its condition, the arrows of its trigger from there, and whose role it is.

    It *lapses* with the deadlines named there: what puts one off, or is a right with a term, is possible while they run.
    """

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
    lapses: tuple[str, ...]

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
    doc = _whole(path, campaign)
    return PeopleModel(path.stem, doc, doc.hours or Hours(), dict(_options(doc, campaign)), doc.arrivals)


def _whole(path: Path, campaign: Campaign) -> PeopleDoc:
    """The model of a file together with the one it is like, held against the campaign."""
    form = _read(path)
    ours, found = path.parent == PEOPLE, Findings(form.source)
    doc, base = form.doc, None
    if doc is None:
        raise invalid(form.source.name, form.problems)
    if ours:
        doc = _pruned(doc, campaign)
    if doc.like is not None and found.expect(("like",), "people model", doc.like, model_names()):
        base = _whole(PEOPLE / f"{doc.like}.yaml", campaign)
        doc = _merged(doc, base)
    check(doc, doc.paces, campaign, found, skip=base)
    if not ours:
        check_names(doc, campaign, found)
    problems = [*form.problems, *form.telling(found.problems)]
    if problems:
        raise invalid(form.source.name, problems)
    return doc


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


def _read(path: Path) -> Form[PeopleDoc]:
    shown = path.name if path.parent == PEOPLE else str(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        problem = Problem(shown, 0, 0, "unreadable", str(error.strerror))
        raise Invalid(f"{shown}: cannot be read: {error.strerror}", "unreadable", problems=[problem]) from None
    return read_form(PeopleDoc, parse(content, shown), STAND_INS)


def _pruned(doc: PeopleDoc, campaign: Campaign) -> PeopleDoc:
    """Leave out of a model of ours what another campaign than ours has not: kinds, bodies, dates."""
    kinds = campaign.machines.newest
    arrivals = {}
    for code, arrival in doc.arrivals.items():
        bodies = {body: weight for body, weight in arrival.bodies.items() if body in campaign.bodies}
        if bodies and arrival.kind in kinds and {arrival.first, arrival.last} <= set(campaign.dates):
            arrivals[code] = arrival.model_copy(update={"bodies": bodies})
    acts = {kind: states for kind, states in doc.acts.items() if kind in kinds}
    gone = {kind: triggers for kind, triggers in doc.leave_out.items() if kind in kinds}
    return doc.model_copy(update={"arrivals": arrivals, "acts": acts, "leave_out": gone})


def _merged(doc: PeopleDoc, base: PeopleDoc) -> PeopleDoc:
    """The model *doc* as a change of *base*: its paces, arrivals and states replace those of the same name."""
    acts = {kind: dict(states) for kind, states in base.acts.items()}
    for kind, states in doc.acts.items():
        acts.setdefault(kind, {}).update(states)
    for kind, gone in doc.leave_out.items():
        for state, ways in acts.get(kind, {}).items():
            acts[kind][state] = _without(ways, gone)
    changed = {
        "hours": doc.hours or base.hours,
        "paces": {**base.paces, **doc.paces},
        "arrivals": {**base.arrivals, **doc.arrivals},
        "acts": acts,
    }
    return doc.model_copy(update=changed)


def _without(ways: list[WaySpec], gone: Collection[str]) -> list[WaySpec]:
    """The *ways* without those of the triggers *gone*; what was chosen instead is the first other way of the choice."""
    shares = Counter[str]()
    for way in ways:
        if way.do in gone and way.choice is not None:
            shares[way.choice] += way.share
    left = []
    for way in ways:
        if way.do not in gone:
            more = shares.pop(way.choice, 0) if way.choice is not None else 0
            left.append(way.model_copy(update={"share": way.share + more}))
    return left


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
        tuple(dict.fromkeys(code for arrow in arrows for code in _lapses(way.within, arrow))),
    )


def _lapses(within: str | None, arrow: Arrow) -> Iterator[str]:
    """The deadlines that the arrow puts off, and the one the act is done *within* if the arrow demands that it runs."""
    yield from arrow.spec.extends
    if within is not None and arrow.when is not None and ("running", (within,)) in arrow.when.calls:
        yield within


def _role(way: WaySpec, machine: Compiled, arrows: tuple[Arrow, ...]) -> str:
    """The role that acts: the model's word, else the arrow's first that people hold, else whoever may bring the document."""
    if way.role is not None:
        return way.role
    if way.attach is not None:
        return machine.doc.documents[way.attach].by[0]
    return next(role for role in arrows[0].spec.role if role != SYSTEM)
