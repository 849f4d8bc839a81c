"""The form of a definition file: what an author of a machine may write, checked by pydantic with nothing extra allowed."""

from typing import Literal

from pydantic import Field, model_validator

from engine.expected_schema import ExpectationsSpec
from engine.kin_schema import SignalSpec, SpawnSpec
from engine.migration_schema import MigrationSpec
from engine.scenario_schema import ScenarioSpec
from engine.statute_schema import StatuteCode, StatuteSpec
from engine.term_schema import Code, Codes, ExtensionSpec, Label, Mark, Strict, Term

__all__ = ["Code", "Codes", "ExtensionSpec", "Label", "Mark", "Strict", "Term"]
"""What others find here though it is defined below."""


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
    """A typed value of a matter. *money* is an integer of fen; *personal* keeps the value out of the chained record.

    What belongs in the *vault* (who reported) is sealed there, and the matter shows a stand-in; it is personal too. A text
    that names another *matter* must be the reference of one that whoever states it sees.

    *value_labels* say what each of *values* is called; every value of a definition that comes with us has one.
    """

    type: Literal["bool", "int", "money", "text", "enum", "enums", "date", "instant", "body"]
    label: Label
    values: list[Code] = []
    value_labels: dict[Code, Label] = {}
    taxonomy: Code | None = None
    unit: str | None = None
    personal: bool = False
    vault: bool = False
    matter: bool = False
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


class ArrowSpec(Strict):
    """One transition. ``to: "="`` records an act without a move; ``to: "@back"`` returns to the state it came from.

    One that *approves* gives matter and the documents it needs their time of approval: when the act was done.
    """

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
    approves: bool = False
    basis: str | None = None
    mark: Mark = "D"


class DeadlineSpec(Strict):
    """A clock of the definition. Its rule is a ``statute`` of the law, in the version in force on the day it starts,

    or its own: a ``term`` with its ``basis`` (the section of the document it rests on), mark, roll and extension.
    It starts ``from_opening``, on entering one of ``during``, or on a trigger in ``start_on``. It is met by a trigger
    in ``stop_on``, by a document in ``stop_documents``, or by leaving ``during`` (only through ``met_by`` if given;
    any other way out cancels it). ``rebase_on`` moves its start (receipt on the receiver's side).
    A ``timer`` is no duty: when it runs out it is over, nobody is late, and ``on_expire`` fires.
    """

    label: Label
    term: Term | None = None
    statute: StatuteCode | None = None
    basis: str = Field(default="", min_length=1)
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
    def _ruled(self) -> "DeadlineSpec":
        own = [key for key in ("term", "basis", "mark", "roll", "extension") if key in self.model_fields_set]
        if self.statute is not None and own:
            raise ValueError(f"the statute {self.statute} says {', '.join(own)}: give one or the other")
        return self

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
    counts. A sender that ``goes_on`` has work of its own while it waits for the receipt. The clocks tell whose time
    runs: the sender's until it is sent, the receiver's from the receipt on.
    """

    label: Label
    to: Code
    encloses: Codes = []
    sent_on: Codes = Field(min_length=1)
    received_on: Codes = Field(min_length=1)
    returned_on: Codes = []
    receipt: Code | None = None
    received_fact: Code | None = None
    goes_on: bool = False
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
    """What must hold: *never* is a situation that may not be, an expression over states, facts and what has been;

    *always_possible* are states one of which stays within reach, from every situation or *while* an expression holds.
    Both are proved before the definition is published. An order that would break *never* is refused besides; where the
    invariant *refuses* it is itself the guard (such as one on figures that do not agree), and nothing else need hold it.
    Or it says of a *clock* that each act of *ends_on*, which its statute names, ends it wherever it runs.
    """

    label: Label
    never: str | None = None
    always_possible: Codes = []
    while_: str | None = Field(default=None, alias="while")
    refuses: bool = False
    clock: Code | None = None
    ends_on: Codes = []
    basis: str = Field(min_length=1)
    mark: Mark = "D"

    @model_validator(mode="after")
    def _one(self) -> "InvariantSpec":
        if bool(self.never is not None) + bool(self.always_possible) + bool(self.clock) != 1:
            raise ValueError("an invariant has either never, always_possible or a clock")
        if bool(self.clock) != bool(self.ends_on):
            raise ValueError("clock and ends_on belong together")
        if self.while_ is not None and self.never is not None:
            raise ValueError("while belongs to always_possible")
        if self.refuses and self.never is None:
            raise ValueError("refuses belongs to never")
        return self


class EvaluationSpec(Strict):
    """A question put to the standards of a *family* whenever facts are stated.

    *by* is the fact that names the crime, *on* are date facts of which the first that is stated selects the version
    (else the day of opening), *facts* are what the rows may look at. *threshold* and *duty* are the bool facts that
    follow from the answer, *ground* the text that names the row.
    """

    label: Label
    family: Code
    by: Code
    on: Codes = []
    facts: list[Code] = Field(min_length=1)
    threshold: Code | None = None
    duty: Code | None = None
    ground: Code | None = None


class DefinitionDoc(Strict):
    """A whole definition file; *statutes* are those its deadlines name, put in when it is loaded unless it brings its own.

    A correction after which an evaluated duty would vanish needs one of ``correct_approved_by`` as a second person and
    is copied to ``correct_copy``. ``correct_then`` names acts of the system with the facts that they follow: each is done, if
    the machine lets it, as soon as one of its facts was set right.
    """

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
    statutes: dict[StatuteCode, StatuteSpec] = {}
    invariants: dict[Code, InvariantSpec] = {}
    monitors: dict[Code, MonitorSpec] = {}
    evaluates: dict[Code, EvaluationSpec] = {}
    migrations: list[MigrationSpec] = []
    scenarios: dict[Code, ScenarioSpec] = {}
    expects: ExpectationsSpec | None = None
    correct_by: Codes = []
    correct_approved_by: Codes = []
    correct_copy: Codes = []
    correct_then: dict[Code, Codes] = {}
