"""What all our files are made of: identifiers, labels in two languages, verification marks, terms and extensions."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,47}$")]
"""An identifier: lower-case ASCII, so that diagrams, files and databases agree on it."""

Day = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
"""A civil date, YYYY-MM-DD, in the campaign's zone."""

Mark = Literal["V", "P", "S", "N", "D"]
"""How far a rule was verified: V text read, P excerpt read, S secondary, N not verified, D our own design."""


def _as_list(value: Any) -> Any:
    return value if isinstance(value, list) or value is None else [value]


Codes = Annotated[list[Code], BeforeValidator(_as_list, json_schema_input_type=Code | list[Code])]
"""One identifier or a list of them."""


class Strict(BaseModel):
    """A part of a file: unknown keys are errors, values are never coerced."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Label(Strict):
    """A name in both languages; both are required."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


class Term(Strict):
    """The length of a period: exactly one of the keys. ``until`` names a date of the campaign, ``fact`` a date or an instant.

    A half month (半个月) has 15 days.
    """

    days: int | None = Field(default=None, ge=1, le=3660)
    workdays: int | None = Field(default=None, ge=1, le=2000)
    hours: int | None = Field(default=None, ge=1, le=8784)
    months: int | None = Field(default=None, ge=1, le=120)
    half_months: int | None = Field(default=None, ge=1, le=240)
    until: Code | None = None
    fact: Code | None = None

    @model_validator(mode="after")
    def _one(self) -> "Term":
        if sum(value is not None for value in self.__dict__.values()) != 1:
            raise ValueError("give exactly one of days, workdays, hours, months, half_months, until, fact")
        return self


class ExtensionSpec(Strict):
    """How a date may be put off: *by* a term after the old last day, *to* a term from the old start, or *free*."""

    role: Codes = Field(min_length=1)
    by: Term | None = None
    to: Term | None = None
    free: bool = False
    max: int = Field(default=1, ge=1)
    basis: str | None = None

    @model_validator(mode="after")
    def _one(self) -> "ExtensionSpec":
        if (self.by is not None) + (self.to is not None) + self.free != 1:
            raise ValueError("give exactly one of by, to, free")
        return self
