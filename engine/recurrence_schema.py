"""The form of a rule for what comes back: every Monday, the 4th of a month, its last Friday."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from engine.definition_schema import Strict

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[str, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""In the order of ``date.weekday()``."""

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
    holiday: Literal["before", "after", "none"] = "after"

    @model_validator(mode="after")
    def _one(self) -> "Recurrence":
        if sum(each is not None for each in (self.weekly, self.monthly, self.monthly_weekday)) != 1:
            raise ValueError("give exactly one of weekly, monthly, monthly_weekday")
        if self.monthly_weekday is not None:
            which, weekday = self.monthly_weekday
            if which in WEEKDAYS or weekday not in WEEKDAYS:
                raise ValueError("monthly_weekday is which one and its weekday: [1, fri] or [last, fri]")
        return self
