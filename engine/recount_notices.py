"""The notice of changed dates: one to each recipient, with all that has moved for them, instead of one a deadline."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, literal_column, select

from engine.campaign import Campaign
from engine.clock import to_us
from engine.desk import Desk
from engine.notices import compose
from engine.people import Directory
from engine.rows import D, E, M, N
from engine.store import Statement, Tx

RECOUNTED = Statement(
    select(E.c.record)
    .where(
        E.c.campaign_id == bindparam("campaign_id"),
        E.c.recorded_at >= bindparam("since"),
        E.c.kind.in_([literal_column("'recounted'"), literal_column("'migration'")]),
        E.c.trigger == bindparam("name"),
    )
    .order_by(E.c.stream, E.c.seq)
)
MOVED = Statement(
    select(D.c.id, D.c.owner_body, D.c.code, D.c.definition_id, M.c.ref, M.c.title)
    .join(M, M.c.id == D.c.matter_id)
    .where(D.c.campaign_id == bindparam("campaign_id"), D.c.stopped_at.is_(None))
    .order_by(M.c.ref, D.c.id)
)
TOLD = Statement(
    select(N.c.deadline_id, N.c.recipient, N.c.body)
    .where(
        N.c.campaign_id == bindparam("campaign_id"),
        N.c.deadline_id.is_not(None),
        N.c.status != literal_column("'dead'"),
    )
    .group_by(N.c.deadline_id, N.c.recipient, N.c.body)
)


CORRECTED = Statement(
    select(N.c.recipient, N.c.dedup).where(
        N.c.campaign_id == bindparam("campaign_id"), N.c.ref.is_(None), N.c.kind == literal_column("'recounted'")
    )
)
"""Who was told of changed dates before, and by which notice."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A running deadline and what became of its date."""

    ident: int
    owner: str
    code: str
    definition_id: int
    ref: str
    title: str
    before: str
    last_day: str


def moved_by(tx: Tx, campaign: Campaign, name: str, since_us: int) -> list[Moved]:
    """The dates that the recounting or the migration *name* has moved, as its entries tell."""
    days: dict[int, tuple[str, str]] = {}
    for (record,) in tx.rows(RECOUNTED, campaign_id=campaign.id, since=since_us, name=name):
        for effect in (each for each in json.loads(record).get("clocks", ()) if "before" in each):
            first, _ = days.get(int(effect["id"]), (effect["before"], ""))
            days[int(effect["id"])] = first, effect["last_day"]
    days = {ident: pair for ident, pair in days.items() if pair[0] != pair[1]}
    rows = tx.rows(MOVED, campaign_id=campaign.id) if days else []
    return [_moved(row, *days[row[0]]) for row in rows if row[0] in days and row[2] not in _monitors(campaign, row[3])]


def _monitors(campaign: Campaign, definition_id: int) -> Collection[str]:
    """The codes of watches: nobody has their dates to keep, so nobody is told that one has moved."""
    return campaign.machines[definition_id].monitors


def _moved(row: Sequence[Any], before: str, last_day: str) -> Moved:
    ident, owner, code, definition_id, ref, title = row
    return Moved(ident, owner, code, definition_id, ref, title, before, last_day)


def owe_corrections(desk: Desk, name: str, since_us: int, cause: str) -> None:
    """Owe one notice to everybody whose dates have moved: who has the duty, and who was told the old date.

    Whoever was told of the same before is not told again: where two had counted at once that stood against all work.
    """
    moved = moved_by(desk.tx, desk.campaign, name, since_us)
    if not moved:
        return
    directory = desk.people.directory(desk.tx, desk.now)
    lists: dict[str, dict[int, tuple[str, str]]] = {}
    for each, recipient, body in _addressed(desk, directory, moved):
        lists.setdefault(recipient, {})[each.ident] = (body, _line(desk.campaign, each))
    now_us, same = to_us(desk.now), f"{desk.campaign.id}:{name}:"
    corrected = desk.tx.rows(CORRECTED, campaign_id=desk.campaign.id)
    told = {recipient for recipient, dedup in corrected if dedup.startswith(same)}
    desk.owe(
        [
            compose(
                desk.campaign, kind="recounted", recipient=recipient, body=next(iter(lines.values()))[0], planned_us=now_us,
                now_us=now_us, dedup=f"{same}{recipient}", values=_values(desk, cause, lines),
            )
            for recipient, lines in sorted(lists.items())
            if recipient not in told
        ]
    )  # fmt: skip


def reached_by(desk: Desk, moved: Iterable[Moved]) -> dict[str, int]:
    """Who would be told of these dates, and of how many."""
    directory = desk.people.directory(desk.tx, desk.now)
    found: dict[str, set[int]] = {}
    for each, recipient, _ in _addressed(desk, directory, moved):
        found.setdefault(recipient, set()).add(each.ident)
    return {recipient: len(idents) for recipient, idents in sorted(found.items())}


def _addressed(desk: Desk, directory: Directory, moved: Iterable[Moved]) -> Iterable[tuple[Moved, str, str]]:
    campaign = desk.campaign
    told: dict[int, list[tuple[str, str]]] = {}
    for ident, recipient, body in desk.tx.rows(TOLD, campaign_id=campaign.id):
        told.setdefault(ident, []).append((recipient, body))
    for each in moved:
        machine = campaign.machines[each.definition_id]
        posts = campaign.seat_posts(machine, machine.deadline(each.code).owner)
        for recipient in directory.reach(each.owner, posts):
            yield each, recipient, each.owner
        for recipient, body in told.get(each.ident, ()):
            yield each, recipient, body


def _line(campaign: Campaign, each: Moved) -> str:
    label = campaign.machines[each.definition_id].deadline(each.code).label.zh
    return f"{each.title}（{each.ref}）{label}：{each.before} 改为 {each.last_day}"


def _values(desk: Desk, cause: str, lines: Mapping[int, tuple[str, str]]) -> dict[str, Any]:
    body = next(iter(lines.values()))[0]
    return {
        "campaign": desk.campaign.doc.name.zh, "title": desk.campaign.doc.name.zh, "basis": cause, "label": f"{len(lines)}项期限",
        "owner": desk.campaign.body_name(body), "body": desk.campaign.body_name(body),
        "list": "\n".join(line for _, line in lines.values()), "last_day": "",
    }  # fmt: skip
