"""The clocks of a matter that goes over to another version: what goes on, what stops, what begins. None starts again."""

from dataclasses import dataclass, field
from typing import Any

from engine.campaign import Campaign
from engine.clock import to_us
from engine.clock_plans import ClockPlans
from engine.counted import rule_kept, with_rule
from engine.deadlines import Clocks
from engine.errors import DubanError, Reason
from engine.held import Held
from engine.machine import Compiled
from engine.recount import count_by, waits
from engine.rows import DeadlineRow
from engine.ruling import KEPT, ruled
from engine.situation import Situation
from engine.translating import Translation
from engine.watches import STANDING, WATCHED, stop_watching


@dataclass(slots=True)
class Carriage:
    """The clocks in the new version, with the rows that took another *code* (for storing), and what stands against it.

    *fresh* are the deadlines of the new version that begin with it.
    """

    clocks: Clocks
    problems: list[Reason] = field(default_factory=list)
    renamed: list[DeadlineRow] = field(default_factory=list)
    fresh: list[str] = field(default_factory=list)

    def start(self, after: Situation, seq: int) -> list[Reason]:
        """Begin what is new, from now; its conditions are asked in the situation *after*. Returns what cannot begin."""
        found: list[Reason] = []
        for code in self.fresh:
            try:
                self.clocks.start(code, after, self.clocks.now, seq)
            except DubanError as error:
                found.append(
                    Reason("start", f"期限“{code}”不能开始：{error.message}", f"{code} cannot begin: {error.message}")
                )
        return found


def carry_clocks(held: Held, way: Translation, new: Compiled, target: str, campaign: Campaign) -> Carriage:
    """Take the clocks of *held* over to *new*, in which the matter will be in the state *target*."""
    before, seq = held.clocks, held.row.seq + 1
    after = Clocks(new, before.rows, before.work, before.ladders, before.now, campaign.machines)
    done = Carriage(after)
    for row in before.rows:
        if row.status in WATCHED:
            _watch(done, before, row, new, seq)
        elif row.definition_id == held.machine.id:
            _row(held, done, row, way, new, target)
    after.effects = before.effects + after.effects
    done.fresh = _fresh(held, way, new, target, campaign.plans[new.id])
    done.problems += _again(before, done.fresh, new)
    return done


def _watch(done: Carriage, before: Clocks, row: DeadlineRow, new: Compiled, seq: int) -> None:
    """A watch goes on if its monitor is still there; the conditions of all are asked again afterwards."""
    if row.stopped_at is not None or row.status not in STANDING:
        return
    if row.code not in new.monitors:
        stop_watching(before, row, before.now, seq)
    else:
        row.definition_id = new.id
        done.renamed.append(row)


def _row(held: Held, done: Carriage, row: DeadlineRow, way: Translation, new: Compiled, target: str) -> None:
    running, place = row.stopped_at is None, way.deadlines.get(row.code)
    if place is None:
        if running and row.code not in way.deadlines:
            done.problems.append(
                Reason(
                    "deadline", f"期限“{row.code}”在新版本中没有位置", f"the deadline {row.code} runs and has no place"
                )
            )
        elif running:
            done.problems += _left_behind(held, row, way, new)
            held.clocks.drop(row.code, held.clocks.now, held.row.seq + 1)
        return
    if not running and place == row.code:
        return
    _carry(held, done, row, place, way, new, running)
    if running:
        done.problems += _against(held, row, new, target)


def _left_behind(held: Held, row: DeadlineRow, way: Translation, new: Compiled) -> list[Reason]:
    """Why a running clock may not be left behind: it would hide that somebody is late, or begin again under its own code."""
    timer, found = held.machine.deadline(row.code).timer, []
    if not (way.back or timer or row.status == "paused") and row.breach_at <= to_us(held.clocks.now):
        found.append(
            Reason(
                "breached",
                f"期限“{row.code}”已逾期，不得舍去",
                f"the deadline {row.code} is breached and may not be left behind",
            )
        )
    if row.code in new.doc.deadlines and row.code not in way.deadlines.values():
        found.append(
            Reason(
                "afresh",
                f"期限“{row.code}”正在计算，不得以同名重新开始",
                f"the deadline {row.code} runs and may not begin afresh under its own code",
            )
        )
    return found


def _carry(
    held: Held, done: Carriage, row: DeadlineRow, place: str, way: Translation, new: Compiled, running: bool
) -> None:
    """Give *row* its code in the new version; it counts on by the rule it began with, unless that is the same."""
    was, after = row.code, done.clocks
    kept = rule_kept(row.counted) or (held.machine.id, was)
    rule = ruled(after.machines, held.machine, row, after.work.zone)
    row.code, row.definition_id = place, new.id
    counts_again = running and place in way.recount and waits(row, to_us(after.now))
    same = kept == (new.id, place) or _same_rule(new, row, rule, after)
    row.counted = with_rule(row.counted, None if same or counts_again else kept)
    row.dirty = True
    done.renamed.append(row)
    said = {"was": was} if was != place else {}
    after.say("carried" if running else "renamed", row, before=row.last_day, **said)
    if counts_again:
        count_by(after, row, held.facts)


def _same_rule(new: Compiled, row: DeadlineRow, rule: Any, after: Clocks) -> bool:
    """Say whether the rule of the new version counts as *rule* does."""
    bare = with_rule(row.counted, None)
    was, row.counted = row.counted, bare
    try:
        own = ruled(after.machines, new, row, after.work.zone)
    finally:
        row.counted = was
    return all(getattr(own, name) == getattr(rule, name) for name in KEPT)


def _against(held: Held, row: DeadlineRow, new: Compiled, target: str) -> list[Reason]:
    """Why a running clock could not go on there: nothing could end it, its pause has no place, or nobody would own it."""
    spec, found = new.doc.deadlines[row.code], []
    during, pauses = set(new.tree.expand(spec.during)), set(new.tree.expand(spec.pause_in))
    if during and target not in during | pauses:
        found.append(
            Reason(
                "scope",
                f"期限“{row.code}”在状态“{target}”中不计",
                f"the deadline {row.code} does not run in the state {target}",
            )
        )
    if (row.status == "paused") != (target in pauses) and row.status in ("paused", "running"):
        zh, en = ("已中止", "paused") if row.status == "paused" else ("在走", "running")
        found.append(
            Reason(
                "pause",
                f"期限“{row.code}”{zh}，与状态“{target}”不符",
                f"the deadline {row.code} is {en}, which does not fit the state {target}",
            )
        )
    rule = ruled(held.clocks.machines, new, row, held.clocks.work.zone)
    roles = rule.extension.role if rule.extension else []
    found += [
        Reason(
            "role",
            f"角色“{role}”已不存在，期限“{row.code}”仍需要",
            f"the role {role} is gone; the deadline {row.code} needs it",
        )
        for role in roles
        if role not in new.seats
    ]
    return found


def _fresh(held: Held, way: Translation, new: Compiled, target: str, plans: ClockPlans) -> list[str]:
    """The deadlines that begin with the new version: those it counts here, and the old one did not count there.

    One that would begin with the opening begins now, unless what ends it has been done.
    """
    came_from = {place: code for code, place in way.deadlines.items() if place is not None}
    found, old = [], held.machine
    for code, spec in new.doc.deadlines.items():
        origin = came_from.get(code)
        if origin is not None and origin in old.doc.deadlines:
            was = old.doc.deadlines[origin]
            if not spec.during or held.row.state in old.tree.expand([*was.during, *was.pause_in]) or was.from_opening:
                continue
        done = any(held.marks.counts.get(trigger) for trigger in spec.stop_on) or any(
            kind in held.documents for kind in spec.stop_documents
        )
        if (plans.counts_in(code, target) or spec.from_opening) and not done and _none_open(held, code):
            found.append(code)
    return found


def _again(before: Clocks, fresh: list[str], new: Compiled) -> list[Reason]:
    """What may not begin: it was breached in this very version, from which the matter went back and to which it comes again."""
    over = {row.code for row in before.rows if row.definition_id == new.id and row.status == "breached"}
    return [
        Reason(
            "afresh",
            f"期限“{code}”在该版本中曾经逾期，不得重新开始",
            f"the deadline {code} was breached in that version before and may not begin afresh",
        )
        for code in fresh
        if code in over
    ]


def _none_open(held: Held, code: str) -> bool:
    return all(row.stopped_at is not None or row.code != code for row in held.clocks.rows)
