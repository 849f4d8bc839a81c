"""Every piece of work that writes is tried again when it meets another's, wherever it stands."""

import re
from pathlib import Path

import pytest
from sqlalchemy import text
from world import begin, fire, notices

from engine import firing, transacting
from engine.dialect_errors import Clash
from engine.errors import DubanError
from engine.firing import fire_due
from engine.in_hand import Held
from engine.sheaf import Sheaf
from engine.store import Tx
from engine.transacting import transact
from workflows.workspace import Workspace

ROOT = Path(__file__).parent.parent

ALONE = {
    "engine/convoy.py": "carries what each carrier tries again by himself",
    "engine/publishing.py": "asks whether it may write, with what changes nothing",
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


def test_what_meets_somebody_again_and_again_waits_with_nothing_held(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, tried, waited = begin(sqlite_url), [], []

    def work(_: Tx) -> str:
        tried.append(len(waited))
        if len(tried) < transacting.TRIES:
            raise Clash("somebody was faster")
        return "done"

    def wait(seconds: float) -> None:
        with workspace.database.tx():
            waited.append(seconds)

    monkeypatch.setattr(transacting.time, "sleep", wait)
    monkeypatch.setattr(transacting.random, "random", lambda: 1.0)

    assert transact(workspace.database, work)[0] == "done"
    assert tried[:3] == [0, 0, 1] and len(waited) == transacting.TRIES - 2
    assert waited == sorted(waited) and 0 < sum(waited) < 2
    workspace.close()


@pytest.mark.parametrize("broken", ["UPDATE matter SET title = NULL", "UPDATE entry SET seq = 0", "DELETE FROM entry"])
def test_what_breaks_a_rule_of_a_table_met_nobody_and_is_tried_once(broken: str, workspace: Workspace) -> None:
    tried = []

    def work(tx: Tx) -> None:
        tried.append(broken)
        tx.select(text(broken))

    with pytest.raises(
        Exception, match=r"null|append-only|foreign|NULL"
    ) as found:  # the driver's own, by no name of ours
        transact(workspace.database, work)
    assert len(tried) == 1 and not isinstance(found.value, DubanError)
