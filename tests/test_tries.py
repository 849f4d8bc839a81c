"""Every piece of work that writes is tried again when it meets another's, wherever it stands."""

import re
from pathlib import Path

import pytest
from world import begin, fire, notices

from engine import firing
from engine.dialect_errors import Clash
from engine.firing import fire_due
from engine.in_hand import Held
from engine.sheaf import Sheaf

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


def test_what_meets_somebody_each_time_it_is_tried_holds_up_nobody_else(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = begin(sqlite_url)
    fire_one = firing.fire_matter

    def met(sheaf: Sheaf, held: Held, wanted: set[int]) -> int:
        if held.row.ref == "errand/alpha":
            raise Clash("uq_notice_dedup")
        return fire_one(sheaf, held, wanted)

    monkeypatch.setattr(firing, "fire_matter", met)

    assert fire(workspace, "2010-11-03T10:00") > 0
    assert {each["ref"] for each in notices(workspace)} == {"errand/beta"}
    monkeypatch.undo()
    assert fire_due(workspace.engine) > 0
    workspace.close()
