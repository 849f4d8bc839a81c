"""What a process knows after a commit that did not come about: what the database knows, and no more."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from production import producing, refusal
from test_timekeeping import OWNER, Machine
from world import begin, local

from engine import store
from engine.clock import SystemClock
from engine.errors import Unavailable
from scheduler.turn import Turn


@contextmanager
def no_room() -> Iterator[None]:
    """Let the disk be full whenever something is to be committed."""

    def full(point: str) -> None:
        if point == "before_commit":
            raise Unavailable("the disk does not take it", "disk")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "reach", full)
        yield


def test_a_clock_that_was_confirmed_but_not_on_record_is_not_believed(sqlite_url: str) -> None:
    with producing(sqlite_url, at=SystemClock().now()) as office:
        machine = Machine(office)
        machine.keeper.refuse()
        machine.step(hours=2)

        with no_room():
            assert refusal(lambda: machine.keeper.confirm(OWNER)).code == "disk"

        assert refusal(machine.keeper.refuse).code == "clock"
        machine.keeper.confirm(OWNER)
        machine.keeper.refuse()


def test_a_clock_that_could_not_be_noted_is_noted_with_the_next_look(sqlite_url: str) -> None:
    with producing(sqlite_url, at=SystemClock().now()) as office:
        machine = Machine(office)
        with no_room():
            assert refusal(machine.keeper.refuse).code == "disk"

        machine.keeper.refuse()

        machine.step(hours=2)
        machine.begin()
        assert refusal(machine.keeper.refuse).code == "clock"


def test_the_clock_of_a_rehearsal_stands_where_the_database_says_though_moving_it_failed(sqlite_url: str) -> None:
    workspace = begin(sqlite_url)
    stood = workspace.clock.now()

    with no_room():
        to = local("2010-12-24T12:00")
        assert refusal(lambda: Turn(workspace).advance(to, without_scheduler=True)).code == "disk"

    assert workspace.clock.now() == stood
    workspace.close()
