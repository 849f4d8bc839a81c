"""A date explained from the record, so that an outsider comes to the same one: event, law, counting, every change."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from engine import explanations as say
from engine.campaign import Campaign
from engine.clock import from_us
from engine.machine import Compiled
from engine.rows import DeadlineRow
from engine.ruling import law_machine
from engine.shapes import at, counted_json, rule_of
from engine.statutes import RuledDeadline
from engine.term_schema import Term
from engine.terms import TICK, derivation, due, end_of_day, local_day, rolls, unit_of

DAY = timedelta(days=1)

PASSED = ("skipped", "make_up", "roll", "provisional")
"""Steps of a count that say which days were passed over."""

STARTS = ("started", "rebased")
"""Effects that say from when a clock counts."""


@dataclass(frozen=True, slots=True)
class Change:
    """What one entry did to one clock: its *effect*, the entry it stands in, and the last day *before* it."""

    effect: Mapping[str, Any]
    entry: Mapping[str, Any]
    before: str | None

    @property
    def op(self) -> str:
        return str(self.effect["op"])

    def as_json(self) -> dict[str, Any]:
        return {
            "op": self.op,
            "entry": self.entry["seq"],
            "trigger": self.entry["trigger"] or None,
            "actor": self.entry["actor"],
            "occurred_at": self.entry["occurred_at"],
            "recorded_at": self.entry["recorded_at"],
            "before": self.before,
            "last_day": self.effect["last_day"],
        }


def changes_of(entries: Iterable[Mapping[str, Any]], ident: str) -> list[Change]:
    """Gather from *entries*, oldest first, what they did to the clock *ident*."""
    found: list[Change] = []
    for entry in entries:
        for effect in entry.get("clocks", ()):
            if effect["id"] == ident:
                found.append(Change(effect, entry, found[-1].effect["last_day"] if found else None))
    return found


def explained(
    campaign: Campaign, machine: Compiled, row: DeadlineRow, facts: Mapping[str, Any], changes: Sequence[Change]
) -> dict[str, Any]:
    """Everything that the date of *row* rests on, beside what every listing says of it."""
    teller = _Teller(
        campaign, machine, row, rule_of(campaign, machine, row), facts, law_machine(campaign.machines, machine, row)
    )
    began = [each for each in changes if each.op in STARTS]
    moved = [each for each in changes if each.op not in ("started", "stopped", "breached")]
    steps = [teller.began(each) for each in began] + teller.law()
    steps += counted_json(campaign, machine, row, facts)
    for each in moved:
        steps += teller.moved(each, changes)
    if moved:
        steps.append(say.now(date.fromisoformat(row.last_day)))
    return {
        "law": teller.law_json(),
        "start": teller.start_json(began[-1]) if began else None,
        "calendar": teller.calendar_json(),
        "changes": [each.as_json() for each in changes],
        "derivation": steps,
    }


@dataclass(frozen=True, slots=True)
class Count:
    """A count of its own that a change of the date was: *term* from *began*."""

    term: Term
    began: datetime
    roll: str | None


@dataclass(frozen=True, slots=True)
class _Teller:
    """Says where the date of one clock comes from."""

    campaign: Campaign
    machine: Compiled
    row: DeadlineRow
    rule: RuledDeadline
    facts: Mapping[str, Any]
    law_from: Compiled

    def began(self, change: Change) -> say.Step:
        """Say which event started the clock: when it happened, when it was recorded, from when it counts."""
        counted = datetime.fromisoformat(change.effect["started_at"])
        occurred = datetime.fromisoformat(change.entry["occurred_at"])
        stated = self.rule.start_fact if counted != occurred else None
        label = self.machine.labels.get(f"fact:{stated}")
        times = (self._local(occurred), self._local(change.entry["recorded_at"]), self._local(counted))
        return say.event(self._event(), self._act(change), change.entry["seq"], times, label)

    def _event(self) -> say.Words:
        starts = self.law_from.doc.statutes[self.rule.statute].starts if self.rule.statute else None
        return (starts.zh, starts.en) if starts else ("", "")

    def _act(self, change: Change) -> say.Words:
        label = self.machine.labels.get(f"trigger:{change.entry['trigger']}")
        return (label.zh, label.en) if label else (change.entry["kind"], change.entry["kind"])

    def law(self) -> list[say.Step]:
        """Say which version of the statute counts, and what is to be known of it."""
        version = self.rule.version
        if version is None or self.rule.statute is None:
            return []
        spec = self.law_from.doc.statutes[self.rule.statute]
        day = local_day(from_us(self.row.started_at), self.campaign.zone)
        label, note = (spec.label.zh, spec.label.en), version.note
        found = [say.law(self.rule.statute, label, version.valid_from, version.valid_to, day)]
        return [*found, say.note((note.zh, note.en))] if note else found

    def law_json(self) -> dict[str, Any] | None:
        version = self.rule.version
        if version is None or self.rule.statute is None:
            return None
        spec = self.law_from.doc.statutes[self.rule.statute].model_dump(exclude={"versions"})
        said = {"code": self.rule.statute, **spec, "valid_from": version.valid_from, "valid_to": version.valid_to}
        return {**said, "note": version.note.model_dump() if version.note else None}

    def start_json(self, change: Change) -> dict[str, Any]:
        known = {key: value for key, value in change.as_json().items() if key in ("entry", "trigger", "actor")}
        times = {key: change.entry[key] for key in ("occurred_at", "recorded_at")}
        return {**known, **times, "counted_from": at(self.row.started_at), "fact": self.rule.start_fact}

    def calendar_json(self) -> dict[str, Any]:
        calendar = self.campaign.work.calendar
        began = local_day(from_us(self.row.started_at), self.campaign.zone)
        last = date.fromisoformat(self.row.last_day)
        return {"version": calendar.digest, "sources": list(calendar.sources(min(began, last), last))}

    def moved(self, change: Change, changes: Sequence[Change]) -> list[say.Step]:
        """Say what a change did to the last day, who made it, when it was recorded, and which days it passed over."""
        more: say.Words = ("", "")
        again: Count | None = None
        before, after = change.before or change.effect["last_day"], change.effect["last_day"]
        if change.op == "resumed":
            more, again = self._resumed(change, changes, date.fromisoformat(before))
        elif change.op == "extended":
            more, again = self._put_off(), self._counted_further(date.fromisoformat(before))
        when = change.effect.get("started_at") or change.effect.get("at") or change.entry["occurred_at"]
        entry = (change.entry["seq"], change.entry["actor"], self._local(change.entry["recorded_at"]))
        said = say.change(change.op, self._local(when), more, entry, (before, after))
        return [said, *self._passed_over(again, date.fromisoformat(after))] if again else [said]

    def _resumed(self, change: Change, changes: Sequence[Change], before: date) -> tuple[say.Words, Count | None]:
        """Say how much a pause took, in the unit of the term, and how the last day was counted further for it."""
        earlier = [each for each in changes[: changes.index(change)] if each.op == "paused"]
        if not earlier:
            return ("", ""), None
        paused, resumed = (datetime.fromisoformat(each.effect["at"]) for each in (earlier[-1], change))
        if self.rule.term.hours is not None:
            return say.lost_hours(resumed - paused), None
        first, last = (local_day(each, self.campaign.zone) for each in (paused, resumed))
        days = [first + n * DAY for n in range((last - first).days)]
        unit = "workdays" if self.rule.term.workdays is not None else "days"
        lost = len(days) if unit == "days" else sum(map(self.campaign.work.calendar.is_workday, days))
        roll = self.rule.roll if rolls(self.rule.term, self.rule.roll) else "none"
        count = Count(Term.model_validate({unit: lost}), self._end_of(before), roll) if lost else None
        return say.lost(lost, unit), count

    def _counted_further(self, before: date) -> Count | None:
        extension = self.rule.extension
        if extension is not None and extension.by is not None:
            return Count(extension.by, self._end_of(before), self.rule.roll)
        if extension is not None and extension.to is not None:
            return Count(extension.to, from_us(self.row.started_at), self.rule.roll)
        return None

    def _passed_over(self, count: Count, after: date) -> list[say.Step]:
        """Name the rest days that the change passed over; nothing if it was put off to another day than its rule says."""
        work, facts = self.campaign.work, self.facts
        if due(count.term, count.began, work, roll=count.roll, facts=facts).last_day != after:
            return []
        steps = derivation(count.term, count.began, work, roll=count.roll, facts=facts)
        return [step for step in steps if step["step"] in PASSED]

    def _end_of(self, day: date) -> datetime:
        return end_of_day(day, self.campaign.zone) - TICK

    def _put_off(self) -> say.Words:
        extension = self.rule.extension
        if extension is None:
            return ("", "")
        term = extension.by or extension.to
        how = "by" if extension.by else "to" if extension.to else "free"
        unit = unit_of(term) if term else ""
        return say.put_off_by(how, unit, getattr(term, unit, ""), extension.basis or self.rule.basis)

    def _local(self, when: datetime | str) -> str:
        instant = datetime.fromisoformat(when) if isinstance(when, str) else when
        local = instant.astimezone(self.campaign.zone)
        return local.strftime("%Y-%m-%d %H:%M:%S" if local.second else "%Y-%m-%d %H:%M")
