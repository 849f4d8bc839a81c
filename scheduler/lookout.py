"""What is watched and what is found missing, in matters and in the returns of bodies."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from engine import breaches, lookout
from engine.clock import rfc3339, to_us
from engine.reading import Reader
from engine.store import Tx
from scheduler.chores import return_periods
from scheduler.return_chores import found_silent
from scheduler.returns import SILENT, Made, ReturnPeriod, Silence, made_in, owing
from workflows.workspace import Workspace


def declared(workspace: Workspace) -> list[dict[str, Any]]:
    """Every monitor of the definitions and of the campaign, as it is written; then the invariants, which are looked for too."""
    ours = [
        {
            "monitor": each.code, "kind": each.silent_in, "label": each.label.model_dump(), "for": {"periods": each.periods},
            "tell": list(each.tell), "basis": each.basis, "mark": each.mark,
        }
        for each in workspace.campaign.doc.monitors
    ]  # fmt: skip
    return [*lookout.declared(workspace.reader), *ours, *breaches.declared(workspace.reader)]


def findings(
    workspace: Workspace,
    ref: str | None = None,
    body: str | None = None,
    as_of: datetime | None = None,
    reader: Reader | None = None,
) -> dict[str, Any]:
    """What is found missing now or *as_of* an earlier instant, the oldest first; nothing is told by looking.

    With a *reader* it is what is found in the matters that he sees. *damaged* are the matters whose rows cannot be read: of
    them only what their clocks say is found.
    """
    reader = reader or workspace.reader
    now = min(as_of or workspace.clock.now(), workspace.clock.now())
    broken, damaged = breaches.breaches(reader, ref, body, as_of)
    items = lookout.findings(reader, ref, body, as_of) + broken
    with workspace.database.snapshot() as tx:
        silent = [_silent(workspace, tx, *each, now) for each in _silences(reader, tx, now, as_of)]
    items += [each for each in silent if (ref is None or ref in each["refs"]) and body in (None, each["body"])]
    items.sort(key=lambda item: (item["since"], item["ref"]))
    return {"as_of": rfc3339(now), "items": items, "damaged": damaged}


def _silences(
    reader: Reader, tx: Tx, now: datetime, as_of: datetime | None
) -> Iterator[tuple[Silence, dict[str, dict[str, Made]]]]:
    """Every silence that stands at *now* with how the bodies stand in each period, period by period."""
    campaign = reader.campaign
    for monitor in campaign.doc.monitors:
        over = [
            each for each in return_periods(campaign) if each.spec.code == monitor.silent_in and each.listed_at <= now
        ]
        if over:
            made = _standing(reader, tx, over, now, as_of)
            by_period = {each.period: {one.body: one for one in found} for each, found in made}
            for silence in found_silent(monitor, made):
                yield silence, by_period


def _standing(
    reader: Reader,
    tx: Tx,
    over: Sequence[ReturnPeriod],
    now: datetime,
    as_of: datetime | None,
) -> list[tuple[ReturnPeriod, list[Made]]]:
    """How every body stood with the periods that were *over*, each as of *now*."""
    spec = over[0].spec
    pairs = reader.matters(tx, as_of, kind=spec.kind)
    made = {each.ref: each for pair in pairs if (each := made_in(pair, spec, to_us(now))) is not None}
    return [
        (each, [made[ref] for body in owing(reader.campaign, spec) if (ref := each.ref(body)) in made]) for each in over
    ]


def _silent(
    workspace: Workspace, tx: Tx, silence: Silence, made: dict[str, dict[str, Made]], now: datetime
) -> dict[str, Any]:
    monitor, body = silence.monitor, silence.body
    refs = [found[body].ref for period, found in made.items() if silence.first.period <= period and body in found]
    last = made[silence.last.period][body]
    told = lookout.told_of_silence(tx, workspace.campaign.id, f"{SILENT}:{monitor.code}", to_us(now))
    told = [each for each in told if silence.first.listed_at <= datetime.fromisoformat(each["at"])]
    return {
        "monitor": monitor.code, "label": monitor.label.model_dump(), "ref": last.ref, "refs": refs,
        "kind": silence.last.spec.kind, "body": body, "title": last.title, "state": "open",
        "since": rfc3339(silence.first.due_at), "for": {"periods": monitor.periods}, "found_at": rfc3339(silence.found_at),
        "status": "found", "tell": list(monitor.tell), "basis": monitor.basis, "mark": monitor.mark, "told": told,
        "times_told": len({each["at"] for each in told}),
    }  # fmt: skip
