"""Checks of a definition's arrows: where they lead, who fires them, what they ask and cause."""

from engine.check_facts import check_asked, check_expr, check_sets
from engine.check_names import check_body_fact, roles_of
from engine.definition_schema import ArrowSpec, DefinitionDoc
from engine.names import names_of, triggers_of
from engine.source import Findings, Path
from engine.states import StateTree

EXTENDED_UNTIL = "extended_until"
"""The date fact that a freely extending arrow asks for."""


def check_arrows(doc: DefinitionDoc, tree: StateTree, found: Findings) -> None:
    """Report arrows that lead nowhere or name what does not exist."""
    check = _Arrows(doc, tree, found)
    for position, arrow in enumerate(doc.transitions):
        path: Path = ("transitions", position)
        check.way(path, arrow)
        check.guards(path, arrow)
        check.effects(path, arrow)
        check.spawns(path, arrow)
        check.extensions(path, arrow)


class _Arrows:
    """The checks of one arrow at a time."""

    def __init__(self, doc: DefinitionDoc, tree: StateTree, found: Findings) -> None:
        self._doc, self._tree, self._found = doc, tree, found
        self._names = names_of(doc, None)
        self._roles = roles_of(doc)
        self._triggers = triggers_of(doc)
        self._entered = {
            tree.first_leaf(arrow.to)
            for arrow in doc.transitions
            if arrow.to in tree.below and set(arrow.from_) != {arrow.to}
        }

    def way(self, path: Path, arrow: ArrowSpec) -> None:
        if arrow.trigger == self._doc.open.trigger:
            message = f"'{arrow.trigger}' is how a matter is opened, it cannot name an arrow"
            self._found.add((*path, "trigger"), "trigger_taken", message, "give 'open' a trigger of another name")
        if arrow.to not in ("=", "@back"):
            self._found.expect((*path, "to"), "state", arrow.to, self._tree.below)
        self._found.expect((*path, "from"), "state", arrow.from_, self._tree.below)
        self._found.unique((*path, "from"), "state", arrow.from_)
        for position, code in enumerate(arrow.from_):
            for leaf in self._tree.below.get(code, ()):
                self._leave((*path, "from", position), arrow, code, leaf)

    def _leave(self, path: Path, arrow: ArrowSpec, code: str, leaf: str) -> None:
        within = "" if leaf == code else f" (in the stage '{code}')"
        if self._tree.leaves[leaf].final and arrow.to != "=":
            message = f"the state '{leaf}'{within} is final, no arrow leads out of it"
            self._found.add(path, "final_state", message)
        if arrow.to == "@back" and leaf not in self._entered:
            message = f"nothing enters '{leaf}'{within}, so there is no way back from it"
            self._found.add(path, "no_way_back", message)

    def guards(self, path: Path, arrow: ArrowSpec) -> None:
        found, doc = self._found, self._doc
        found.expect((*path, "role"), "role", arrow.role, self._roles)
        found.expect((*path, "needs"), "document", arrow.needs, doc.documents)
        found.expect((*path, "needs_new"), "document", arrow.needs_new, doc.documents)
        check_asked(path, arrow.asks, arrow.optional, doc.facts, found)
        check_expr((*path, "when"), arrow.when, self._names, found)
        found.expect((*path, "distinct_from"), "trigger", arrow.distinct_from, self._triggers)

    def effects(self, path: Path, arrow: ArrowSpec) -> None:
        check_sets((*path, "sets"), arrow.sets, self._doc.facts, self._found)
        for fact in arrow.sets:
            if fact in (*arrow.asks, *arrow.optional):
                message = f"the fact '{fact}' is both asked for and set"
                self._found.add((*path, "sets", fact), "asked_and_set", message, key=True)
        for position, signal in enumerate(arrow.signals):
            check_expr((*path, "signals", position, "when"), signal.when, self._names, self._found)

    def spawns(self, path: Path, arrow: ArrowSpec) -> None:
        for position, spawn in enumerate(arrow.spawn):
            place: Path = (*path, "spawn", position)
            for child, parent in spawn.facts.items():
                self._found.expect((*place, "facts", child), "fact", parent, self._doc.facts)
                if child in spawn.sets:
                    message = f"the fact '{child}' is both copied and set"
                    self._found.add((*place, "sets", child), "asked_and_set", message, key=True)
            kind, _, word = spawn.body.partition(":")
            if kind == "fact":
                check_body_fact((*place, "body"), word, self._doc, self._found)
            check_expr((*place, "when"), spawn.when, self._names, self._found)

    def extensions(self, path: Path, arrow: ArrowSpec) -> None:
        self._found.expect((*path, "extends"), "deadline", arrow.extends, self._doc.deadlines)
        for position, code in enumerate(arrow.extends):
            deadline = self._doc.deadlines.get(code)
            place: Path = (*path, "extends", position)
            if deadline is None:
                continue
            if deadline.statute is not None:
                self._by_law(place, deadline.statute)
            elif deadline.extension is None:
                message = f"the deadline '{code}' has no extension and cannot be put off"
                self._found.add(place, "no_extension", message)
            elif deadline.extension.free:
                self._free(place, path, arrow)

    def _by_law(self, place: Path, statute: str) -> None:
        spec = self._doc.statutes.get(statute)
        if spec is not None and all(version.extension is None for version in spec.versions):
            self._found.add(place, "no_extension", f"no version of {statute} knows an extension")

    def _free(self, place: Path, path: Path, arrow: ArrowSpec) -> None:
        fact = self._doc.facts.get(EXTENDED_UNTIL)
        if EXTENDED_UNTIL not in arrow.asks:
            message = f"a free extension asks for the fact '{EXTENDED_UNTIL}'"
            self._found.add(place, "no_new_date", message, f"asks: [{EXTENDED_UNTIL}]")
        elif fact is not None and fact.type != "date":
            message = f"the fact '{EXTENDED_UNTIL}' must be of type date"
            self._found.add((*path, "asks"), "fact_type", message)
