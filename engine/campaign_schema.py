"""The form of a campaign file: bodies, phases, duties, dates, ladders and what is opened at the start."""

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic.json_schema import SkipJsonSchema

from engine.access_schema import AccessDoc
from engine.definition_schema import Code, Codes, Label, Mark, Strict
from engine.delivery_schema import DeliverySpec
from engine.recurrence_schema import DayInTurn, OnHoliday
from engine.sign_in_schema import SeatSpec, SignInSpec
from engine.term_schema import Day
from engine.text_schema import TextSpec

ClockTime = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
"""A time of day, HH:MM, in the campaign's zone."""

BodyCode = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Section = Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)*$")]


class SourceDoc(Strict):
    """The founding document; quotes of the campaign must be substrings of *file* (beside the campaign file)."""

    title: str
    issued_by: str
    issued_on: Day
    file: str | None = None


class BodySpec(Strict):
    """A body and the part it plays; *posts* are the posts that can be held at it."""

    code: BodyCode
    name: Label
    part: Code
    posts: list[Code] = []
    parent: BodyCode | None = None
    note: str | None = None


class PhaseSpec(Strict):
    """A phase, first and last day included."""

    number: int
    code: Code
    name: Label
    start: Day
    end: Day
    quote: str | None = None


class DutySpec(Strict):
    """One duty: *lead* only where the text says 牵头; *responsible* bodies each get a matter of their own."""

    number: Section
    section: str
    title: Label
    lead: BodyCode | None = None
    supports: list[str] = []
    responsible: list[BodyCode] = []
    coordinator: BodyCode | None = None
    source: str


class DeliverableSpec(Strict):
    """What is owed: by the roster or by named bodies, to whom, by which date of the campaign."""

    code: Code
    name: Label
    phase: Code
    owed_by: Literal["roster"] | list[BodyCode]
    addressees: list[BodyCode]
    due: Code
    deadline: Code | None = None
    document: Code | None = None
    quote: str


class SafeguardSpec(Strict):
    """A reporting or inspection duty of the safeguards (保障措施); *rhythm* is the document's own word for how often."""

    code: Code
    name: Label
    by: list[BodyCode] | Literal["roster"]
    to: list[BodyCode] = []
    rhythm: str | None = None
    quote: str


class TaxonSpec(Strict):
    """One entry of a taxonomy."""

    code: Code
    name: Label


class CircleSpec(Strict):
    """Whom a ladder can reach besides ``owner`` and ``head``: posts at the body of a part."""

    label: Label
    part: Code
    posts: list[Code]


class OpensSpec(Strict):
    """A matter that a rung opens for the late body."""

    kind: Code
    facts: dict[Code, bool | int | str] = {}


class RungSpec(Strict):
    """One rung: *at* is ``-3wd``, ``-1d``, ``0``, ``+2wd`` (09:00 of that day) or ``-12h``, ``0h``, ``+4h`` (exact)."""

    at: str = Field(pattern=r"^(0|0h|[+-][0-9]{1,3}(d|wd|h))$")
    to: Codes
    kind: Literal["reminder", "overdue", "escalation"] = "reminder"
    label: Label
    opens: OpensSpec | None = None
    text: Code | None = None
    """The words of its notices, a kind of texts.yaml; those of *kind* if it is not said."""


class LadderSpec(Strict):
    """When and whom to remind or escalate to, relative to a deadline."""

    label: Label
    policy: str
    rungs: list[RungSpec]


class MilestoneSpec(Strict):
    """At ``remind_at`` of the working day after *date*: who has met *deadline* and who has not, to *to*."""

    code: Code
    label: Label
    date: Code
    kind: Code
    deadline: Code
    to: Codes


class ChoreSpec(Strict):
    """A recurring chore, once a period: it opens a matter and/or reminds the roster of a return.

    *on* is a weekday of every week; or a day of every month, ``last``, ``1-mon`` (its first Monday) to ``5-sun`` or
    ``last-fri``. The working day before or after a rest day takes its place as *holiday* says; with ``none`` none does.
    """

    code: Code
    label: Label
    every: Literal["week", "month"]
    on: DayInTurn
    holiday: OnHoliday = "after"
    at: ClockTime
    first: Day
    last: Day
    policy: str
    remind: Codes = []
    remind_each: Literal["roster"] | None = None
    remind_posts: Codes = []
    opens: Code | None = None
    opens_body: BodyCode | None = None
    opens_ref: str | None = None


class ReturnSpec(Strict):
    """A recurring return (定期报表): one matter of *kind* for each period and body that owes it.

    Due on a day of every week or month, *on* and *holiday* being those of a chore, by *due_at* or by the end of the
    day; opened *opens_before* working days earlier. The morning after, *list_to* is told who has reported, who
    has reported zero, who late and who not at all. *deadline* is the one of *kind* that the return meets.
    """

    code: Code
    label: Label
    kind: Code
    deadline: Code
    every: Literal["week", "month"]
    on: DayInTurn
    holiday: OnHoliday = "after"
    due_at: ClockTime | None = None
    first: Day
    last: Day
    opens_before: int = Field(default=1, ge=1, le=20)
    owed_by: Literal["roster"] | list[BodyCode] = "roster"
    list_to: Codes = []
    policy: str
    mark: Mark = "D"

    def rhythm(self) -> ChoreSpec:
        """The days on which it is due, as those of a chore."""
        return ChoreSpec(
            code=self.code, label=self.label, every=self.every, on=self.on, holiday=self.holiday,
            at=self.due_at or "00:00", first=self.first, last=self.last, policy=self.policy,
        )  # fmt: skip


class SilenceSpec(Strict):
    """A body's silence: no return, not even a zero one, for so many *periods* running of the return *silent_in*."""

    code: Code
    label: Label
    silent_in: Code
    periods: int = Field(default=1, ge=1, le=52)
    tell: Codes = Field(min_length=1)
    basis: str = Field(min_length=1)
    mark: Mark = "D"


class LateEntrySpec(Strict):
    """From how long after it happened an act that is entered is called a late entry (补录)."""

    hours: int = Field(ge=1, le=8784)
    policy: str


class RetentionSpec(Strict):
    """How long the files of closed matters are kept: so many *years* from 1 January after the year in which they closed.

    *kinds* has the years of those kinds of matter that are kept otherwise.
    """

    years: int = Field(ge=0, le=100)
    kinds: dict[Code, Annotated[int, Field(ge=0, le=100)]] = {}
    basis: str = Field(min_length=1)
    mark: Mark = "D"


class OpeningSpec(Strict):
    """Matters opened when the campaign starts: one for each of the roster, or for each duty and responsible body."""

    kind: Code
    each: Literal["roster", "duties"]
    title: str
    then: Codes = []


class DefinitionUse(Strict):
    """Which version of a machine the campaign runs; *file* is beside the campaign file, else it is one of ours."""

    version: int = Field(ge=1)
    file: str | None = None


class CampaignDoc(Strict):
    """A whole campaign file.

    *texts* is a file or folder beside it with words of its own for notices; *words* is what was read there. It is
    stored with the version and does not stand in the file. *access* is a file beside it that says who sees what, and
    *rights* in the same way what was read there.
    """

    schema_: Literal["campaign/1"] = Field(alias="schema")
    code: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,47}$")]
    name: Label
    source: SourceDoc
    zone: str
    start: Day
    end: Day
    launched_at: str
    remind_at: ClockTime = "09:00"
    definitions: dict[Code, DefinitionUse]
    bodies: list[BodySpec]
    logins: dict[str, list[SeatSpec]] = {}
    administrator: str
    sign_in: SignInSpec = SignInSpec()
    roster: list[BodyCode]
    dates: dict[Code, Day]
    phases: list[PhaseSpec]
    duties: list[DutySpec]
    deliverables: list[DeliverableSpec]
    safeguards: list[SafeguardSpec] = []
    taxonomies: dict[Code, list[TaxonSpec]] = {}
    circles: dict[Code, CircleSpec]
    ladders: dict[Code, LadderSpec]
    milestones: list[MilestoneSpec] = []
    chores: list[ChoreSpec] = []
    returns: list[ReturnSpec] = []
    monitors: list[SilenceSpec] = []
    late_entry: LateEntrySpec | None = None
    retention: RetentionSpec | None = None
    delivery: DeliverySpec | None = None
    opens: list[OpeningSpec] = []
    notices: dict[Literal["channel"], Literal["console", "file"]] = {}
    texts: str | None = None
    words: SkipJsonSchema[dict[str, TextSpec]] = {}
    access: str | None = None
    rights: SkipJsonSchema[AccessDoc | None] = None

    @model_validator(mode="after")
    def _ordered(self) -> "CampaignDoc":
        if self.start > self.end:
            raise ValueError("the campaign ends before it starts")
        return self
