"""Many at once on one database: one winner where one may win, everything once where all want the same."""

import multiprocessing
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from world import advance, again, begin, correct, counted, do, everything, fire, flaws, open_one, others, set_clock, sql

from engine.documents import MemoryStore
from engine.errors import Conflict, Refused
from engine.firing import fire_due
from scheduler.chores import Chores
from workflows.workspace import Workspace, open_workspace

RACERS = 8


@pytest.fixture
def place(db_url: str) -> Iterator[Workspace]:
    workspace = begin(db_url)
    yield workspace
    workspace.close()


def race(workspace: Workspace, work: Callable[[Workspace, int], Any], racers: int = RACERS) -> list[Any]:
    """Let *racers* start *work* at the same moment, each with a connection of its own; return answers and errors."""
    gate = threading.Barrier(racers)

    def run(numbered: tuple[int, Workspace]) -> Any:
        gate.wait()
        try:
            return work(numbered[1], numbered[0])
        except Exception as error:  # noqa: BLE001 - it is looked at
            return error

    with others(workspace, racers) as places, ThreadPoolExecutor(racers) as pool:
        return list(pool.map(run, enumerate(places)))


def test_of_eight_on_one_version_one_wins_and_nothing_else_is_written(place: Workspace) -> None:
    before = counted(place)
    answers = race(place, lambda each, _: do(each, "errand/alpha", "take", "alpha.liaison", if_version=1))
    losers = [answer for answer in answers if isinstance(answer, Exception)]
    assert len(losers) == RACERS - 1
    assert all(isinstance(each, Conflict) and each.code == "stale_version" for each in losers)
    after = counted(place)
    grown = {name: rows + 1 for name, rows in before.items() if name in ("entry", "log_pending")}
    assert after == {**before, **grown}
    assert flaws(place) == []


def test_of_eight_without_a_version_one_moves_and_the_machine_refuses_the_others(place: Workspace) -> None:
    answers = race(place, lambda each, _: do(each, "errand/alpha", "take", "alpha.liaison"))
    assert Counter(type(answer) for answer in answers if isinstance(answer, Exception)) == {Refused: RACERS - 1}
    assert place.reader.show("errand/alpha")["version"] == 2


def test_eight_with_one_request_id_have_one_effect_and_one_answer(place: Workspace) -> None:
    answers = race(place, lambda each, _: do(each, "errand/alpha", "take", "alpha.liaison", request_id="the-same"))
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert sum(answer.replayed for answer in answers) == RACERS - 1
    assert len({answer.digest for answer in answers}) == 1
    assert place.reader.show("errand/alpha")["version"] == 2


def test_eight_who_note_something_on_one_matter_are_all_heard(place: Workspace) -> None:
    do(place, "errand/alpha", "take", "alpha.liaison")
    race(place, lambda each, number: do(each, "errand/alpha", "note_cost", "alpha.liaison", cost_fen=number))
    assert place.reader.show("errand/alpha")["version"] == 2 + RACERS
    assert flaws(place) == []


def test_a_reference_is_given_once_and_numbers_have_no_gap(place: Workspace) -> None:
    taken = race(place, lambda each, _: open_one(each, "errand", "bgs.admin", body="beta", ref="errand/one"))
    assert sum(isinstance(answer, Conflict) for answer in taken) == RACERS - 1
    before = everything(place)["matter"]
    opened = race(place, lambda each, _: open_one(each, "errand", "bgs.admin", body="lxz", ref=f"errand/n{_}"))
    assert not [answer for answer in opened if isinstance(answer, Exception)]
    assert len(everything(place)["matter"]) == len(before) + RACERS
    assert flaws(place) == []


def test_cases_opened_at_once_get_the_numbers_one_to_eight(db_url: str) -> None:
    place = begin(db_url, "baodi-2010")
    answers = race(
        place, lambda each, _: open_one(each, "case", "gongshang.officer", body="gongshang", infringement="c214")
    )
    assert sorted(answer.ref for answer in answers) == [f"case/2010-{number:04d}" for number in range(1, RACERS + 1)]
    place.close()


def test_matters_do_not_disturb_each_other(place: Workspace) -> None:
    for number in range(RACERS):
        open_one(place, "errand", "bgs.admin", body="alpha", ref=f"errand/{number}")

    def work(each: Workspace, number: int) -> int:
        do(each, f"errand/{number}", "take", "alpha.liaison")
        for cost in range(5):
            do(each, f"errand/{number}", "note_cost", "alpha.liaison", cost_fen=cost)
        return each.reader.show(f"errand/{number}")["version"]

    assert race(place, work) == [7] * RACERS
    assert flaws(place) == []


def _fire_in_a_process(url: str, gate: Any, answer: Any) -> None:
    workspace = open_workspace(url, documents=MemoryStore())
    gate.wait()
    answer.put((fire_due(workspace.engine), Chores(workspace).run()))
    workspace.close()


def test_three_processes_fire_everything_once(db_url: str) -> None:
    place, alone = begin(db_url, "baodi-2010"), begin("sqlite://", "baodi-2010")
    fire(alone, "2010-12-20T10:00")
    Chores(alone).run()
    set_clock(place, "2010-12-20T10:00")
    spawn = multiprocessing.get_context("spawn")
    gate, answer = spawn.Barrier(3), spawn.Queue()
    url = place.database.url.render_as_string(hide_password=False)
    crew = [spawn.Process(target=_fire_in_a_process, args=(url, gate, answer)) for _ in range(3)]
    for each in crew:
        each.start()
    fired = [answer.get(timeout=60) for _ in crew]
    for each in crew:
        each.join()
    assert sum(chores for _, chores in fired) == sum(1 for _ in sql(alone.database, "select * from chore_done"))
    told = "select ref, kind, level, recipient, subject from notice"
    assert sorted(map(str, sql(place.database, told))) == sorted(map(str, sql(alone.database, told)))
    rungs = (
        "select deadline.code, firing.rung, firing.merged, count(*) from firing join deadline on deadline.id = deadline_id"
        " group by 1, 2, 3"
    )
    assert sorted(sql(place.database, rungs)) == sorted(sql(alone.database, rungs))
    assert flaws(place) == []
    place.close()
    alone.close()


@pytest.mark.parametrize("round_", range(4))
def test_an_act_against_the_firing_of_its_deadline_leaves_one_consistent_story(place: Workspace, round_: int) -> None:
    """At 10:00 of the day after the last one the deadline is breached whoever comes first; the report is late."""
    correct(place, "errand/alpha", "alpha.head", reason="漏填", urgent=False)
    do(place, "errand/alpha", "take", "alpha.liaison")
    set_clock(place, "2010-11-05T10:00")

    def work(each: Workspace, number: int) -> Any:
        if number % 2:
            return fire_due(each.engine)
        return do(each, "errand/alpha", "submit", "alpha.liaison", docs="report")

    answers = race(place, work, 4)
    assert sum(isinstance(answer, Refused) for answer in answers) == 1
    clock = next(row for row in place.reader.show("errand/alpha")["deadlines"] if row["code"] == "answer")
    assert clock["status"] == "late"
    dedup = sql(place.database, "select dedup from notice")
    assert len(dedup) == len(set(dedup))
    assert flaws(place) == []


def test_turns_and_orders_at_once_lose_nothing(place: Workspace) -> None:
    url = place.database.url.render_as_string(hide_password=False)
    stop = threading.Event()

    def turn() -> None:
        with_time = again(place)
        while not stop.is_set():
            fire_due(with_time.engine)
        with_time.close()

    thread = threading.Thread(target=turn)
    thread.start()
    try:
        race(
            place,
            lambda each, number: [
                open_one(each, "errand", "bgs.admin", body="beta", ref=f"errand/{number}-{n}") for n in range(6)
            ],
        )
    finally:
        stop.set()
        thread.join()
    assert url
    assert sql(place.database, "select count(*) from matter where ref like 'errand/%-%'") == [(RACERS * 6,)]
    advance(place, "2010-11-20T00:00")
    assert flaws(place) == []
