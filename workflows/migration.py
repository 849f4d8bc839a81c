"""Live matters taken over to another version: planned, approved by a second person, then done in batches that may be cut off."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from engine.accounts import refuse_unless_administrator
from engine.canonical import canonical
from engine.carrying import Kin, carry
from engine.clock import to_us
from engine.desk import Desk
from engine.errors import Conflict, Reason, Refused
from engine.held import Held
from engine.history import Line, append, chain_at
from engine.machine import Compiled
from engine.migrating import LOCK, LOCK_FREE, followers, kin_of, write
from engine.migration_plan import Survey, Ways, survey
from engine.orders import SYSTEM, Actor
from engine.published import Version, stream_of_kind
from engine.publishing import get_meta, hold_meta, set_meta
from engine.recount_notices import owe_corrections, reached_by
from engine.recounting import held_of, take_back
from engine.stamp import Stale, must_be_current, state_of
from engine.store import Statement, Tx
from engine.ways_out import Explorer, what_is_lost
from workflows.amendment import refuse_unless_second
from workflows.calendar_import import Plan
from workflows.publication import misfits
from workflows.workspace import Workspace

MOST_IN_BATCH = 200
"""Most matters taken over in one transaction, so that people's orders get their turn between batches."""


@dataclass(frozen=True, slots=True)
class Migration:
    """A migration under way: its *name* (``migration:case@2:7``), the version, who ordered and approved it, and since when."""

    name: str
    kind: str
    to: int
    target: int
    by: str
    auth: str
    key: str
    approved_by: dict[str, Any]
    at_us: int
    refs: tuple[str, ...] = ()

    @property
    def actor(self) -> Actor:
        return Actor(self.by, self.auth, key=self.key)

    @property
    def cause(self) -> str:
        return f"流程版本调整（{self.kind}第{self.to}版）"


@dataclass(frozen=True, slots=True)
class Impact:
    """A plan: what becomes of the matters, and of their dates; *remarks*: what the campaign file names and would not find."""

    survey: Survey
    dates: Plan
    remarks: Sequence[str] = ()

    @property
    def sound(self) -> bool:
        return not self.survey.obstacles

    def as_json(self) -> dict[str, Any]:
        """The plan as the contract has it."""
        return {"ok": self.sound, **self.survey.as_json(), **self.dates.as_json(), "remarks": list(self.remarks)}


def plan_migration(
    workspace: Workspace, target: Version, refs: Sequence[str] = (), explore: Explorer = what_is_lost
) -> Impact:
    """Say what taking the live matters over to *target* would do; nothing is changed. *refs* narrows it."""
    with workspace.database.snapshot() as tx:
        desk = Desk(workspace.campaign, workspace.people, tx, workspace.clock.now(), SYSTEM)
        machine = workspace.campaign.machines[target.id]
        found = survey(desk, target.kind, machine, refs, explore)
        moved = [each.date for each in found.changes if each.moves]
        remarks = misfits(workspace.campaign, machine.definition)
        return Impact(found, Plan(False, found.changes, reached_by(desk, moved)), remarks)


def migrate(
    workspace: Workspace,
    target: Version,
    actor: Actor,
    approver: Actor,
    refs: Sequence[str] = (),
    batch: int = MOST_IN_BATCH,
    still: Callable[[Tx], None] | None = None,
) -> dict[str, Any]:
    """Take the live matters over, in batches; return how many went, and which could not any more.

    One that was cut off goes on where it was. Raises Forbidden. The plan must have been sound; a matter that has moved
    since, so that something stands against it now, stays where it is. *still* raises what has come to stand against all
    of it, in the transaction that orders it.
    """
    engine = workspace.engine

    def order(tx: Tx) -> Migration:
        if still is not None:
            still(tx)
        return _order(workspace, tx, target, actor, approver, refs)

    what = engine.in_transaction(order)
    done: dict[str, Any] = {"name": what.name, "migrated": 0, "left": []}
    for statement in (LOCK_FREE, LOCK):
        with workspace.database.snapshot() as tx:
            live = [each.id for each in followers(tx, workspace.campaign, what.kind, what.target, what.refs)]
        size = batch if statement is LOCK_FREE else 1
        left: dict[str, Reason] = {}
        for first in range(0, len(live), size):
            moved, against = engine.in_transaction(
                partial(_batch, workspace, what=what, idents=live[first : first + size], statement=statement)
            )
            done["migrated"] += moved
            left |= against
        done["left"] = [
            {"ref": ref, "reason": reason.en, "text": reason.as_json()["text"]} for ref, reason in left.items()
        ]
    engine.in_transaction(lambda tx: _finish(workspace, tx, what, done))
    return done


def _key(workspace: Workspace, kind: str) -> str:
    return f"migration:{workspace.campaign.id}:{kind}"


def under_way(workspace: Workspace, tx: Tx, kind: str) -> Migration | None:
    """The migration of *kind* that was begun and not finished."""
    text = get_meta(tx, _key(workspace, kind))
    if not text:
        return None
    said = json.loads(text)
    return Migration(**{**said, "refs": tuple(said["refs"])})


def _order(
    workspace: Workspace, tx: Tx, target: Version, actor: Actor, approver: Actor, refs: Sequence[str]
) -> Migration:
    """Put down what is to be done, with who approved it; one that was begun before goes on as it was ordered."""
    campaign, now_us = workspace.campaign, to_us(workspace.clock.now())
    must_be_current(campaign, tx.fetch(state_of(campaign))[0])
    refuse_unless_administrator(campaign.parts, actor, "migrate matters")
    refuse_unless_second(campaign.parts, actor, approver)
    hold_meta(tx, _key(workspace, target.kind))
    begun = under_way(workspace, tx, target.kind)
    if begun is not None and begun.target == target.id and begun.refs == tuple(refs):
        return begun
    if begun is not None:
        _close(workspace, tx, begun, {"replaced": True})
    chain = chain_at(tx, campaign.id, campaign.log, stream_of_kind(target.kind))
    name = f"migration:{target.kind}@{target.version}:{chain.seq + 1}"
    second = {"login": approver.login, "person": approver.person, "auth": approver.auth, "body": approver.body}
    what = Migration(
        name, target.kind, target.version, target.id, actor.login, actor.auth, actor.key,
        {key: value for key, value in second.items() if value is not None}, now_us, tuple(refs),
    )  # fmt: skip
    line = Line("migration_ordered", actor, now_us, now_us, trigger=name)
    line.more = {
        "text": what.cause, "digest": target.digest, "approved_by": approver.login, "approved_auth": approver.auth,
        **({"refs": list(refs)} if refs else {}),
    }  # fmt: skip
    append(tx, chain, line)
    set_meta(tx, _key(workspace, target.kind), canonical(asdict(what)))
    return what


def _batch(
    workspace: Workspace, tx: Tx, *, what: Migration, idents: Sequence[int], statement: Statement
) -> tuple[int, dict[str, Reason]]:
    """Take the matters *idents* over that nobody works on; those against which something stands now stay."""
    campaign = workspace.engine.campaign
    if must_be_current(campaign, tx.fetch(state_of(campaign))[0]):
        raise Stale
    desk = Desk(campaign, workspace.engine.people, tx, workspace.clock.now(), what.actor)
    target, ways = campaign.machines[what.target], Ways(campaign, campaign.machines[what.target])
    matters = [row for row in tx.among(statement, idents) if row[2] != what.target]
    if not matters:
        return 0, {}
    kin, left = kin_of(tx, campaign, matters), {}
    for held in held_of(desk, campaign, matters):
        reason = _take_over(desk, held, ways, target, kin.get(held.row.id, Kin()), what)
        if reason:
            left[held.row.ref] = reason
    return len(matters) - len(left), left


def _take_over(desk: Desk, held: Held, ways: Ways, target: Compiled, kin: Kin, what: Migration) -> Reason | None:
    """Take one locked matter over; return what stands against it, or nothing."""
    was = held.machine, held.row.state
    if was[0].tree.leaves[was[1]].final:
        return None
    try:
        way = ways.of(was[0].id)
    except Refused as error:
        return Reason("way", error.in_chinese or "；".join(each.zh for each in error.reasons), error.message)
    carried = carry(held, way, target, desk.campaign, kin)
    if carried.problems:
        problems = carried.problems
        return Reason("state", "；".join(each.zh for each in problems), "; ".join(each.en for each in problems))
    moved = {
        int(each["id"]) for each in held.clocks.effects if each.get("before", each["last_day"]) != each["last_day"]
    }
    if moved:
        take_back(desk.tx, desk.campaign, moved, to_us(desk.now))
    write(desk, carried, was, way, what.name, {"text": what.cause, "approved_by": what.approved_by})
    return None


def _finish(workspace: Workspace, tx: Tx, what: Migration, done: dict[str, Any]) -> None:
    """Owe one notice to everybody whose dates have moved, and put down that it is done."""
    hold_meta(tx, _key(workspace, what.kind))
    if under_way(workspace, tx, what.kind) != what:
        raise Conflict(f"{what.name} was finished or replaced by somebody else meanwhile", "migration")
    _close(workspace, tx, what, {"left": len(done["left"])})
    set_meta(tx, _key(workspace, what.kind), "")


def _close(workspace: Workspace, tx: Tx, what: Migration, said: dict[str, Any]) -> None:
    """Tell everybody whose dates it has moved, and put down how it ended."""
    campaign, now = workspace.engine.campaign, workspace.clock.now()
    owe_corrections(Desk(campaign, workspace.people, tx, now, what.actor), what.name, what.at_us, what.cause)
    line = Line("migration_done", what.actor, to_us(now), to_us(now), trigger=what.name)
    line.more = said
    append(tx, chain_at(tx, campaign.id, campaign.log, stream_of_kind(what.kind)), line)
