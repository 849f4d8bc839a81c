"""Checks of statutory periods: versions that follow each other, terms that count something, roles that exist."""

from collections.abc import Iterable
from datetime import date
from itertools import pairwise

from engine.definition_schema import DefinitionDoc
from engine.names import SYSTEM
from engine.source import Findings, Path
from engine.statute_schema import StatuteSpec, StatuteVersion
from engine.term_schema import Term

OPEN_END = date.max.isoformat()
"""What stands for the end of a version that is in force."""


def check_statute(path: Path, spec: StatuteSpec, found: Findings) -> None:
    """Report versions that overlap, end before they begin, or whose terms are dates instead of periods."""
    for position, version in enumerate(spec.versions):
        place: Path = (*path, "versions", position)
        _days(place, version, found)
        extension = version.extension
        terms = [("term", version.term)]
        terms += [(key, getattr(extension, key)) for key in ("by", "to") if extension and getattr(extension, key)]
        for key, term in terms:
            _counts((*place, "term") if key == "term" else (*place, "extension", key), term, found)
    _apart(path, spec.versions, found)


def check_statutes_used(doc: DefinitionDoc, registry: Iterable[str], found: Findings) -> None:
    """Report deadlines whose statute nobody knows, and statutes of the file that no deadline names."""
    known = {*doc.statutes, *registry}
    for code, deadline in doc.deadlines.items():
        if deadline.statute is not None:
            found.expect(("deadlines", code, "statute"), "statute", deadline.statute, known)
    used = {deadline.statute for deadline in doc.deadlines.values()}
    for code in doc.statutes.keys() - used:
        found.add(("statutes", code), "unused_statute", f"no deadline names the statute '{code}'", key=True)
    for code, spec in doc.statutes.items():
        check_statute(("statutes", code), spec, found)


def check_statute_roles(doc: DefinitionDoc, found: Findings) -> None:
    """Report a statute that lets a role extend which the definition does not have; *doc* holds the statutes it names."""
    for code, deadline in doc.deadlines.items():
        if deadline.statute is None or deadline.statute not in doc.statutes:
            continue
        for version in doc.statutes[deadline.statute].versions:
            for role in version.extension.role if version.extension else ():
                if role not in doc.roles and role != SYSTEM:
                    message = f"{deadline.statute} is extended by the role '{role}', which is not declared here"
                    found.add(("deadlines", code, "statute"), "unknown_role", message)


def _days(place: Path, version: StatuteVersion, found: Findings) -> None:
    for key in ("valid_from", "valid_to"):
        text = getattr(version, key)
        try:
            date.fromisoformat(text or OPEN_END)
        except ValueError:
            found.add((*place, key), "date", f"'{text}' is no day of any calendar", "write YYYY-MM-DD")
    if (version.valid_to or OPEN_END) < version.valid_from:
        message = f"this version ends on {version.valid_to}, before it begins on {version.valid_from}"
        found.add((*place, "valid_to"), "version_order", message)


def _counts(place: Path, term: Term, found: Findings) -> None:
    if term.until is not None or term.fact is not None:
        message = "a statute counts days, workdays, hours, months or half_months; a date belongs to the deadline"
        found.add(place, "no_period", message)


def _apart(path: Path, versions: list[StatuteVersion], found: Findings) -> None:
    ordered = sorted(enumerate(versions), key=lambda each: each[1].valid_from)
    for (_, earlier), (position, later) in pairwise(ordered):
        if later.valid_from <= (earlier.valid_to or OPEN_END):
            until = earlier.valid_to or "without end"
            message = f"in force from {later.valid_from}, while the version from {earlier.valid_from} is ({until})"
            found.add((*path, "versions", position, "valid_from"), "versions_overlap", message)
