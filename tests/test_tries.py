"""Every piece of work that writes is tried again when it meets another's, wherever it stands."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent

ALONE = {
    "engine/convoy.py": "carries what each carrier tries again by himself",
    "engine/transacting.py": "is what tries again",
    "workflows/restore.py": "writes to a copy that nobody else has",
    "workflows/scenarios.py": "plays in memory",
}
"""Who begins a writing transaction by himself, and why nobody is met there."""


def test_nobody_begins_a_transaction_that_is_not_tried_again() -> None:
    rooms = [ROOT / name for name in ("engine", "workflows", "scheduler", "commands", "web")]
    found = {
        str(path.relative_to(ROOT))
        for room in rooms
        for path in room.rglob("*.py")
        if re.search(r"\.tx\(\)", path.read_text(encoding="utf-8"))
    }

    assert found == set(ALONE)
