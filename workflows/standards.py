"""The standards that come with duban: versioned tables of law, read once a process."""

from functools import cache
from pathlib import Path

from engine.errors import Invalid, Problem
from engine.standard_file import Standard, load_standard
from engine.standards import Standards

FOLDER = Path(__file__).with_name("law")
"""One file a table and its time: ``thresholds-ip-2004.yaml``."""


@cache
def shipped_standards() -> Standards:
    """All standards that come with duban. Raises Invalid with every problem of every file."""
    files: list[Standard] = []
    problems: list[Problem] = []
    for path in sorted(FOLDER.glob("thresholds-*.yaml")):
        try:
            files.append(load_standard(path.read_bytes(), path.name))
        except Invalid as error:
            problems += error.flaws(path.name)
    if problems:
        raise Invalid(f"{len(problems)} problems in the standards", problems=problems)
    return Standards(files)


def read_standard(path: Path) -> Standard:
    """Load a file of standards from anywhere. Raises Invalid with every problem of it."""
    try:
        content = path.read_bytes()
    except OSError as error:
        problem = Problem(str(path), 0, 0, "unreadable", str(error.strerror))
        raise Invalid(f"{path}: cannot be read: {error.strerror}", "unreadable", problems=[problem]) from None
    return load_standard(content, str(path))
