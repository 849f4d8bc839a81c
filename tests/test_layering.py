"""The map of the house: who may import whom, which file owns which third party, how long a file may be."""

import ast
import sys
from pathlib import Path

import pytest
from housemap import LAYERS, OWNERS

ROOT = Path(__file__).parent.parent

LONGEST_FILE = 300
"""Lines of a Python file. Beyond it a file has two subjects."""

NAMELESS = {"utils", "util", "helpers", "common", "base", "misc"}
"""Module names that say nothing: a function lives with its noun."""


def python_files(*tops: str) -> list[Path]:
    """List the Python files at and below *tops*, relative to the root."""
    found = [path for top in tops for path in [*ROOT.glob(f"{top}.py"), *ROOT.glob(f"{top}/**/*.py")]]
    return sorted(path.relative_to(ROOT) for path in found)


def our_files() -> list[Path]:
    """List the files that belong to a layer."""
    return python_files(*LAYERS)


def layer(path: Path) -> str:
    """Name the top-level package or module that *path* belongs to."""
    return path.parts[0].removesuffix(".py")


def imports(source: str) -> set[str]:
    """Find the top-level names that *source* imports, wherever in it the import stands."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0] if node.level == 0 else "a relative import")
    return found


def violations(path: Path, source: str) -> list[str]:
    """Say for each import in *source* at *path* that the map does not allow why not."""
    flaws = []
    for name in sorted(imports(source)):
        if name in LAYERS:
            if name not in LAYERS[layer(path)]:
                flaws.append(f"{path} imports {name}, which lies above it")
        elif name in OWNERS:
            if not any(path.as_posix().startswith(owner) for owner in OWNERS[name]):
                flaws.append(f"{path} imports {name}, which belongs to {', '.join(sorted(OWNERS[name]))}")
        elif name not in sys.stdlib_module_names:
            flaws.append(f"{path} imports {name}, which has no owner in tests/test_layering.py")
    return flaws


def test_the_map_covers_files_in_every_layer() -> None:
    assert {layer(path) for path in our_files()} == set(LAYERS)


def test_every_import_is_on_the_map() -> None:
    flaws = [flaw for path in our_files() for flaw in violations(path, (ROOT / path).read_text("utf-8"))]

    assert flaws == []


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("engine/order.py", "import workflows.baodi"),
        ("engine/order.py", "def late():\n    from scheduler import heart"),
        ("workflows/predicates.py", "from commands.matter import show"),
        ("scheduler/heart.py", "import cli"),
        ("scheduler/node.py", "from web.app import app_of"),
        ("web/app.py", "from scheduler.turn import Turn"),
        ("engine/order.py", "from sqlalchemy.orm import Session"),
        ("commands/matter.py", "import sqlite3"),
        ("engine/order.py", "import requests"),
        ("engine/order.py", "from . import machine"),
    ],
)
def test_an_import_off_the_map_is_found(path: str, source: str) -> None:
    assert len(violations(Path(path), source)) == 1


def test_an_owner_may_import_what_is_its_own() -> None:
    source = "import json\nfrom sqlalchemy import select\nfrom engine.errors import Refusal"

    assert violations(Path("engine/rows.py"), source) == []


def test_no_file_is_longer_than_300_lines() -> None:
    lengths = {
        str(path): len((ROOT / path).read_text("utf-8").splitlines())
        for path in [*our_files(), *python_files("tests", "bench")]
    }

    assert {path: lines for path, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_every_module_has_a_name_that_says_something() -> None:
    assert [str(path) for path in our_files() if NAMELESS & {*path.parts[:-1], path.stem}] == []
