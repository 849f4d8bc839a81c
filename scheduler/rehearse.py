"""A rehearsal: the whole campaign on a virtual clock, in a database of its own, and the ledger of what it brought."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from engine.clock import rfc3339
from engine.documents import MemoryStore
from engine.errors import DubanError, Invalid
from engine.firing import due_in
from engine.mirror import Mirror
from engine.outcome import Outcome
from engine.publishing import stored_clock
from engine.schema_version import strip
from engine.store import Tx
from engine.terms import end_of_day
from engine.transacting import transact
from scheduler.channels import SilentChannel
from scheduler.chores import Chores
from scheduler.ledger import Ledger
from scheduler.people_model import load_people
from scheduler.planning import Act
from scheduler.playbill import Playbill
from scheduler.player import Player
from scheduler.turn import Turn
from scheduler.undisturbed import undisturbed
from workflows import launch
from workflows.workspace import Workspace

if TYPE_CHECKING:
    from scheduler.script import ScriptLine

AFTERMATH = timedelta(days=10)
"""How long a rehearsal goes on after the campaign's last day, so that the last escalations are seen. PLACEHOLDER"""


ARMFUL = 200
"""Notices delivered in one transaction: the channels of a rehearsal send nothing, so nothing can be sent twice. PLACEHOLDER"""

Told = tuple[datetime, Act, Outcome | None]
"""An act, when, and what came of it: nothing if it was refused."""


class Teller(Protocol):
    """Whoever wants to hear what happens on the stage."""

    def acted(self, at: datetime, act: Act, outcome: Outcome | None) -> None: ...

    def turned(self, at: datetime) -> None: ...


@dataclass
class Result:
    """What a rehearsal yields: a *summary* and a *ledger* of plain values, the same for the same seed."""

    summary: dict[str, Any]
    ledger: list[dict[str, Any]]
    pages: Ledger = field(repr=False)

    def write(self, folder: str | Path) -> list[str]:
        """Write ledger and summary into *folder*; return the names of the files."""
        return self.pages.write(Path(folder), self.summary, self.ledger)


@dataclass
class Stage:
    """A workspace on a virtual clock with its turn and its people, moved from event to event.

    What is owed is delivered with the next turn: in a rehearsal nobody waits for it.
    """

    workspace: Workspace
    turn: Turn
    player: Player
    told: Teller | None = None
    bill: Playbill | None = None

    def turn_at(self) -> datetime | None:
        """The next instant at which time itself brings something about."""
        with self.workspace.database.snapshot() as tx:
            return self._turn_at(tx)

    def _turn_at(self, tx: Tx) -> datetime | None:
        return _first(due_in(tx, self.workspace.campaign.id), self._planned_at(tx))

    def _planned_at(self, tx: Tx) -> datetime | None:
        """When something comes that no act of people brings nearer: a chore, or the hour at which is insisted."""
        if self.turn.chores.campaign is not self.workspace.campaign:
            self.turn.chores = Chores(self.workspace)
        return _first(self.turn.chores.upcoming(tx), self.turn.insistence.upcoming(tx))

    def next_at(self) -> datetime | None:
        """The next instant at which anything happens."""
        return _first(self.turn_at(), self.player.next_at())

    def step(self, at: datetime, until: datetime | None = None) -> None:
        """Move the clock to *at* and let happen what happens then: what is due, else acts of people.

        With *until* people go on acting in the same transaction until something falls due, or that instant.
        """
        if self._is_due(at):
            self._take_turn(at)
        else:
            acts = self.workspace.engine.in_transaction(self._attempts(at, until))
            for when, act, outcome in acts if self.told else ():
                self.told.acted(when, act, outcome)  # type: ignore[union-attr]

    def _take_turn(self, at: datetime) -> None:
        if self.bill is None and self.workspace.database.kept is not None:
            self.workspace.clock.move_to(at)  # type: ignore[attr-defined]  # nobody else has to know; written at the end
        else:
            transact(self.workspace.database, partial(self._move, at=at))
        self.turn.take()
        if self._is_due(at) and self._is_due(at, anew=True):
            raise DubanError("something that is due cannot be fired; the log says what", "stuck")
        transact(self.workspace.database, self.player.follow)
        if self.told is not None:
            self.told.turned(at)

    def _move(self, tx: Tx, at: datetime) -> None:
        self._catch_up(tx)
        self.workspace.move_clock(tx, at)

    def _is_due(self, at: datetime, *, anew: bool = False) -> bool:
        """Whether anything is due at *at*; looked up *anew* even what only another process could have changed."""
        if anew:
            self.turn.chores = Chores(self.workspace)
        due = self.turn_at()
        return due is not None and due <= at

    def _catch_up(self, tx: Tx) -> bool:
        """Look at everything anew if another process has moved the clock; raise Superseded if one plays the people now."""
        if self.bill is None:
            return False
        self.bill.must_be_ours(tx)
        stands = stored_clock(tx)
        if stands <= self.workspace.clock.now():
            return False
        self.workspace.clock.move_to(stands)  # type: ignore[attr-defined]
        self.turn.chores = Chores(self.workspace)
        self.player.begin(tx)
        return True

    def _attempts(self, at: datetime, until: datetime | None) -> Callable[[Tx], list[Told]]:
        """The acts of a transaction that may be tried again: after the first try the agenda is drawn up anew."""
        orders, refusals = self.player.orders, list(self.player.refusals)
        tried: list[Tx] = []

        def work(tx: Tx) -> list[Told]:
            if tried:
                self.player.orders, self.player.refusals = orders, list(refusals)
                self.player.begin(tx)
            tried.append(tx)
            return [] if self._catch_up(tx) else list(self._acts(tx, at, until))

        return work

    def _acts(self, tx: Tx, at: datetime, until: datetime | None) -> Iterator[Told]:
        coming: datetime | None = at
        campaign_id, planned_at = self.workspace.campaign.id, self._planned_at(tx)
        while coming is not None and coming <= (until or at):
            turn_at = _first(due_in(tx, campaign_id), planned_at)
            if turn_at is not None and turn_at <= coming:
                break
            self.workspace.clock.move_to(coming)  # type: ignore[attr-defined]
            yield coming, *self.player.act(tx)
            _forget_repeated(self.player.refusals)
            coming = self.player.next_at()
            if until is None:
                break
        self.workspace.move_clock(tx, self.workspace.clock.now())
        if self.bill is not None:
            self.bill.orders = self.player.orders
            self.bill.refused = self.player.refusals
            self.bill.write(tx)


def _first(one: datetime | None, other: datetime | None) -> datetime | None:
    """The earlier of two instants, of which there may be neither."""
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)


def _forget_repeated(refusals: list[dict[str, Any]]) -> None:
    """Forget the last refusal if it was met before: people try once more when they look at a matter again."""
    if refusals and refusals[-1] in refusals[:-1]:
        refusals.pop()


def stage_of(
    workspace: Workspace, people: str, seed: int, cases: int, told: Teller | None = None, bill: Playbill | None = None
) -> Stage:
    """Put people on the stage of a rehearsal workspace; with a *bill* they go on where it says they are."""
    player = Player(workspace, load_people(people, workspace.campaign), seed, cases)
    if bill is not None:
        player.orders, player.refusals = bill.orders, list(bill.refused)
    with workspace.database.snapshot() as tx:
        player.begin(tx)
    turn = Turn(workspace, {"console": SilentChannel(), "file": SilentChannel()}, hand=ARMFUL)
    return Stage(workspace, turn, player, told, bill)


def end_of(workspace: Workspace, until: datetime | None = None) -> datetime:
    """When a rehearsal of this campaign ends."""
    doc = workspace.campaign.doc
    return until or end_of_day(date.fromisoformat(doc.end), workspace.campaign.zone) + AFTERMATH


def rehearse(
    campaign: str = "baodi-2010",
    people: str = "typical",
    seed: int = 1,
    cases: int = 60,
    until: datetime | None = None,
    script: "Sequence[ScriptLine] | None" = None,
    out: str | Path | None = None,
    calendar: Literal["all", "asof"] = "all",
) -> Result:
    """Play *campaign* in memory with a people model or a *script* of orders. Raises Invalid for a bad model or script.

    With the *calendar* ``asof`` it is played as it was to be planned then: no notice of holidays is known that came out
    after its first day.
    """
    with undisturbed():
        result = _rehearsed(campaign, people, seed, cases, until, script, calendar)
    if out is not None:
        result.write(out)
    return result


def _rehearsed(
    campaign: str,
    people: str,
    seed: int,
    cases: int,
    until: datetime | None,
    script: "Sequence[ScriptLine] | None",
    calendar: Literal["all", "asof"],
) -> Result:
    beginning = launch.Beginning(campaign, rehearsal=True, calendar=calendar)
    workspace, _ = launch.init("sqlite://", beginning, documents=MemoryStore())
    strip(workspace.database)
    workspace.database.keep(Mirror())
    try:
        end = end_of(workspace, until)
        if end < workspace.clock.now():
            raise Invalid(
                f"the rehearsal begins at {rfc3339(workspace.clock.now())}; it cannot end before that", "until"
            )
        stage = stage_of(workspace, people if script is None else "nobody", seed, cases)
        stage.turn.dispatcher.bundling = False  # the ledger tells of notices, and the database is thrown away
        stage.turn.sealing.wanted = False
        if script is not None:
            from scheduler.script import follow

            follow(script, stage.workspace, stage.turn, stage.player)
        play(stage, end)
        pages = Ledger(workspace)
        about = {"campaign": workspace.campaign.code, "people": people if script is None else "script"}
        if calendar != "all":
            about["calendar"] = calendar
        end = max(end, workspace.clock.now())
        played = (stage.player.orders, stage.player.refusals)
        summary, ledger = pages.draw({**about, "seed": seed, "cases": cases}, played, end)
    finally:
        workspace.close()
    return Result(summary, ledger, pages)


def play(stage: Stage, end: datetime) -> None:
    """Go from event to event up to *end*."""
    while True:
        at = stage.next_at()
        if at is None or at > end:
            break
        stage.step(max(at, stage.workspace.clock.now()), end)
    stage.turn.take()
    transact(stage.workspace.database, partial(stage.workspace.move_clock, at=end))
    stage.turn.dispatcher.deliver()  # what waited for the office's hours
