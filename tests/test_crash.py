"""A process is killed wherever it may be: nothing that was answered is lost, nothing is done twice, nothing half."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from crew import Crew
from test_crash_of_files import FILE_POINTS
from test_log_crash import SEAL_POINTS
from world import SILENT, begin, correct, counted, do, everything, flaws, set_clock, sql

from engine.schema_version import create
from engine.store import Database
from scheduler.claims import LEASE
from scheduler.turn import Turn
from workflows.launch import Beginning, init
from workflows.workspace import Workspace

KILLED = -9


@pytest.fixture(scope="module")
def crew(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crew]:
    with Crew(tmp_path_factory.mktemp("crew")) as found:
        yield found


def url_of(workspace: Workspace) -> str:
    return workspace.database.url.render_as_string(hide_password=False)


def in_hand(workspace: Workspace) -> Workspace:
    """Bring the errand of Alpha so far that its report may be submitted."""
    correct(workspace, "errand/alpha", "alpha.head", reason="漏填", urgent=False)
    do(workspace, "errand/alpha", "take", "alpha.liaison")
    return workspace


REPORT = ("errand/alpha", "submit", "alpha.liaison", {"docs": "report", "request_id": "r-1"})
"""An order that moves, attaches, stops a clock, starts another, and owes notices."""

ORDER_POINTS = {"begun": False, "planned": False, "written": False, "before_commit": False, "after_commit": True}
"""Where an order may be killed, and whether it has then been carried out."""


@pytest.fixture(scope="module")
def calm() -> Iterator[tuple[dict[str, int], dict[str, Any]]]:
    """What the order leaves and answers when nobody is killed."""
    workspace = in_hand(begin("sqlite://"))
    ref, trigger, login, more = REPORT
    said = do(workspace, ref, trigger, login, **more).as_json()
    yield counted(workspace), said
    workspace.close()


def plain(said: dict[str, Any]) -> dict[str, Any]:
    """An answer without what chance decides: ids, hashes, and the receipt that names both."""

    def strip(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: strip(each) for key, each in value.items() if key not in ("id", "hash", "deadline", "receipt")}
        return [strip(each) for each in value] if isinstance(value, list) else value

    return strip(said)  # type: ignore[no-any-return]


@pytest.mark.parametrize("point", ORDER_POINTS)
def test_an_order_killed_anywhere_is_done_once_when_it_is_sent_again(
    point: str, workspace: Workspace, crew: Crew, calm: tuple[dict[str, int], dict[str, Any]]
) -> None:
    in_hand(workspace)
    before = everything(workspace)

    assert crew.do("submit", url_of(workspace), *REPORT, point=point).code == KILLED

    assert (everything(workspace) != before) == ORDER_POINTS[point]
    assert flaws(workspace) == []
    first = crew.do("submit", url_of(workspace), *REPORT).answer
    second = crew.do("submit", url_of(workspace), *REPORT).answer
    assert (first.pop("replayed", False), second.pop("replayed")) == (ORDER_POINTS[point], True)
    assert first == second
    assert (counted(workspace), plain(first)) == (calm[0], plain(calm[1]))
    assert flaws(workspace) == []


def test_the_record_goes_on_for_those_who_waited_behind_a_killed_one(workspace: Workspace, crew: Crew) -> None:
    do(workspace, "errand/alpha", "take", "alpha.liaison")
    note = (url_of(workspace), "errand/alpha", "note_cost", "alpha.liaison")
    orders = [("submit", *note, {"cost_fen": number, "request_id": f"r-{number}"}) for number in range(6)]
    points = {0: "written", 2: "before_commit", 4: "after_commit"}

    ends = crew.at_once(orders, points)

    assert [end.code for end in ends] == [KILLED, 0, KILLED, 0, KILLED, 0]
    done = {request for (request,) in sql(workspace.database, "select request_id from entry where kind = 'moved'")}
    assert done - {None} == {"r-1", "r-3", "r-4", "r-5"}
    assert flaws(workspace) == []


MONDAY = "2010-11-08T10:00"
"""Both errands are overdue, and the first of the weekly ones is to be opened."""

TOLD = "select ref, kind, level, recipient, subject, planned_at, effective_at, status from notice order by 1, 2, 3, 4"
RUNGS = (
    "select ref, code, f.epoch, f.rung, planned_at, merged, count(*) from firing f join deadline d on d.id = f.deadline_id "
    "join matter m on m.id = d.matter_id group by 1, 2, 3, 4, 5, 6 order by 1, 2, 3, 4"
)
STOOD = "select ref, state, seq, version from matter order by 1"
CHORES = "select code, period from chore_done order by 1, 2"
NOTED = "select stream, seq, kind, trigger, occurred_at from entry order by 1, 2"


def outcome(workspace: Workspace) -> dict[str, list[Any]]:
    """What time has brought about, without what chance or a retry may change."""
    looks = {"told": TOLD, "rungs": RUNGS, "stood": STOOD, "chores": CHORES, "noted": NOTED}
    return {name: sql(workspace.database, look) for name, look in looks.items()}


def later(workspace: Workspace) -> None:
    """Let pass the time for which a dead process may hold what it claimed."""
    with workspace.database.tx() as tx:
        workspace.move_clock(tx, workspace.clock.now() + LEASE)


@pytest.fixture(scope="module")
def undisturbed() -> Iterator[dict[str, list[Any]]]:
    """What a turn on that Monday brings about when nobody is killed."""
    workspace = begin("sqlite://")
    set_clock(workspace, MONDAY)
    Turn(workspace, SILENT).run()
    later(workspace)
    Turn(workspace, SILENT).run()
    yield outcome(workspace)
    workspace.close()


STEPS = ("fire", "chore", "claim", "mark four", "mark four more")
"""The transactions of that turn, in order; eight notices are owed."""

TURN_POINTS = ["begun:3", *(f"before_commit:{number}" for number in (1, 2, 3, 4)), "after_commit:1", "after_commit:2"]
TURN_POINTS += ["claimed", "sent:1", "sent:7", "marked"]
IN_FLIGHT = {"before_commit:4": 4, "sent:1": 1, "sent:7": 3}
"""Where a turn is killed between sending and marking, and how many had been sent: those are sent again."""


@pytest.mark.parametrize("point", TURN_POINTS)
def test_a_turn_killed_anywhere_is_made_up_for_and_repeats_at_most_what_was_under_way(
    point: str, workspace: Workspace, crew: Crew, undisturbed: dict[str, list[Any]], tmp_path: Path
) -> None:
    outbox = tmp_path / "out"
    set_clock(workspace, MONDAY)

    assert crew.do("turn", url_of(workspace), str(outbox), point=point).code == KILLED

    assert flaws(workspace) == []
    crew.do("turn", url_of(workspace), str(outbox))
    later(workspace)
    crew.do("turn", url_of(workspace), str(outbox))
    assert outcome(workspace) == undisturbed
    assert flaws(workspace) == []
    sent = Counter((tmp_path / "out.log").read_text().split())
    owed = {str(ident) for (ident,) in sql(workspace.database, "select id from notice")}
    assert set(sent) == owed == {path.stem.removeprefix("notice-") for path in outbox.glob("*.eml")}
    assert Counter(sent.values()) == Counter({2: IN_FLIGHT.get(point, 0), 1: 8 - IN_FLIGHT.get(point, 0)})


@pytest.mark.parametrize("point", ["before_commit:1", "after_commit:1", "before_commit:2", "after_commit:2"])
def test_a_beginning_killed_anywhere_is_finished_by_the_next_one(point: str, db_url: str, crew: Crew) -> None:
    calm = begin("sqlite://")

    assert crew.do("begin", db_url, "small", point=point).code == KILLED
    assert crew.do("begin", db_url, "small").answer == 2

    begun = begin(db_url)
    assert outcome(begun) == outcome(calm)
    assert counted(begun) == counted(calm)
    assert flaws(begun) == []
    begun.close()
    calm.close()


def test_a_beginning_cut_off_after_its_tables_is_begun_by_the_next_one_in_all_that_it_asks(sqlite_url: str) -> None:
    tables = Database(sqlite_url)
    create(tables)
    tables.close()

    begun, said = init(sqlite_url, Beginning(rehearsal=True, calendar="asof", unproved=True))

    assert said["created"] is True
    assert ("calendar_known", "2010-11-25") in sql(begun.database, "select key, value from meta")
    begun.close()


def test_every_fail_point_there_is_was_tried() -> None:
    root = Path(__file__).parent.parent
    sources = [
        path for folder in ("engine", "scheduler", "workflows", "commands") for path in (root / folder).rglob("*.py")
    ]
    named = {name for path in sources for name in re.findall(r"^\s*reach\(\"(\w+)\"\)", path.read_text("utf-8"), re.M)}

    assert named == {*ORDER_POINTS, *(point.partition(":")[0] for point in TURN_POINTS), *SEAL_POINTS, *FILE_POINTS}
