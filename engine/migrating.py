"""Live matters taken over to another version: who they are, how they are read and locked, how each is written."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select, update

from engine.campaign import Campaign
from engine.carrying import Carried, Kin
from engine.clock import to_us
from engine.desk import Desk
from engine.held import Held
from engine.history import Line
from engine.machine import Compiled
from engine.orders import Order
from engine.rows import SEEN_REQUEST, D, DeadlineRow, M
from engine.store import IDS, Statement, Tx
from engine.translating import Translation

FOLLOWERS = Statement(
    select(M.c.id, M.c.ref, M.c.definition_id, M.c.state)
    .where(
        M.c.campaign_id == bindparam("campaign_id"),
        M.c.kind == bindparam("kind"),
        M.c.definition_id != bindparam("target"),
    )
    .order_by(M.c.id)
)
LOOK = Statement(select(M).where(M.c.id.in_(IDS)).order_by(M.c.id))
LOCK_FREE = Statement(select(M).where(M.c.id.in_(IDS)).order_by(M.c.id), lock="skip_locked")
LOCK = Statement(select(M).where(M.c.id.in_(IDS)).order_by(M.c.id), lock="lock_matter")
CHILDREN = Statement(
    select(M.c.parent_id, M.c.kind, M.c.definition_id, M.c.state, M.c.closed).where(M.c.parent_id.in_(IDS))
)
PARENTS = Statement(select(M.c.id, M.c.definition_id, M.c.state).where(M.c.id.in_(IDS)))
PLACE_MATTER = Statement(update(M).where(M.c.id == bindparam("b_id")).values(definition_id=bindparam("definition_id")))
PLACE_CLOCK = Statement(
    update(D)
    .where(D.c.id == bindparam("b_id"))
    .values(code=bindparam("code"), definition_id=bindparam("definition_id"))
)

PARENT = 9
"""Where a matter's parent stands among its columns."""


@dataclass(frozen=True, slots=True)
class Follower:
    """A live matter that follows another version than the wanted one."""

    id: int
    ref: str
    definition_id: int
    state: str


def followers(tx: Tx, campaign: Campaign, kind: str, target: int, refs: Iterable[str] = ()) -> list[Follower]:
    """The live matters of *kind* on other versions, only *refs* if any are named; what is at an end stays where it is."""
    wanted = frozenset(refs)
    found = [Follower(*row) for row in tx.rows(FOLLOWERS, campaign_id=campaign.id, kind=kind, target=target)]
    return [
        each
        for each in found
        if (not wanted or each.ref in wanted)
        and not campaign.machines[each.definition_id].tree.leaves[each.state].final
    ]


def kin_of(tx: Tx, campaign: Campaign, matters: Sequence[Any]) -> Mapping[int, Kin]:
    """The parents and the open children of these matters."""
    machines, idents = campaign.machines, [matter[0] for matter in matters]
    children: dict[int, list[Compiled]] = {}
    counts: dict[int, dict[str, int]] = {}
    for parent, kind, definition, state, closed in tx.among(CHILDREN, idents):
        if not machines[definition].tree.leaves[state].final:
            children.setdefault(parent, []).append(machines[definition])
        if not closed:
            mine = counts.setdefault(parent, {})
            mine[kind] = mine.get(kind, 0) + 1
    above = sorted({matter[PARENT] for matter in matters if matter[PARENT] is not None})
    live = {
        ident: machines[definition]
        for ident, definition, state in (tx.among(PARENTS, above) if above else ())
        if not machines[definition].tree.leaves[state].final
    }
    return {
        matter[0]: Kin(live.get(matter[PARENT]), tuple(children.get(matter[0], ())), counts.get(matter[0], {}))
        for matter in matters
    }


def write(
    desk: Desk, carried: Carried, was: tuple[Compiled, str], way: Translation, name: str, more: Mapping[str, Any]
) -> None:
    """Write a locked matter in its new version, with the entry that says so; *was* are its machine and state before.

    A code that another deadline has until now is taken only when that one has got its own.
    """
    held, (old, state) = carried.held, was
    row, new, seq = held.row, held.machine, held.row.seq
    line = Line("migration", desk.actor, to_us(held.clocks.now), desk.recorded_us(held), name, state, row.state)
    said: dict[str, Any] = {
        "from": f"{old.kind}@{old.doc.version}", "to": f"{new.kind}@{new.doc.version}", "before": old.definition.digest,
        **way.as_json(),
    }  # fmt: skip
    if carried.unset:
        said["facts"] = {**said.get("facts", {}), **carried.unset}
    order = Order(request_id=_request(desk, held))
    desk.enter(held, order, line, carried.stated, more={"migration": said, **more})
    desk.tx.write(PLACE_MATTER, {"b_id": row.id, "definition_id": new.id})
    desk.tx.write_many(PLACE_CLOCK, [_placed(each, str(each.id)) for each in carried.clocks.renamed])
    held.save(desk.tx, seq)
    desk.tx.write_many(PLACE_CLOCK, [_placed(each, each.code) for each in carried.clocks.renamed])


def _placed(row: DeadlineRow, code: str) -> dict[str, Any]:
    return {"b_id": row.id, "code": code, "definition_id": row.definition_id}


def _request(desk: Desk, held: Held) -> str:
    """The request id of this step: the version's digest and the matter; a matter that comes this way again says from where."""
    ident = f"mig:{held.machine.definition.digest}:{held.row.ref}"
    seen = desk.tx.row(SEEN_REQUEST, campaign_id=desk.campaign.id, request_id=ident)
    return f"{ident}:{held.row.seq}" if seen else ident
