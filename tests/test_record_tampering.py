"""Whoever changes the record behind the program's back is found out, and the place is named."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import world
from pgtemp import PgTemp
from sqlalchemy import text
from sqlmodel import SQLModel

from engine import verify_pages
from engine.canonical import canonical, leaf_hash
from engine.store import Statement, Tx
from engine.tables import Entry, Matter, table_of
from engine.verifying import verify
from workflows.workspace import Workspace

FREE = {
    "sqlite": [f"DROP TRIGGER {table}_no_{verb}" for table in ("entry", "firing") for verb in ("update", "delete")],
    "postgresql": [f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in ("entry", "firing")],
}
"""What somebody with the database in his hands does first: the history is append-only no more."""

REF = "probe/2010-0001"
STREAM = f"matter/{REF}"


@pytest.fixture(autouse=True)
def in_small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The record is read in parts, however small it is."""
    monkeypatch.setattr(verify_pages, "SIZE", 4)
    monkeypatch.setattr(verify_pages, "CHUNK", 3)


class Undo(Exception):
    """Rolls a tampering back."""


def live(workspace: Workspace) -> None:
    """Some weeks of a campaign: every kind of entry, children, a personal fact, documents, a deadline put off."""
    ref = world.open_one(
        workspace, "probe", "alpha.liaison", reporter="王某", size=8, docs="paper", request_id="r-1"
    ).ref
    assert ref == REF
    world.do(workspace, ref, "receive", "alpha.liaison", received_at="2010-11-01T09:00:00+08:00")
    world.do(workspace, ref, "part", "alpha.liaison", request_id="r-2")
    world.advance(workspace, "2010-11-03T10:00")
    world.extend(workspace, "errand/alpha", "answer", "bgs.admin", "2010-11-15", reason="来函")
    world.correct(workspace, ref, "alpha.head", reason="登记有误", size=9)
    world.attach(workspace, ref, "alpha.head", "stamp")
    world.to_review(workspace, "errand/beta")
    world.advance(workspace, "2010-11-10T10:00")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def lived(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A campaign some weeks old, on each system in turn."""
    if request.param == "sqlite":
        yield from _lived(f"sqlite:///{tmp_path_factory.mktemp('record') / 'duban.db'}")
        return
    server: PgTemp = request.getfixturevalue("pg_server")
    with server.database() as url:
        yield from _lived(url)


def _lived(url: str) -> Iterator[Workspace]:
    found = world.begin(url, "rich")
    live(found)
    yield found
    found.close()


def check(workspace: Workspace, tx: Tx) -> dict[str, Any]:
    return verify(tx, workspace.campaign)


def findings(workspace: Workspace, *statements: str, **values: Any) -> list[tuple[str, str, int | None]]:
    """What the check finds after *statements* were run behind the program's back; they are rolled back."""
    found: dict[str, Any] = {}
    try:
        with workspace.database.tx() as tx:
            for statement in (*FREE[workspace.database.wire.name], *statements):
                names = [name for name in values if f":{name}" in statement]
                tx.write(Statement(text(statement)), {name: values[name] for name in names})
            found = check(workspace, tx)
            raise Undo
    except Undo:
        pass
    assert found["ok"] is not bool(found["findings"])
    return [(each["code"], each["stream"], each["seq"]) for each in found["findings"]]


def other(column: str, old: Any) -> Any:
    """Another value of the kind of *old*."""
    if column == "record":
        return old.replace('"kind":"', '"kind":"x')
    if column == "data":
        return old.replace('"size":9', '"size":1')
    if old is None and column.endswith("_at"):
        return 77
    return old + 77 if isinstance(old, int) else f"{old or ''}x" if column != "parent_id" else 1


def columns(model: type[SQLModel], *left_out: str) -> list[str]:
    return [column.name for column in table_of(model).columns if column.name not in left_out]


@pytest.mark.parametrize("column", columns(Entry, "request_mark"))
def test_a_changed_column_of_an_entry_is_found_where_it_is(column: str, lived: Workspace) -> None:
    (old,) = world.sql(lived.database, f"select {column} from entry where stream = '{STREAM}' and seq = 3")[0]

    found = findings(
        lived, f"update entry set {column} = :new where stream = '{STREAM}' and seq = 3", new=other(column, old)
    )

    assert any(stream == STREAM and seq in (3, 4, 80) for _, stream, seq in found), found


@pytest.mark.parametrize("column", columns(Matter, "id"))
def test_a_changed_column_of_a_matter_is_found_and_the_matter_named(column: str, lived: Workspace) -> None:
    (old,) = world.sql(lived.database, f"select {column} from matter where ref = '{REF}'")[0]
    definitions = [ident for (ident,) in world.sql(lived.database, "select id from definition_version order by kind")]
    new = {"definition_id": definitions[0], "stage": "over", "state": "over"}.get(column, other(column, old))
    new = {**dict.fromkeys(("campaign_id",), old + 1 if isinstance(old, int) else old)}.get(column, new)

    found = findings(lived, f"update matter set {column} = :new where ref = '{REF}'", new=new)

    assert any(stream in (STREAM, STREAM + "x") for _, stream, _ in found), found


@pytest.mark.parametrize("column", ["code", "owner_body", "status", "started_at", "last_day", "breach_at", "matter_id"])
def test_a_changed_deadline_is_found_and_its_matter_named(column: str, lived: Workspace) -> None:
    where = "matter_id = (select id from matter where ref = 'errand/alpha')"
    (old,) = world.sql(lived.database, f"select {column} from deadline where {where}")[0]
    new = {"status": "met", "last_day": "2010-11-16", "code": "other"}.get(column, other(column, old))

    found = findings(lived, f"update deadline set {column} = :new where {where}", new=new)

    assert ("row_differs", "matter/errand/alpha", None) in found


@pytest.mark.parametrize("column", ["rung", "next_fire_at"])
def test_a_reminder_put_off_behind_the_back_of_the_program_is_found(column: str, lived: Workspace) -> None:
    where = "status = 'running' and matter_id in (select id from matter where ref = 'errand/alpha')"
    assert world.sql(lived.database, f"select id from deadline where {where}")

    found = findings(lived, f"update deadline set {column} = {column} + 1 where {where}")

    assert ("row_differs", "matter/errand/alpha", None) in found


def test_a_deadline_taken_away_is_missed(lived: Workspace) -> None:
    found = findings(lived, "delete from deadline where matter_id = (select id from matter where ref = 'errand/alpha')")

    assert ("row_differs", "matter/errand/alpha", None) in found


def test_a_matter_taken_away_leaves_its_history_behind(lived: Workspace) -> None:
    found = findings(lived, f"delete from matter where ref = '{REF}'")

    assert ("no_matter", STREAM, None) in found


REWRITTEN: dict[str, str] = {
    "no JSON": "gone",
    "no object": "[]",
    "an empty object": "{}",
    "another instant": '{"recorded_at": "yesterday"}',
    "an abyss": "[" * 100_000,
    "a number that is none": '{"seq": NaN}',
}


@pytest.mark.parametrize("name", REWRITTEN)
def test_an_entry_that_is_no_entry_any_more_is_a_finding_and_no_fault(name: str, lived: Workspace) -> None:
    found = findings(
        lived, f"update entry set record = :new where stream = '{STREAM}' and seq = 3", new=REWRITTEN[name]
    )

    assert ("hash", STREAM, 3) in found


def test_a_row_nested_without_end_is_a_finding_and_no_fault(lived: Workspace) -> None:
    found = findings(lived, f"update matter set data = :new where ref = '{REF}'", new="[" * 100_000)

    assert {code for code, stream, _ in found if stream == STREAM}


def test_bytes_in_the_place_of_text_are_a_finding_and_no_fault(sqlite_url: str) -> None:
    """SQLite keeps in a column whatever is put there."""
    lived = world.begin(sqlite_url)
    where = "stream = 'matter/errand/alpha' and seq = 1"

    found = findings(lived, f"update entry set record = x'fffe' where {where}")

    assert ("hash", "matter/errand/alpha", 1) in found
    lived.close()


def rewritten(workspace: Workspace, seq: int) -> tuple[str, str]:
    """An entry that says the size was another one, and its hash worked out anew."""
    (record,) = world.sql(
        workspace.database, f"select record from entry where stream = '{STREAM}' and seq = :seq", seq=seq
    )[0]
    body = json.loads(record)
    assert body["facts"] == {"size": 9}
    new = canonical({**body, "facts": {"size": 1}})
    return new, leaf_hash(new)


def test_an_entry_rewritten_with_its_hash_breaks_the_chain_after_it(lived: Workspace) -> None:
    (seq,) = world.sql(lived.database, f"select seq from entry where stream = '{STREAM}' and kind = 'corrected'")[0]
    record, digest = rewritten(lived, seq)

    found = findings(
        lived, f"update entry set record = :record, hash = :digest where stream = '{STREAM}' and seq = :seq",
        record=record, digest=digest, seq=seq,
    )  # fmt: skip

    assert ("chain", STREAM, seq + 1) in found
    assert ("row_differs", STREAM, None) in found


def test_an_entry_deleted_from_the_middle_leaves_a_gap(lived: Workspace) -> None:
    found = findings(lived, f"delete from entry where stream = '{STREAM}' and seq = 3")

    assert {("gap", STREAM, 4), ("chain", STREAM, 4)} <= set(found)


@pytest.mark.parametrize("stream", [STREAM, "matter/errand/alpha", "matter/errand/beta"])
def test_the_last_entry_deleted_is_missed_by_its_matter(stream: str, lived: Workspace) -> None:
    found = findings(
        lived,
        f"delete from entry where stream = '{stream}' and seq = (select max(seq) from entry where stream = '{stream}')",
    )

    assert ("row_differs", stream, None) in found


def test_a_whole_history_deleted_is_missed_by_its_matter(lived: Workspace) -> None:
    found = findings(lived, f"delete from entry where stream = '{STREAM}'")

    assert ("row_differs", STREAM, None) in found


def test_two_entries_swapped_are_found_at_their_new_places(lived: Workspace) -> None:
    swap = [
        f"update entry set seq = {new} where stream = '{STREAM}' and seq = {old}"
        for old, new in ((2, 99), (3, 2), (99, 3))
    ]

    found = findings(lived, *swap)

    assert {("chain", STREAM, 2), ("chain", STREAM, 3), ("column", STREAM, 2), ("column", STREAM, 3)} <= set(found)


def test_a_stream_renamed_says_another_name_in_each_of_its_entries(lived: Workspace) -> None:
    found = findings(lived, f"update entry set stream = 'matter/probe/2010-0009' where stream = '{STREAM}'")

    assert ("column", "matter/probe/2010-0009", 1) in found
    assert ("row_differs", STREAM, None) in found


def check_now(workspace: Workspace) -> dict[str, Any]:
    with workspace.database.snapshot() as tx:
        return check(workspace, tx)


@pytest.mark.parametrize("column", ["value", "salt", "field", "seq"])
def test_a_changed_private_value_is_not_what_was_committed_to(column: str, lived: Workspace) -> None:
    new = {"value": '"李某"', "salt": "00" * 32, "field": "fact:reporte", "seq": 2}[column]

    found = findings(
        lived,
        f"update entry_private set {column} = :new where stream = '{STREAM}' and field = 'fact:reporter'",
        new=new,
    )

    assert ("private", STREAM, 2 if column == "seq" else 1) in found


def test_what_was_left_alone_has_no_finding(lived: Workspace) -> None:
    assert findings(lived) == []
    assert check_now(lived)["matters"] == len(world.sql(lived.database, "select 1 from matter"))
    assert check_now(lived)["entries"] == len(world.sql(lived.database, "select 1 from entry"))
