"""The form of a people model: how bodies act in a rehearsal, how late they are, and how cases come to be found."""

from typing import Literal

from engine.definition_schema import Code, Label, Strict

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

Chances = dict[str, int]
"""Of 1000, by the part that a body has in the campaign; ``other`` is for every part that is not named."""


class Hours(Strict):
    """When offices are open on a working day."""

    open: str = "09:00"
    close: str = "17:30"


class Pace(Strict):
    """How a body uses a period: *uses* of 1000 parts of it if in time; *late* of 1000, by *late_by* working days."""

    uses: list[int]
    late: Chances = {}
    late_by: list[int] = [1, 1]


class Span(Strict):
    """A length drawn between two bounds, both included; exactly one of the keys."""

    workdays: list[int] = []
    days: list[int] = []
    hours: list[int] = []


class Rhythm(Strict):
    """Every *week* on a day of the week or every *month* on a day, between two dates of the campaign."""

    week: Weekday | None = None
    month: int | None = None
    first: Code
    last: Code


class Invented(Strict):
    """How the value of a fact is made up; exactly one of the keys, `by_body` for the matter's body or ``other``."""

    between: list[int] = []
    choose: dict[str, int] = {}
    by_body: dict[str, dict[str, int]] = {}
    chance: int | None = None
    workdays: list[int] = []
    days: list[int] = []
    text: str | None = None
    body: Literal["matter", "actor"] | None = None
    act: Literal["instant", "day"] | None = None
    times: int = 1


Source = Invented | bool | int | str
"""Where a fact's value comes from: made up, or always the same."""


class WaySpec(Strict):
    """One thing somebody may do with a matter in a state, and when.

    Ways with the same *choice* exclude one another: one draw decides by their *share* of 1000, the rest is nothing.
    Its time is drawn *within* a running deadline at a *pace*, *after* the matter came to the state, or by a rhythm.
    """

    do: Code | None = None
    attach: Code | None = None
    choice: Code | None = None
    share: int = 1000
    when: str | None = None
    within: Code | None = None
    pace: Code | None = None
    after: Span | None = None
    every: Rhythm | None = None
    around_the_clock: bool = False
    role: Code | None = None
    bodies: list[Code] = []
    facts: dict[Code, Source] = {}
    documents: list[Code] = []
    reason: str | None = None


class VariantSpec(Strict):
    """One kind of arrival: its *share* of 1000 and the facts that come with it."""

    share: int
    facts: dict[Code, Source] = {}


class ArrivalSpec(Strict):
    """Matters that begin by themselves: *count* of them (``asked``: the number of cases asked for) in working hours."""

    kind: Code
    count: int | Literal["asked"]
    first: Code
    last: Code
    bodies: dict[str, int]
    role: Code
    titles: list[str]
    facts: dict[Code, Source] = {}
    variants: list[VariantSpec] = []


class PeopleDoc(Strict):
    """A whole people model; *like* names the model that it changes."""

    model_config = {**Strict.model_config, "alias_generator": lambda name: name.rstrip("_")}

    schema_: Literal["people/1"]
    label: Label
    like: Code | None = None
    hours: Hours | None = None
    paces: dict[Code, Pace] = {}
    arrivals: dict[Code, ArrivalSpec] = {}
    acts: dict[Code, dict[Code, list[WaySpec]]] = {}
    leave_out: dict[Code, list[Code]] = {}
