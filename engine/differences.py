"""Where a matter's row or its deadlines say something else than its history."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from engine.campaign import Campaign
from engine.canonical import parsed
from engine.clock import to_us
from engine.outlook import set_outlook
from engine.replay import Replayed, row_then
from engine.rows import OUTLOOK, DeadlineRow, MatterRow, same_matter

MOVING = ("state", "stage", "closed", "version", "seq", "head", "title", "updated_at")
"""What moves with the entries; the rest of a row is said once, by the first of them."""

LONGEST = 300
"""Characters of a value that a finding shows. PLACEHOLDER"""

NOBODY: Mapping[int, str] = {}


def differences(
    campaign: Campaign, matter: MatterRow, rows: Iterable[DeadlineRow], then: Replayed, refs: Mapping[int, str] = NOBODY
) -> list[str]:
    """List them; empty if all agree. *refs* are the references of all matters by id, for naming the parent.

    Of what was erased by law the history holds only a commitment: the row must not have it either, and says that it is erased.
    """
    if not then.opening:
        return ["there is no history"]
    was = row_then(campaign, matter, then)
    wrong = [
        f"{name}: row {getattr(matter, name)!r}, history {getattr(was, name)!r}"
        for name in MOVING
        if getattr(matter, name) != getattr(was, name)
    ]
    wrong += _of_opening(campaign, matter, {**then.opening, "definition": then.definition}, refs)
    if (data := parsed(matter.data)) != (recorded := parsed(was.data)):
        ours, theirs = _apart(data, recorded)
        wrong.append(f"data: row {_short(ours)}, history {_short(theirs)}")
    clocks = list(rows)
    wrong += _of_clocks(clocks, then)
    return wrong or list(_of_outlook(campaign, matter, clocks))


def _apart(row: Any, history: Any) -> tuple[Any, Any]:
    """What of both differs: of a matter with fifty facts the one that was changed, on both sides."""
    if not (isinstance(row, dict) and isinstance(history, dict)):
        return row, history
    differ = [part for part in row.keys() | history.keys() if row.get(part) != history.get(part)]
    both = {part: _apart(row[part], history[part]) for part in differ if part in row and part in history}
    ours, theirs = ({part: pair[at] for part, pair in both.items()} for at in (0, 1))
    alone = [part for part in differ if part not in both]
    ours |= {part: row[part] for part in alone if part in row}
    return ours, theirs | {part: history[part] for part in alone if part in history}


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _of_outlook(campaign: Campaign, matter: MatterRow, rows: list[DeadlineRow]) -> Iterator[str]:
    """Where what the row keeps for lists and boards is not what follows from the row and its deadlines.

    Asked only where these are right: what follows from something wrong is no finding of its own.
    """
    machine, data, was = campaign.machines[matter.definition_id], parsed(matter.data), same_matter(matter)
    set_outlook(was, machine, campaign.machines, rows, data["facts"], data["marks"].get("handed", {}))
    for name in OUTLOOK:
        if getattr(matter, name) != getattr(was, name):
            yield f"{name}: row {getattr(matter, name)!r}, its deadlines and facts {getattr(was, name)!r}"


def _of_opening(
    campaign: Campaign, matter: MatterRow, opening: Mapping[str, Any], refs: Mapping[int, str]
) -> Iterator[str]:
    said = {**opening.get("matter", {}), "definition": opening.get("definition")}
    said["opened_at"] = to_us(datetime.fromisoformat(opening["occurred_at"]))
    row = {name: getattr(matter, name) for name in ("kind", "body", "year", "number", "opened_at")}
    row["definition"] = campaign.machines[matter.definition_id].definition.digest
    if refs:
        said["parent"] = opening.get("parent")
        row["parent"] = None if matter.parent_id is None else refs.get(matter.parent_id, "nobody")
    yield from (f"{name}: row {row[name]!r}, history {said.get(name)!r}" for name in row if row[name] != said.get(name))


def _of_clocks(rows: list[DeadlineRow], then: Replayed) -> Iterator[str]:
    held = {str(row.id): row for row in rows}
    for ident in sorted(then.clocks.keys() | held.keys()):
        row, said = held.get(ident), then.clocks.get(ident)
        if row is None:
            yield f"deadline {ident}: the history has it, the row is gone"
        elif said is None:
            yield f"deadline {row.code} ({ident}): it is not in the history"
        else:
            yield from _of_clock(row, said)


def _of_clock(row: DeadlineRow, said: Mapping[str, Any]) -> Iterator[str]:
    ours = row.code, row.status, row.last_day, row.breach_at
    if ours != (said["code"], said["status"], said["last_day"], _us(said["breach_at"])):
        for name, value in zip(("code", "status", "last_day", "breach_at"), ours, strict=True):
            yield from _unlike(row, said, name, value)
    if "started_at" in said and row.started_at != _us(said["started_at"]):
        yield from _unlike(row, said, "started_at", row.started_at)
    if "owner" in said and row.owner_body != said["owner"]:
        yield from _unlike(row, said, "owner", row.owner_body)


def _unlike(row: DeadlineRow, said: Mapping[str, Any], name: str, value: Any) -> Iterator[str]:
    then = _us(said[name]) if name.endswith("_at") else said[name]
    if then != value:
        yield f"deadline {row.code} ({row.id}): {name}: row {value!r}, history {then!r}"


@lru_cache(maxsize=1024)
def _us(text: str) -> int:
    """An instant of an entry in microseconds; the clocks of a day end at one of few."""
    return to_us(datetime.fromisoformat(text))
