"""One run of the suite in several processes: each takes the next test file that no other has taken.

`dev test` starts the parts and names a folder for them; without that folder a run is whole.
"""

import functools
import os
from pathlib import Path

import pytest

FOLDER = os.environ.get("DUBAN_TEST_PARTS")
"""Where the parts of a run leave word for each other: a mark for each file taken; none in a run of one process."""

POSTGRESQL = "postgresql"
"""The mark that a part leaves when PostgreSQL serves it."""


def is_part() -> bool:
    """Say whether this process runs a part of the suite only."""
    return FOLDER is not None


def mark(name: str) -> bool:
    """Leave the mark *name*; False if there was one already."""
    try:
        (Path(str(FOLDER)) / name).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


@functools.cache
def ours(stem: str) -> bool:
    """Say whether the test file *stem* is this part's to run: it belongs whole to the part that takes it first."""
    return mark(f"file-{stem}")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Leave out a test whose file another part has taken, and end what the tests before it had set up."""
    if not is_part() or ours(item.path.stem):
        return None
    item.session._setupstate.teardown_exact(nextitem)
    return True
