"""Checks of a definition's deadlines: what starts, stops, pauses and owns them."""

from collections.abc import Mapping

from engine.check_facts import check_expr
from engine.check_names import roles_of
from engine.definition_schema import DeadlineSpec, DefinitionDoc
from engine.names import SYSTEM, names_of, triggers_of
from engine.source import Findings, Path
from engine.states import StateTree


def check_deadlines(doc: DefinitionDoc, tree: StateTree, found: Findings) -> None:
    """Report deadlines that name what does not exist, or that nobody could meet."""
    names = names_of(doc, None)
    for code, deadline in doc.deadlines.items():
        path: Path = ("deadlines", code)
        _rule(path, deadline, found)
        _names(path, deadline, doc, tree, found)
        check_expr((*path, "when"), deadline.when, names, found)
        _facts(path, deadline, doc, found)
        _fired(path, deadline, doc, found)
        _end(path, deadline, found)


def _rule(path: Path, deadline: DeadlineSpec, found: Findings) -> None:
    """A deadline has a rule: a statute's, or a term of its own with the basis it rests on."""
    if deadline.statute is not None:
        return
    if deadline.term is None:
        found.add(path, "no_term", "the deadline has neither 'term' nor 'statute'", key=True)
    if not deadline.basis:
        found.add(path, "missing", "the key 'basis' is missing: what does the term rest on?", key=True)


def _names(path: Path, deadline: DeadlineSpec, doc: DefinitionDoc, tree: StateTree, found: Findings) -> None:
    roles, triggers = roles_of(doc), triggers_of(doc)
    found.expect((*path, "owner"), "role", deadline.owner, roles)
    wanted: Mapping[str, list[str]] = {"during": deadline.during, "pause_in": deadline.pause_in}
    for key, codes in wanted.items():
        found.expect((*path, key), "state", codes, tree.below)
    for key in ("start_on", "rebase_on", "stop_on", "met_by"):
        found.expect((*path, key), "trigger", getattr(deadline, key), triggers)
    found.expect((*path, "stop_documents"), "document", deadline.stop_documents, doc.documents)
    if deadline.extension is not None:
        found.expect((*path, "extension", "role"), "role", deadline.extension.role, roles)


def _facts(path: Path, deadline: DeadlineSpec, doc: DefinitionDoc, found: Findings) -> None:
    extension = deadline.extension
    wanted = [
        ((*path, "start_fact"), deadline.start_fact, "instant"),
        ((*path, "term", "fact"), deadline.term.fact if deadline.term else None, "date or instant"),
    ]
    for key in ("by", "to"):
        term = getattr(extension, key) if extension else None
        wanted.append(((*path, "extension", key, "fact"), term.fact if term else None, "date"))
    for place, fact, kind in wanted:
        if (
            fact is not None
            and found.expect(place, "fact", fact, doc.facts)
            and doc.facts[fact].type not in kind.split()
        ):
            message = f"the fact '{fact}' is of type {doc.facts[fact].type}; {kind} is needed here"
            found.add(place, "fact_type", message)


def _fired(path: Path, deadline: DeadlineSpec, doc: DefinitionDoc, found: Findings) -> None:
    """A trigger that a deadline fires is an order of the system: some arrow must let it."""
    for key in ("on_expire", "on_breach"):
        trigger = getattr(deadline, key)
        if trigger is None:
            continue
        arrows = [arrow for arrow in doc.transitions if arrow.trigger == trigger]
        found.expect((*path, key), "trigger", trigger, {arrow.trigger for arrow in doc.transitions})
        if arrows and not any(SYSTEM in arrow.role for arrow in arrows):
            message = f"no arrow of the trigger '{trigger}' has the role system, so the deadline cannot fire it"
            found.add((*path, key), "not_for_system", message)


def _end(path: Path, deadline: DeadlineSpec, found: Findings) -> None:
    if deadline.met_by and not deadline.during:
        message = "met_by says how 'during' may be left, and there is no 'during'"
        found.add((*path, "met_by"), "met_by_without_during", message, "did you mean stop_on?", key=True)
    ends = deadline.stop_on or deadline.stop_documents or deadline.during
    if not ends and not deadline.timer:
        message = "nothing meets this deadline"
        found.add(path, "never_met", message, "give stop_on, stop_documents or during", key=True)
