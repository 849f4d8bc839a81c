"""What a replayed log amounts to: how many cases conform, which deadlines were kept, how long each stage took."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from engine.clock import to_us
from engine.definition_schema import Label
from workflows.conformance import ASSUMED, Conformance, Finding, Replayed
from workflows.foreign_log import Case

HOUR = timedelta(hours=1)

CLOCK_FINDINGS = frozenset(("deadline_late", "deadline_breached"))
"""Findings about time; a case with no others went a legal way."""


def conform(conformance: Conformance, cases: Iterable[Case]) -> dict[str, Any]:
    """Replay *cases* and sum up: ``findings[]``, ``deadlines[]``, ``stages[]`` (durations in hours) and totals."""
    machine = conformance.machine
    findings: list[Finding] = []
    kept: dict[str, Counter[str]] = {}
    stays: dict[str, list[float]] = {}
    whole: list[float] = []
    counts = Counter(cases=0, events=0, legal_cases=0, finished=0)
    for case in cases:
        done = conformance.replay(case)
        findings += done.findings
        counts.update(cases=1, events=done.events, finished=done.trail.held.row.closed)
        counts["legal_cases"] += all(found.code in CLOCK_FINDINGS for found in done.findings)
        _note_clocks(conformance, done, kept)
        _note_stays(done, stays, whole)
    illegal = sum(found.code not in CLOCK_FINDINGS for found in findings)
    return {
        "ok": not findings,
        "definition": {"kind": machine.kind, "version": machine.doc.version, "digest": machine.definition.digest},
        **counts,
        "fitness": round(1 - illegal / counts["events"], 4) if counts["events"] else 1.0,
        "findings": [finding_json(conformance, found) for found in findings],
        "deadlines": [_clock_json(conformance, code, counted) for code, counted in kept.items()],
        "stages": [
            {"stage": stage, "label": _label(machine.doc.states[stage].label), **_durations(hours)}
            for stage, hours in sorted(stays.items(), key=lambda each: list(machine.doc.states).index(each[0]))
        ],
        "whole": _durations(whole),
        "assumptions": [_both(reason.zh, reason.en) for reason in ASSUMED],
    }


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


def _note_stays(done: Replayed, stays: dict[str, list[float]], whole: list[float]) -> None:
    """How long the case was in each stage it has left, and as a whole if it is over."""
    for (stage, since), (_, until) in zip(done.trail.stays, done.trail.stays[1:], strict=False):
        stays.setdefault(stage, []).append((until - since) / HOUR)
    if done.trail.held.row.closed:
        whole.append((done.until - done.trail.stays[0][1]) / HOUR)


def _durations(hours: list[float]) -> dict[str, Any]:
    """Count, median, nine of ten and longest, in hours."""
    ordered = sorted(hours)
    if not ordered:
        return {"count": 0, "median_h": None, "p90_h": None, "max_h": None}
    at = [ordered[min(len(ordered) - 1, len(ordered) * tenths // 10)] for tenths in (5, 9)]
    return {
        "count": len(ordered),
        "median_h": round(at[0], 1),
        "p90_h": round(at[1], 1),
        "max_h": round(ordered[-1], 1),
    }


def _clock_json(conformance: Conformance, code: str, counted: Counter[str]) -> dict[str, Any]:
    spec = conformance.machine.doc.deadlines[code]
    statuses = ("met", "late", "breached", "running", "paused", "cancelled")
    return {"code": code, "label": _label(spec.label), **{status: counted[status] for status in statuses}}


def _label(label: Label) -> dict[str, str]:
    return _both(label.zh, label.en)


def _both(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}
