"""A foreign log held against a definition: each case replayed with the machine, the guards and the clocks that orders use.

A log says less than an order does. What it does not speak of (documents, facts, reasons) is not held against it. If more
than one state is possible, all are followed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.campaign import Campaign
from engine.clock import to_us
from engine.errors import Reason
from engine.machine import Arrow, Compiled
from engine.situation import Situation
from workflows.happenings import Case, Happening
from workflows.trails import Trail, Trails

NO_MOVE = frozenset(("deadline", "comment", "recounted", "migration", "erased"))
"""Kinds of entries in a log of ours that follow from time or from elsewhere, and are no move of the case."""

UNANSWERABLE = frozenset(("reason", "fact_not_asked", "handover"))
"""Reasons of a guard that no event log can answer."""

CODES: Mapping[str, str] = {
    "role": "wrong_body",
    "distinct": "same_person",
    "when": "guard",
    "document": "missing_document",
    "fact": "missing_fact",
    "origin": "illegal_move",
}
"""What a finding is called for the reason of a guard; of several the first counts."""

ASSUMED = (
    Reason("documents", "日志未列材料的，不查材料", "documents are not asked for where the log lists none"),
    Reason("facts", "日志未列事实的，有关条件视为可能成立", "what the log does not state is taken as open"),
    Reason("roles", "只查办理单位，不查岗位；日志未列单位的不查", "of an actor the body is checked, if the log names it; not the post"),
    Reason("children", "下级事项视为均已办结", "child matters are taken as closed"),
)  # fmt: skip
"""What a replay takes for granted; it is printed with the result."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One deviation: *code* for programs, *reasons* in both languages, *possible* what the definition would have allowed."""

    code: str
    case: str
    where: str
    activity: str
    state: str
    reasons: tuple[Reason, ...]
    possible: tuple[str, ...] = ()


@dataclass(slots=True)
class Replayed:
    """What came of a case: the first way through it, what deviated, how many events there were, and until when it went."""

    case: Case
    trail: Trail
    findings: list[Finding]
    events: int
    until: datetime


class Conformance:
    """Replay cases against the machine of one kind."""

    def __init__(self, campaign: Campaign, machine: Compiled) -> None:
        self.campaign, self.machine = campaign, machine
        self.trails = Trails(campaign, machine)
        self._names = _names(machine)

    def replay(self, case: Case) -> Replayed:
        """Replay one case; a time that goes backwards is a finding, and the order of the file counts."""
        events = [event for event in case.events if event.entry not in NO_MOVE]
        opening = events[0] if events and self._opens(events[0]) else None
        last = events[0].at if events else self.campaign.launched_at
        body = (events[0].owner or "") if events else ""
        trails = [self.trails.begin(case, opening, body if body in self.campaign.bodies else "", last)]
        findings: list[Finding] = []
        for event in events[opening is not None :]:
            if event.at < last:
                findings.append(_backwards(case, event, trails[0].state, last))
            last = max(last, event.at)
            trails = self._step(case, trails, event, findings)
        findings += self._not_kept(case, trails[0], last)
        return Replayed(case, trails[0], findings, len(events), last)

    def trigger(self, activity: str) -> str | None:
        """The trigger that an activity names, by its code or its label in either language."""
        return self._names.get(activity.strip().lower())

    def _opens(self, event: Happening) -> bool:
        opening = self.machine.doc.open
        words = (opening.trigger, opening.label.zh.lower(), opening.label.en.lower())
        return event.entry == "opened" or event.activity.strip().lower() in words

    def _step(self, case: Case, trails: list[Trail], event: Happening, findings: list[Finding]) -> list[Trail]:
        if event.entry in ("document", "corrected"):
            return [self.trails.supplemented(trail, event) for trail in trails]
        trigger = self.trigger(event.activity)
        if trigger is None:
            findings.append(_unknown(case, event, trails[0].state, self.machine))
            return trails
        fitting, against = self._fitting(trails, trigger, event)
        if not fitting:
            findings.append(self._refused(case, trails[0], trigger, event, against))
            return self._resumed(trails, trigger, event)
        moved = [self.trails.moved(trail, arrow, event) for trail, arrow in fitting.values()]
        findings += [broken for broken in self._broken(case, moved[0], event) if len(moved) == 1]
        return moved

    def _fitting(
        self, trails: Sequence[Trail], trigger: str, event: Happening
    ) -> tuple[dict[str, tuple[Trail, Arrow]], list[Reason]]:
        """For each state that the event may lead to, the first way there; and what was against the others."""
        fitting: dict[str, tuple[Trail, Arrow]] = {}
        against: list[Reason] = []
        for trail in trails:
            for arrow in self.machine.arrows[trail.state].get(trigger, ()):
                if event.to in self.machine.tree.leaves and arrow.dst != event.to:
                    continue
                reasons = self._reasons(arrow, self.trails.situation(trail, event, arrow), event)
                if not reasons:
                    fitting.setdefault(arrow.dst, (trail, arrow))
                against += [reason for reason in reasons if reason not in against]
        return fitting, against

    def _reasons(self, arrow: Arrow, situation: Situation, event: Happening) -> list[Reason]:
        """What speaks against the arrow, as far as the log speaks of it."""
        silent = set(UNANSWERABLE)
        if event.resource != "system" and not (event.group in self.campaign.bodies and situation.body):
            silent.add("role")
        if not event.resource:
            silent.add("distinct")
        if event.documents is None:
            silent.add("document")
        if event.facts is None:
            silent.add("fact")
        return [reason for reason in self.machine.against(arrow, situation) if reason.kind not in silent]

    def _broken(self, case: Case, trail: Trail, event: Happening) -> list[Finding]:
        """The invariants that the case breaks after *event* and did not break before."""
        after = self.trails.situation(trail, event)
        broken = tuple(reason for reason in self.machine.violated(after) if reason not in trail.broken)
        trail.broken.extend(broken)
        return [Finding("invariant", case.name, event.where, event.activity, trail.state, broken)] if broken else []

    def _resumed(self, trails: list[Trail], trigger: str, event: Happening) -> list[Trail]:
        """After a deviation: where the event leads from anywhere else, or where the case was."""
        targets = {
            arrow.dst: arrow
            for triggers in self.machine.arrows.values()
            for arrow in triggers.get(trigger, ())
            if not arrow.back and arrow.spec.to != "=" and event.to in (None, arrow.dst)
        }
        return [self.trails.moved(trails[0], arrow, event) for arrow in targets.values()] or trails

    def _refused(self, case: Case, trail: Trail, trigger: str, event: Happening, against: list[Reason]) -> Finding:
        possible = tuple(sorted(self.machine.arrows[trail.state]))
        if trigger not in self.machine.arrows[trail.state] or not against:
            label, state = self.machine.triggers[trigger], self.machine.tree.leaves[trail.state].label
            against = [
                Reason("state", f"“{state.zh}”状态下不能“{label.zh}”", f"“{label.en}” is not possible in “{state.en}”")
            ]
        kinds = {reason.kind for reason in against}
        code = next((CODES[kind] for kind in CODES if kind in kinds), "illegal_move")
        return Finding(code, case.name, event.where, event.activity, trail.state, tuple(against), possible)

    def _not_kept(self, case: Case, trail: Trail, until: datetime) -> list[Finding]:
        """The deadlines that were not kept."""
        found = []
        for row in trail.held.clocks.rows:
            over = row.status in ("late", "breached") or (row.status == "running" and row.breach_at <= to_us(until))
            spec = self.machine.doc.deadlines.get(row.code)
            if not over or spec is None or spec.timer:
                continue
            late = row.status == "late"
            zh, en = ("逾期办理", "done late") if late else ("逾期未办", "not done")
            reason = Reason(
                "deadline",
                f"“{spec.label.zh}”{row.last_day}止，{zh}",
                f"“{spec.label.en}” ended on {row.last_day}: {en}",
            )
            code = "deadline_late" if late else "deadline_breached"
            found.append(Finding(code, case.name, "", row.code, trail.state, (reason,)))
        return found


def _names(machine: Compiled) -> dict[str, str]:
    """Every way to write a trigger; a label that two triggers share names neither."""
    by_word: dict[str, set[str]] = {}
    for trigger, label in machine.triggers.items():
        for word in (label.zh.lower(), label.en.lower()):
            by_word.setdefault(word, set()).add(trigger)
    found = {word: next(iter(triggers)) for word, triggers in by_word.items() if len(triggers) == 1}
    return {**found, **{trigger.lower(): trigger for trigger in machine.triggers}}


def _backwards(case: Case, event: Happening, state: str, last: datetime) -> Finding:
    at = last.isoformat()
    reason = Reason("time", f"时间倒退：此前已到{at}", f"time goes backwards: it was {at} before")
    return Finding("time_order", case.name, event.where, event.activity, state, (reason,))


def _unknown(case: Case, event: Happening, state: str, machine: Compiled) -> Finding:
    reason = Reason("activity", f"流程“{machine.doc.label.zh}”没有此动作", f"{machine.kind} has no such activity")
    possible = tuple(sorted(machine.arrows[state]))
    return Finding("unknown_activity", case.name, event.where, event.activity, state, (reason,), possible)
