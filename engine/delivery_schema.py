"""The form of a campaign's ``delivery``: when notices go out, what rides together, what is repeated, what is held."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from engine.definition_schema import Code, Strict

Window = Annotated[
    str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$", max_length=11)
]
"""Hours of a day, ``HH:MM-HH:MM`` in the campaign's zone; the second is the first moment after them."""

Switch = Literal["on", "off"]

Workdays = Annotated[str, Field(pattern=r"^[1-9][0-9]? workdays$")]
"""A distance in working days: ``3 workdays``."""


class DigestSpec(Strict):
    """Whether notices due at one moment ride in one message: by *kinds* of notice, by *circles* of recipients, else *default*."""

    default: Switch = "on"
    kinds: dict[Code, Switch] = {}
    circles: dict[Code, Switch] = {}


class RepeatSpec(Strict):
    """An overdue notice that nobody acknowledges is sent again *every* so many working days, *at_most* so often."""

    every: Workdays
    at_most: int = Field(ge=1, le=20)


class IdleSpec(Strict):
    """What was acknowledged and then lay for *after* is told one circle further up, *to* the circles in turn, once each."""

    after: Workdays
    to: list[Code] = Field(min_length=1)


class DeliverySpec(Strict):
    """How a campaign's notices leave the house; *policy* says on whose word."""

    window: Window | None = None
    days: Literal["workdays", "all"] = "workdays"
    digest: DigestSpec | None = None
    repeat: RepeatSpec | None = None
    idle: IdleSpec | None = None
    hold_after_hours: int = Field(default=24, ge=1, le=8784)
    policy: str = Field(min_length=1)

    @model_validator(mode="after")
    def _hours(self) -> "DeliverySpec":
        if self.window is not None and self.window[:5] >= self.window[6:]:
            raise ValueError(f"window: {self.window} is no window: it must end after it begins, on the same day")
        return self
