"""Definition files: read, held against their form, and searched for everything that cannot be meant."""

from dataclasses import dataclass, field
from functools import cached_property

from engine.canonical import canonical, digest
from engine.check_arrows import check_arrows
from engine.check_deadlines import check_deadlines
from engine.check_evaluates import check_evaluates
from engine.check_handovers import check_handovers
from engine.check_migrations import check_migrations
from engine.check_names import check_names
from engine.check_statutes import check_statute_roles, check_statutes_used
from engine.check_structure import check_structure
from engine.definition_schema import DefinitionDoc
from engine.expected import check_expected
from engine.form_errors import read_form
from engine.monitors import check_monitors
from engine.names import labels_of, names_of
from engine.source import Findings, Source, invalid
from engine.states import StateTree, flatten
from engine.statutes import NO_LAW, Registry, Rules, named_in, statutes_json
from engine.strictyaml import DEFINITION_BOUNDS, parse

__all__ = ["Definition", "labels_of", "load_definition", "names_of"]

_STAND_INS = {
    "schema": "definition/1",
    "kind": "kind",
    "version": 1,
    "label": {"zh": "-", "en": "-"},
    "open": {"role": ["system"], "label": {"zh": "-", "en": "-"}},
}
"""What takes the place of faulty values so that the rest of the file is checked too."""

_UNSURE = {"unknown_state", "duplicate_state", "no_states"}
"""Problems that leave open which states there are."""


@dataclass(frozen=True)
class Definition:
    """A sound definition: its content, its text, the digest that identifies it, and its states flattened.

    The content holds the statutes it names, as they were when it was loaded, and the digest covers them: what is
    published goes on counting by the same law, whatever a later registry says. *source* knows the place of each part.
    """

    doc: DefinitionDoc
    text: str = field(repr=False)
    digest: str
    tree: StateTree = field(repr=False)
    source: Source = field(repr=False, compare=False)

    @property
    def name(self) -> str:
        """The name of the file."""
        return self.source.name

    @cached_property
    def rules(self) -> Rules:
        """The rules of its deadlines."""
        return Rules(self.doc)


def load_definition(text: str | bytes, name: str, law: Registry = NO_LAW, *, tabled: bool = True) -> Definition:
    """Read the definition file *name* from its content, with the statutes of *law* that it names.

    Its table of expectations is left aside unless *tabled*. Raises Invalid with every problem of the file.
    """
    source = parse(text, name, DEFINITION_BOUNDS)
    source = source if tabled else source.without({("expects",)})
    form = read_form(DefinitionDoc, source, _STAND_INS)
    if form.doc is None:
        raise invalid(name, form.problems)
    found, tree = Findings(form.source), flatten(form.doc)
    taken = named_in(form.doc, law)
    doc = form.doc.model_copy(update={"statutes": {**form.doc.statutes, **taken}})
    check_names(doc, found)
    check_evaluates(doc, found)
    check_statutes_used(form.doc, law, found)
    check_statute_roles(doc, found)
    check_arrows(doc, tree, found)
    check_deadlines(doc, tree, found)
    check_handovers(doc, tree, found)
    check_monitors(doc, found)
    check_migrations(doc, tree, found)
    if form.whole and not _UNSURE & {problem.code for problem in found.problems}:
        check_structure(doc, tree, found)
    if form.whole and not found.problems:
        check_expected(doc, found)
    problems = [*form.problems, *form.telling(found.problems)]
    if problems:
        raise invalid(name, problems)
    whole = {**source.data, "statutes": {**source.data.get("statutes", {}), **statutes_json(taken)}}
    return Definition(doc, source.text, digest(canonical(whole)) if taken else source.digest, tree, source)


def restore_definition(doc: str, digest: str) -> Definition:
    """Make a definition from its stored form, which was checked before it was stored."""
    read = DefinitionDoc.model_validate_json(doc)
    return Definition(read, "", digest, flatten(read), Source(f"{read.kind}@{read.version}", "", {}, {}, {}, {}))


def start_facts_of(doc: DefinitionDoc) -> frozenset[str]:
    """The facts of *doc* that say when a clock began or something was received."""
    named = {spec.start_fact for spec in doc.deadlines.values()}
    named |= {spec.received_fact for spec in doc.handovers.values()}
    return frozenset(fact for fact in named if fact)
