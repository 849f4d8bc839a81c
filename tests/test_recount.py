"""The end of a clock worked out again is the end it has, whatever happened to it, as long as nothing has changed beneath it."""

import pytest
from sqlalchemy import inspect
from sqlmodel import SQLModel
from world import advance, begin, clock_of, correct, do, extend, flaws, history, local, notices, open_one, set_clock

from engine.campaign import Campaign
from engine.clock import to_us
from engine.clock_ends import due_of
from engine.counted import unpack_counted
from engine.documents import MemoryStore
from engine.in_hand import hold
from engine.recount import derived
from engine.rows import DeadlineRow
from engine.schema_version import HEAD, MIGRATIONS, create, current, upgrade
from engine.shapes import rule_of
from engine.store import Database
from engine.watches import WATCHED
from scheduler.rehearse import play, stage_of
from workflows.launch import Beginning, init
from workflows.workspace import Workspace


def rows_of(workspace: Workspace) -> list[DeadlineRow]:
    with workspace.database.snapshot() as tx:
        return [row for _, rows in workspace.reader.matters(tx) for row in rows]


def unlike_their_derivation(campaign: Campaign, rows: list[DeadlineRow]) -> list[tuple[str, str]]:
    """The deadlines whose stored end is not the one that is worked out again."""
    wrong = []
    for row in rows:
        if row.status in WATCHED:
            continue
        spec = rule_of(campaign, campaign.machines[row.definition_id], row)
        end = derived(row, spec, campaign.work, unpack_counted(row.counted).facts)
        if end != due_of(row):
            wrong.append((row.code, f"{row.last_day} but {end}"))
    return wrong


def test_every_date_of_a_played_campaign_is_worked_out_again_as_it_stands() -> None:
    workspace, _ = init("sqlite://", Beginning(rehearsal=True), documents=MemoryStore())
    play(stage_of(workspace, "typical", 3, 40), local("2011-02-20"))

    rows = rows_of(workspace)

    moved = {move for row in rows for move in ("resumed", "extended", "rebased") if move in row.moves}
    assert moved >= {"extended", "rebased"}
    assert unlike_their_derivation(workspace.campaign, rows) == []
    workspace.close()


def test_pauses_and_extensions_are_counted_again_in_their_order(workspace: Workspace) -> None:
    do(workspace, "errand/alpha", "take", "alpha.liaison")
    do(workspace, "errand/alpha", "pause", "alpha.head", reason="等待鉴定")
    set_clock(workspace, "2010-11-03T10:00")
    do(workspace, "errand/alpha", "resume", "alpha.head")
    extend(workspace, "errand/alpha", "answer", "bgs.admin", "2010-11-20", reason="来函")
    set_clock(workspace, "2010-11-10T10:00")
    do(workspace, "errand/alpha", "pause", "alpha.head", reason="等待鉴定")
    set_clock(workspace, "2010-11-15T10:00")
    do(workspace, "errand/alpha", "resume", "alpha.head")

    rows = rows_of(workspace)

    assert [row.last_day for row in rows if "extended" in row.moves] == ["2010-11-24"]
    assert unlike_their_derivation(workspace.campaign, rows) == []


def supervised(url: str, due_on: str) -> tuple[Workspace, str]:
    baodi = begin(url, "baodi-2010", at="2010-12-01T09:00")
    ref = open_one(baodi, "supervision", "bgs.admin", "wujia", requirement="清理市场").ref
    do(baodi, ref, "open_item", "bgs.admin", item_no="1号")
    do(baodi, ref, "assign", "bgs.admin", due_on=due_on)
    return baodi, ref


def said(workspace: Workspace, ref: str) -> list[tuple[str, str]]:
    """When each rung of the item's own deadline was said, and to which day it referred."""
    ident = clock_of(workspace, ref, "item")["id"]
    ours = [each for each in notices(workspace, ref=ref) if each["deadline"] == ident]
    return [(each["planned_at"][:10], each["subject"][-12:-2]) for each in ours]


def test_a_reminder_said_a_few_days_ago_is_not_said_again_for_the_new_date(db_url: str) -> None:
    baodi, ref = supervised(db_url, "2010-12-10")
    advance(baodi, "2010-12-09T12:00")

    correct(baodi, ref, "bgs.admin", reason="笔误", due_on="2010-12-14")
    advance(baodi, "2010-12-15T00:00")

    assert said(baodi, ref) == [("2010-12-09", "2010-12-10"), ("2010-12-14", "2010-12-14")]
    assert flaws(baodi) == []
    baodi.close()


def test_a_reminder_is_said_again_for_a_date_that_is_much_later(db_url: str) -> None:
    baodi, ref = supervised(db_url, "2010-12-10")
    advance(baodi, "2010-12-09T12:00")

    correct(baodi, ref, "bgs.admin", reason="改期", due_on="2011-01-20")
    advance(baodi, "2011-01-20T23:00")

    assert [day for day, _ in said(baodi, ref)] == ["2010-12-09", "2011-01-19", "2011-01-20"]
    assert clock_of(baodi, ref, "item")["status"] == "running"
    baodi.close()


def test_the_entry_of_a_correction_tells_what_became_of_the_date(sqlite_url: str) -> None:
    baodi, ref = supervised(sqlite_url, "2010-12-10")

    correct(baodi, ref, "bgs.admin", reason="笔误", due_on="2010-12-13")

    (effect,) = history(baodi, ref)[-1]["deadlines"]
    assert (effect["op"], effect["before"], effect["last_day"]) == ("corrected", "2010-12-10", "2010-12-13")
    baodi.close()


def test_a_paused_clock_goes_on_to_the_corrected_date(db_url: str) -> None:
    baodi, ref = supervised(db_url, "2010-12-10")
    with baodi.database.tx() as tx:
        held, _ = hold(tx, baodi.campaign, ref, baodi.clock.now())
        row = held.clocks.open_row("item")
        assert row is not None
        row.status, row.paused_at, row.next_fire_at, row.dirty = "paused", to_us(baodi.clock.now()), None, True
        held.save_clocks(tx)

    correct(baodi, ref, "bgs.admin", reason="笔误", due_on="2010-12-13")

    shown = clock_of(baodi, ref, "item")
    assert (shown["status"], shown["last_day"]) == ("paused", "2010-12-13")
    advance(baodi, "2010-12-20T00:00")
    assert clock_of(baodi, ref, "item")["status"] == "paused"
    baodi.close()


def test_a_database_of_the_first_release_becomes_like_a_new_one(db_url: str) -> None:
    from alembic import command
    from alembic.config import Config

    old = Database(db_url)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with old.schema() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    assert current(old) == "0001"

    assert upgrade(old) == ("0001", HEAD)

    with old.glance() as connection:
        names = [name for name in inspect(connection).get_table_names() if name != "alembic_version"]
        there = {
            name: {each["name"]: each["nullable"] for each in inspect(connection).get_columns(name)} for name in names
        }
    tables = SQLModel.metadata.tables.items()
    wanted = {name: {column.name: column.nullable for column in table.columns} for name, table in tables}
    assert there == wanted
    assert not create(old)
    old.close()


@pytest.mark.parametrize("fact", ["due_on", "requirement"])
def test_a_date_that_stays_the_same_keeps_its_ladder(fact: str, sqlite_url: str) -> None:
    baodi, ref = supervised(sqlite_url, "2010-12-10")
    advance(baodi, "2010-12-09T12:00")

    correct(baodi, ref, "bgs.admin", reason="更正", **{fact: "2010-12-10"})
    advance(baodi, "2010-12-10T23:00")

    assert [day for day, _ in said(baodi, ref)] == ["2010-12-09", "2010-12-10"]
    baodi.close()
