"""What a bulletin (简报) can be filled in with: the tally of the returns of its period, and the number of the next issue."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.errors import NotFound
from engine.lists import Page, Wanted
from engine.reading import Reader
from engine.tallies import tally

KIND = "bulletin"

RECEIVED, MISSING, ISSUE, PERIOD, SERIES = "returns_received", "returns_missing", "issue_no", "period", "series"
"""The facts of a bulletin that are no sum of a return's."""

ISSUES_READ = 100
"""Bulletins, the last ones that were touched, among which the highest number is looked for. PLACEHOLDER"""


@dataclass(frozen=True, slots=True)
class Suggested:
    """A value for a fact that an act asks for, and where it is from in both languages."""

    value: int | str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What is suggested, by fact; *tally* is the return and period whose sums these are, as the page of tallies takes it."""

    facts: dict[str, Suggested] = field(default_factory=dict)
    tally: str = ""
    label: Mapping[str, str] = field(default_factory=dict)


def suggestions(reader: Reader, shown: Mapping[str, Any]) -> Suggestions:
    """What a bulletin, *shown* as a reader shows it, can be filled in with; nothing for a matter of another kind.

    Its period is the one that it states, else the one in its reference, as the campaign's chore names it. Of late returns
    it is for the office to say whether they count (视同没有执法数据), so their share is told beside each sum.
    """
    if shown["kind"] != KIND:
        return Suggestions()
    found = _tallied(reader, str(shown["facts"].get(PERIOD) or shown["ref"].rpartition("/")[2]))
    number = Suggested(_next_issue(reader, shown["facts"].get(SERIES)), "接上一期编号", "follows the last issue")
    return Suggestions({**found.facts, ISSUE: number}, found.tally, found.label)


def _tallied(reader: Reader, period: str) -> Suggestions:
    for spec in reader.campaign.doc.returns:
        try:
            found = tally(reader, spec, period)
        except NotFound:
            continue
        made, late = (sum(len(found["lists"][name]) for name in names) for names in (("on_time", "late"), ("late",)))
        facts = {
            PERIOD: Suggested(period, "本期", "of this issue"),
            RECEIVED: _told(made, made - late),
            MISSING: Suggested(found["owed"] - made, f"应报{found['owed']}家", f"owed by {found['owed']}"),
            **{each["code"]: _told(each["sum"], each["on_time"]) for each in found["figures"] if each["type"] == "int"},
        }
        label = {"zh": f"{spec.label.zh} {period}", "en": f"{spec.label.en} {period}"}
        return Suggestions(facts, f"{spec.code}/{period}", label)
    return Suggestions()


def _told(whole: int, in_time: int) -> Suggested:
    """A sum, with what of it came in time where that is less."""
    if whole == in_time:
        return Suggested(whole, "据报表汇总", "as tallied")
    return Suggested(whole, f"据报表汇总，其中按时报送{in_time}", f"as tallied, {in_time} of it in time")


def _next_issue(reader: Reader, series: str | None) -> int:
    """The number after the highest of its series; bulletins that say no series are numbered with all."""
    said = reader.matching(Wanted(kind=KIND), page=Page("updated", ISSUES_READ))["items"]
    facts = [each["facts"] for each in said]
    numbers = [
        each[ISSUE] for each in facts
        if type(each.get(ISSUE)) is int and (series is None or each.get(SERIES) in (None, series))
    ]  # fmt: skip
    return max(numbers, default=0) + 1
