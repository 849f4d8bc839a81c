"""Checks of a definition's declarations: states, roles, documents, the opening and the invariants."""

from engine.check_facts import REF_WORDS, check_asked, check_expr, check_facts, check_secrets, check_template
from engine.definition_schema import DefinitionDoc
from engine.names import SYSTEM, names_of
from engine.source import Findings, Path
from engine.states import branches


def roles_of(doc: DefinitionDoc) -> frozenset[str]:
    """All roles that may be named: the declared ones and the system."""
    return frozenset({*doc.roles, SYSTEM})


def check_names(doc: DefinitionDoc, found: Findings) -> None:
    """Report what is declared twice, wrongly, or refers to nothing."""
    _states(doc, found)
    _roles(doc, found)
    _opening(doc, found)
    check_facts(doc.facts, found)
    check_secrets(doc.facts, found)
    roles = roles_of(doc)
    for code, document in doc.documents.items():
        found.expect(("documents", code, "by"), "role", document.by, roles)
    names = names_of(doc, None)
    for code, invariant in doc.invariants.items():
        check_expr(("invariants", code, "never"), invariant.never, names, found)
        check_expr(("invariants", code, "while"), invariant.while_, names, found)
        found.expect(
            ("invariants", code, "clock"), "deadline", [invariant.clock] if invariant.clock else [], doc.deadlines
        )
        triggers = {arrow.trigger for arrow in doc.transitions}
        found.expect(("invariants", code, "ends_on"), "trigger", invariant.ends_on, triggers)
        found.expect(("invariants", code, "always_possible"), "state", invariant.always_possible, names.scopes)
    found.expect(("correct_by",), "role", doc.correct_by, roles)
    _following(doc, found)


def _following(doc: DefinitionDoc, found: Findings) -> None:
    """What a correction brings about is an order of the system, which states nothing and brings no document."""
    for trigger, facts in doc.correct_then.items():
        path: Path = ("correct_then", trigger)
        found.expect(path, "fact", facts, doc.facts)
        arrows = [arrow for arrow in doc.transitions if arrow.trigger == trigger]
        if not arrows:
            found.expect(path, "trigger", trigger, {arrow.trigger for arrow in doc.transitions})
        elif not any(SYSTEM in arrow.role and not arrow.asks and not arrow.needs_new for arrow in arrows):
            message = f"no arrow of the trigger '{trigger}' has the role system, so no correction can fire it"
            found.add(path, "not_for_system", message, key=True)


def _states(doc: DefinitionDoc, found: Findings) -> None:
    """Codes are unique among states and among stages; a stage may have the code of a state within it."""
    first: dict[tuple[str, bool], tuple[Path, tuple[str, ...]]] = {}
    roles = roles_of(doc)
    for codes, specs in branches(doc.states):
        code, is_stage = codes[-1], bool(specs[-1].states)
        path: Path = ("states", *(part for each in codes[:-1] for part in (each, "states")), code)
        found.expect((*path, "waits_for"), "role", specs[-1].waits_for, roles)
        twin = first.get((code, is_stage)) or first.get((code, not is_stage))
        if twin and (codes[: len(twin[1])] != twin[1] or (code, is_stage) in first):
            line = found.source.at_key(twin[0]).line
            message = f"the state '{code}' is here twice, first on line {line}"
            found.add(path, "duplicate_state", message, key=True)
        first.setdefault((code, is_stage), (path, codes))
    if not doc.states:
        found.add(("states",), "no_states", "a definition needs states")
    found.expect(("initial",), "state", doc.initial, {code for code, _ in first})


def _roles(doc: DefinitionDoc, found: Findings) -> None:
    for code, role in doc.roles.items():
        if code == SYSTEM:
            message = "the role 'system' belongs to timers and signals and is not declared"
            found.add(("roles", code), "reserved_role", message, key=True)
        for source in role.of.split("|"):
            kind, _, word = source.partition(":")
            if kind == "fact":
                check_body_fact(("roles", code, "of"), word, doc, found)


def check_body_fact(path: Path, fact: str, doc: DefinitionDoc, found: Findings) -> None:
    """Report a fact that should name a body and does not exist or is of another type."""
    if found.expect(path, "fact", fact, doc.facts) and doc.facts[fact].type != "body":
        message = f"the fact '{fact}' is of type {doc.facts[fact].type} and names no body"
        found.add(path, "fact_type", message)


def _opening(doc: DefinitionDoc, found: Findings) -> None:
    found.expect(("open", "role"), "role", doc.open.role, roles_of(doc))
    found.expect(("open", "needs"), "document", doc.open.needs, doc.documents)
    check_asked(("open",), doc.open.asks, doc.open.optional, doc.facts, found)
    words = {*REF_WORDS, *doc.facts}
    check_template(("open", "ref"), doc.open.ref, words, found)
    check_template(("open", "title"), doc.open.title or "", words, found)
