"""What an act owes stands in the act's own entry, and nobody takes it away, bends it or puts it off unnoticed."""

import contextlib
import json
from collections.abc import Mapping
from typing import Any

import pytest
import world
from sqlalchemy import text
from world import advance, fire, sql

from engine import verify_entries
from engine.desk import Desk
from engine.orders import Comment, Urge
from engine.owing import owe
from engine.rows import N, NoticeRow
from engine.sheaf import Sheaf
from engine.store import Statement
from engine.verify_notices import NoticeCheck, Told
from engine.verifying import Scope, verify
from workflows.workspace import Workspace

DUE = "2010-11-03T09:00"


class Undo(Exception):
    """Rolls an edit back."""


def owed_in(workspace: Workspace, stream: str) -> dict[int, list[list[str]]]:
    """What the entries of a stream say they owe, by their numbers."""
    rows = sql(workspace.database, "select seq, record from entry where stream = :stream order by seq", stream=stream)
    said = {seq: json.loads(record).get("owed") for seq, record in rows}
    return {seq: owed for seq, owed in said.items() if owed}


def streams(workspace: Workspace) -> set[str]:
    return {row[0] for row in sql(workspace.database, "select distinct stream from entry")}


def findings(workspace: Workspace, scope: Scope | None = None) -> list[tuple[str, str]]:
    with workspace.database.snapshot() as tx:
        found = verify(tx, workspace.campaign, scope)["findings"]
    return [(each["code"], each["message"]) for each in found]


def acted(workspace: Workspace) -> str:
    """Somebody urges, somebody comments with copies, and a reminder falls due, all about one matter."""
    office, ref = workspace.actor("bgs.admin"), "errand/alpha"
    workspace.engine.execute(Urge(ref=ref, reason="请尽快"), office)
    workspace.engine.execute(Comment(ref=ref, reason="请知悉", copy_to=("beta",)), office)
    fire(workspace, DUE)
    return ref


def as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """Owe as the first databases have it: all in entries of their own."""
    enter, chain = Desk.enter, Sheaf._chain

    def entered(desk: Desk, *said: Any, notices: list[NoticeRow] | tuple[()] = (), **more: Any) -> dict[str, Any]:
        body = enter(desk, *said, **more)
        owe(desk.tx, desk.campaign, notices)
        return body

    def chained(sheaf: Sheaf) -> list[NoticeRow]:
        owed, sheaf.owed = sheaf.owed, []
        chain(sheaf)
        owe(sheaf.desk.tx, sheaf.desk.campaign, owed)
        return []

    monkeypatch.setattr(Desk, "enter", entered)
    monkeypatch.setattr(Sheaf, "_chain", chained)


def test_what_an_act_owes_stands_in_its_own_entry_and_nowhere_else(workspace: Workspace) -> None:
    ref = acted(workspace)

    said = owed_in(workspace, f"matter/{ref}")
    rows = sql(workspace.database, "select id, entry_seq from notice where ref = :ref", ref=ref)
    assert {(int(ident), seq) for seq, owed in said.items() for ident, _, _ in owed} == set(rows)
    assert len(said) == 3 and not [each for each in streams(workspace) if each.startswith("owed/")]
    assert findings(workspace) == []


EDITS = {
    "delete from notice where id = :id": {"notice_gone"},
    "update notice set recipient = 'beta.head' where id = :id": {"notice_row", "notice_text"},
    "update notice set text = text || ' ' where id = :id": {"notice_row", "notice_text"},
    "update notice set next_try_at = next_try_at + 999999999999 where id = :id": {"notice_row"},
    "update notice set effective_at = effective_at + 1 where id = :id": {"notice_row"},
    "update notice set status = 'cancelled' where id = :id": {"notice_row"},
}


def after(workspace: Workspace, edit: str, ident: int, scope: Scope | None = None) -> set[str]:
    """What is found of the notice after an edit behind the program's back, which is rolled back."""
    found: list[dict[str, Any]] = []
    with contextlib.suppress(Undo), workspace.database.tx() as tx:
        tx.write(Statement(text(edit)), {"id": ident})
        found += verify(tx, workspace.campaign, scope)["findings"]
        raise Undo
    assert all(str(ident) in each["message"] for each in found)
    return {each["code"] for each in found}


@pytest.mark.parametrize("before", [False, True], ids=["as it is", "as it was"])
def test_a_notice_taken_away_bent_or_put_off_is_found_in_either_form(
    before: bool, db_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        workspace = world.begin(db_url)
        if before:
            as_it_was(patch)
        ref = acted(workspace)
        assert bool(owed_in(workspace, f"matter/{ref}")) is not before
    idents = sql(workspace.database, "select min(id), max(id) from notice where ref = :ref", ref=ref)[0]

    for sent in (False, True):
        if sent:
            advance(workspace, "2010-11-03T10:00")
        assert findings(workspace) == []
        for edit, codes in EDITS.items():
            for ident in idents:
                found = after(workspace, edit, ident)
                gone = sent and "next_try_at" in edit
                assert (found and found <= codes) or (gone and not found), (edit, ident, sent, found)
                assert after(workspace, edit, ident, Scope(matter=ref)) == found
    workspace.close()


def test_a_database_goes_on_in_the_new_form_and_both_are_read(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        as_it_was(patch)
        ref = acted(workspace)
    workspace.engine.execute(Urge(ref=ref, reason="再催"), workspace.actor("bgs.admin"))
    advance(workspace, "2010-11-05T10:00")

    assert f"owed/{ref}" in streams(workspace) and owed_in(workspace, f"matter/{ref}")
    assert findings(workspace) == [] and findings(workspace, Scope(matter=ref)) == []


def test_an_invented_notice_is_found(workspace: Workspace) -> None:
    ref = acted(workspace)
    columns = [column.name for column in N.columns if column.name not in ("id", "dedup")]
    values = ", ".join(columns)

    sql(
        workspace.database,
        f"insert into notice (id, dedup, {values}) select id + 7, 'x', {values} from notice where ref = :ref "
        "order by id limit 1",
        ref=ref,
    )  # fmt: skip

    assert [code for code, _ in findings(workspace)] == ["notice_row"]


def test_however_many_matters_owe_something_few_of_them_are_held_at_once(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = workspace.actor("bgs.admin")
    for number in range(12):
        ref = world.open_one(workspace, "errand", "bgs.admin", "alpha", ref=f"errand/many/{number}").ref
        workspace.engine.execute(Urge(ref=ref, reason="请尽快"), office)
    check, held = NoticeCheck.check, list[int]()

    def counted(checking: NoticeCheck, told: Mapping[str, Told]) -> None:
        held.append(len(told))
        check(checking, told)

    monkeypatch.setattr(verify_entries, "REFS_AT_ONCE", 4)
    monkeypatch.setattr(NoticeCheck, "check", counted)

    assert findings(workspace) == []
    assert len(held) > 3 and max(held) <= 4
