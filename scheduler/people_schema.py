"""The form of a people model: how bodies act in a rehearsal, how late they are, and how cases come to be found."""

from datetime import time, timedelta
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator

from engine.definition_schema import Code, Label, Strict

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

SHORTEST_DAY = timedelta(hours=1)
"""An office is open at least so long: acts that wait for its opening are spread over the first hour. PLACEHOLDER"""

Share = Annotated[int, Field(ge=0, le=1000)]
"""So many of 1000."""

Count = Annotated[int, Field(ge=0)]

Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


def _two(bounds: list[int]) -> list[int]:
    if bounds and (len(bounds) != 2 or bounds[0] > bounds[1]):
        raise ValueError("two whole numbers are needed, the smaller one first")
    return bounds


Bounds = Annotated[list[int], AfterValidator(_two)]
"""Two bounds, both included."""

Lengths = Annotated[list[Count], AfterValidator(_two)]

Parts = Annotated[list[Share], Field(min_length=1), AfterValidator(_two)]

Days = Annotated[list[Annotated[int, Field(ge=1)]], Field(min_length=1), AfterValidator(_two)]


def _some(weights: dict[str, int]) -> dict[str, int]:
    if weights and not any(weights.values()):
        raise ValueError("at least one weight is above 0")
    return weights


Weights = Annotated[dict[str, Count], AfterValidator(_some)]
"""How often each is taken, one beside the other."""

Chosen = TypeVar("Chosen", bound=Strict)


def _only_one(part: Chosen, *keys: str) -> Chosen:
    """Hold that exactly one of *keys* was written."""
    if len(part.model_fields_set & set(keys)) != 1 or not all(
        getattr(part, key) not in (None, [], {}) for key in part.model_fields_set & set(keys)
    ):
        raise ValueError(f"exactly one of: {', '.join(keys)}")
    return part


Chances = dict[str, Share]
"""Of 1000, by the part that a body has in the campaign; ``other`` is for every part that is not named."""


class Hours(Strict):
    """When offices are open on a working day."""

    open: Clock = "09:00"
    close: Clock = "17:30"

    @model_validator(mode="after")
    def _open_long_enough(self) -> "Hours":
        open_, close = (
            timedelta(hours=at.hour, minutes=at.minute) for at in map(time.fromisoformat, (self.open, self.close))
        )
        if close - open_ < SHORTEST_DAY:
            raise ValueError("an office opens at least an hour before it closes")
        return self


class Pace(Strict):
    """How a body uses a period: *uses* of 1000 parts of it if in time; *late* of 1000, by *late_by* working days."""

    uses: Parts
    late: Chances = {}
    late_by: Days = [1, 1]


class Span(Strict):
    """A length drawn between two bounds, both included; exactly one of the keys."""

    workdays: Lengths = []
    days: Lengths = []
    hours: Lengths = []

    @model_validator(mode="after")
    def _one(self) -> "Span":
        return _only_one(self, "workdays", "days", "hours")


class Rhythm(Strict):
    """Every *week* on a day of the week or every *month* on a day, between two dates of the campaign."""

    week: Weekday | None = None
    month: Annotated[int, Field(ge=1, le=31)] | None = None
    first: Code
    last: Code

    @model_validator(mode="after")
    def _one(self) -> "Rhythm":
        return _only_one(self, "week", "month")


class Invented(Strict):
    """How the value of a fact is made up; exactly one of the keys, `by_body` for the matter's body or ``other``."""

    between: Bounds = []
    choose: Weights = {}
    by_body: dict[str, Weights] = {}
    chance: Share | None = None
    workdays: Bounds = []
    days: Bounds = []
    text: str | None = None
    body: Literal["matter", "actor"] | None = None
    act: Literal["instant", "day"] | None = None
    times: int = 1

    @model_validator(mode="after")
    def _one(self) -> "Invented":
        if self.by_body and not self.by_body.get("other"):
            raise ValueError("by_body needs 'other', for the bodies it does not name")
        if not all(self.by_body.values()):
            raise ValueError("a body without a choice")
        return _only_one(self, "between", "choose", "by_body", "chance", "workdays", "days", "text", "body", "act")


def _tag(value: Any) -> str:
    return "said" if isinstance(value, bool | int | str) else "invented"


Source = Annotated[Annotated[Invented, Tag("invented")] | Annotated[bool | int | str, Tag("said")], Discriminator(_tag)]
"""Where a fact's value comes from: made up, or always the same."""


class WaySpec(Strict):
    """One thing somebody may do with a matter in a state, and when.

    Ways with the same *choice* exclude one another: one draw decides by their *share* of 1000, the rest is nothing.
    Its time is drawn *within* a running deadline at a *pace*, *after* the matter came to the state, or by a rhythm.
    """

    do: Code | None = None
    attach: Code | None = None
    choice: Code | None = None
    share: Share = 1000
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

    share: Annotated[int, Field(ge=1)]
    facts: dict[Code, Source] = {}


def _kind_of_count(value: Any) -> str:
    return "word" if isinstance(value, str) else "number"


HowMany = Annotated[
    Annotated[Count, Tag("number")] | Annotated[Literal["asked"], Tag("word")], Discriminator(_kind_of_count)
]


class ArrivalSpec(Strict):
    """Matters that begin by themselves: *count* of them (``asked``: the number of cases asked for) in working hours."""

    kind: Code
    count: HowMany
    first: Code
    last: Code
    bodies: Annotated[Weights, Field(min_length=1)]
    role: Code
    titles: Annotated[list[str], Field(min_length=1)]
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
