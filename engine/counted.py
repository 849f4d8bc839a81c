"""What a date was counted from, kept with its row: an old date is explained by it, a new one is found by another."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from engine.canonical import canonical
from engine.statutes import RuledDeadline
from engine.term_schema import Term
from engine.terms import Clockwork, rolls

VERSION_KEPT = 12
"""Hex digits of a calendar's digest that are kept with a date: as many as its explanation shows."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What a date was counted from: *facts* by name, campaign *dates* by name, the *calendar* (empty: it plays no part).

    *said* are the rungs that are not said again for it. *rule* is the definition (its id) and the deadline by whose rule it
    goes on, if its matter has gone over to another version since.
    """

    facts: Mapping[str, Any] = field(default_factory=dict)
    dates: Mapping[str, str] = field(default_factory=dict)
    calendar: str = ""
    said: Sequence[int] = ()
    rule: Sequence[Any] = ()

    def pack(self) -> str:
        """The row's column: nothing that is empty."""
        if not (self.facts or self.dates or self.said or self.rule):
            return _by_calendar(self.calendar)
        found = {name: getattr(self, name) for name in ("facts", "dates", "calendar", "said", "rule")}
        return canonical({name: value for name, value in found.items() if value})


@lru_cache(maxsize=64)
def _by_calendar(calendar: str) -> str:
    """The column of most rows: counted by a calendar or by none, and by nothing else."""
    return canonical({"calendar": calendar} if calendar else {})


def unpack_counted(text: str) -> Counted:
    """What is stored; a row of the first release says nothing."""
    return Counted(**json.loads(text)) if text != "{}" else Counted()


def basis_of(spec: RuledDeadline, facts: Mapping[str, Any], started_by: str | None, work: Clockwork) -> Counted:
    """What a clock of *spec* is counted from now; *started_by* is the fact that named its start, if one did."""
    names = [name for name in (started_by, spec.term.fact) if name is not None and name in facts]
    until = spec.term.until
    dates = {until: work.dates[until].isoformat()} if until is not None and until in work.dates else {}
    calendar = _calendar(spec.term, spec.roll, work)
    return Counted({name: facts[name] for name in names}, dates, calendar)


def _calendar(term: Term, roll: str | None, work: Clockwork) -> str:
    return work.calendar.digest[:VERSION_KEPT] if rolls(term, roll) else ""


def counted_by_calendar(term: Term, roll: str | None, work: Clockwork) -> str:
    """The column of a clock of *term* that is counted from nothing but its start and the calendar, or from no calendar."""
    return _by_calendar(_calendar(term, roll, work))


def with_said(counted: str, said: Sequence[int]) -> str:
    """*counted* with other rungs that are not said again."""
    if not said and '"said"' not in counted:
        return counted
    return replace(unpack_counted(counted), said=list(said)).pack()


def rule_kept(counted: str) -> tuple[int, str] | None:
    """The definition and the deadline by whose rule a carried date goes on; None: by that of its own definition."""
    if '"rule"' not in counted:
        return None
    ident, code = unpack_counted(counted).rule
    return int(ident), str(code)


def with_rule(counted: str, rule: tuple[int, str] | None) -> str:
    """*counted* with another rule by which it goes on."""
    return replace(unpack_counted(counted), rule=() if rule is None else list(rule)).pack()
