"""Whether the periods of a machine fit the days of its campaign: its beginning and end, its phases, the days acts wait for."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta

from engine.campaign_schema import PhaseSpec
from engine.clock_plans import ClockPlans
from engine.definition_schema import ArrowSpec, Label
from engine.expr_tree import Call, Join, Node, Not
from engine.machine import Arrow
from engine.proof_campaign import CampaignProof
from engine.proof_finding import Finding
from engine.proof_words import Words
from engine.statutes import RuledDeadline
from engine.terms import due

DAY = timedelta(days=1)


class DatesProof:
    """The questions about the deadlines of one machine on the calendar of its campaign."""

    def __init__(self, proof: CampaignProof) -> None:
        self.machine, self.doc, self.campaign, self.work, self.own = (
            proof.machine,
            proof.doc,
            proof.campaign,
            proof.work,
            proof.own,
        )
        self.plans = ClockPlans(self.machine)
        self.arrows = [arrow for found in self.machine.arrows.values() for each in found.values() for arrow in each]

    def run(self) -> Iterator[Finding]:
        """Deadlines that end before they can begin or be met, or after the campaign, their phase, or the acts that meet them."""
        earliest, start = self.earliest(), date.fromisoformat(self.campaign.start)
        for code, spec in self.doc.deadlines.items():
            begins = start if spec.from_opening else self._begins(code, earliest)
            phase = self._phase(code)
            begins = begins if begins is None or phase is None else max(begins, date.fromisoformat(phase.start))
            if begins is None or (ruled := self._ruled(code, begins)).term.fact is not None:
                continue
            last = due(ruled.term, self._noon(begins), self.work, roll=ruled.roll, facts={}).last_day
            found = self._unfit(code, begins, last, phase, earliest, fixed=ruled.term.until is not None)
            if found is not None:
                words: Words = {"label": spec.label, "day": last.isoformat(), "start": begins.isoformat(), **found[1]}
                yield Finding(found[0], ("deadlines", code, "term" if spec.term else "statute"), words)

    def _unfit(
        self, code: str, begins: date, last: date, phase: PhaseSpec | None, earliest: Mapping[str, date], *, fixed: bool
    ) -> tuple[str, Words] | None:
        """What is wrong with a period that is counted from *begins* to *last*: the code of the finding and its words."""
        end = date.fromisoformat(self.campaign.end)
        if fixed and last < begins:
            return "ends_before_start", {}
        if self.own and last > end:
            return "ends_after_phase", {"phase": Label(zh="专项行动", en="the campaign"), "end": end.isoformat()}
        if phase is not None and last > date.fromisoformat(phase.end):
            return "ends_after_phase", {"phase": phase.name, "end": phase.end}
        if self.doc.deadlines[code].timer or self.doc.deadlines[code].stop_documents:
            return None
        ends = [arrow for arrow in self.arrows if code in self.plans.of(arrow).end and arrow.src in earliest]
        closed = [day for arrow in ends if (day := self._closed_from(arrow)) is not None]
        if ends and len(closed) == len(ends) and last >= max(closed):
            return "ends_after_closing", {"closing": max(closed).isoformat()}
        opens = min((max(earliest[arrow.src], self._not_before(arrow.spec)) for arrow in ends), default=begins)
        return ("act_after_end", {"opening": opens.isoformat()}) if opens > last else None

    def _phase(self, code: str) -> PhaseSpec | None:
        """The phase in whose stage the clock *code* runs: a stage of a matter that the campaign opens has a phase's code."""
        spec, leaves = self.doc.deadlines[code], self.machine.tree.leaves
        stages = {leaves[leaf].stage for leaf in self.machine.tree.expand(list(spec.during))}
        if not self.own or len(stages) != 1 or spec.from_opening or spec.start_on:
            return None
        return next((phase for phase in self.campaign.phases if phase.code in stages), None)

    def _closed_from(self, arrow: Arrow) -> date | None:
        """The day from which the guard of *arrow* can hold no more; None if there is none."""
        days = []
        for part in _parts(arrow.when.node if arrow.when else None):
            inner = part.part if isinstance(part, Not) else None
            if isinstance(inner, Call) and inner.name == "on_or_after":
                days.append(self.work.dates[str(inner.args[0])])
            if isinstance(inner, Call) and inner.name == "since":
                days.append(date.fromisoformat(str(inner.args[0])))
        return min(days, default=None)

    def _noon(self, day: date) -> datetime:
        return datetime.combine(day, time(12), self.work.zone)

    def _ruled(self, code: str, day: date) -> RuledDeadline:
        return self.machine.definition.rules.of(code, self._noon(day), self.work.zone)

    def _begins(self, code: str, earliest: Mapping[str, date]) -> date | None:
        """The first day on which the clock *code* can begin."""
        spec, tree = self.doc.deadlines[code], self.machine.tree
        days = [earliest[leaf] for leaf in tree.expand(list(spec.during)) if leaf in earliest]
        days += [
            max(earliest[arrow.src], self._not_before(arrow.spec))
            for arrow in self.arrows
            if arrow.spec.trigger in spec.start_on and arrow.src in earliest
        ]
        return min(days, default=None)

    def earliest(self) -> dict[str, date]:
        """The first day on which a matter can be in each state, as far as the campaign's days hold it back."""
        found = {self.machine.initial: date.fromisoformat(self.campaign.start)}
        waiting = [self.machine.initial]
        while waiting:
            leaf = waiting.pop()
            for arrow in (arrow for each in self.machine.arrows[leaf].values() for arrow in each):
                day = max(found[leaf], self._not_before(arrow.spec))
                if arrow.dst not in found or day < found[arrow.dst]:
                    found[arrow.dst] = day
                    waiting.append(arrow.dst)
        return found

    def _not_before(self, arrow: ArrowSpec) -> date:
        """The day before which the guard cannot hold: days that it asks for whatever else."""
        days = [date.fromisoformat(self.campaign.start)]
        expr = next((each.when for each in self.arrows if each.spec is arrow), None)
        for part in _parts(expr.node if expr else None):
            if isinstance(part, Call) and part.name == "on_or_after":
                days.append(self.work.dates[str(part.args[0])])
            if isinstance(part, Call) and part.name == "since":
                days.append(date.fromisoformat(str(part.args[0])))
        return max(days)


def _parts(node: Node | None) -> tuple[Node, ...]:
    """What must all hold for *node* to hold."""
    if isinstance(node, Join) and node.word == "and":
        return node.parts
    return () if node is None else (node,)
