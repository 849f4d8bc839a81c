"""What hangs on a matter is held against its history to the last column: clocks, rungs that fired, documents, parties."""

from typing import Any

import pytest
import world
from test_record_tampering import FREE, findings
from test_record_tampering import lived as lived  # noqa: PLC0414 - a fixture

from engine.tables import Deadline, Firing, table_of
from workflows.workspace import Workspace

ALPHA = "(select id from matter where ref = 'errand/alpha')"
STREAM = "matter/errand/alpha"
KEYS = ("id", "campaign_id")


def other(old: Any, column: str) -> Any:
    if column in ("provisional", "merged"):
        return 1 - old
    if column == "moves":
        return "[]" if old != "[]" else '[["paused","2010-11-02T00:00:00Z"]]'
    if old is None:
        return 77
    return old + 77 if isinstance(old, int) else f"{old} "


@pytest.mark.parametrize("column", [each.name for each in table_of(Deadline).columns if each.name not in KEYS])
def test_no_column_of_a_clock_can_be_changed_unseen(column: str, lived: Workspace) -> None:
    (old,) = world.sql(lived.database, f"select {column} from deadline where matter_id = {ALPHA}")[0]

    found = findings(lived, f"update deadline set {column} = :new where matter_id = {ALPHA}", new=other(old, column))

    assert ("row_differs", STREAM, None) in found


@pytest.mark.parametrize("column", [each.name for each in table_of(Firing).columns])
def test_no_column_of_a_rung_that_fired_can_be_changed_unseen(column: str, lived: Workspace) -> None:
    which = f"deadline_id in (select id from deadline where matter_id = {ALPHA})"
    (old,) = world.sql(lived.database, f"select {column} from firing where {which}")[0]

    found = findings(lived, f"update firing set {column} = :new where {which}", new=other(old, column))

    assert ("row_differs", STREAM, None) in found


BESIDE = {
    "a rung called fired": f"insert into firing select id, 9, 0, 1, 1, 0 from deadline where matter_id = {ALPHA}",
    "a rung forgotten": f"delete from firing where deadline_id in (select id from deadline where matter_id = {ALPHA})",
    "a party added": f"insert into party (matter_id, body, campaign_id) select id, 'towns', campaign_id from matter where id = {ALPHA}",
    "a party taken away": f"delete from party where matter_id = {ALPHA} and body = 'alpha'",
}


@pytest.mark.parametrize("name", BESIDE)
def test_what_was_added_to_a_matter_or_taken_away_is_found(name: str, lived: Workspace) -> None:
    assert FREE
    assert ("row_differs", STREAM, None) in findings(lived, BESIDE[name])


PAPERS = {"who brought it": "actor = 'beta.head'", "when": "attached_at = attached_at - 1", "which": "kind = 'stamp2'"}


@pytest.mark.parametrize("name", PAPERS)
def test_who_brought_a_document_and_when_is_proved(name: str, lived: Workspace) -> None:
    found = findings(lived, f"update attachment set {PAPERS[name]} where kind = 'stamp'")

    assert "document_differs" in {code for code, _, _ in found}


def test_a_document_entered_twice_is_found(lived: Workspace) -> None:
    copy = (
        "insert into attachment (id, campaign_id, matter_id, seq, kind, name, sha256, size, actor, attached_at) "
        "select -id, campaign_id, matter_id, seq, kind, name, sha256, size, actor, attached_at "
        "from attachment where kind = 'stamp'"
    )

    assert "document_differs" in {code for code, _, _ in findings(lived, copy)}
