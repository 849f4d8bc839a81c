"""What a machine must find in its campaign: people for each act, receivers, and dates that can be met."""

from collections.abc import Iterator, Mapping
from itertools import product

from engine.campaign import parts_of
from engine.campaign_schema import CampaignDoc
from engine.definition_schema import ArrowSpec, DefinitionDoc, Label, RoleSpec
from engine.machine import Compiled
from engine.names import SYSTEM
from engine.proof_finding import Finding, joined, names
from engine.proof_words import Words
from engine.surroundings import only_system
from engine.terms import Clockwork

Logins = frozenset[str]

ANY_BODY = Label(zh="任何机构", en="any body")


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
        """Roles that nobody holds: at the body of their part, or at a body for which the campaign opens such matters."""
        acting, named = self._acting(), self._named()
        for code, role in self.doc.roles.items():
            words: dict[str, str | Label] = {"role": role.label, "posts": ", ".join(role.posts)}
            if role.of == "matter" and code in acting:
                bare = [self.bodies[body] for body in self.own if not set(role.posts) & set(self.bodies[body].posts)]
                if bare:
                    yield Finding("role_unheld_here", ("roles", code, "posts"), {**words, "body": names(bare)})
            elif code in named and not any(self.holders_of(role, body) for body in self.bodies):
                at = [self.bodies[body] for body in self._at(role, "") if body in self.bodies]
                where = names(at) if len(at) == 1 else ANY_BODY
                yield Finding("role_unheld", ("roles", code, "posts"), {**words, "body": where})

    def _acting(self) -> set[str]:
        """The roles that act in the machine."""
        return {role for arrow in self.doc.transitions for role in arrow.role}

    def _named(self) -> set[str]:
        """The roles on whom something hangs: who act, open, are waited for, own a clock, bring papers or set facts right."""
        doc = self.doc
        waited = {role for leaf in self.machine.tree.leaves.values() for role in leaf.waits_for}
        owners = {spec.owner for spec in doc.deadlines.values()}
        brought = {role for spec in doc.documents.values() for role in spec.by}
        longer = {role for spec in doc.deadlines.values() if spec.extension for role in spec.extension.role}
        corrects = {*doc.correct_by, *doc.correct_approved_by}
        return self._acting() | set(doc.open.role) | waited | owners | brought | longer | corrects

    def holders(self, role: str, body: str) -> Logins:
        """The logins that hold *role* for a matter of *body*."""
        spec = self.doc.roles.get(role)
        return frozenset() if spec is None else self.holders_of(spec, body)

    def holders_of(self, spec: RoleSpec, body: str) -> Logins:
        """The logins that hold a role, of this or another definition, for a matter of *body*."""
        at = self._at(spec, body)
        logins = {f"{code}.{post}" for code, post in self.seats_of(spec, body)}
        for login, seats in self.campaign.logins.items():
            if any(seat.body in at and seat.post in spec.posts for seat in seats):
                logins.add(login)
        return frozenset(logins)

    def seats_of(self, spec: RoleSpec, body: str) -> list[tuple[str, str]]:
        """The bodies and posts that hold a role for a matter of *body*."""
        return [(code, post) for code in self._at(spec, body) for post in self.bodies[code].posts if post in spec.posts]

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
                        "other": joined([other.label for other in others]),
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


def deliverables(campaign: CampaignDoc) -> Iterator[Finding]:
    """What is owed for a phase on a day outside it; the places are in the campaign's file."""
    phases = {phase.code: phase for phase in campaign.phases}
    for at, owed in enumerate(campaign.deliverables):
        phase = phases[owed.phase]
        day = campaign.dates[owed.due]
        if not phase.start <= day <= phase.end:
            words: Words = {"label": owed.name, "day": day, "phase": phase.name, "start": phase.start, "end": phase.end}
            yield Finding("due_outside_phase", ("deliverables", at, "due"), words)
