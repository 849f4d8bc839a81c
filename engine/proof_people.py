"""Who must be there and able: whoever is told, waited for, reminded, or asked to fill in a form."""

from collections.abc import Callable, Iterable, Iterator

from engine.access import Access
from engine.clock_plans import ClockPlans
from engine.definition_schema import ArrowSpec, DeadlineSpec, DefinitionDoc, Label, OpenSpec, RoleSpec
from engine.exploring import Explorer
from engine.expr_partly import Var
from engine.forgetting import looking
from engine.machine import Arrow
from engine.names import SYSTEM
from engine.places import Place
from engine.proof_campaign import CampaignProof
from engine.proof_finding import Finding, joined, names, state_path
from engine.proof_words import Words
from engine.source import Path
from engine.steps import Steps

Logins = frozenset[str]

NOBODY = Logins()


class PeopleProof:
    """The questions about the people of one machine in its campaign; *reached* are the states that it gets into."""

    def __init__(self, proof: CampaignProof, explorer: Explorer, reached: set[str], access: Access | None) -> None:
        self.proof, self.explorer, self.reached, self.access = proof, explorer, reached, access
        self.machine, self.doc = proof.machine, proof.doc
        self.plans = ClockPlans(self.machine)
        self.arrows = [arrow for found in self.machine.arrows.values() for each in found.values() for arrow in each]
        self.places = proof.own or [code for code, body in proof.bodies.items() if body.posts]
        self._held: dict[tuple[str, str], Logins] = {}

    def run(self) -> Iterator[Finding]:
        """Every finding."""
        yield from self._waits()
        yield from self._owners()
        yield from self._forms()
        yield from self._sights()

    # --- who can act ------------------------------------------------------------------------------------------

    def held(self, role: str, body: str) -> Logins:
        """The logins that hold *role* for a matter of *body*; the system is nobody."""
        key = (role, body)
        if key not in self._held:
            self._held[key] = self.proof.holders(role, body) if role != SYSTEM else NOBODY
        return self._held[key]

    def _idle(self, role: str, may: Callable[[str], Logins]) -> list[str]:
        """The bodies at which somebody holds *role* and none of them is among those who *may*."""
        return [body for body in self.places if (holders := self.held(role, body)) and holders.isdisjoint(may(body))]

    def _doers(self, arrows: Iterable[Arrow], body: str) -> Logins:
        return NOBODY.union(*(self.held(role, body) for arrow in arrows for role in arrow.spec.role))

    def _bringers(self, documents: Iterable[str], body: str) -> Logins:
        """Who may bring one of *documents* without a move: whoever it says, else the matter's own body and the office."""
        found = NOBODY
        for code in documents:
            by = self.doc.documents[code].by
            found |= NOBODY.union(*(self.held(role, body) for role in by)) if by else self._inside(body)
        return found

    def _inside(self, body: str) -> Logins:
        at = {body, self.proof.parts.get("office", body)}
        return frozenset(f"{code}.{post}" for code in at for post in self.proof.bodies[code].posts)

    def _kin(self, arrows: Iterable[Arrow]) -> Logins:
        """Who may do the acts of children and of parents whose signals fire one of *arrows*."""
        signals = {arrow.spec.trigger for arrow in arrows if SYSTEM in arrow.spec.role}
        found = NOBODY
        for kin, to in self._senders() if signals else ():
            sending = [
                arrow for arrow in kin.transitions
                if not signals.isdisjoint(each.trigger for each in arrow.signals if each.to == to)
            ]  # fmt: skip
            roles = {role for arrow in sending for role in arrow.role} - {SYSTEM}
            found = found.union(*(self._anywhere(kin.roles[role]) for role in roles))
        return found

    def _senders(self) -> Iterator[tuple[DefinitionDoc, str | None]]:
        """The kinds that this one opens, which signal up, and those that open it, which signal down to it."""
        for kin in {**self.proof.others, self.doc.kind: self.doc}.values():
            if kin.kind in self.explorer.around.children:
                yield kin, None
            if any(spawn.kind == self.doc.kind for arrow in kin.transitions for spawn in arrow.spawn):
                yield kin, self.doc.kind

    def _anywhere(self, role: RoleSpec) -> Logins:
        """Who may hold a role of a child or a parent: its body may be another one."""
        return NOBODY.union(*(self.proof.holders_of(role, body) for body in self.proof.bodies))

    # --- whom a state waits for -------------------------------------------------------------------------------

    def _waits(self) -> Iterator[Finding]:
        """Roles that a state waits for and that can do nothing there."""
        for leaf, state in self.machine.tree.leaves.items():
            if leaf not in self.reached:
                continue
            for at, role in enumerate(state.waits_for):
                found = self._waited(leaf, role)
                if found is not None:
                    words = {"state": state.label, "role": self._label(role), "why": found}
                    yield Finding("waits_for_nothing", (*state_path(state), "waits_for", at), words)

    def _waited(self, leaf: str, role: str) -> Label | None:
        """Why nobody in *role* can do anything in *leaf*; None if somebody can."""
        here = [arrow for arrow in self.arrows if arrow.src == leaf]
        if role == SYSTEM:
            mine = [arrow for arrow in here if SYSTEM in arrow.spec.role]
            return None if mine else Label(zh="系统在此没有动作", en="the system has no act there")
        papers = self._papers(leaf, here)
        idle = self._idle(role, lambda body: (
            self._doers(here, body) | self._bringers(papers, body) | self._kin(here)))  # fmt: skip
        if idle:
            who = names([self.proof.bodies[body] for body in idle][:MOST_BODIES])
            return Label(zh=f"其在此没有任何动作可办（{who.zh}）", en=f"it has no act there ({who.en})")
        if any(
            not self.held(role, body).isdisjoint(self._bringers(papers, body) | self._kin(here)) for body in self.places
        ):
            return None
        mine = [
            arrow
            for arrow in here
            if any(not self.held(role, body).isdisjoint(self._doers([arrow], body)) for body in self.places)
        ]
        if not mine or self._any_fires(leaf, mine):
            return None
        acts = joined([arrow.spec.label for arrow in mine])
        return Label(zh=f"其动作（{acts.zh}）在此从不能办", en=f"its acts ({acts.en}) can never be done there")

    def _papers(self, leaf: str, here: list[Arrow]) -> set[str]:
        """The documents that are waited for in *leaf*: acts need them, or they stop a clock that may run there."""
        found = {code for arrow in here for code in arrow.spec.needs}
        for code, spec in self.doc.deadlines.items():
            if not spec.during or self.plans.counts_in(code, leaf):
                found.update(spec.stop_documents)
        return found

    def _any_fires(self, leaf: str, arrows: list[Arrow]) -> bool:
        if any((arrow.index, leaf) in self.explorer.fired_in for arrow in arrows):
            return True
        index = {arrow.index for arrow in arrows}

        def judge(scene: Steps, place: Place) -> tuple[bool, frozenset[Var]]:
            known = scene.known(place) if place[0] == leaf else {}
            moves = [move for arrow in arrows for move in scene.acts(arrow, known)] if place[0] == leaf else []
            return (True, min((move.doubts for move in moves), key=len)) if moves else (False, frozenset())

        read = [each for one in index for each in self.explorer.memory.looked_at(one) if each[0] == leaf]
        return self.explorer.find(judge, (), looking(self.machine, read)) is not None

    def _label(self, role: str) -> Label:
        return self.doc.roles[role].label if role in self.doc.roles else Label(zh="系统", en="the system")

    # --- who is reminded --------------------------------------------------------------------------------------

    def _owners(self) -> Iterator[Finding]:
        """Clocks whose owner can neither stop them nor bring the matter before whoever stops them."""
        for code, spec in self.doc.deadlines.items():
            if spec.timer or spec.owner == SYSTEM:
                continue
            runs = self.plans.runs_in(code) & self.reached
            ends = [
                arrow for arrow in self.arrows
                if arrow.src in runs and (code in self.plans.of(arrow).end or self._brings(arrow, spec))
            ]  # fmt: skip
            idle = self._idle(spec.owner, lambda body, ends=ends, spec=spec, runs=runs: (  # type: ignore[misc]
                self._doers([*ends, *self._before(ends, runs)], body) | self._bringers(spec.stop_documents, body)
                | self._kin(ends)))  # fmt: skip
            if idle and ends:
                acts = joined([arrow.spec.label for arrow in ends])
                who = joined([self._label(role) for arrow in ends for role in arrow.spec.role])
                words: Words = {"label": spec.label, "role": self._label(spec.owner), "acts": acts, "who": who}
                yield Finding("owner_cannot_stop", ("deadlines", code, "owner"), words)

    def _brings(self, arrow: Arrow, spec: DeadlineSpec) -> bool:
        return not set(arrow.spec.needs_new).isdisjoint(spec.stop_documents)

    def _before(self, ends: list[Arrow], runs: set[str]) -> list[Arrow]:
        """The acts that lead, while a clock goes on, to where it can be stopped from where it cannot."""
        stops = {arrow.src for arrow in ends}
        return [arrow for arrow in self.arrows if arrow.src in runs - stops and arrow.dst in stops]

    # --- who fills in a form ----------------------------------------------------------------------------------

    def _forms(self) -> Iterator[Finding]:
        """Forms that ask for personal facts of whoever sees the matters of this kind with those hidden."""
        if self.access is None:
            return
        forms: list[tuple[Path, OpenSpec | ArrowSpec]] = [(("open",), self.doc.open)]
        forms += [(("transitions", index), arrow) for index, arrow in enumerate(self.doc.transitions)]
        for path, form in forms:
            hidden = self._seat(form.role, self.access.masks_kind)
            for key, codes in (("asks", form.asks), ("optional", form.optional)) if hidden else ():
                for at, code in enumerate(codes):
                    if self.doc.facts[code].personal:
                        words: Words = {"trigger": form.label, "fact": self.doc.facts[code].label, "seat": hidden}
                        yield Finding("form_masked", (*path, key, at), words)

    def _sights(self) -> Iterator[Finding]:
        """Acts of whoever does not see the matters of this kind."""
        if self.access is None:
            return
        sees = self.access.sees_kind
        for index, arrow in enumerate(self.doc.transitions):
            for at, role in enumerate(arrow.role):
                seat = self._seat([role], lambda body, post, kind: not sees(body, post, kind))
                if seat:
                    words: Words = {"trigger": arrow.label, "role": self._label(role), "seat": seat}
                    yield Finding("act_unseen", ("transitions", index, "role", at), words)

    def _seat(self, roles: Iterable[str], wrong: Callable[[str, str, str], bool]) -> str:
        """A seat that holds one of *roles* and is *wrong* for this kind; empty if there is none."""
        specs = [self.doc.roles[role] for role in roles if role in self.doc.roles]
        seats = dict.fromkeys(
            seat for spec in specs for body in self.places for seat in self.proof.seats_of(spec, body)
        )
        return next((f"{body}.{post}" for body, post in seats if wrong(body, post, self.doc.kind)), "")


MOST_BODIES = 3
"""Bodies that a finding names. PLACEHOLDER"""
