"""A second opinion on a definition: its tree given to `HierarchicalMachine`, its conditions to Python's own evaluator.

It shares nothing with the engine but the form of the file: no flattening, no parser of expressions, no guards of ours.
"""

import logging
from collections.abc import Iterator
from datetime import date
from typing import Any

from transitions.extensions import HierarchicalMachine
from transitions.extensions.nesting import NestedState

from engine.definition_schema import ArrowSpec, DefinitionDoc, RoleSpec, StateSpec
from engine.situation import Situation

logging.getLogger("transitions.extensions.nesting").setLevel(logging.ERROR)  # it warns of every refusal


class SlashState(NestedState):
    separator = "/"


class SlashMachine(HierarchicalMachine):
    state_cls = SlashState


class Unknown(Exception):
    """A condition looked at a fact that nobody has stated."""


class Words(dict[str, Any]):
    """The words of a condition: the predicates, and each fact by its own name."""

    def __init__(self, now: Situation, lenient: bool = False) -> None:
        facts = {name: value for name, value in now.facts.items() if value is not None}
        ran_out = {code for code, status in now.deadlines.items() if status in ("breached", "late")}
        super().__init__(
            **facts,
            state=lambda *codes: any(code in now.scopes for code in codes),
            visited=now.visited.__contains__,
            ever=now.ever.__contains__,
            known=facts.__contains__,
            has=now.documents.__contains__,
            done=lambda trigger: now.counts.get(trigger, 0) > 0,
            at_least=lambda trigger, times: now.counts.get(trigger, 0) >= times,
            breached=ran_out.__contains__,
            running=lambda code: now.deadlines.get(code) == "running",
            since=lambda day: now.today >= date.fromisoformat(day),
            on_or_after=lambda name: now.today >= now.dates[name],
            children_open=lambda *kinds: any(now.children.get(kind, 0) for kind in kinds or now.children),
        )

    def __missing__(self, name: str) -> Any:
        raise Unknown(name)


def holds(text: str, now: Situation) -> bool:
    """Evaluate a condition as Python; with a fact unknown it does not hold."""
    try:
        return bool(eval(" ".join(text.split()), {"__builtins__": {}}, Words(now)))
    except Unknown:
        return False


def place_of(role: RoleSpec, now: Situation, parts: dict[str, str]) -> str | None:
    """The body at which a role is held; None for any."""
    for source in role.of.split("|"):
        kind, _, name = source.partition(":")
        found = {"matter": now.body, "any": None, "part": parts.get(name), "fact": now.standing.get(name)}[kind]
        if kind == "any" or found:
            return found
    return "nowhere"


class Oracle:
    """One definition as a nested machine; *origin* in the event says where the matter came from."""

    def __init__(self, doc: DefinitionDoc, parts: dict[str, str]) -> None:
        self.doc, self.parts = doc, parts
        self.paths = dict(_paths(doc.states))
        initial = self.leaf_path(doc.initial)
        self.machine = SlashMachine(
            model=None, states=_nested(doc.states), initial=initial, auto_transitions=False,
            send_event=True, ignore_invalid_triggers=True,
        )  # fmt: skip
        for spec in doc.transitions:
            self._add(spec)

    def leaf_path(self, code: str) -> str:
        """The path that entering *code* ends at."""
        path = self.path(code)
        spec = self.spec(path)
        while spec.states:
            first = next(iter(spec.states))
            path, spec = f"{path}/{first}", spec.states[first]
        return path

    def path(self, code: str) -> str:
        """The path of a code; of a stage and a state with one code the state is meant."""
        return max((path for path, last in self.paths.items() if last == code), key=len)

    def spec(self, path: str) -> StateSpec:
        states, spec = self.doc.states, None
        for code in path.split("/"):
            spec = states[code]
            states = spec.states
        assert spec is not None
        return spec

    def _add(self, spec: ArrowSpec) -> None:
        sources = [self.path(code) for code in spec.from_]
        if spec.to != "@back":
            dest = None if spec.to == "=" else self.path(spec.to)
            self.machine.add_transition(spec.trigger, sources, dest, conditions=[self._guard(spec)])
            return
        for path in self.paths:
            if not self.spec(path).states:
                self.machine.add_transition(spec.trigger, sources, path, conditions=[self._guard(spec, path)])

    def _guard(self, spec: ArrowSpec, origin: str | None = None) -> Any:
        def guard(event: Any) -> bool:
            now: Situation = event.kwargs["now"]
            return (origin is None or origin.split("/")[-1] == now.came_from.get(now.state)) and self.open(spec, now)

        return guard

    def open(self, spec: ArrowSpec, now: Situation) -> bool:
        """Say whether the arrow's conditions hold, wherever it starts."""
        doers = {now.last.get(trigger) for trigger in spec.distinct_from}
        return (
            self._may(spec, now)
            and now.actor.person not in doers
            and all(code in now.documents for code in spec.needs)
            and all(code in now.brought for code in spec.needs_new)
            and all(code in now.stated for code in spec.asks)
            and not now.stated.keys() - {*spec.asks, *spec.optional}
            and (not spec.reason or bool((now.reason or "").strip()))
            and (spec.when is None or holds(spec.when, now))
        )

    def _may(self, spec: ArrowSpec, now: Situation) -> bool:
        if now.actor.login == "system":
            return "system" in spec.role
        roles = [self.doc.roles[code] for code in spec.role if code != "system"]
        return any(
            post in role.posts and place_of(role, now, self.parts) in (None, body)
            for role in roles
            for body, post in now.actor.posts
        )

    def fire(self, trigger: str, now: Situation) -> str | None:
        """The leaf that *trigger* leads to, or None if the nested machine refuses it."""
        model = _Model("/".join(now.scopes))
        if not self.machine.trigger_event(model, trigger, now=now):
            return None
        return model.state.split("/")[-1]

    def ways(self, trigger: str, now: Situation) -> int:
        """How many arrows of *trigger* are open at once."""
        here = {"/".join(now.scopes[:depth]) for depth in range(1, len(now.scopes) + 1)}
        return sum(
            self.open(spec, now) and bool(here & {self.path(code) for code in spec.from_})
            for spec in self.doc.transitions
            if spec.trigger == trigger
        )


class _Model:
    def __init__(self, state: str) -> None:
        self.state = state


def _paths(states: dict[str, StateSpec], above: str = "") -> Iterator[tuple[str, str]]:
    for code, spec in states.items():
        yield above + code, code
        yield from _paths(spec.states, f"{above}{code}/")


def _nested(states: dict[str, StateSpec]) -> list[dict[str, Any]]:
    return [
        {
            "name": code,
            **({"children": _nested(spec.states), "initial": next(iter(spec.states))} if spec.states else {}),
        }
        for code, spec in states.items()
    ]
