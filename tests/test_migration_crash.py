"""A migration of two thousand matters that is killed in the middle, and one in the middle of people's orders."""

import contextlib
import random
import threading
from pathlib import Path
from typing import Any

import pytest
from commandline import Office
from newversion import RENAMED, gone_over, planned, published, standing, version
from world import begin, do, fire, flaws, history, others, sql, to_review

from engine.errors import Conflict, DubanError
from engine.in_hand import hold
from engine.orders import Do, Open
from engine.publishing import get_meta
from workflows.workspace import Workspace

MANY = 2_000
CLOCKS = "select d.id, d.started_at, d.last_day, d.breach_at, d.status, d.rung, d.epoch, d.next_fire_at from deadline d order by d.id"


def crowd(workspace: Workspace, count: int) -> None:
    """Open *count* errands more, in few transactions; one in three is taken up."""
    clerk, office = workspace.actor("alpha.liaison"), workspace.actor("bgs.admin")

    def some(first: int) -> Any:
        def work(tx: Any) -> None:
            for number in range(first, min(first + 500, count)):
                ref = f"errand/n{number}"
                workspace.engine.run(tx, Open(kind="errand", body="alpha", ref=ref), office)
                if number % 3 == 0:
                    workspace.engine.run(tx, Do(ref=ref, trigger="take"), clerk)

        return work

    for first in range(0, count, 500):
        workspace.engine.in_transaction(some(first))


def test_two_thousand_go_over_though_they_are_cut_off_and_no_clock_is_lost(
    workspace: Workspace, tmp_path: Path
) -> None:
    crowd(workspace, MANY - 2)
    published(workspace, version(tmp_path))
    clocks = sql(workspace.database, CLOCKS)
    url = workspace.database.url.render_as_string(hide_password=False)
    words = ("--as", "bgs.admin", "campaign", "migrate", "errand", "--to", "2", "--apply", "--approve-by", "lxz.chair")

    killed = Office(url, FAILPOINT="before_commit:5").process(*words)

    assert killed.returncode == -9
    done = sql(workspace.database, "select count(*) from entry where kind = 'migration'")[0][0]
    assert done == 600
    ended = Office(url).process("--json", *words)
    assert ended.returncode == 0, ended.stderr
    assert f'"migrated": {MANY - done}'.encode() in ended.stdout
    entries = "select count(*), count(distinct stream), count(distinct request_id) from entry where kind = 'migration'"
    assert sql(workspace.database, entries) == [(MANY, MANY, MANY)]
    after = {row[0]: row for row in sql(workspace.database, CLOCKS)}
    assert [after[row[0]] for row in clocks] == clocks
    assert (
        len(after) - len(clocks)
        == sql(workspace.database, "select count(*) from deadline where code = 'inspection'")[0][0]
    )
    assert sql(
        workspace.database,
        "select count(*) from deadline where code = 'answer' or definition_id <> (select max(id) from definition_version)",
    ) == [(0,)]
    assert Office(url).process("audit", "verify").returncode == 0
    workspace.look_again()
    assert planned(workspace).survey.matters == 0
    with workspace.database.snapshot() as tx:
        assert get_meta(tx, f"migration:{workspace.campaign.id}:errand") == ""
    names = sql(workspace.database, "select kind from entry where stream = 'definition/errand' order by seq")
    assert [name for (name,) in names] == ["published", "migration_ordered", "migration_done"]


def test_orders_given_meanwhile_are_done_once_in_one_of_the_versions(workspace: Workspace, tmp_path: Path) -> None:
    crowd(workspace, 60)
    published(workspace, version(tmp_path, base=(), more=""))
    failures: list[BaseException] = []

    def busy(other: Workspace, refs: list[str]) -> None:
        try:
            for number, ref in enumerate(refs):
                seen = other.reader.show(ref)["version"]
                try:
                    do(
                        other,
                        ref,
                        "note_cost",
                        "alpha.liaison",
                        cost_fen=number,
                        if_version=seen,
                        request_id=f"r-{ref}",
                    )
                except Conflict:
                    do(other, ref, "note_cost", "alpha.liaison", cost_fen=number, request_id=f"r-{ref}")
        except BaseException as error:  # noqa: BLE001 - told below
            failures.append(error)

    with others(workspace, 2) as crew:
        threads = [
            threading.Thread(target=busy, args=(other, [f"errand/n{number}" for number in range(at, 60, 2)]))
            for at, other in enumerate(crew)
        ]
        for thread in threads:
            thread.start()
        done = gone_over(workspace, batch=5)
        for thread in threads:
            thread.join()

    assert failures == []
    assert (done["migrated"], done["left"]) == (62, [])
    for number in (0, 31, 59):
        kinds = [entry["kind"] for entry in history(workspace, f"errand/n{number}")]
        assert kinds.count("migration") == 1
        assert [entry["trigger"] for entry in history(workspace, f"errand/n{number}")].count("note_cost") == 1
    assert flaws(workspace) == []


def test_what_somebody_works_on_is_passed_over_and_fetched_afterwards(pg_url: str, tmp_path: Path) -> None:
    workspace = begin(pg_url)
    published(workspace, version(tmp_path))
    locked, let_go = threading.Event(), threading.Event()
    with others(workspace, 1) as (other,):

        def hold_on() -> None:
            with other.database.tx() as tx:
                hold(tx, other.campaign, "errand/alpha", other.clock.now())
                locked.set()
                let_go.wait(20)

        holder = threading.Thread(target=hold_on)
        holder.start()
        assert locked.wait(20)
        first = threading.Thread(target=lambda: gone_over(workspace))
        first.start()
        try:
            for _ in range(400):
                first.join(0.05)
                done = sql(workspace.database, "select stream from entry where kind = 'migration'")
                if done:
                    break
            assert done == [("matter/errand/beta",)]
        finally:
            let_go.set()
            first.join()
            holder.join()

    assert sql(workspace.database, "select count(*) from entry where kind = 'migration'") == [(2,)]
    assert flaws(workspace) == []
    workspace.close()


@pytest.mark.parametrize("seed", range(6))
def test_wherever_people_have_brought_it_there_and_back_is_where_it_was(seed: int, tmp_path: Path) -> None:
    workspace, chance = begin("sqlite://"), random.Random(seed)
    crowd(workspace, 12)
    refs = [f"errand/n{number}" for number in range(12)]
    logins = ("alpha.liaison", "alpha.head", "bgs.admin")
    for _ in range(60):
        ref, login = chance.choice(refs), chance.choice(logins)
        held = workspace.reader.can(ref, workspace.actor(login))["possible"]
        if not held:
            continue
        chosen = chance.choice(held)
        facts: dict[str, Any] = {"cost_fen": 5, "grade": "good", "extended_until": "2010-11-20"}
        stated = {
            name: facts[name] for name in (ask if isinstance(ask, str) else ask["code"] for ask in chosen["asks"])
        }
        with contextlib.suppress(DubanError):
            do(workspace, ref, chosen["trigger"], login, docs="report", reason="因故", **stated)
    if seed % 2:
        fire(workspace, "2010-11-09T12:00")
    published(workspace, version(tmp_path))
    live = [ref for ref in refs if not workspace.reader.show(ref)["closed"]]
    before = {ref: standing(workspace, ref) for ref in refs}

    gone_over(workspace)
    moved = {ref: standing(workspace, ref)["row"][0] for ref in live}
    gone_over(workspace, 1)

    assert live
    assert set(moved.values()).isdisjoint({before[ref]["row"][0] for ref in live})
    assert {ref: standing(workspace, ref) for ref in refs} == before
    assert flaws(workspace) == []
    workspace.close()


def test_the_board_knows_the_stages_of_every_version(workspace: Workspace, tmp_path: Path) -> None:
    to_review(workspace, "errand/beta")
    changes = (
        ("{doing: active}", "{doing: active, review: checking}"),
        ("{answer: reply}", "{answer: reply, review_term: checking_term}"),
    )
    published(workspace, version(tmp_path, *changes, base=(*RENAMED, ("review", "checking"))))
    gone_over(workspace, 2, "errand/beta")

    rows = {row["body"]: row for row in workspace.reader.board()["rows"]}

    assert (rows["alpha"]["stage"], rows["beta"]["stage"]) == ("work", "checking")


def test_who_was_moved_by_a_migration_that_another_replaced_is_told(workspace: Workspace, tmp_path: Path) -> None:
    published(workspace, version(tmp_path, ("sets: {checked", "recount: reply\n    sets: {checked")))
    url = workspace.database.url.render_as_string(hide_password=False)
    words = ("--as", "bgs.admin", "campaign", "migrate", "errand", "--to", "2", "--apply", "--approve-by", "lxz.chair")
    killed = Office(url, FAILPOINT="before_commit:3").process(*words, "--batch", "1")
    assert killed.returncode == -9
    moved = "select stream from entry where kind = 'migration'"
    ((first,),) = sql(workspace.database, moved)

    last = "errand/beta" if first.endswith("alpha") else "errand/alpha"
    ended = Office(url).process(*words, "--ref", last)

    assert ended.returncode == 0, ended.stderr
    assert len(sql(workspace.database, moved)) == 2
    told = sql(workspace.database, "select recipient from notice where kind = 'recounted'")
    assert {name.partition(".")[0] for (name,) in told} >= {"alpha", "beta"}
    lines = sql(workspace.database, "select kind from entry where stream = 'definition/errand' order by seq")
    assert [kind for (kind,) in lines] == [
        "published", "migration_ordered", "migration_done", "migration_ordered", "migration_done",
    ]  # fmt: skip
