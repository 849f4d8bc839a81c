"""The form of a definition file: what an author of a machine may write, checked by pydantic with nothing extra allowed."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,47}$")]
"""An identifier: lower-case ASCII, so that diagrams, files and databases agree on it."""

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


class RoleSpec(Strict):
    """Who may act: the holders of *posts* at one body.

    *of* says which body: ``matter`` (the matter's own), ``any``, ``part:<part>`` (the campaign's body of that part)
    or ``fact:<fact>|part:<part>`` (the body a fact names, else that part; ``fact:<fact>|matter``: else its own).
    """

    label: Label
    of: str = Field(pattern=r"^(matter|any|part:[a-z_]+|fact:[a-z0-9_]+(\|(matter|part:[a-z_]+))?)$")
    posts: list[Code] = Field(min_length=1)


class DocumentSpec(Strict):
    """A kind of document; *by* limits who may bring it without a move (roles; empty: anybody of the matter's body)."""

    label: Label
    by: Codes = []


class FactSpec(Strict):
    """A typed value of a matter. *money* is an integer of fen; *personal* keeps the value out of the chained record."""

    type: Literal["bool", "int", "money", "text", "enum", "enums", "date", "instant", "body"]
    label: Label
    values: list[Code] = []
    taxonomy: Code | None = None
    unit: str | None = None
    personal: bool = False
    minimum: int | None = None
    basis: str | None = None


class StateSpec(Strict):
    """A state, or a stage that holds states. *final* ends the matter; *closed* only puts its light out."""

    label: Label
    states: dict[Code, "StateSpec"] = {}
    final: bool = False
    closed: bool = False
    waits_for: Codes = []


class OpenSpec(Strict):
    """How a matter begins: who may open it, what it must state, and the form of its reference."""

    role: Codes = Field(min_length=1)
    ref: str = "{kind}/{year}-{number}"
    trigger: Code = "open"
    label: Label
    asks: Codes = []
    optional: Codes = []
    needs: Codes = []
    title: str | None = None


class SpawnSpec(Strict):
    """A child matter opened by a move. *facts* maps the child's facts to the parent's, *sets* gives constants."""

    kind: Code
    body: str = Field(default="matter", pattern=r"^(matter|part:[a-z_]+|fact:[a-z0-9_]+)$")
    facts: dict[Code, Code] = {}
    sets: dict[Code, bool | int | str] = {}
    when: str | None = None


class SignalSpec(Strict):
    """A trigger sent to the parent matter as the system's order; done if the parent's machine lets it happen."""

    trigger: Code
    when: str | None = None


class ArrowSpec(Strict):
    """One transition. ``to: "="`` records an act without a move; ``to: "@back"`` returns to the state it came from."""

    trigger: Code
    label: Label
    from_: Codes = Field(alias="from", min_length=1)
    to: str = Field(pattern=r"^(=|@back|[a-z][a-z0-9_]{0,47})$")
    role: Codes = Field(min_length=1)
    needs: Codes = []
    needs_new: Codes = []
    asks: Codes = []
    optional: Codes = []
    when: str | None = None
    reason: bool = False
    distinct_from: Codes = []
    sets: dict[Code, bool | int | str] = {}
    spawn: list[SpawnSpec] = []
    signals: list[SignalSpec] = []
    copy_to: Codes = Field(default=[], alias="copy")
    handover: Codes = []
    extends: Codes = []
    basis: str | None = None
    mark: Mark = "D"


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


class DeadlineSpec(Strict):
    """A clock of the definition; ``basis`` is the statute or the section of the document it rests on.

    It starts ``from_opening``, on entering one of ``during``, or on a trigger in ``start_on``. It is met by a trigger
    in ``stop_on``, by a document in ``stop_documents``, or by leaving ``during`` (only through ``met_by`` if given;
    any other way out cancels it). ``rebase_on`` moves its start (receipt on the receiver's side).
    A ``timer`` is no duty: when it runs out it is over, nobody is late, and ``on_expire`` fires.
    """

    label: Label
    term: Term
    basis: str = Field(min_length=1)
    mark: Mark = "D"
    owner: Code
    ladder: Code
    from_opening: bool = False
    during: Codes = []
    start_on: Codes = []
    rebase_on: Codes = []
    stop_on: Codes = []
    stop_documents: Codes = []
    met_by: Codes = []
    pause_in: Codes = []
    start_fact: Code | None = None
    when: str | None = None
    roll: Literal["next", "none"] | None = None
    timer: bool = False
    on_expire: Code | None = None
    on_breach: Code | None = None
    extension: ExtensionSpec | None = None

    @model_validator(mode="after")
    def _consistent(self) -> "DeadlineSpec":
        if not (self.from_opening or self.during or self.start_on):
            raise ValueError("a deadline needs from_opening, during or start_on")
        if self.on_expire and not self.timer:
            raise ValueError("on_expire belongs to a timer; a duty has on_breach")
        if self.timer and self.on_breach:
            raise ValueError("a timer has on_expire, not on_breach")
        return self


class HandoverSpec(Strict):
    """A hand-over (移送、转送、送达): what goes *to* a role's body, and which acts send, receive and return it.

    *encloses* names documents without which it is not sent. A trigger in both ``sent_on`` and ``received_on`` sends and
    has the *receipt*, a document, in one act. ``received_fact`` states when it was received, else the act's own time
    counts. The clocks tell whose time runs: the sender's until it is sent, the receiver's from the receipt on.
    """

    label: Label
    to: Code
    encloses: Codes = []
    sent_on: Codes = Field(min_length=1)
    received_on: Codes = Field(min_length=1)
    returned_on: Codes = []
    receipt: Code | None = None
    received_fact: Code | None = None
    sender_clocks: Codes = []
    receiver_clocks: Codes = []
    basis: str | None = None
    mark: Mark = "D"


class RepeatSpec(Strict):
    """How often a finding is told again while it stands: *every* such period, *most* times after the first."""

    every: Term
    most: int = Field(default=3, ge=1, le=100)


class MonitorSpec(Strict):
    """Something that ought to have happened: it is found missing when *when* has held *for* a period.

    The period counts from the act that made *when* true, or from the instant that the fact *since* names. It is no
    deadline of anybody: it gives no light and no breach. *tell* names roles and circles.
    """

    label: Label
    when: str
    for_: Term = Field(alias="for")
    since: Code | None = None
    tell: Codes = Field(min_length=1)
    repeat: RepeatSpec | None = None
    basis: str = Field(min_length=1)
    mark: Mark = "D"


class InvariantSpec(Strict):
    """A situation that may never be: ``never`` is an expression over states, facts and what has been."""

    label: Label
    never: str
    basis: str = Field(min_length=1)
    mark: Mark = "D"


class DefinitionDoc(Strict):
    """A whole definition file."""

    schema_: Literal["definition/1"] = Field(alias="schema")
    kind: Code
    version: int = Field(ge=1)
    label: Label
    initial: Code
    open: OpenSpec
    roles: dict[Code, RoleSpec]
    documents: dict[Code, DocumentSpec] = {}
    facts: dict[Code, FactSpec] = {}
    states: dict[Code, StateSpec]
    transitions: list[ArrowSpec]
    deadlines: dict[Code, DeadlineSpec] = {}
    handovers: dict[Code, HandoverSpec] = {}
    invariants: dict[Code, InvariantSpec] = {}
    monitors: dict[Code, MonitorSpec] = {}
    correct_by: Codes = []
