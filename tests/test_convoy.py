"""Orders of many threads share a commit on SQLite: each gets its own answer, and none is lost, doubled or half done."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from world import again, begin, do, flaws, open_one, sql

from engine import convoy
from engine.errors import Conflict, DubanError, NotFound, Unavailable
from engine.orders import Open
from engine.store import Tx
from workflows.workspace import Workspace

CROWD = 8


@pytest.fixture
def place(sqlite_url: str) -> Workspace:
    workspace = begin(sqlite_url)
    yield workspace
    workspace.close()


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Start all *works* at the same moment, each in a thread; return what each returned or raised."""
    gate = threading.Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        gate.wait()
        try:
            return work()
        except Exception as error:  # noqa: BLE001 - it is looked at
            return error

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def opening(workspace: Workspace, number: int, login: str = "alpha.liaison", **extra: Any) -> Callable[[], Any]:
    return lambda: open_one(workspace, "errand", login, body="alpha", ref=f"errand/{number}", **extra)


def commits(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count the transactions that are committed from now on."""
    seen: list[int] = []
    commit = Tx.commit
    monkeypatch.setattr(Tx, "commit", lambda tx: (seen.append(len(tx.changed)), commit(tx))[1])
    return seen


def held_back(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Keep the first transaction open until the event is set, so that the others gather behind it."""
    free, run, first = threading.Event(), workspace.engine.run, threading.Lock()

    def slow(tx: Tx, order: Any, actor: Any) -> Any:
        if first.acquire(blocking=False):
            free.wait(20)
        return run(tx, order, actor)

    monkeypatch.setattr(workspace.engine, "run", slow)
    return free


def let_in_when_all_wait(workspace: Workspace, free: threading.Event, count: int) -> Callable[[], None]:
    def work() -> None:
        waiting = workspace.engine._convoy._waiting
        while len(waiting) < count:
            pass
        free.set()

    return work


def test_orders_that_wait_share_one_commit(place: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    seen, free = commits(place, monkeypatch), held_back(place, monkeypatch)
    works = [opening(place, number) for number in range(CROWD)]
    at_once(*works, let_in_when_all_wait(place, free, CROWD - 1))
    assert sorted(seen) == [1, CROWD - 1]
    assert flaws(place) == []


def test_a_refusal_among_them_is_its_own_and_the_others_are_done(
    place: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = held_back(place, monkeypatch)
    works = [opening(place, number) for number in range(4)]
    works += [opening(place, 0), lambda: do(place, "errand/alpha", "take", "beta.liaison")]
    answers = at_once(*works, let_in_when_all_wait(place, free, 5))
    opened = [answer.ref for answer in answers[:5] if not isinstance(answer, Exception)]
    assert sorted(opened) == [f"errand/{number}" for number in range(4)]
    assert sum(isinstance(answer, Conflict) for answer in answers[:5]) == 1
    assert isinstance(answers[5], NotFound)
    assert flaws(place) == []


def test_work_that_fails_half_way_is_undone_and_the_others_are_done_without_it(
    place: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    free, append = held_back(place, monkeypatch), place.engine.run

    def fail_half_way(tx: Tx, order: Any, actor: Any) -> Any:
        outcome = append(tx, order, actor)
        if isinstance(order, Open) and order.ref == "errand/3":
            raise DubanError("a fault after the writes")
        return outcome

    monkeypatch.setattr(place.engine, "run", fail_half_way)
    answers = at_once(*[opening(place, number) for number in range(6)], let_in_when_all_wait(place, free, 5))
    assert [str(each) for each in answers if isinstance(each, Exception)] == ["a fault after the writes"]
    assert {ref for (ref,) in sql(place.database, "select ref from matter")} >= {"errand/0", "errand/5"}
    assert sql(place.database, "select * from matter where ref = 'errand/3'") == []
    assert sql(place.database, "select * from entry where stream = 'matter/errand/3'") == []
    assert flaws(place) == []


def test_a_commit_that_fails_is_told_to_all_and_nothing_is_done_again(
    place: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    free, commit, tries = held_back(place, monkeypatch), Tx.commit, []

    def fail(tx: Tx) -> None:
        if len(tx.changed) > 1:
            tries.append(len(tx.changed))
            raise Unavailable("the disk does not take it", "disk")
        commit(tx)

    monkeypatch.setattr(Tx, "commit", fail)
    answers = at_once(*[opening(place, number) for number in range(5)], let_in_when_all_wait(place, free, 4))
    assert tries == [4]
    assert sum(isinstance(answer, Unavailable) for answer in answers) == 4
    assert sql(place.database, "select count(*) from matter where ref like 'errand/_'") == [(1,)]


def test_more_than_fit_go_in_several_commits(place: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(convoy, "MOST", 3)
    seen, free = commits(place, monkeypatch), held_back(place, monkeypatch)
    at_once(*[opening(place, number) for number in range(8)], let_in_when_all_wait(place, free, 7))
    assert sorted(seen) == [1, 1, 3, 3]


KILLED = """
import os, sys, threading
sys.path.insert(0, {tests!r})
from world import open_one
from engine.documents import MemoryStore
from workflows.workspace import open_workspace
workspace = open_workspace({url!r}, documents=MemoryStore())
def work(first):
    for number in range(first, 400, 8):
        open_one(workspace, "errand", "alpha.liaison", body="alpha", ref=f"errand/{{number}}")
        os.write(1, f"{{number}}\\n".encode())
for first in range(8):
    threading.Thread(target=work, args=(first,)).start()
"""


@pytest.mark.parametrize("point", ["begun:9", "before_commit:7", "after_commit:5"])
def test_what_was_answered_before_a_kill_is_there_after_it(place: Workspace, point: str) -> None:
    url = place.database.url.render_as_string(hide_password=False)
    script = KILLED.format(tests=str(Path(__file__).parent), url=url)
    environment = {**os.environ, "DUBAN_FAILPOINT": point, "PYTHONPATH": str(Path(__file__).parents[1])}
    killed = subprocess.run(
        [sys.executable, "-c", script], check=False, env=environment, capture_output=True, text=True
    )
    assert killed.returncode == -9
    answered = {f"errand/{number}" for number in killed.stdout.split()}
    after = again(place)
    assert {ref for (ref,) in sql(after.database, "select ref from matter")} >= answered
    assert flaws(after) == []
    after.close()


def test_every_order_looks_once_whether_anything_may_be_written(
    place: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, asked = place.engine, list[str]()
    monkeypatch.setattr(engine, "guard", lambda: asked.append("guard"))
    clock = SimpleNamespace(refuse=lambda: asked.append("clock"), refuse_within=lambda: None)
    monkeypatch.setattr(engine, "timekeeper", clock)

    opening(place, 1)()
    assert asked == ["guard", "clock"]

    done = at_once(*(opening(place, number) for number in range(2, 6)))

    assert not [each for each in done if isinstance(each, Exception)]
    assert sorted(asked) == ["clock"] * 5 + ["guard"] * 5
