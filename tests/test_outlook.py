"""What a matter's row keeps for lists and boards: it gives the light and the list that the deadlines themselves give."""

import random
from dataclasses import replace
from typing import Any

import pytest
import world
from sqlalchemy import select
from test_log_upgrade import BEFORE_RECOVERY, OLDER

from engine.clock import from_us, to_us
from engine.errors import Invalid
from engine.handovers import waits
from engine.lists import Page
from engine.outlook import LIGHTS, has_light, light_at, set_outlook
from engine.rows import UPDATE_MATTER, DeadlineRow, M, MatterRow
from engine.schema_version import HEAD, upgrade
from engine.shapes import light_of
from engine.verifying import Scope, verify
from workflows.workspace import Workspace

HOUR = 3_600_000_000
STATUSES = ("running", "running", "paused", "met", "late", "breached", "cancelled", "watching", "cleared")
COLUMNS = ("red_at", "yellow_at", "due_at", "awaits")


def shuffled(workspace: Workspace, dice: random.Random) -> dict[int, tuple[MatterRow, list[DeadlineRow]]]:
    """Give every matter other deadlines, at random, and write what its row keeps of them."""
    campaign, now_us = workspace.campaign, to_us(workspace.clock.now())
    with workspace.database.tx() as tx:
        found = {}
        pairs = workspace.reader.matters(tx)
        pattern = next(rows[0] for _, rows in pairs if rows)
        for matter, _ in pairs:
            machine = campaign.machines[matter.definition_id]
            rows = []
            for _ in range(dice.randrange(5)):
                started = now_us - dice.randrange(1, 400) * HOUR
                breach = started + dice.randrange(1, 800) * HOUR
                status = dice.choice(STATUSES)
                rows.append(
                    replace(
                        pattern, definition_id=machine.id, code=dice.choice(list(machine.doc.deadlines)), status=status,
                        started_at=started, breach_at=breach, yellow_at=dice.randrange(started, breach),
                        stopped_at=None if status in ("running", "paused") else now_us,
                    )
                )  # fmt: skip
            matter.closed, matter.seq_before = int(dice.random() < 0.2), matter.seq
            set_outlook(matter, machine, campaign.machines, rows, {}, {})
            found[matter.id] = (matter, rows)
        tx.put(UPDATE_MATTER, [matter for matter, _ in found.values()])
    return found


@pytest.mark.parametrize("seed", range(4))
def test_the_database_gives_the_light_that_the_deadlines_give_at_any_later_instant(baodi: Workspace, seed: int) -> None:
    dice = random.Random(seed)
    found = shuffled(baodi, dice)
    seen = set()
    for _ in range(20):
        at_us = to_us(baodi.clock.now()) + dice.randrange(0, 500) * HOUR
        lights = {ident: light_of(baodi.campaign, *pair, from_us(at_us)) for ident, pair in found.items()}
        with baodi.database.snapshot() as tx:
            assert dict(map(tuple, tx.select(select(M.c.id, light_at(at_us))))) == lights
            for light in LIGHTS:
                having = {row[0] for row in tx.select(select(M.c.id).where(has_light(light, at_us)))}
                assert having == {ident for ident, shown in lights.items() if (shown or "none") == light}
        seen |= set(lights.values())
    assert seen == {"red", "yellow", "green", None}


def test_every_writer_of_a_row_keeps_it_right_through_a_whole_campaign(baodi: Workspace) -> None:
    filled(baodi)
    world.advance(baodi, "2010-12-20T10:00")

    assert world.flaws(baodi) == []
    awaited: dict[str, set[str]] = {}
    with baodi.database.snapshot() as tx:
        for matter, rows in baodi.reader.matters(tx):
            assert (matter.due_at is None) == all(row.status != "running" for row in rows)
            for each in waits(baodi.campaign, matter):
                awaited.setdefault(each["body"], set()).add(matter.ref)
    assert len(awaited) > 10
    for body in baodi.campaign.bodies:
        assert set(refs(baodi, waiting_for=body)) == awaited.get(body, set())


def filled(workspace: Workspace) -> None:
    """A few cases and leads in different states."""
    for body in ("gongshang", "zhijian", "nongwei"):
        for _ in range(3):
            world.open_one(
                workspace,
                "lead",
                f"{body}.officer",
                body,
                channel="letter",
                anonymous=True,
                content="有人售假",
                products=["seeds"],
            )


def refs(workspace: Workspace, **which: Any) -> list[str]:
    return [each["ref"] for each in workspace.reader.listed(**which)["items"]]


def test_pages_put_together_are_the_list_and_the_total_is_its_length(baodi: Workspace) -> None:
    for order in ("urgency", "ref", "updated"):
        whole, cursor, found = refs(baodi, page=Page(order)), None, []
        while True:
            page = baodi.reader.listed(page=Page(order, 7, cursor))
            assert page["total"] == len(whole)
            found += [each["ref"] for each in page["items"]]
            cursor = page["next"]
            if cursor is None:
                break
        assert found == whole
        assert len(set(found)) == len(found) > 14


def test_the_most_urgent_stand_first(baodi: Workspace) -> None:
    lights = [each["light"] or "none" for each in baodi.reader.listed(page=Page("urgency"))["items"]]
    first_not_red = next(at for at, light in enumerate(lights) if light != "red")

    assert first_not_red > 0
    assert "red" not in lights[first_not_red:]


@pytest.mark.parametrize("cursor", ["", "x", "W10", "WyJyZWYiLCAxLCAyXQ", "é", "WyJ1cmdlbmN5IiwgMWU5OTksIDFd"])
def test_a_cursor_that_no_page_gave_is_refused(baodi: Workspace, cursor: str) -> None:
    with pytest.raises(Invalid, match="cursor"):
        baodi.reader.listed(page=Page("urgency", 5, cursor))


def test_looking_back_agrees_with_what_was_seen_then(baodi: Workspace) -> None:
    filled(baodi)
    moments = {}
    for day in ("2010-12-05", "2010-12-12"):
        world.advance(baodi, f"{day}T10:00")
        moments[baodi.clock.now()] = everything(baodi)
        world.advance(baodi, f"{day}T11:00")
        world.open_one(
            baodi, "lead", "gongshang.officer", "gongshang", channel="letter", anonymous=True, content="有人售假"
        )
    world.advance(baodi, "2010-12-25T10:00")

    for at, seen in moments.items():
        assert world.unlike(seen, everything(baodi, as_of=at)) == []


def everything(workspace: Workspace, **of: Any) -> dict[str, Any]:
    reader = workspace.reader
    return {
        "board": reader.board(**of), "phases": reader.phases("department_task", **of), "kinds": reader.kinds(**of),
        "duties": reader.duties("duty", **of), "red": reader.listed(light="red", page=Page("urgency", 5), **of),
        "all": reader.listed(page=Page("ref", 100), **of)["total"], "waiting": reader.listed(waiting_for="gongshang", **of),
    }  # fmt: skip


def test_each_figure_of_a_board_is_the_length_of_its_list(baodi: Workspace) -> None:
    filled(baodi)
    world.advance(baodi, "2010-12-12T10:00")

    for row in baodi.reader.board()["rows"]:
        for stage, count in row["counts"].items():
            assert len(refs(baodi, kind=row["kind"], body=row["body"], stage=stage)) == count
        for light, count in row["lights"].items():
            assert len(refs(baodi, kind=row["kind"], body=row["body"], light=light)) == count
        assert len(refs(baodi, kind=row["kind"], body=row["body"], closed=False)) == row["open"]
    for row in baodi.reader.kinds()["rows"]:
        for kind, cell in row["cells"].items():
            assert len(refs(baodi, kind=kind, body=row["body"])) == cell["count"]


def test_a_sight_bounds_lists_totals_and_boards_alike(baodi: Workspace) -> None:
    sight = M.c.body == "wujia"
    page = baodi.reader.listed(page=Page("ref", 2), sight=sight)

    assert {row["body"] for row in baodi.reader.board(sight=sight)["rows"]} == {"wujia"}
    assert sum(sum(row["counts"].values()) for row in baodi.reader.board(sight=sight)["rows"]) == page["total"]
    assert len(refs(baodi, sight=sight)) == page["total"] < len(refs(baodi))


@pytest.mark.parametrize("column", COLUMNS)
def test_a_row_that_disagrees_with_its_deadlines_is_found(baodi: Workspace, column: str) -> None:
    wrong = "'|office>bgs|'" if column == "awaits" else "7"
    world.sql(baodi.database, f"UPDATE matter SET {column} = {wrong} WHERE ref = 'department_task/wujia'")
    with baodi.database.snapshot() as tx:
        said = verify(tx, baodi.campaign, Scope())

    assert [(each["code"], each["stream"]) for each in said["findings"]] == [
        ("row_differs", "matter/department_task/wujia")
    ]


def test_an_older_database_gets_what_its_deadlines_say(baodi: Workspace) -> None:
    filled(baodi)
    world.advance(baodi, "2010-12-12T10:00")
    look = f"SELECT id, {', '.join(COLUMNS)} FROM matter ORDER BY id"
    also = [f"SELECT * FROM {name} ORDER BY 1, 3" for name in ("particulars", "amount")]
    before = [world.sql(baodi.database, each) for each in (look, *also)]
    for statement in (
        *OLDER,
        *BEFORE_RECOVERY,
        "UPDATE alembic_version SET version_num = '0009'",
    ):
        world.sql(baodi.database, statement)

    assert upgrade(baodi.database) == ("0009", HEAD)

    assert [world.sql(baodi.database, each) for each in (look, *also)] == before
    assert world.flaws(baodi) == []
