"""The form of a rule for what comes back: every Monday, the 4th of a month, its last Friday."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from engine.definition_schema import Strict

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[str, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""In the order of ``date.weekday()``."""

OnHoliday = Literal["before", "after", "none"]

DayInTurn = Annotated[
    str, Field(pattern=r"^((([1-5]|last)-)?(mon|tue|wed|thu|fri|sat|sun)|[1-9]|[12][0-9]|3[01]|last)$")
]
"""The day of a week or month as a campaign file says it: ``mon``; ``4``, ``last``, ``1-mon``, ``last-fri``."""

DAYS_IN_TURN = "mon … sun for a week; 1 … 31, last, 1-mon … 5-sun or last-fri for a month"
"""What a *DayInTurn* may be, for the hint beside a wrong one."""

Which = Annotated[int, Field(ge=1, le=5)] | Literal["last"]


class Recurrence(Strict):
    """How often something comes back: exactly one of *weekly*, *monthly*, *monthly_weekday*; and what a rest day does.

    *monthly* is a day of the month or ``last``; a month without that day has it at its end, as a period would
    (民法典 202). *monthly_weekday* is ``[1, fri]`` to ``[5, fri]`` or ``[last, fri]``; a month without a fifth is
    passed over. *holiday*: the working day ``before`` or ``after`` a rest day takes its place; with ``none`` none does.
    """

    weekly: Weekday | None = None
    monthly: Annotated[int, Field(ge=1, le=31)] | Literal["last"] | None = None
    monthly_weekday: Annotated[list[Which | Weekday], Field(min_length=2, max_length=2)] | None = None
    holiday: OnHoliday = "after"

    @model_validator(mode="after")
    def _one(self) -> "Recurrence":
        if sum(each is not None for each in (self.weekly, self.monthly, self.monthly_weekday)) != 1:
            raise ValueError("give exactly one of weekly, monthly, monthly_weekday")
        if self.monthly_weekday is not None:
            which, weekday = self.monthly_weekday
            if which in WEEKDAYS or weekday not in WEEKDAYS:
                raise ValueError("monthly_weekday is which one and its weekday: [1, fri] or [last, fri]")
        return self


def fits(every: Literal["week", "month"], on: str) -> bool:
    """Say whether *on* is a day of a week or of a month, whichever *every* asks for."""
    return (on in WEEKDAYS) == (every == "week")


def rule_of(on: str, holiday: OnHoliday) -> Recurrence:
    """The rule that a *DayInTurn* stands for."""
    if on in WEEKDAYS:
        return Recurrence.model_validate({"weekly": on, "holiday": holiday})
    which, _, weekday = on.partition("-")
    number = int(which) if which.isdigit() else which
    said = {"monthly_weekday": [number, weekday]} if weekday else {"monthly": number}
    return Recurrence.model_validate({**said, "holiday": holiday})
