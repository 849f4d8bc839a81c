"""Figures of a campaign: deadlines kept by the act and by the record, late entries, and returns, for each body."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from engine.campaign import Campaign
from engine.clock import rfc3339, to_us
from engine.history import stream_of
from engine.lookout import late_entries
from engine.reading import Reader
from engine.rows import DeadlineRow, MatterRow
from scheduler.returns import made_in
from workflows.workspace import Workspace

Pairs = Sequence[tuple[MatterRow, Sequence[DeadlineRow]]]

ENDED = ("met", "late", "breached")
"""Statuses of a deadline of which it is known whether it was kept."""

RETURNS = ("owed", "on_time", "on_time_by_record", "zero", "late", "missing", "open")
"""The figures of returns. Late ones count as no data and are named in the bulletin; zero ones are on time or late, too."""


def kept(campaign: Campaign, pairs: Pairs, body: str | None = None) -> dict[str, int]:
    """How many deadlines (of *body*) were kept: *by_act*, done in time; *by_record*, entered in time as well; of how many.

    Timers and watches are nobody's and do not count.
    """
    rows = [
        row
        for matter, clocks in pairs
        for row in clocks
        if row.status in ENDED
        and body in (None, row.owner_body)
        and not campaign.machines[row.definition_id].deadline(row.code).timer
    ]
    met = [row for row in rows if row.status == "met"]
    return {"by_act": len(met), "by_record": sum(row.breached_at is None for row in met), "of": len(rows)}


def returns_made(campaign: Campaign, pairs: Pairs, now_us: int) -> dict[str, dict[str, dict[str, int]]]:
    """The figures of each return of the campaign for each body of the roster: return, body, figure."""
    found: dict[str, dict[str, dict[str, int]]] = {}
    for spec in campaign.doc.returns:
        ours = [pair for pair in pairs if pair[0].ref.startswith(f"{spec.kind}/{spec.code}/")]
        counts: dict[str, Counter[str]] = {}
        for pair in ours:
            made = made_in(pair, spec, now_us)
            if made is not None:
                by_record = made.standing == "on_time" and not made.recorded_late
                counts.setdefault(made.body, Counter()).update(
                    {"owed": 1, made.standing: 1, "zero": int(made.zero), "on_time_by_record": int(by_record)}
                )
        found[spec.code] = {body: {name: count[name] for name in RETURNS} for body, count in sorted(counts.items())}
    return found


def summed(figures: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """The sum of figures of returns."""
    total = Counter[str]()
    for each in figures:
        total.update(each)
    return {name: total[name] for name in RETURNS}


def of_body(made: Mapping[str, Mapping[str, Mapping[str, int]]], body: str) -> dict[str, int]:
    """The figures of all returns of one body together."""
    return summed(bodies[body] for bodies in made.values() if body in bodies)


def report(workspace: Workspace, as_of: datetime | None = None, reader: Reader | None = None) -> dict[str, Any]:
    """The figures of the whole campaign and of each body of its roster, now or *as_of* an earlier instant.

    With a *reader* who does not see everything they are those of what he sees, and of his own bodies.
    """
    campaign = workspace.campaign
    now = workspace.reader.clock.now()
    now = min(as_of or now, now)
    with workspace.database.snapshot() as tx:
        pairs = (reader or workspace.reader).matters(tx, as_of)
        there = {stream_of(matter.ref) for matter, _ in pairs}
        late = entered_late(
            entry
            for entry in late_entries(tx, campaign)
            if datetime.fromisoformat(entry["recorded_at"]) <= now and entry["stream"] in there
        )
    made = returns_made(campaign, pairs, to_us(now))
    sight = reader.sight if reader is not None else None
    own = None if sight is None or sight.everything else sight.bodies
    rows = [
        {
            "body": body, "name": campaign.bodies[body].name.model_dump(), "on_time": kept(campaign, pairs, body),
            "late_entries": late[body], "returns": of_body(made, body),
        }
        for body in campaign.doc.roster
        if own is None or body in own
    ]  # fmt: skip
    return {
        "as_of": rfc3339(now), "on_time": kept(campaign, pairs), "late_entries": late.total(),
        "returns": {code: summed(bodies.values()) for code, bodies in made.items()}, "rows": rows,
    }  # fmt: skip


def entered_late(entries: Iterable[Mapping[str, Any]]) -> Counter[str]:
    """How many late entries each body has made."""
    return Counter(str(entry.get("body", "")) for entry in entries)
