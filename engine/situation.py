"""A matter at the moment somebody asks: what guards and invariants may look at, and nothing else."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from engine.errors import Reason
from engine.orders import Actor


@dataclass(slots=True)
class Situation:
    """What is so (*scopes*, *facts*, …) and what is asked (*actor*, *stated*, *brought*, *reason*).

    *facts* already holds what the order states; *standing* are the facts without it: who may act is decided by those,
    so that nobody can make himself the body in charge by saying so. *pinned* are facts that a met row of the standards
    makes true: nobody may state them otherwise.
    """

    state: str
    scopes: tuple[str, ...]
    facts: Mapping[str, Any]
    documents: Collection[str]
    visited: Collection[str]
    ever: Collection[str]
    counts: Mapping[str, int]
    last: Mapping[str, str]
    came_from: Mapping[str, str]
    today: date
    dates: Mapping[str, date]
    deadlines: Mapping[str, str]
    children: Mapping[str, int]
    body: str
    actor: Actor
    standing: Mapping[str, Any]
    stated: Mapping[str, Any] = field(default_factory=dict)
    brought: Collection[str] = ()
    reason: str | None = None
    probing: bool = False
    pinned: frozenset[str] = frozenset()
    chosen: Any = None
    refusals: list[tuple[Any, list[Reason]]] = field(default_factory=list)


class Marks:
    """What a matter has been through: where it was, what was ever true, how often and by whom each trigger was fired.

    *handed* has the latest hand-over of each code: who sent what to whom and how it stands. *erased* are facts that were
    erased by law and not stated since.
    """

    __slots__ = ("came_from", "counts", "erased", "evaluated", "ever", "handed", "last", "visited")

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        data = data or {}
        self.visited: list[str] = list(data.get("visited", ()))
        self.ever: list[str] = list(data.get("ever", ()))
        self.counts: dict[str, int] = dict(data.get("counts", {}))
        self.last: dict[str, str] = dict(data.get("last", {}))
        self.came_from: dict[str, str] = dict(data.get("came_from", {}))
        self.handed: dict[str, dict[str, Any]] = dict(data.get("handed", {}))
        self.evaluated: dict[str, Any] = dict(data.get("evaluated", {}))
        self.erased: list[str] = list(data.get("erased", ()))

    @classmethod
    def own(cls, data: dict[str, Any]) -> "Marks":
        """The marks that were just read from where they are stored: nobody else has these lists and maps."""
        marks = cls.__new__(cls)
        get = data.get
        marks.visited, marks.ever = get("visited") or [], get("ever") or []
        marks.counts, marks.last, marks.came_from = get("counts") or {}, get("last") or {}, get("came_from") or {}
        marks.handed, marks.evaluated, marks.erased = get("handed") or {}, get("evaluated") or {}, get("erased") or []
        return marks

    def copy(self) -> "Marks":
        """The same marks, to go on from."""
        same = Marks.__new__(Marks)
        same.visited, same.ever, same.erased = self.visited[:], self.ever[:], self.erased[:]
        same.counts, same.last, same.came_from = self.counts.copy(), self.last.copy(), self.came_from.copy()
        same.handed, same.evaluated = self.handed.copy(), self.evaluated.copy()
        return same

    def as_json(self) -> dict[str, Any]:
        """What is stored; a matter that was never handed over or evaluated says nothing of it."""
        marks: dict[str, Any] = {
            "came_from": self.came_from, "counts": self.counts, "ever": self.ever, "last": self.last, "visited": self.visited,
        }  # fmt: skip
        if self.handed:
            marks["handed"] = self.handed
        if self.evaluated:
            marks["evaluated"] = self.evaluated
        if self.erased:
            marks["erased"] = self.erased
        return marks

    def hand(self, said: Iterable[Mapping[str, Any]], seq: int, person: str) -> None:
        """Take down what the entry *seq* by *person* says of hand-overs."""
        for each in said:
            code = each["code"]
            if each["op"] == "sent":
                about = {name: each[name] for name in ("from", "to", "at")}
                self.handed[code] = {**about, "seq": seq, "by": person, "status": "sent"}
            elif code in self.handed:
                self.handed[code] = {**self.handed[code], "status": each["op"]}

    def note(self, trigger: str, person: str, src: str, scopes: tuple[str, ...], facts: Mapping[str, Any]) -> None:
        """Take down an act: *src* is the state before, *scopes* the state after with its stages."""
        self.counts[trigger] = self.counts.get(trigger, 0) + 1
        self.last[trigger] = person
        dst = scopes[-1] if scopes else src
        if src and src != dst:
            self.came_from[dst] = src
        for scope in scopes:
            if scope not in self.visited:
                self.visited.append(scope)
        self.note_facts(facts)

    def note_evaluations(self, evaluations: Iterable[Mapping[str, Any]]) -> None:
        """Keep the last answer to each question."""
        self.evaluated.update({each["code"]: dict(each) for each in evaluations})

    def note_facts(self, facts: Mapping[str, Any]) -> None:
        """Take down what has been true: in the order of names, as the record keeps the facts of an entry."""
        true = [name for name, value in facts.items() if value is True]
        if true:
            self.ever.extend(name for name in sorted(true) if name not in self.ever)
        if self.erased:
            self.erased = [name for name in self.erased if name not in facts]
