"""Twelve attacks on the record by three attackers: each is found exactly where the design says that it is found."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import world
from attackers import Attacker, dumped, restored
from pgtemp import PgTemp
from production import Watch

from engine import verify_pages
from engine.anchors import read_anchors
from engine.canonical import canonical
from engine.checkpoints import put_outside, seal
from engine.clock import to_us
from engine.sequencing import sequence
from engine.signing_key import new_key
from engine.store import Tx
from engine.verifying import Scope, verify
from workflows.workspace import Workspace

REF, OTHER, YOUNG = "probe/2010-0001", "probe/2010-0002", "probe/2010-0003"
STREAM = f"matter/{REF}"


@pytest.fixture(autouse=True)
def in_small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The record is read in parts, however small it is."""
    monkeypatch.setattr(verify_pages, "SIZE", 4)
    monkeypatch.setattr(verify_pages, "CHUNK", 3)


class Undo(Exception):
    """Takes an attack back."""


@dataclass
class Office:
    """A log that has lived: sealed and anchored twice, with a matter opened after the last anchor."""

    workspace: Workspace
    folder: Path
    key: Any
    receipts: dict[str, Any] = field(default_factory=dict)

    def seal(self, *, anchor: bool = True) -> None:
        now = self.workspace.clock.now()
        made = seal(self.workspace.database, self.workspace.campaign, now, self.key)
        assert made is not None
        if anchor:
            put_outside(self.workspace.database, self.workspace.campaign, made, now)

    def scope(self, *, anchors: bool = False, receipts: bool = False) -> Scope:
        there = list(read_anchors([self.folder], self.workspace.campaign.log)) if anchors else ()
        return Scope(anchors=there, timed=True, receipts=self.receipts if receipts else {})

    def codes(self, tx: Tx, **with_: bool) -> set[str]:
        return {each["code"] for each in verify(tx, self.workspace.campaign, self.scope(**with_))["findings"]}

    def look(self, **with_: bool) -> set[str]:
        with self.workspace.database.snapshot() as tx:
            return self.codes(tx, **with_)


def live(office: Office) -> None:
    space = office.workspace
    for _ in range(2):
        world.open_one(space, "probe", "alpha.liaison", size=1, reporter="王某")
    for day in (2, 3, 4):
        for size in (1, 2, 3):
            world.set_clock(space, f"2010-11-0{day}T1{size}:00")
            for ref in (REF, OTHER):
                world.correct(space, ref, "alpha.head", reason="更正", size=day * 10 + size)
        office.seal(anchor=day < 4)
    office.seal()
    world.advance(space, "2010-11-05T10:00")
    outcome = world.open_one(space, "probe", "alpha.liaison", size=7)
    assert outcome.ref == YOUNG
    office.receipts["young.json"] = outcome.as_json()["receipt"]


def begun(url: str, folder: Path) -> Iterator[Office]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DUBAN_ANCHORS", str(folder / "anchors"))
        patch.setenv("DUBAN_STATE", str(folder / "state"))
        workspace = world.begin(url, "rich", at="2010-11-01T08:00")
        office = Office(workspace, folder / "anchors", new_key(folder / "key.pem"))
        live(office)
        yield office
        workspace.close()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def office(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("attacks")
    if request.param == "sqlite":
        yield from begun(f"sqlite:///{folder / 'duban.db'}", folder)
        return
    server: PgTemp = request.getfixturevalue("pg_server")
    with server.database() as url:
        yield from begun(url, folder)


@pytest.fixture
def fresh(db_url: str, tmp_path: Path) -> Iterator[Office]:
    yield from begun(db_url, tmp_path)


def edit_row(hand: Attacker) -> None:
    def change(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        row = rows[3]
        row["record"] = canonical({**json.loads(row["record"]), "facts": {"size": 99}})
        return rows

    hand.edit(STREAM, change)


def delete_row(hand: Attacker) -> None:
    hand.edit(STREAM, lambda rows: rows[:3] + rows[4:])


def truncate_tail(hand: Attacker) -> None:
    hand.edit(STREAM, lambda rows: rows[:-2])


def truncate_young(hand: Attacker) -> None:
    ident = hand.read("select id from matter where ref = :ref", ref=YOUNG)[0][0]
    for table in ("deadline", "attachment", "party", "particulars", "amount"):
        hand.sql(f"delete from {table} where matter_id = :ident", ident=ident)
    for table in ("entry", "entry_private", "log_pending"):
        hand.sql(f"delete from {table} where stream = :stream", stream=f"matter/{YOUNG}")
    hand.sql("delete from matter where id = :ident", ident=ident)
    hand.level = "naive"  # it had no place in the tree yet: there is nothing to fit


def reorder(hand: Attacker) -> None:
    def change(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [*rows[:3], {**rows[5], "seq": 4}, rows[4], {**rows[3], "seq": 6}, *rows[6:]]

    hand.edit(STREAM, change)


def delete_matter(hand: Attacker) -> None:
    ident = hand.read("select id from matter where ref = :ref", ref=REF)[0][0]
    for table in ("deadline", "attachment", "party", "particulars", "amount"):
        hand.sql(f"delete from {table} where matter_id = :ident", ident=ident)
    for table in ("entry", "entry_private"):
        hand.sql(f"delete from {table} where stream = :stream", stream=STREAM)
    hand.sql("delete from matter where id = :ident", ident=ident)


def edit_state(hand: Attacker) -> None:
    hand.sql("update matter set state = 'over', stage = 'over', closed = 1 where ref = :ref", ref=REF)


def insert_past(hand: Attacker) -> None:
    def change(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [*rows[:4], {**rows[3], "request_id": None, "request_mark": None, "seq": 77}, *rows[4:]]

    hand.edit(STREAM, change)


def append_old(hand: Attacker) -> None:
    def change(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        made = {**rows[3], "request_id": None, "request_mark": None, "seq": len(rows) + 1}
        return [*rows, made]

    hand.edit(STREAM, change)


def swap_streams(hand: Attacker) -> None:
    if hand.level == "naive":
        for old, new in ((STREAM, "x"), (f"matter/{OTHER}", STREAM), ("x", f"matter/{OTHER}")):
            hand.sql("update entry set stream = :new where stream = :old", old=old, new=new)
        return
    mine, theirs = hand.stream(STREAM), hand.stream(f"matter/{OTHER}")
    hand.edit(STREAM, lambda _: theirs)
    hand.edit(f"matter/{OTHER}", lambda _: mine)


LEVELS = ("naive", "smart", "thief")
EVERYWHERE, BUT_THIEF, OUTSIDE = "yes yes yes", "yes yes no", "no no no"
ATTACKS: dict[str, tuple[Callable[[Attacker], None], str, str]] = {
    "edit row": (edit_row, BUT_THIEF, EVERYWHERE),
    "delete row": (delete_row, BUT_THIEF, EVERYWHERE),
    "truncate a matter's tail": (truncate_tail, BUT_THIEF, EVERYWHERE),
    "truncate what is younger than the last anchor": (truncate_young, OUTSIDE, OUTSIDE),
    "reorder": (reorder, EVERYWHERE, EVERYWHERE),
    "delete a whole matter": (delete_matter, BUT_THIEF, EVERYWHERE),
    "edit the state only": (edit_state, EVERYWHERE, EVERYWHERE),
    "insert in the past": (insert_past, BUT_THIEF, EVERYWHERE),
    "append with an old date": (append_old, EVERYWHERE, EVERYWHERE),
    "swap the streams of two matters": (swap_streams, EVERYWHERE, EVERYWHERE),
}
"""Each attack, by whom it is found with the checkpoints of the database alone, and with anchors outside."""


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_found_where_the_design_says_so(name: str, level: str, office: Office) -> None:
    attack, inside, outside = ATTACKS[name]
    found: dict[str, set[str]] = {}
    try:
        with office.workspace.database.tx() as tx:
            hand = Attacker(office.workspace, tx, level, office.key)
            attack(hand)
            hand.finish()
            found["database"] = office.codes(tx)
            found["anchors"] = office.codes(tx, anchors=True)
            found["receipts"] = office.codes(tx, anchors=True, receipts=True)
            raise Undo
    except Undo:
        pass

    at = LEVELS.index(level)
    assert bool(found["database"]) is (inside.split()[at] == "yes"), found
    assert bool(found["anchors"]) is (outside.split()[at] == "yes"), found
    assert found["receipts"], found
    if name.startswith("truncate what"):
        assert found["receipts"] == {"receipt_missing"}


def test_what_was_left_alone_is_accused_of_nothing(office: Office) -> None:
    assert office.look(anchors=True, receipts=True) == set()


def test_a_backup_put_back_is_found_by_anchors_alone(fresh: Office) -> None:
    backup = dumped(fresh.workspace)
    world.correct(fresh.workspace, REF, "alpha.head", reason="更正", size=5)
    fresh.seal()

    restored(fresh.workspace, backup)

    assert fresh.look() == set()
    assert fresh.look(anchors=True) == {"rollback"}


def test_a_fork_from_a_backup_is_found_by_anchors_alone(fresh: Office) -> None:
    backup = dumped(fresh.workspace)
    world.correct(fresh.workspace, REF, "alpha.head", reason="更正", size=5)
    fresh.seal()
    restored(fresh.workspace, backup)

    fresh.workspace.engine.guard = None
    for size in range(4):
        world.correct(fresh.workspace, REF, "alpha.head", reason="另一段历史", size=size)
    fresh.seal(anchor=False)

    assert fresh.look() == set()
    assert "fork" in fresh.look(anchors=True)


def test_a_clock_set_back_is_found_in_the_database_itself(fresh: Office) -> None:
    space = fresh.workspace
    fresh.seal()
    back = Watch(space.clock.now() - timedelta(days=3))
    space.engine.clock = back

    world.open_one(space, "probe", "alpha.liaison", size=1)
    sequence(space.database, space.campaign.id, space.campaign.log, to_us(back.now()))

    assert fresh.look() == {"time"}


def test_times_a_little_apart_accuse_nobody(fresh: Office) -> None:
    space = fresh.workspace
    fresh.seal()
    slow = Watch(space.clock.now() - timedelta(seconds=90))
    space.engine.clock = slow

    world.open_one(space, "probe", "alpha.liaison", size=1)
    sequence(space.database, space.campaign.id, space.campaign.log, to_us(slow.now()))
    fresh.seal()

    assert fresh.look(anchors=True) == set()


def test_checkpoints_deleted_to_the_last_are_reserved_and_nothing_is_called_verified(fresh: Office) -> None:
    with fresh.workspace.database.tx() as tx:
        Attacker(fresh.workspace, tx, "naive", None).sql("delete from log_checkpoint")

    with fresh.workspace.database.snapshot() as tx:
        said = verify(tx, fresh.workspace.campaign, fresh.scope(anchors=True))
    assert not said["verified"]
    assert "no_checkpoint" in {each["code"] for each in said["reservations"]}
