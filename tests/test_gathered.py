"""What a process alone with its database has not sent yet comes out as if each statement had been sent by itself."""

import random
import sqlite3
from typing import Any

import pytest
from sqlalchemy import Column, Index, Integer, MetaData, Table, Text, bindparam, delete, insert, select, text, update
from sqlalchemy.dialects import sqlite
from world import begin, do, sql

from engine import statement
from engine.chores import DONE
from engine.errors import Conflict
from engine.gathered import ANY, MOST, Gathered, Reach, reach_of
from engine.history import LAST_OF_STREAM
from engine.mirror import Mirror
from engine.store import Tx
from workflows.workspace import Workspace

T = Table(
    "clock",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("code", Text),
    Column("ended", Integer),
    Column("mark", Integer),
)
Index("one_open", T.c.code, unique=True, sqlite_where=text("ended IS NULL"))
O = Table("other", MetaData(), Column("id", Integer, primary_key=True), Column("code", Text))  # noqa: E741

SCHEMA = """
CREATE TABLE clock (id INTEGER PRIMARY KEY, code TEXT, ended INTEGER, mark INTEGER);
CREATE UNIQUE INDEX one_open ON clock (code) WHERE ended IS NULL;
CREATE TABLE other (id INTEGER PRIMARY KEY, code TEXT);
"""
"""As with deadlines, only one clock of a code is open."""

ADD = insert(T).values(id=bindparam("id"), code=bindparam("code"))
END = update(T).where(T.c.id == bindparam("b_id")).values(ended=bindparam("ended"))
MORE = update(T).where(T.c.id == bindparam("b_id")).values(ended=T.c.ended + bindparam("ended"))
MARK = update(T).where(T.c.id == bindparam("b_id")).values(mark=bindparam("ended"))
DROP = delete(T).where(T.c.code == bindparam("b_code"))
BESIDE = insert(O).values(id=bindparam("id"), code=bindparam("code"))
COUNT = insert(O).from_select(["id", "code"], select(bindparam("id"), T.c.code).where(T.c.id == bindparam("of")))


def ready(expression: Any) -> tuple[str, list[str], Reach]:
    """The driver's text of a statement, its parameters in order, and its reach."""
    compiled: Any = expression.compile(dialect=sqlite.dialect())
    return str(compiled), list(compiled.positiontup), reach_of(expression, compiled.positiontup)


KINDS = {
    name: ready(each)
    for name, each in {
        "add": ADD,
        "end": END,
        "more": MORE,
        "mark": MARK,
        "drop": DROP,
        "beside": BESIDE,
        "count": COUNT,
    }.items()
}
REACHES = {text: reach for text, _, reach in KINDS.values()}


def story(seed: int) -> list[tuple[str, Any, bool]]:
    """Some writes at random that the tables allow in this order."""
    chance, running, found = random.Random(seed), dict[str, int](), list[tuple[str, dict[str, Any]]]()
    for number in range(1, 61):
        code, at = chance.choice("abc"), chance.randint(1, 9)
        what = chance.choice(("add", "add", "end", "more", "mark", "drop", "beside", "count"))
        if what == "add" and code in running:
            found.append(("end", {"b_id": running.pop(code), "ended": at}))
        if what == "add":
            running[code] = number
        if what == "drop":
            running.pop(code, None)
        aims = running.get(code, number)
        if what == "end":
            running.pop(code, None)
        found.append((what, {"id": number, "code": code, "b_id": aims, "ended": at, "b_code": code, "of": aims}))
    return [(KINDS[what][0], tuple(said[name] for name in KINDS[what][1]), False) for what, said in found]


def sent(batch: Any) -> list[list[Any]]:
    """What the tables hold after *batch*."""
    connection = sqlite3.connect(":memory:")
    connection.executescript(SCHEMA)
    for said, bound, many in batch:
        connection.executemany(said, bound) if many else connection.execute(said, bound)
    return [connection.execute(f"SELECT * FROM {name} ORDER BY id").fetchall() for name in ("clock", "other")]


def test_what_is_gathered_comes_to_the_same_as_what_was_written_in_fewer_statements() -> None:
    saved = 0
    for seed in range(150):
        writes, gathered = story(seed), Gathered(REACHES)
        gathered.add(writes)

        assert sent(gathered.batch()) == sent(writes), seed
        saved += len(writes) - len(gathered.batch())
    assert saved > 150 * 5


def test_a_statement_that_looks_at_other_tables_or_is_unknown_is_not_overtaken() -> None:
    assert KINDS["count"][2] == ANY
    gathered = Gathered(REACHES)

    gathered.add(
        [(KINDS["add"][0], (1, "a"), False), ("DELETE FROM clock", (), False), (KINDS["add"][0], (2, "a"), False)]
    )

    assert [text for text, _, _ in gathered.batch()] == [KINDS["add"][0], "DELETE FROM clock", KINDS["add"][0]]


def test_a_new_row_overtakes_only_what_cannot_free_its_place() -> None:
    assert {name for name, (_, _, reach) in KINDS.items() if not reach.frees} == {"mark"}
    gathered = Gathered(REACHES)

    gathered.add([(KINDS[name][0], (at, "abc"[at]), False) for at, name in enumerate(("add", "mark", "add"))])

    assert [said for said, _, _ in gathered.batch()] == [KINDS["add"][0], KINDS["mark"][0]]


def test_only_what_is_asked_for_is_taken_out_and_can_be_given_back() -> None:
    for seed in range(60):
        writes, gathered = story(seed), Gathered(REACHES)
        gathered.add(writes)
        clocks, before = gathered.take({"clock"}), gathered.waiting
        whole = gathered.waiting == 0  # something looked at both tables
        assert whole or all(group.reach.table == "clock" for group in clocks)

        gathered.give_back(clocks)
        gathered.add([(KINDS["beside"][0], (100, "z"), False)])

        assert gathered.waiting == len(writes) + 1 >= before
        assert sent(gathered.batch()) == sent([*writes, (KINDS["beside"][0], (100, "z"), False)]), seed


NOTE = "INSERT INTO chore_done VALUES (?, 'x', ?, 0)"


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give a rehearsal in memory that nobody else can reach."""
    workspace = begin("sqlite://")
    workspace.database.keep(Mirror())
    monkeypatch.setitem(statement.REACHES, NOTE, Reach("chore_done"))
    yield workspace
    workspace.close()


def note(workspace: Workspace, value: int, *, fail: bool = False) -> None:
    """Write something in a transaction that reads nothing."""
    with workspace.database.tx() as tx:
        tx._waiting.append((NOTE, (workspace.campaign.id, str(value)), False))
        if fail:
            raise Conflict("no", "no")


def noted(tx: Tx) -> list[str]:
    """What was written so, as a transaction sees it."""
    tx.fetch()
    return [each for (each,) in tx.connection.execute("SELECT period FROM chore_done WHERE code = 'x'").fetchall()]


def test_what_was_committed_waits_for_the_next_look_and_outlives_whoever_fails(alone: Workspace) -> None:
    note(alone, 1)
    with pytest.raises(Conflict):
        note(alone, 2, fail=True)
    assert alone.database.behind is not None
    assert alone.database.behind.waiting == 1

    with pytest.raises(Conflict), alone.database.tx() as tx:
        assert noted(tx) == ["1"]
        raise Conflict("no", "no")

    with alone.database.snapshot() as tx:
        assert noted(tx) == ["1"]


def test_what_nobody_looks_at_waits_and_what_is_undone_waits_again(alone: Workspace) -> None:
    behind = alone.database.behind
    assert behind is not None
    note(alone, 1)
    with alone.database.tx() as tx:
        tx.rows(LAST_OF_STREAM, campaign_id=alone.campaign.id, stream="none")
    assert behind.waiting == 1

    with pytest.raises(Conflict), alone.database.tx() as tx:
        tx.rows(LAST_OF_STREAM, campaign_id=alone.campaign.id, stream="none")
        assert ("x", "1") in tx.rows(DONE, campaign_id=alone.campaign.id)
        assert behind.waiting == 0
        raise Conflict("no", "no")

    assert behind.waiting == 1
    with alone.database.snapshot() as tx:
        assert ("x", "1") in tx.rows(DONE, campaign_id=alone.campaign.id)
    assert behind.waiting == 0


def test_when_much_waits_it_is_sent(alone: Workspace) -> None:
    assert alone.database.behind is not None
    alone.database.behind.waiting = MOST

    note(alone, 1)

    assert alone.database.behind.waiting == 0


def test_nobody_else_writes_later(workspace: Workspace) -> None:
    do(workspace, "errand/alpha", "take", "alpha.liaison")

    assert workspace.database.behind is None
    assert sql(workspace.database, "select count(*) from entry where trigger = 'take'") == [(1,)]
