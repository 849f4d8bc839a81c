"""A definition compiled onto `transitions`: which move a trigger makes from here, and if none, why not."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine import reasons as because
from engine.ahead import Ahead
from engine.definition import Definition, labels_of, names_of, start_facts_of
from engine.definition_schema import ArrowSpec, DeadlineSpec, Label, RoleSpec
from engine.errors import DubanError, Forbidden, Reason, Refused, Usage
from engine.expr import Expr, Unstated, compile_expr, read_aloud
from engine.expr_speech import LabelLike, Lang
from engine.leaps import LeapMachine, Subject
from engine.monitors import monitors_of
from engine.plain import plain
from engine.saying import says_something
from engine.seats import Seat, acting_in
from engine.situation import Situation
from engine.suggest import did_you_mean

STAY, BACK = "=", "@back"


@dataclass(frozen=True, slots=True)
class Arrow:
    """One flat arrow: *src* is a leaf, *dst* a leaf (the same for an act without a move). *act* is *spec*, read faster."""

    spec: ArrowSpec
    index: int
    src: str
    dst: str
    when: Expr | None
    seats: tuple[Seat, ...]
    takes: frozenset[str]
    back: bool = False
    act: ArrowSpec = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "act", plain(self.spec))


class ArrowGuard:
    """All conditions of one arrow, asked at once so that a refusal can name every one that failed."""

    __slots__ = ("arrow", "machine")

    def __init__(self, machine: "Compiled", arrow: Arrow) -> None:
        self.machine = machine
        self.arrow = arrow

    def __call__(self, event: Any) -> bool:
        situation: Situation = event.kwargs["situation"]
        reasons = self.machine.against(self.arrow, situation)
        if reasons:
            situation.refusals.append((self.arrow, reasons))
            return False
        situation.chosen = self.arrow
        return True


class Compiled:
    """A definition version bound to a campaign's parts, shared by all threads and never changed."""

    def __init__(self, definition: Definition, definition_id: int, parts: Mapping[str, str]) -> None:
        self.definition = definition
        self.id = definition_id
        self.doc = definition.doc
        self.tree = definition.tree
        self.parts = parts
        self.kind = self.doc.kind
        self.names = names_of(self.doc, None)
        self.seats = {code: self._seat(code, role) for code, role in self.doc.roles.items()}
        self.seats["system"] = Seat("system", "any", frozenset())
        self.arrows: dict[str, dict[str, list[Arrow]]] = {leaf: {} for leaf in self.tree.leaves}
        self.triggers: dict[str, Label] = {}
        states, initial = list(self.tree.leaves), self.tree.first_leaf(self.doc.initial)
        self.machine = LeapMachine(
            model=None, states=states, initial=initial, auto_transitions=False, send_event=True, queued=False
        )
        for index, spec in enumerate(self.doc.transitions):
            self._add(index, spec)
        self._read_ahead()
        self.invariants = {
            code: (spec, compile_expr(spec.never, self.names))
            for code, spec in self.doc.invariants.items()
            if spec.never
        }
        self.deadline_when = {
            code: compile_expr(spec.when, self.names) for code, spec in self.doc.deadlines.items() if spec.when
        }
        self.conditions = {
            when: compile_expr(when, self.names)
            for arrow in self.doc.transitions
            for when in (*(spec.when for spec in arrow.spawn), *(spec.when for spec in arrow.signals))
            if when
        }
        self.monitors = monitors_of(self.doc, self.names)
        self.ahead = Ahead(self.doc, self.fact_specs, self.monitors, self.invariants)
        self.start_facts = start_facts_of(self.doc)
        self.asks_children = any(name == "children_open" for name, _ in self._asked())
        self.asks_breach = frozenset(str(args[0]) for name, args in self._asked() if name == "breached")
        self.acting = {leaf: acting_in(self, leaf) for leaf in self.tree.leaves}
        self.standing: dict[tuple[str, str, str], Any] = {}  # what hangs on state and body alone, by what it is
        self.labels = labels_of(self.doc)
        self.timers = frozenset(code for code, spec in self.doc.deadlines.items() if spec.timer)
        self.outside: Mapping[str, LabelLike] = {}

    def _read_ahead(self) -> None:
        """Read what every order asks of the definition's parts."""
        doc = self.doc
        self._documents = doc.documents
        self._clocks = {code: plain(spec) for code, spec in doc.deadlines.items()}
        self.role_posts = {code: tuple(role.posts) for code, role in doc.roles.items()}
        self.weighs = bool(doc.evaluates)
        facts = self.fact_specs = {code: plain(spec) for code, spec in doc.facts.items()}
        self.vaulted = frozenset(code for code, spec in facts.items() if spec.vault)
        self.naming = frozenset(code for code, spec in facts.items() if spec.matter)

    def aloud(self, expr: Expr, lang: Lang) -> str:
        """A condition in words; *outside* has the names of the campaign's dates and kinds."""
        return read_aloud(expr, {**self.outside, **self.labels}, lang)

    def condition(self, when: str | None) -> Expr | None:
        """The compiled condition of a spawn or a signal."""
        return self.conditions[when] if when else None

    def _asked(self) -> set[tuple[str, tuple[str | int, ...]]]:
        arrows = (arrow.when for triggers in self.arrows.values() for found in triggers.values() for arrow in found)
        more = [each.when for each in self.monitors.values()] + [expr for _, expr in self.invariants.values()]
        all_of = (*arrows, *more, *self.deadline_when.values(), *self.conditions.values())
        return {call for expr in all_of if expr for call in expr.calls}

    @property
    def initial(self) -> str:
        return self.tree.first_leaf(self.doc.initial)

    def _seat(self, code: str, role: RoleSpec) -> Seat:
        return Seat(code, role.of, frozenset(role.posts))

    def _add(self, index: int, spec: ArrowSpec) -> None:
        when = compile_expr(spec.when, self.names) if spec.when else None
        seats = tuple(self.seats[role] for role in spec.role)
        takes = frozenset((*spec.asks, *spec.optional))
        self.triggers.setdefault(spec.trigger, spec.label)
        for src in self.tree.expand(list(spec.from_)):
            for dst in self._destinations(spec, src):
                arrow = Arrow(spec, index, src, dst, when, seats, takes, spec.to == BACK)
                self.arrows[src].setdefault(spec.trigger, []).append(arrow)
                end = None if spec.to == STAY else dst
                self.machine.add_transition(spec.trigger, src, end, conditions=[ArrowGuard(self, arrow)])

    def _destinations(self, spec: ArrowSpec, src: str) -> list[str]:
        if spec.to == STAY:
            return [src]
        if spec.to != BACK:
            return [self.tree.first_leaf(spec.to)]
        return list(
            dict.fromkeys(
                leaf
                for other in self.doc.transitions
                if other.to not in (STAY, BACK) and self.tree.first_leaf(other.to) == src
                for leaf in self.tree.expand(list(other.from_))
            )
        )

    def against(self, arrow: Arrow, situation: Situation) -> list[Reason]:
        """Every reason against firing *arrow* now; empty if it may fire."""
        spec = arrow.act
        if arrow.back and situation.came_from.get(arrow.src) != arrow.dst:
            return [because.other_origin()]
        reasons: list[Reason] = []
        if not self._may(arrow, situation):
            reasons.append(because.only_for(self.seat_labels(seat.role for seat in arrow.seats)))
        if spec.distinct_from:
            same = [each for each in spec.distinct_from if situation.actor.had_a_hand_in(situation.last.get(each))]
            reasons += [because.same_person(self.triggers.get(trigger, self.doc.open.label)) for trigger in same]
        if not situation.probing:
            self._missing(spec, situation, reasons)
            if not situation.stated.keys() <= arrow.takes:
                extra = sorted(situation.stated.keys() - arrow.takes)
                reasons.extend(because.not_taken(self.doc.facts[code].label, code) for code in extra)
        if arrow.when is not None:
            self._when(arrow.when, arrow, situation, reasons)
        return reasons

    def _may(self, arrow: Arrow, situation: Situation) -> bool:
        actor = situation.actor
        if actor.login == "system":
            return any(seat.role == "system" for seat in arrow.seats)
        for seat in arrow.seats:  # noqa: SIM110 - asked of each arrow that is tried, and a generator takes twice the time
            if seat.held_by(actor, self.parts, situation.body, situation.standing):
                return True
        return False

    def seat_labels(self, roles: Iterable[str]) -> list[Label]:
        """What the roles are called, in order."""
        return [self.doc.roles[role].label if role != "system" else because.SYSTEM for role in roles]

    def _missing(self, spec: ArrowSpec, situation: Situation, reasons: list[Reason]) -> None:
        held, brought, documents = situation.documents, situation.brought, self._documents
        if spec.needs:
            missing = [code for code in spec.needs if code not in held and code not in brought]
            reasons += [because.document_missing(documents[code].label, code) for code in missing]
        if spec.needs_new:
            absent = [code for code in spec.needs_new if code not in brought]
            reasons += [because.bring_now(documents[code].label, code) for code in absent]
        if spec.asks:
            unsaid = [code for code in spec.asks if code not in situation.stated]
            reasons += [because.state_it(self.doc.facts[code].label, code) for code in unsaid]
        if spec.reason and not says_something(situation.reason):
            reasons.append(because.say_why())

    def _when(self, expr: Expr, arrow: Arrow, situation: Situation, reasons: list[Reason]) -> None:
        open_facts = arrow.takes - situation.pinned if situation.probing else frozenset()
        try:
            if expr.test(situation) or expr.facts & open_facts:
                return
        except Unstated as unstated:
            if unstated.fact not in open_facts:
                reasons.append(because.not_stated(self.doc.facts[unstated.fact].label, unstated.fact))
            return
        reasons.append(because.not_met(self.aloud(expr, "zh"), self.aloud(expr, "en")))

    def plan(self, trigger: str, situation: Situation, name: str) -> Arrow:
        """Return the arrow that *trigger* takes. Raises Usage for an unknown trigger, Refused or Forbidden with every reason."""
        candidates = self.arrows[situation.state].get(trigger)
        if candidates is None:
            if trigger not in self.triggers:
                known = ", ".join(sorted(self.triggers))
                raise Usage(
                    f"{self.kind} has no trigger {trigger[:80]!r}; it has: {known}",
                    "unknown_trigger",
                    possible=sorted(self.possible(situation)),
                    hint=did_you_mean(trigger, self.triggers),
                )
            raise self.not_here(trigger, situation, name)
        subject = Subject(situation.state)
        self.machine.events[trigger].trigger(subject, situation=situation)
        arrow: Arrow | None = situation.chosen
        if arrow is None:
            raise self._refusal(trigger, situation, name)
        for other in candidates:
            if other is not arrow and not self.against(other, situation):
                raise DubanError(
                    f"{name}: two arrows of {trigger!r} are open at once; the definition is at fault", "ambiguous"
                )
        return arrow

    def not_here(self, trigger: str, situation: Situation, name: str) -> DubanError:
        possible = sorted(self.possible(situation))
        label, state = self.triggers[trigger], self.tree.leaves[situation.state].label
        return Refused(
            f"{name} in '{situation.state}' cannot '{trigger}'; it can: {', '.join(possible) or 'nothing'}",
            "not_possible_here",
            [because.not_from(state, label)],
            possible,
        )

    def _refusal(self, trigger: str, situation: Situation, name: str) -> DubanError:
        relevant = [reasons for _, reasons in situation.refusals if all(reason.kind != "origin" for reason in reasons)]
        about_person = {"role", "distinct"}
        personal = (any(reason.kind in about_person for reason in reasons) for reasons in relevant)
        forbidden = bool(relevant) and all(personal)
        every = dict.fromkeys(reason for group in relevant for reason in group)
        reasons = [reason for reason in every if reason.kind in about_person or not forbidden]
        possible = sorted(self.possible(situation))
        words = "; ".join(reason.en for reason in reasons) or "the way back is not open"
        rest = f"; possible: {', '.join(possible)}" if possible else ""
        message = f"{name} in '{situation.state}': '{trigger}' by {situation.actor.login} is refused: {words}{rest}"
        return (Forbidden if forbidden else Refused)(message, "forbidden" if forbidden else "guard", reasons, possible)

    def possible(self, situation: Situation) -> dict[str, Arrow]:
        """The triggers that the actor may fire here, given the facts and documents they ask for."""
        return {trigger: arrow for trigger, (arrow, _) in self.survey(situation).items() if arrow is not None}

    def survey(self, situation: Situation) -> dict[str, tuple[Arrow | None, list[Reason]]]:
        """For every trigger of the state: the arrow it could take, or the reasons against it."""
        found: dict[str, tuple[Arrow | None, list[Reason]]] = {}
        was, situation.probing = situation.probing, True
        for trigger, arrows in self.arrows[situation.state].items():
            against: list[Reason] = []
            for arrow in arrows:
                reasons = self.against(arrow, situation)
                if not reasons:
                    found[trigger] = (arrow, [])
                    break
                against.extend(reason for reason in reasons if reason.kind != "origin" and reason not in against)
            else:
                found[trigger] = (None, against)
        situation.probing = was
        return found

    def violated(self, situation: Situation) -> list[Reason]:
        """The invariants that the situation breaks."""
        return [because.breaks(spec) for spec, expr in self.ahead.never(situation.scopes) if expr.lenient(situation)]

    def deadline(self, code: str) -> DeadlineSpec:
        found = self._clocks.get(code)
        return self.monitors[code].clock if found is None else found
