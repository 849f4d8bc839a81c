"""A rehearsal by script: orders in file order, each at the instant it says, instead of people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from engine.documents import take_in
from engine.errors import DubanError, Invalid
from engine.facts import read_instant
from engine.orders import Attach, Correct, Do, Extend, Open, Order, Pause, Resume
from scheduler.player import Player
from scheduler.turn import Turn
from workflows.workspace import Workspace

ORDERS: Mapping[str, type[Order]] = {
    "open": Open, "do": Do, "attach": Attach, "correct": Correct, "extend": Extend, "pause": Pause, "resume": Resume,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ScriptLine:
    """A line of a script: *place* is its file and number, *said* what it says in the form of ``apply``."""

    place: str
    said: Mapping[str, Any]


def follow(script: Sequence[ScriptLine], workspace: Workspace, turn: Turn, player: Player) -> None:
    """Carry out *script*; what the machine refuses is noted. Raises Invalid, with its place, for what no order can say."""
    for line in script:
        try:
            if "now" in line.said:
                turn.advance(_instant(line.said, "now", workspace.campaign.zone))
            workspace.engine.execute(_order(workspace, line.said), workspace.actor(line.said.get("as")))
        except Invalid as error:
            raise Invalid(f"{line.place}: {error.message}", error.code, hint=error.hint) from None
        except DubanError as error:
            player.refusals.append(_refused(line.said, error))
        else:
            player.orders += 1


def _order(workspace: Workspace, said: Mapping[str, Any]) -> Order:
    kind = ORDERS[said["order"]]
    fields = {name: said[name] for name in kind.__dataclass_fields__ if name in said and name != "documents"}
    papers = tuple(take_in(workspace.documents, code, path) for code, path in said.get("documents", {}).items())
    occurred = _instant(said, "occurred", workspace.campaign.zone) if "occurred" in said else None
    return kind(**fields, documents=papers, occurred_at=occurred)


def _instant(said: Mapping[str, Any], key: str, zone: ZoneInfo) -> datetime:
    try:
        return read_instant(said[key], zone)
    except ValueError:
        raise Invalid(f"{key}: not an instant: {said[key]!r}; write 2010-11-25T15:00", "instant") from None


def _refused(said: Mapping[str, Any], error: DubanError) -> dict[str, Any]:
    where = {"at": said.get("now", ""), "ref": said.get("ref", ""), "login": said.get("as", "")}
    return {**where, "trigger": said.get("trigger", said["order"]), "error": error.message}
