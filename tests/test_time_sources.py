"""Time comes from engine/clock.py alone: a rehearsal moves the clock, and nothing may notice."""

import ast
from pathlib import Path

import pytest
from test_layering import ROOT, our_files

CLOCK = "engine/clock.py"

BANNED = {
    "datetime.date.today",
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "sqlalchemy.func.current_timestamp",
    "sqlalchemy.func.now",
    "time.sleep",
    "time.time",
    "time.time_ns",
}
"""What reads or waits for the machine's clock; monotonic and perf_counter measure a duration and are free."""

STANDALONE = "commands/standalone/"
"""Programs for others, who have none of our clocks: a witness signs with the time of his own machine."""

MAY_SLEEP = {
    "engine/transacting.py",  # between two tries of what met another's, in milliseconds
    "engine/turnstile.py",  # between two tries for a lock that other processes hold, in milliseconds
}
"""Files that may wait by sleeping, each with its reason beside it."""


def time_sources(source: str) -> list[str]:
    """List the banned names that *source* uses, under whatever name it imported them."""
    tree = ast.parse(source)
    names = imported_names(tree)
    dotted = (written_out(node, names) for node in ast.walk(tree) if isinstance(node, ast.Attribute | ast.Name))
    return sorted(name for name in dotted if name in BANNED)


def imported_names(tree: ast.Module) -> dict[str, str]:
    """Map each name that an import of *tree* binds to what it stands for."""
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                names[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom):
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return names


def written_out(node: ast.AST, names: dict[str, str]) -> str:
    """Write the dotted name that *node* spells in full, or nothing if it is no such name."""
    if isinstance(node, ast.Name):
        return names.get(node.id, "")
    if isinstance(node, ast.Attribute):
        return f"{written_out(node.value, names)}.{node.attr}"
    return ""


def allowed(path: Path) -> set[str]:
    """Say which of the banned names *path* may use."""
    if path.as_posix() == CLOCK:
        return BANNED
    if path.as_posix().startswith(STANDALONE):
        return {"time.time"}
    return {"time.sleep"} if path.as_posix() in MAY_SLEEP else set()


def test_only_the_clock_reads_the_time() -> None:
    found = {path: time_sources((ROOT / path).read_text("utf-8")) for path in our_files()}

    assert [(str(path), name) for path in found for name in found[path] if name not in allowed(path)] == []


@pytest.mark.parametrize(
    "source",
    [
        "import datetime\ndatetime.datetime.now()",
        "import datetime as dt\ndt.date.today()",
        "from datetime import datetime\ndatetime.utcnow()",
        "from datetime import datetime as moment\nask = moment.now",
        "import time\ntime.sleep(1)",
        "def f():\n    from time import time as t\n    return t()",
        "from sqlalchemy import func\nfunc.now()",
    ],
)
def test_a_time_source_is_found_under_any_name(source: str) -> None:
    assert len(time_sources(source)) == 1


def test_measuring_and_reading_a_given_instant_are_free() -> None:
    source = (
        "import time\nfrom datetime import datetime\n"
        "time.perf_counter()\ntime.monotonic()\ndatetime.fromisoformat('2010-11-26')\nclock.now()"
    )

    assert time_sources(source) == []
