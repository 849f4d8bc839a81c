"""Answers that are kept for as long as nothing is put on record: seen through other processes, and whatever becomes visible when."""

from typing import Any

from sqlalchemy import func, select, text
from world import begin, sql

from engine.orders import Comment
from engine.parties import X
from engine.pulse import pulse
from engine.rows import E, M
from engine.stamp import move_stamp
from engine.statement import Statement
from engine.steady import entries, steady, tallied
from engine.store import Database, Tx
from workflows.workspace import Workspace, open_workspace

HOW_MANY = select(func.count()).select_from(E)


def looked(office: Workspace, expression: Any = HOW_MANY) -> int:
    with office.database.snapshot() as tx:
        return int(steady(tx, office.campaign, expression)[0][0])


def by_kind(office: Workspace) -> dict[tuple[str, str], int]:
    """How many entries there are of each kind, beside a number; as many as when they are grouped."""
    columns = (E.c.kind, E.c.campaign_id - (E.c.campaign_id - text("1")))
    with office.database.snapshot() as tx:
        found = tallied(tx, office.campaign, columns, [E.c.campaign_id == office.campaign.id])
        assert tallied(tx, office.campaign, columns, [E.c.campaign_id == 0]) == []
        grouped = tx.select(select(*columns, func.count()).group_by(*columns))
    assert sorted(found) == sorted((row[0], str(row[1]), row[2]) for row in grouped)
    return {(kind, number): count for kind, number, count in found}


def test_what_was_asked_is_not_asked_again_until_something_is_put_on_record(db_url: str, monkeypatch: Any) -> None:
    office = begin(db_url, "baodi-2010")
    before = looked(office)
    asked: list[str] = []
    rows = Tx.rows

    def told(tx: Tx, statement: Statement, **params: Any) -> list[Any]:
        asked.append(str(statement.expression))
        return rows(tx, statement, **params)

    monkeypatch.setattr(Tx, "rows", told)

    assert looked(office) == before
    assert str(HOW_MANY) not in asked
    assert looked(office, select(func.count()).select_from(M)) != before
    office.close()


def test_what_another_process_does_is_seen_at_once(db_url: str) -> None:
    office, other = begin(db_url, "baodi-2010"), open_workspace(db_url)
    before = looked(office)
    assert ("comment", "1") not in by_kind(office)
    other.engine.execute(Comment(ref="department_task/wujia", reason="已电话联系"), other.actor("bgs.admin"))

    assert looked(office) > before
    assert by_kind(office)["comment", "1"] == 1, "what is counted in one text, too"
    other.close()
    office.close()


def test_an_entry_that_becomes_visible_after_a_later_one_changes_the_pulse(pg_url: str) -> None:
    office = begin(pg_url, "baodi-2010")
    put = text("INSERT INTO log_pending (campaign_id, stream, seq, hash) VALUES (:campaign, :stream, 1, 'x')")
    beside = Database(pg_url)
    with beside.engine.connect() as slow, beside.engine.connect() as quick:
        slow.exec_driver_sql("BEGIN")
        slow.execute(put, {"campaign": office.campaign.id, "stream": "first"})
        quick.execute(put, {"campaign": office.campaign.id, "stream": "second"})
        with office.database.snapshot() as tx:
            before, number = pulse(tx, office.campaign.id), entries(tx, office.campaign.id)
        slow.exec_driver_sql("COMMIT")
        with office.database.snapshot() as tx:
            assert (pulse(tx, office.campaign.id), entries(tx, office.campaign.id)) != (before, number)
            assert entries(tx, office.campaign.id) == number + 1
    beside.close()
    office.close()


def test_a_transaction_that_has_written_asks_the_database(db_url: str) -> None:
    office = begin(db_url, "baodi-2010")
    names = select(M.c.title).where(M.c.ref == "department_task/wujia")
    with office.database.snapshot() as tx:
        steady(tx, office.campaign, names)
    with office.database.tx() as tx:
        tx.write(Statement(M.update().where(M.c.ref == "department_task/wujia").values(title="另一个")), {})
        assert steady(tx, office.campaign, names)[0][0] == "另一个"
    office.close()


def test_what_was_found_before_the_stamp_was_moved_is_asked_again(db_url: str) -> None:
    office = begin(db_url, "baodi-2010")
    parties = select(func.count()).select_from(X)
    before = looked(office, parties)
    sql(office.database, "DELETE FROM party WHERE body = 'wujia'")
    assert looked(office, parties) == before

    with office.database.tx() as tx:
        move_stamp(tx)
    office.look_again()

    assert looked(office, parties) < before
    office.close()
