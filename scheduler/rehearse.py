"""A rehearsal: the whole campaign on a virtual clock, in a database of its own, and the ledger of what it brought."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from engine.documents import MemoryStore, take_in
from engine.errors import DubanError, Invalid
from engine.facts import read_instant
from engine.firing import due_in
from engine.orders import Attach, Correct, Do, Extend, Open, Order
from engine.outcome import Outcome
from engine.store import Tx
from engine.terms import end_of_day
from scheduler.channels import SilentChannel
from scheduler.ledger import Ledger
from scheduler.people_model import load_people
from scheduler.planning import Act
from scheduler.player import Player
from scheduler.turn import Turn
from workflows import launch
from workflows.workspace import Workspace

AFTERMATH = timedelta(days=10)
"""How long a rehearsal goes on after the campaign's last day, so that the last escalations are seen. PLACEHOLDER"""

ORDERS: Mapping[str, type[Order]] = {"open": Open, "do": Do, "attach": Attach, "correct": Correct, "extend": Extend}


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

    def turn_at(self) -> datetime | None:
        """The next instant at which time itself brings something about."""
        with self.workspace.database.snapshot() as tx:
            return self._turn_at(tx)

    def _turn_at(self, tx: Tx) -> datetime | None:
        times = (due_in(tx, self.workspace.campaign.id), self.turn.chores.upcoming(tx))
        return min((at for at in times if at is not None), default=None)

    def next_at(self) -> datetime | None:
        """The next instant at which anything happens."""
        times = (self.turn_at(), self.player.next_at())
        return min((at for at in times if at is not None), default=None)

    def step(self, at: datetime, until: datetime | None = None) -> None:
        """Move the clock to *at* and let happen what happens then: what is due, else acts of people.

        With *until* people go on acting in the same transaction until something falls due, or that instant.
        """
        due = self.turn_at()
        if due is not None and due <= at:
            self._take_turn(at)
        else:
            acts = self.workspace.engine.in_transaction(lambda tx: list(self._acts(tx, at, until)))
            for when, act, outcome in acts if self.told else ():
                self.told.acted(when, act, outcome)  # type: ignore[union-attr]

    def _take_turn(self, at: datetime) -> None:
        with self.workspace.database.tx() as tx:
            self.workspace.move_clock(tx, at)
        self.turn.run()
        left = self.turn_at()
        if left is not None and left <= at:
            raise DubanError("something that is due cannot be fired; the log says what", "stuck")
        with self.workspace.database.tx() as tx:
            self.player.follow(tx)
        if self.told is not None:
            self.told.turned(at)

    def _acts(self, tx: Tx, at: datetime, until: datetime | None) -> Iterator[tuple[datetime, Act, Outcome | None]]:
        coming: datetime | None = at
        while coming is not None and coming <= (until or at):
            turn_at = self._turn_at(tx)
            if turn_at is not None and turn_at <= coming:
                break
            self.workspace.clock.move_to(coming)  # type: ignore[attr-defined]
            yield coming, *self.player.act(tx)
            coming = self.player.next_at()
            if until is None:
                break
        self.workspace.move_clock(tx, self.workspace.clock.now())


def stage_of(workspace: Workspace, people: str, seed: int, cases: int, told: Teller | None = None) -> Stage:
    """Put people on the stage of a rehearsal workspace."""
    player = Player(workspace, load_people(people, workspace.campaign), seed, cases)
    with workspace.database.snapshot() as tx:
        player.begin(tx)
    return Stage(workspace, Turn(workspace, {"console": SilentChannel(), "file": SilentChannel()}), player, told)


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
    script: str | Path | None = None,
    out: str | Path | None = None,
) -> Result:
    """Play *campaign* in memory with a people model or a script of orders. Raises Invalid for a bad model or script."""
    workspace, _ = launch.init("sqlite://", launch.Beginning(campaign, rehearsal=True), documents=MemoryStore())
    try:
        stage = stage_of(workspace, "nobody" if script else people, seed, cases)
        if script:
            _follow_script(stage, Path(script))
        end = end_of(workspace, until)
        play(stage, end)
        pages = Ledger(workspace)
        about = {"campaign": workspace.campaign.code, "people": "script" if script else people}
        summary, ledger = pages.draw({**about, "seed": seed, "cases": cases}, stage.player, end)
    finally:
        workspace.close()
    result = Result(summary, ledger, pages)
    if out is not None:
        result.write(out)
    return result


def play(stage: Stage, end: datetime) -> None:
    """Go from event to event up to *end*."""
    while True:
        at = stage.next_at()
        if at is None or at > end:
            break
        stage.step(max(at, stage.workspace.clock.now()), end)
    stage.turn.run()
    with stage.workspace.database.tx() as tx:
        stage.workspace.move_clock(tx, end)


def _follow_script(stage: Stage, path: Path) -> None:
    """Carry out a script of orders in file order, each at the instant it says (``now``)."""
    workspace = stage.workspace
    for number, said in _lines(path):
        try:
            if "now" in said:
                stage.turn.advance(read_instant(str(said["now"]), workspace.campaign.zone))
            order = _order(workspace, said)
            workspace.engine.execute(order, workspace.actor(said.get("as")))
        except Invalid as error:
            raise Invalid(f"{path}:{number}: {error.message}", error.code) from None
        except DubanError as error:
            refused = {
                "at": str(said.get("now", "")),
                "ref": str(said.get("ref", "")),
                "login": str(said.get("as", "")),
            }
            trigger = str(said.get("trigger", said.get("order")))
            stage.player.refusals.append({**refused, "trigger": trigger, "error": error.message})
        else:
            stage.player.orders += 1


def _lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"{path}: cannot be read: {error}", "unreadable") from None
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            said = json.loads(line)
        except ValueError as error:
            raise Invalid(f"{path}:{number}: not JSON: {error}", "json") from None
        if not isinstance(said, dict) or said.get("order") not in ORDERS:
            raise Invalid(f"{path}:{number}: an order is an object with order: {', '.join(ORDERS)}", "order")
        yield number, said


def _order(workspace: Workspace, said: Mapping[str, Any]) -> Order:
    kind = ORDERS[said["order"]]
    known = set(kind.__dataclass_fields__)
    papers = tuple(take_in(workspace.documents, code, path) for code, path in (said.get("documents") or {}).items())
    occurred = said.get("occurred")
    fields = {name: said[name] for name in known & set(said) if name != "documents"}
    try:
        at = read_instant(occurred, workspace.campaign.zone) if occurred else None
        return kind(**{**fields, "documents": papers, "occurred_at": at})
    except (TypeError, ValueError) as error:
        raise Invalid(str(error), "order") from None
