"""Checks of a campaign against the definitions it runs: parts, ladders, dates, circles, children."""

from collections.abc import Mapping

from engine.campaign_schema import CampaignDoc
from engine.check_facts import check_constant
from engine.check_returns import check_returns_use
from engine.definition import Definition
from engine.definition_schema import ArrowSpec, RoleSpec, Term
from engine.expr import ExprError, compile_expr
from engine.kin_schema import SignalSpec, SpawnSpec
from engine.names import SYSTEM, names_of, triggers_of
from engine.source import Findings, Path

Definitions = Mapping[str, Definition]
"""Sound definitions by kind."""


def check_use(doc: CampaignDoc, definitions: Definitions, found: Findings) -> list[Findings]:
    """Report into *found* what is wrong in the campaign; return what is wrong in the definitions for it."""
    _kinds(doc, definitions, found)
    _named(doc, definitions, found)
    used = {kind: definitions[kind] for kind in doc.definitions if kind in definitions}
    return [_Use(doc, used, definition).check() for definition in used.values()]


def _kinds(doc: CampaignDoc, definitions: Definitions, found: Findings) -> None:
    for kind, use in doc.definitions.items():
        if kind not in definitions:
            found.add(
                ("definitions", kind),
                "unknown_kind",
                f"there is no definition of the kind '{kind}'",
                key=True,
            )
            continue
        version = definitions[kind].doc.version
        if version != use.version:
            message = f"version {use.version} of '{kind}' is wanted, the file has version {version}"
            found.add(("definitions", kind, "version"), "other_version", message)


def _named(doc: CampaignDoc, definitions: Definitions, found: Findings) -> None:
    """Check what the campaign names inside definitions."""
    used = [definitions[kind].doc for kind in doc.definitions if kind in definitions]
    complete = len(used) == len(doc.definitions)
    deadlines = {code for each in used for code in each.deadlines}
    documents = {code for each in used for code in each.documents}
    for position, owed in enumerate(doc.deliverables):
        for key, code, known in (
            ("deadline", owed.deadline, deadlines),
            ("document", owed.document, documents),
        ):
            if code is not None and complete:
                found.expect(("deliverables", position, key), key, code, known)
    for position, milestone in enumerate(doc.milestones):
        if milestone.kind in definitions:
            known = set(definitions[milestone.kind].doc.deadlines)
            found.expect(("milestones", position, "deadline"), "deadline", milestone.deadline, known)
    for position, opening in enumerate(doc.opens):
        if opening.kind in definitions:
            known = set(triggers_of(definitions[opening.kind].doc))
            found.expect(("opens", position, "then"), "trigger", opening.then, known)
    _rungs(doc, definitions, found)
    check_returns_use(doc, definitions, found)


def _rungs(doc: CampaignDoc, definitions: Definitions, found: Findings) -> None:
    for name, ladder in doc.ladders.items():
        for position, rung in enumerate(ladder.rungs):
            if rung.opens is not None and rung.opens.kind in definitions:
                path: Path = ("ladders", name, "rungs", position, "opens", "facts")
                _sets(path, rung.opens.facts, definitions[rung.opens.kind], found)


def _sets(path: Path, facts: Mapping[str, object], definition: Definition, found: Findings) -> None:
    for fact, value in facts.items():
        spec = definition.doc.facts.get(fact)
        if spec is None:
            message = f"'{definition.doc.kind}' has no fact '{fact}'"
            found.add((*path, fact), "unknown_fact", message, key=True)
        else:
            check_constant((*path, fact), spec, value, found)


class _Use:
    """The checks of one definition in its campaign; the places are in the definition's file."""

    def __init__(self, campaign: CampaignDoc, used: Definitions, definition: Definition) -> None:
        self._campaign, self._used = campaign, used
        self._doc = definition.doc
        self._names = names_of(definition.doc, campaign.dates)
        self._found = Findings(definition.source)
        self._parents = [
            each.doc
            for each in used.values()
            if any(spawn.kind == definition.doc.kind for arrow in each.doc.transitions for spawn in arrow.spawn)
        ]

    def check(self) -> Findings:
        for code, role in self._doc.roles.items():
            self._role(code, role)
        for code, fact in self._doc.facts.items():
            if fact.taxonomy is not None:
                path: Path = ("facts", code, "taxonomy")
                self._found.expect(path, "taxonomy", fact.taxonomy, self._campaign.taxonomies)
        for position, arrow in enumerate(self._doc.transitions):
            self._arrow(("transitions", position), arrow)
        for code, deadline in self._doc.deadlines.items():
            path = ("deadlines", code)
            self._found.expect((*path, "ladder"), "ladder", deadline.ladder, self._campaign.ladders)
            self._dates((*path, "when"), deadline.when)
            self._until((*path, "term"), deadline.term)
            if deadline.extension is not None:
                self._until((*path, "extension", "by"), deadline.extension.by)
                self._until((*path, "extension", "to"), deadline.extension.to)
        for code, monitor in self._doc.monitors.items():
            self._reached(("monitors", code, "tell"), monitor.tell)
        for code, invariant in self._doc.invariants.items():
            self._dates(("invariants", code, "never"), invariant.never)
            self._dates(("invariants", code, "while"), invariant.while_)
        return self._found

    def _until(self, path: Path, term: Term | None) -> None:
        if term is not None and term.until is not None:
            self._found.expect((*path, "until"), "date", term.until, self._campaign.dates)

    def _dates(self, path: Path, text: str | None) -> None:
        """Compile again, now that the campaign's dates are known: nothing else can be new."""
        if text is None:
            return
        try:
            expr = compile_expr(text, self._names)
        except ExprError as error:
            self._found.add(path, "expression", error.message, error.hint, offset=error.column - 1)
            return
        for name, args in expr.calls:
            if name == "children_open":
                self._found.expect(path, "kind", [str(arg) for arg in args], self._campaign.definitions)

    def _role(self, code: str, role: RoleSpec) -> None:
        path: Path = ("roles", code)
        bodies = self._campaign.bodies
        for source in role.of.split("|"):
            kind, _, part = source.partition(":")
            if kind == "part":
                bodies = [body for body in self._campaign.bodies if body.part == part]
                self._part((*path, "of"), part)
        if bodies and not any(post in body.posts for body in bodies for post in role.posts):
            message = f"nobody holds the role '{code}': no body has one of its posts"
            self._found.add((*path, "posts"), "role_unheld", message)

    def _part(self, path: Path, part: str) -> None:
        players = [body.code for body in self._campaign.bodies if body.part == part]
        if len(players) != 1:
            who = ", ".join(players) or "nobody"
            message = f"the part '{part}' must be played by one body of the campaign; it is played by {who}"
            self._found.add(path, "part", message)

    def _arrow(self, path: Path, arrow: ArrowSpec) -> None:
        self._reached((*path, "copy"), arrow.copy_to)
        self._reached((*path, "handover"), arrow.handover)
        self._dates((*path, "when"), arrow.when)
        for position, spawn in enumerate(arrow.spawn):
            self._spawn((*path, "spawn", position), spawn)
        for position, signal in enumerate(arrow.signals):
            place: Path = (*path, "signals", position)
            self._dates((*place, "when"), signal.when)
            self._heard(place, signal)

    def _heard(self, place: Path, signal: SignalSpec) -> None:
        """A signal is for the parents, or for a kind of children that this one opens."""
        if signal.to is None:
            known = {each.trigger for parent in self._parents for each in parent.transitions}
            if self._parents:
                self._found.expect((*place, "trigger"), "trigger of the parent", signal.trigger, known)
            return
        opened = {spawn.kind for arrow in self._doc.transitions for spawn in arrow.spawn}
        child = self._used.get(signal.to)
        if self._found.expect((*place, "to"), "kind opened here", signal.to, opened) and child is not None:
            known = {each.trigger for each in child.doc.transitions}
            self._found.expect((*place, "trigger"), f"trigger of {signal.to}", signal.trigger, known)

    def _reached(self, path: Path, told: list[str]) -> None:
        self._found.expect(path, "role or circle", told, {*self._doc.roles, SYSTEM, *self._campaign.circles})

    def _spawn(self, path: Path, spawn: SpawnSpec) -> None:
        self._dates((*path, "when"), spawn.when)
        kind, _, part = spawn.body.partition(":")
        if kind == "part":
            self._part((*path, "body"), part)
        if not self._found.expect((*path, "kind"), "kind", spawn.kind, self._campaign.definitions):
            return
        child = self._used.get(spawn.kind)
        if child is None:
            return
        _sets((*path, "sets"), spawn.sets, child, self._found)
        for theirs, ours in spawn.facts.items():
            if self._found.expect((*path, "facts", theirs), f"fact of {spawn.kind}", theirs, child.doc.facts):
                mine, other = self._doc.facts[ours].type, child.doc.facts[theirs].type
                if mine != other:
                    message = f"'{ours}' is of type {mine}, '{theirs}' of {spawn.kind} of type {other}"
                    self._found.add((*path, "facts", theirs), "fact_type", message)
        for fact in child.doc.open.asks:
            if fact not in spawn.facts and fact not in spawn.sets:
                message = f"opening '{spawn.kind}' asks for the fact '{fact}', which is not given here"
                self._found.add(path, "missing_fact", message)
