"""Definition files: read, held against their form, and searched for everything that cannot be meant."""

from dataclasses import dataclass, field

from engine.check_arrows import check_arrows
from engine.check_deadlines import check_deadlines
from engine.check_handovers import check_handovers
from engine.check_names import check_names
from engine.check_structure import check_structure
from engine.definition_schema import DefinitionDoc
from engine.form_errors import read_form
from engine.monitors import check_monitors
from engine.names import labels_of, names_of
from engine.source import Findings, Source, invalid
from engine.states import StateTree, flatten
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

    *source* knows the place of each part in the file.
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


def load_definition(text: str | bytes, name: str) -> Definition:
    """Read the definition file *name* from its content. Raises Invalid with every problem of the file."""
    source = parse(text, name, DEFINITION_BOUNDS)
    form = read_form(DefinitionDoc, source, _STAND_INS)
    if form.doc is None:
        raise invalid(name, form.problems)
    found, tree = Findings(form.source), flatten(form.doc)
    check_names(form.doc, found)
    check_arrows(form.doc, tree, found)
    check_deadlines(form.doc, tree, found)
    check_handovers(form.doc, tree, found)
    check_monitors(form.doc, found)
    if form.whole and not _UNSURE & {problem.code for problem in found.problems}:
        check_structure(form.doc, tree, found)
    problems = [*form.problems, *form.telling(found.problems)]
    if problems:
        raise invalid(name, problems)
    return Definition(form.doc, source.text, source.digest, tree, source)


def restore_definition(doc: str, digest: str) -> Definition:
    """Make a definition from its stored form, which was checked before it was stored."""
    read = DefinitionDoc.model_validate_json(doc)
    return Definition(read, "", digest, flatten(read), Source(f"{read.kind}@{read.version}", "", {}, {}, {}, {}))
