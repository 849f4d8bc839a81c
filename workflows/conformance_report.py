"""What a replayed log amounts to: how many cases conform, which deadlines were kept, how long each stage took.

What grows with the log, findings and durations, is laid on the disk.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Any

from engine.clock import to_us
from engine.definition_schema import Label
from workflows.conformance import ASSUMED, Conformance, Finding, Replayed
from workflows.happenings import Case
from workflows.scratch import Scratch

HOUR = timedelta(hours=1)

CLOCK_FINDINGS = frozenset(("deadline_late", "deadline_breached"))
"""Findings about time; a case with no others went a legal way."""


FINDINGS = "findings"
STAGE = "stage "
WHOLE = "whole"
"""Piles of the scratch: a stage has one of its own, whose keys are hours."""


def conform(conformance: Conformance, cases: Iterable[Case], scratch: Scratch) -> dict[str, Any]:
    """Replay *cases* and sum up: ``deadlines[]``, ``stages[]`` (durations in hours) and totals.

    The findings are left in *scratch* (`findings`); ``by_code`` says how many of each code there are.
    """
    machine = conformance.machine
    kept: dict[str, Counter[str]] = {}
    codes: Counter[str] = Counter()
    counts = Counter(cases=0, events=0, legal_cases=0, finished=0)
    for case in cases:
        done = conformance.replay(case)
        scratch.lay(FINDINGS, ((0, _text(finding_json(conformance, found))) for found in done.findings))
        codes.update(found.code for found in done.findings)
        counts.update(cases=1, events=done.events, finished=done.trail.held.row.closed)
        counts["legal_cases"] += all(found.code in CLOCK_FINDINGS for found in done.findings)
        _note_clocks(conformance, done, kept)
        _note_stays(done, scratch)
    illegal = sum(count for code, count in codes.items() if code not in CLOCK_FINDINGS)
    return {
        "ok": not codes,
        "definition": {"kind": machine.kind, "version": machine.doc.version, "digest": machine.definition.digest},
        **counts,
        "fitness": round(1 - illegal / counts["events"], 4) if counts["events"] else 1.0,
        "by_code": dict(sorted(codes.items())),
        "deadlines": [_clock_json(conformance, code, counted) for code, counted in kept.items()],
        "stages": [
            {"stage": stage, "label": _label(state.label), **_durations(scratch, STAGE + stage)}
            for stage, state in machine.doc.states.items()
            if scratch.count(STAGE + stage)
        ],
        "whole": _durations(scratch, WHOLE),
        "assumptions": [_both(reason.zh, reason.en) for reason in ASSUMED],
    }


def findings(scratch: Scratch) -> Iterator[dict[str, Any]]:
    """What `conform` has found, in the order of the cases."""
    return (json.loads(text) for text in scratch.as_laid(FINDINGS))


def _text(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False)


def finding_json(conformance: Conformance, found: Finding) -> dict[str, Any]:
    """A finding for the contract."""
    state = conformance.machine.tree.leaves[found.state]
    return {
        "code": found.code,
        "case": found.case,
        "where": found.where or None,
        "activity": found.activity,
        "state": found.state,
        "state_label": _label(state.label),
        "reasons": [{"kind": reason.kind, "text": _both(reason.zh, reason.en)} for reason in found.reasons],
        "possible": list(found.possible),
    }


def _note_clocks(conformance: Conformance, done: Replayed, kept: dict[str, Counter[str]]) -> None:
    until_us = to_us(done.until)
    for row in done.trail.held.clocks.rows:
        spec = conformance.machine.doc.deadlines.get(row.code)
        if spec is not None and not spec.timer:
            over = row.status == "running" and row.breach_at <= until_us
            kept.setdefault(row.code, Counter())["breached" if over else row.status] += 1


def _note_stays(done: Replayed, scratch: Scratch) -> None:
    """How long the case was in each stage it has left, and as a whole if it is over."""
    for (stage, since), (_, until) in pairwise(done.trail.stays):
        scratch.lay(STAGE + stage, [((until - since) / HOUR, "")])
    if done.trail.held.row.closed:
        scratch.lay(WHOLE, [((done.until - done.trail.stays[0][1]) / HOUR, "")])


def _durations(scratch: Scratch, pile: str) -> dict[str, Any]:
    """Count, median, nine of ten and longest of the hours on *pile*."""
    count = scratch.count(pile)
    if not count:
        return {"count": 0, "median_h": None, "p90_h": None, "max_h": None}
    hours = [
        float(scratch.key_at(pile, min(count - 1, rank))) for rank in (count * 5 // 10, count * 9 // 10, count - 1)
    ]
    return {
        "count": count,
        **dict(zip(("median_h", "p90_h", "max_h"), (round(each, 1) for each in hours), strict=True)),
    }


def _clock_json(conformance: Conformance, code: str, counted: Counter[str]) -> dict[str, Any]:
    spec = conformance.machine.doc.deadlines[code]
    statuses = ("met", "late", "breached", "running", "paused", "cancelled")
    return {"code": code, "label": _label(spec.label), **{status: counted[status] for status in statuses}}


def _label(label: Label) -> dict[str, str]:
    return _both(label.zh, label.en)


def _both(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}
