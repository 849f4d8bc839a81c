"""What an expression is made of once it has been read, and what it may name."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from engine.definition_schema import FactSpec

Constant = str | int
"""What a fact can be compared with."""


@dataclass(frozen=True, slots=True)
class Names:
    """What an expression may name. *dates* are the campaign's; None while no campaign is known."""

    facts: Mapping[str, FactSpec]
    scopes: frozenset[str]
    documents: frozenset[str]
    triggers: frozenset[str]
    deadlines: frozenset[str]
    dates: frozenset[str] | None = None


@dataclass
class ExprError(Exception):
    """An expression that is not one; *column* counts from 1 in its text."""

    column: int
    message: str
    hint: str = ""

    def __str__(self) -> str:
        return f"column {self.column}: {self.message}" + (f" ({self.hint})" if self.hint else "")


@dataclass(frozen=True, slots=True)
class Bare:
    """A bool fact by itself."""

    fact: str


@dataclass(frozen=True, slots=True)
class Compare:
    """A fact beside a constant, or beside several (``in``, ``not in``)."""

    fact: str
    op: str
    value: Constant | tuple[Constant, ...]
    spec: FactSpec


@dataclass(frozen=True, slots=True)
class Total:
    """A sum of facts beside a constant, each times a whole number: ``3 * sold + unsold >= 15``. *spec* is the first's."""

    terms: tuple[tuple[int, str], ...]
    op: str
    value: int
    spec: FactSpec


@dataclass(frozen=True, slots=True)
class Contains:
    """A constant that a fact of several values holds: ``'books' in goods``."""

    fact: str
    value: str
    spec: FactSpec


@dataclass(frozen=True, slots=True)
class Call:
    """A predicate with its constant arguments."""

    name: str
    args: tuple[Constant, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The contrary of *part*."""

    part: "Node"


@dataclass(frozen=True, slots=True)
class Join:
    """Parts joined by *word*, ``and`` or ``or``."""

    word: str
    parts: tuple["Node", ...]


Node = Bare | Compare | Total | Contains | Call | Not | Join

PREDICATES = {
    "state": "state",
    "visited": "state",
    "ever": "bool fact",
    "known": "fact",
    "has": "document",
    "done": "trigger",
    "at_least": "trigger",
    "breached": "deadline",
    "running": "deadline",
    "on_or_after": "date",
    "since": "day",
    "children_open": "kind",
}
"""The predicates and what their argument names."""

EXAMPLES = {
    "state": "state('code', …)",
    "at_least": "at_least('trigger', 2)",
    "since": "since('2018-01-01')",
    "children_open": "children_open() or children_open('kind')",
}
"""How a predicate with an unusual form is written."""


class SituationLike(Protocol):
    """What an expression may look at; dates among the facts are texts, YYYY-MM-DD."""

    @property
    def scopes(self) -> tuple[str, ...]:
        """The state and the stages that hold it."""

    @property
    def facts(self) -> Mapping[str, Any]:
        """What has been stated."""

    @property
    def documents(self) -> Collection[str]:
        """Kinds of documents held or brought."""

    @property
    def visited(self) -> Collection[str]:
        """States and stages the matter has been in."""

    @property
    def ever(self) -> Collection[str]:
        """Bool facts that were true at some time."""

    @property
    def counts(self) -> Mapping[str, int]:
        """How often each trigger was fired."""

    @property
    def today(self) -> date:
        """The local date of the act."""

    @property
    def dates(self) -> Mapping[str, date]:
        """The campaign's named dates."""

    @property
    def deadlines(self) -> Mapping[str, str]:
        """Status of each deadline by code."""

    @property
    def children(self) -> Mapping[str, int]:
        """Number of open child matters by kind."""


Test = Callable[[SituationLike], bool]
"""A compiled expression."""


@dataclass
class Unstated(Exception):
    """The expression depends on *fact*, and nobody has stated it."""

    fact: str

    def __str__(self) -> str:
        return f"the fact '{self.fact}' is not stated"


@dataclass(frozen=True, slots=True)
class Expr:
    """An expression ready for use. *test* raises Unstated; to *lenient* what is not stated is false."""

    text: str
    node: Node = field(repr=False)
    test: Test = field(repr=False, compare=False)
    lenient: Test = field(repr=False, compare=False)
    facts: frozenset[str]
    calls: tuple[tuple[str, tuple[str | int, ...]], ...]
