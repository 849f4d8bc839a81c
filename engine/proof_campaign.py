"""What a machine must find in its campaign: people for each act, receivers, and dates that can be met."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from itertools import product

from engine.campaign import parts_of
from engine.campaign_schema import BodySpec, CampaignDoc
from engine.definition_schema import ArrowSpec, DefinitionDoc, Label, RoleSpec
from engine.expr_tree import Call, Join
from engine.machine import Compiled
from engine.names import SYSTEM
from engine.proof_machine import Finding
from engine.proof_words import Words
from engine.statutes import RuledDeadline
from engine.surroundings import only_system
from engine.terms import Clockwork, due

Logins = frozenset[str]


class CampaignProof:
    """The questions about one machine in its campaign; *work* counts its terms."""

    def __init__(
        self, machine: Compiled, campaign: CampaignDoc, others: Mapping[str, DefinitionDoc], work: Clockwork
    ) -> None:
        self.machine, self.doc, self.campaign, self.work = machine, machine.doc, campaign, work
        self.others = others
        self.bodies = {body.code: body for body in campaign.bodies}
        self.parts = parts_of(campaign)
        self.own = sorted(self._own())

    def run(self) -> Iterator[Finding]:
        """Every finding."""
        yield from self._posts()
        yield from self._separation()
        yield from self._documents()
        yield from self._signals()
        yield from self._dates()

    def _own(self) -> set[str]:
        """The bodies for which the campaign itself opens matters of this kind; all if it opens none."""
        found = set()
        for opening in self.campaign.opens:
            if opening.kind == self.doc.kind:
                bodies = self.campaign.roster if opening.each == "roster" else [
                    body for duty in self.campaign.duties for body in duty.responsible]  # fmt: skip
                found.update(bodies)
        return found

    # --- people -----------------------------------------------------------------------------------------------

    def _posts(self) -> Iterator[Finding]:
        """Roles at the matter's own body, held there by nobody though the campaign opens matters for it."""
        used = {role for arrow in self.doc.transitions for role in arrow.role}
        for code, role in self.doc.roles.items():
            if role.of != "matter" or code not in used:
                continue
            bare = [self.bodies[body] for body in self.own if not set(role.posts) & set(self.bodies[body].posts)]
            if bare:
                words: Words = {"body": _names(bare), "role": role.label, "posts": ", ".join(role.posts)}
                yield Finding("role_unheld_here", ("roles", code, "posts"), words)

    def holders(self, role: str, body: str) -> Logins:
        """The logins that hold *role* for a matter of *body*."""
        spec = self.doc.roles.get(role)
        if spec is None:
            return frozenset()
        at = self._at(spec, body)
        logins = {f"{code}.{post}" for code in at for post in self.bodies[code].posts if post in spec.posts}
        for login, seats in self.campaign.logins.items():
            if any(seat.body in at and seat.post in spec.posts for seat in seats):
                logins.add(login)
        return frozenset(logins)

    def _at(self, role: RoleSpec, body: str) -> list[str]:
        source = role.of.split("|")[-1]
        if source == "matter":
            return [body]
        kind, _, part = source.partition(":")
        if kind == "part":
            return [self.parts[part]] if part in self.parts else []
        return sorted(self.bodies)

    def unstaffed(self) -> frozenset[int]:
        """The arrows that may be closed to everybody, because whoever could fire them has done what excludes them."""
        return frozenset(
            index
            for index, arrow in enumerate(self.doc.transitions)
            if arrow.distinct_from and any(self._may_exclude(arrow, body) for body in self._somewhere(arrow))
        )

    def _somewhere(self, arrow: ArrowSpec) -> list[str]:
        """The bodies whose matters are looked at: those the campaign opens them for, or any that can do the act."""
        return self.own or [code for code, body in self.bodies.items() if body.posts and self._able(arrow, code)]

    def _able(self, arrow: ArrowSpec, body: str) -> Logins:
        return frozenset().union(*(self.holders(role, body) for role in arrow.role)) if arrow.role else frozenset()

    def _makers(self, arrow: ArrowSpec, body: str) -> list[Logins]:
        """For each act that excludes, who may have done it."""
        found = []
        for trigger in arrow.distinct_from:
            roles = {role for other in self.doc.transitions if other.trigger == trigger for role in other.role}
            roles |= set(self.doc.open.role) if trigger == self.doc.open.trigger else set()
            found.append(frozenset().union(*(self.holders(role, body) for role in roles)) if roles else frozenset())
        return found

    def _may_exclude(self, arrow: ArrowSpec, body: str) -> bool:
        able = self._able(arrow, body)
        makers = [sorted(each & able) or [""] for each in self._makers(arrow, body)]
        return bool(able) and any(able <= set(chosen) for chosen in product(*makers))

    def _separation(self) -> Iterator[Finding]:
        """Acts that are closed to everybody whoever did what came before."""
        for index, arrow in enumerate(self.doc.transitions):
            for body in self._somewhere(arrow) if arrow.distinct_from else ():
                able, makers = self._able(arrow, body), [each for each in self._makers(arrow, body) if each]
                if able and makers and all(able <= set(chosen) for chosen in product(*makers)):
                    others = [other for other in self.doc.transitions if other.trigger in arrow.distinct_from]
                    words: Words = {
                        "trigger": arrow.label,
                        "other": _joined([other.label for other in others]),
                        "people": ", ".join(sorted(able)),
                    }
                    yield Finding("separation_unstaffed", ("transitions", index, "distinct_from"), words)
                    break

    def _documents(self) -> Iterator[Finding]:
        """Documents that only the system would have to bring."""
        brought = {
            code
            for arrow in self.doc.transitions
            if not only_system(arrow.role)
            for code in (*arrow.needs, *arrow.needs_new)
        }
        for index, arrow in enumerate(self.doc.transitions):
            if not only_system(arrow.role):
                continue
            for key, codes in (("needs", arrow.needs), ("needs_new", arrow.needs_new)):
                for at, code in enumerate(codes):
                    by = self.doc.documents[code].by
                    free = key == "needs" and (code in brought or not by or any(self._held(role) for role in by))
                    if not free:
                        words: Words = {"trigger": arrow.label, "document": self.doc.documents[code].label}
                        yield Finding("document_unprovided", ("transitions", index, key, at), words)

    def _held(self, role: str) -> bool:
        return any(self.holders(role, body) for body in self.bodies)

    def _signals(self) -> Iterator[Finding]:
        """Signals that no arrow of the parents, or of the children they are for, takes from the system."""
        every = {**self.others, self.doc.kind: self.doc}
        parents = [
            each
            for each in every.values()
            if any(spawn.kind == self.doc.kind for arrow in each.transitions for spawn in arrow.spawn)
        ]
        for index, arrow in enumerate(self.doc.transitions):
            for at, signal in enumerate(arrow.signals):
                receivers = parents if signal.to is None else [every[signal.to]] if signal.to in every else []
                heard = any(
                    SYSTEM in each.role and each.trigger == signal.trigger
                    for receiver in receivers
                    for each in receiver.transitions
                )
                if receivers and not heard:
                    words: Words = {"trigger": signal.trigger, "parent": ", ".join(each.kind for each in receivers)}
                    yield Finding("signal_refused", ("transitions", index, "signals", at, "trigger"), words)

    # --- dates ------------------------------------------------------------------------------------------------

    def _dates(self) -> Iterator[Finding]:
        """Deadlines that end before they can begin, or, of matters the campaign opens, after the campaign."""
        earliest, start = self.earliest(), date.fromisoformat(self.campaign.start)
        end = date.fromisoformat(self.campaign.end)
        name = Label(zh="专项行动", en="the campaign")
        for code, spec in self.doc.deadlines.items():
            begins = start if spec.from_opening else self._begins(code, earliest)
            if begins is None:
                continue
            ruled = self._ruled(code, begins)
            term = ruled.term
            if term.fact is not None:
                continue
            last = due(term, self._noon(begins), self.work, roll=ruled.roll, facts={}).last_day
            words: Words = {"label": spec.label, "day": last.isoformat(), "start": begins.isoformat()}
            path = ("deadlines", code, "term" if spec.term else "statute")
            if term.until is not None and last < begins:
                yield Finding("ends_before_start", path, words)
            elif self.own and last > end:
                yield Finding("ends_after_phase", path, {**words, "phase": name, "end": end.isoformat()})

    def _noon(self, day: date) -> datetime:
        return datetime.combine(day, time(12), self.work.zone)

    def _ruled(self, code: str, day: date) -> RuledDeadline:
        return self.machine.definition.rules.of(code, self._noon(day), self.work.zone)

    def _begins(self, code: str, earliest: Mapping[str, date]) -> date | None:
        """The first day on which the clock *code* can begin."""
        spec, tree = self.doc.deadlines[code], self.machine.tree
        days = [earliest[leaf] for leaf in tree.expand(list(spec.during)) if leaf in earliest]
        arrows = (arrow for found in self.machine.arrows.values() for each in found.values() for arrow in each)
        days += [
            max(earliest[arrow.src], self._not_before(arrow.spec))
            for arrow in arrows
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
        expr = next(
            (
                a.when
                for found in self.machine.arrows.values()
                for each in found.values()
                for a in each
                if a.spec is arrow
            ),
            None,
        )
        node = expr.node if expr else None
        parts = node.parts if isinstance(node, Join) and node.word == "and" else (node,) if node else ()
        for part in parts:
            if isinstance(part, Call) and part.name == "on_or_after":
                days.append(self.work.dates[str(part.args[0])])
            if isinstance(part, Call) and part.name == "since":
                days.append(date.fromisoformat(str(part.args[0])))
        return max(days)


def deliverables(campaign: CampaignDoc) -> Iterator[Finding]:
    """What is owed for a phase on a day outside it; the places are in the campaign's file."""
    phases = {phase.code: phase for phase in campaign.phases}
    for at, owed in enumerate(campaign.deliverables):
        phase = phases[owed.phase]
        day = campaign.dates[owed.due]
        if not phase.start <= day <= phase.end:
            words: Words = {"label": owed.name, "day": day, "phase": phase.name, "start": phase.start, "end": phase.end}
            yield Finding("due_outside_phase", ("deliverables", at, "due"), words)


def _names(bodies: list[BodySpec]) -> Label:
    return _joined([body.name for body in bodies])


def _joined(labels: list[Label]) -> Label:
    return Label(
        zh="、".join(dict.fromkeys(each.zh for each in labels)), en=", ".join(dict.fromkeys(each.en for each in labels))
    )
