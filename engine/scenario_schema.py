"""The form of a scenario: the life of one matter as it should go, played on a virtual clock when a definition is checked."""

from pydantic import Field, model_validator

from engine.term_schema import Code, Label, Strict

FactValue = bool | int | str | list[str]


class ExpectSpec(Strict):
    """What should be so after a step: the state, facts, how deadlines stand, or the code with which it is refused."""

    state: Code | None = None
    facts: dict[Code, FactValue] = {}
    deadlines: dict[Code, str] = {}
    refused: Code | None = None


class StepSpec(Strict):
    """One act at *now*, by the login *by*; without *do* only time passes."""

    now: str
    by: str | None = None
    do: Code | None = None
    facts: dict[Code, FactValue] = {}
    documents: list[Code] = []
    reason: str | None = None
    expect: ExpectSpec = ExpectSpec()

    @model_validator(mode="after")
    def _who(self) -> "StepSpec":
        if (self.do is None) != (self.by is None):
            raise ValueError("an act has both do and by; time alone has neither")
        return self


class ScenarioSpec(Strict):
    """A scenario for a matter of *body*: one that the first step opens, or one the campaign has opened (*ref*)."""

    label: Label
    body: Code
    ref: str | None = None
    at: str
    steps: list[StepSpec] = Field(min_length=1)
