"""The form of what a campaign file says of getting in: passwords, the second factor, sessions, the three administrators."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from engine.definition_schema import Code, Strict


class SeatSpec(Strict):
    """One post at one body, held by a login."""

    body: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
    post: Code


class ThreeSpec(Strict):
    """The three administrators (三员) and the posts they hold; nobody holds two. Source: GB/T 22239-2019, 8.1.5."""

    operator: SeatSpec
    security: SeatSpec
    auditor: SeatSpec

    @model_validator(mode="after")
    def _three(self) -> "ThreeSpec":
        if len(self.seats()) < 3:
            raise ValueError("the three administrators must hold three different posts")
        return self

    def seats(self) -> frozenset[tuple[str, str]]:
        """The three posts, each with its body."""
        return frozenset((each.body, each.post) for each in (self.operator, self.security, self.auditor))


class SignInSpec(Strict):
    """How one gets in. *second_factor* says who must show a code that changes; *idle_minutes* and *hours* end a session."""

    passwords: Literal["mlps3", "asvs"] = "mlps3"
    second_factor: Literal["administrators", "everybody", "nobody"] = "administrators"
    idle_minutes: int = Field(default=15, ge=1, le=480)
    hours: int = Field(default=8, ge=1, le=24)
    three: ThreeSpec | None = None
