"""A machine's clock that is stepped makes nothing late and sends nothing; work goes on when it is right or confirmed."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from production import hire, producing, refusal, watch
from test_api_health import figures, site
from test_digests import Told, by
from visitor import visiting
from world import begin, everything, flaws, notices

from commands.programs import SchedulersFigures
from engine.clock import SystemClock
from engine.errors import DubanError, Forbidden, Unavailable
from engine.firing import fire_batch
from engine.history import read_stream
from engine.log_entries import log_stream
from engine.orders import Actor, Comment
from engine.timekeeping import MARK_US, STEP_US, Timekeeper
from scheduler.turn import Turn
from web.api.parts import Parts
from workflows.timekeeping import confirm_clock
from workflows.workspace import Workspace

MINUTE = 60_000_000
OWNER = Actor("bgs.admin", "owner:0:tests", frozenset({("bgs", "admin")}), key="os:0")


class Machine:
    """A machine with a database: its wall clock can be stepped, slept over, and started again."""

    def __init__(self, office: Workspace) -> None:
        self.office, self.ahead, self.boot = office, 0, "first"
        self.begin()

    def begin(self) -> None:
        """Another process begins on it."""
        keeper = Timekeeper(
            self.office.database, lambda: self.office.campaign, self.office.clock, lambda: self.ahead, self.boot
        )
        self.office.engine.timekeeper = self.keeper = keeper

    def passes(self, **by: float) -> None:
        watch(self.office).later(**by)

    def step(self, **by: float) -> None:
        """The wall clock moves, and no time passes."""
        self.passes(**by)
        self.ahead += timedelta(**by) // timedelta(microseconds=1)

    def start_again(self, boot: str, **by: float) -> None:
        self.passes(**by)
        self.ahead, self.boot = self.ahead + 12_345_678_901, boot
        self.begin()

    def turn(self, *channels: Any) -> dict[str, Any]:
        return Turn(self.office, *channels).run()


@pytest.fixture
def office(db_url: str) -> Iterator[Workspace]:
    with producing(db_url, at=SystemClock().now()) as found:
        yield found


@pytest.fixture
def machine(office: Workspace) -> Machine:
    return Machine(office)


def held(work: Any) -> DubanError:
    error = refusal(work)
    assert (type(error), error.code) == (Unavailable, "clock")
    assert error.in_chinese.startswith("本机时钟不可信") and error.advice("zh").startswith("请校正时钟")
    return error


@pytest.mark.parametrize("step", [{"minutes": 10}, {"days": 60}, {"minutes": -10}, {"days": -1}])
def test_a_step_lets_nothing_fall_due_go_out_or_be_recorded_until_the_clock_is_right_again(
    machine: Machine, office: Workspace, step: dict[str, float]
) -> None:
    machine.turn()
    before = everything(office)
    channel = Told()

    machine.step(**step)
    held(lambda: machine.turn(by(channel)))
    held(lambda: office.engine.execute(Comment(ref="errand/alpha", reason="等一下"), OWNER))
    assert everything(office) == before and channel.sent == []

    machine.step(**{unit: -much for unit, much in step.items()})
    machine.turn()
    office.engine.execute(Comment(ref="errand/alpha", reason="好了"), OWNER)
    assert flaws(office) == []


def test_a_step_while_a_batch_waits_for_the_database_fires_nothing(machine: Machine, office: Workspace) -> None:
    machine.turn()
    engine = office.engine

    def work(tx: Any) -> Any:
        machine.step(days=60)
        return fire_batch(engine, tx)

    held(lambda: engine.in_transaction(work))
    machine.step(days=-60)

    def act(tx: Any) -> Any:
        machine.step(days=1)
        return engine.run(tx, Comment(ref="errand/alpha", reason="明天的话"), OWNER)

    held(lambda: engine.in_transaction(act))


def test_a_confirmed_clock_is_on_record_and_what_is_due_by_it_falls_due(machine: Machine, office: Workspace) -> None:
    machine.turn()
    machine.step(days=60)
    assert machine.keeper.doubt() is not None

    doubt = confirm_clock(office, OWNER, "与授时中心核对")

    assert (doubt.why, doubt.by_us) == ("stepped", 60 * 86_400_000_000)
    with office.database.snapshot() as tx:
        (entry, _, private), *_ = reversed(read_stream(tx, office.campaign.id, log_stream(office.campaign.code)))
    assert (entry["kind"], entry["trigger"], entry["actor"]) == ("clock", "confirm", "bgs.admin")
    assert (entry["clock"]["why"], entry["clock"]["by_s"], private) == (
        "stepped",
        5_184_000,
        {"reason": "与授时中心核对"},
    )
    assert machine.turn()["fired"] > 0
    assert flaws(office) == []
    assert refusal(lambda: confirm_clock(office, OWNER, "再来一次")).code == "nothing_in_doubt"


def test_only_who_runs_the_machine_or_the_office_confirms_it(machine: Machine, office: Workspace) -> None:
    hire(office, "li.ming", "alpha.head")
    machine.step(days=1)

    head = Actor("li.ming", "token:1", frozenset({("alpha", "head")}))
    assert isinstance(refusal(lambda: confirm_clock(office, head, "我看表了")), Forbidden)
    assert refusal(lambda: confirm_clock(office, OWNER, " ")).code == "no_reason"
    assert machine.keeper.doubt() is not None


def test_another_process_of_the_machine_knows_of_the_step_and_of_the_confirmation(
    machine: Machine, office: Workspace
) -> None:
    machine.turn()
    running = machine.keeper
    machine.step(days=1)

    machine.begin()  # `duban scheduler once`, or the service restarted by a puzzled operator
    held(machine.turn)
    assert running.look() is not None

    confirm_clock(office, OWNER, "核对")
    assert running.look() is None


def test_a_machine_that_slept_or_was_off_catches_up_and_asks_nobody(machine: Machine, office: Workspace) -> None:
    machine.turn()

    machine.passes(days=1)  # a laptop's lid: the count of what has passed goes on
    machine.turn()
    assert machine.keeper.doubt() is None
    machine.passes(days=2)  # the service was stopped
    machine.begin()
    machine.turn()
    if machine.office.database.wire.wall is None:  # the server's clock would not have gone along
        machine.start_again("second", days=60)
        assert machine.turn()["fired"] > 0


def test_a_clock_behind_the_record_is_doubted_after_a_start_and_once_confirmed_not_again(
    machine: Machine, office: Workspace
) -> None:
    machine.turn()
    machine.start_again("second", minutes=-20)

    assert machine.keeper.doubt() is not None
    held(machine.turn)
    if machine.office.database.wire.wall is None:
        assert machine.keeper.doubt().why == "record"  # type: ignore[union-attr]
        confirm_clock(office, OWNER, "此前主板时钟快了")
        machine.turn()
        machine.start_again("third", minutes=1)
        assert machine.keeper.doubt() is None


def test_a_server_whose_clock_differs_is_another_witness(pg_url: str) -> None:
    with producing(pg_url, at=SystemClock().now() + timedelta(hours=8)) as office:
        machine = Machine(office)
        doubt = machine.keeper.doubt()

        assert doubt is not None and doubt.why == "database" and abs(doubt.by_us - 8 * 60 * MINUTE) < MINUTE
        offset_us = machine.keeper.server_offset_us()
        assert offset_us is not None and abs(offset_us - 8 * 60 * MINUTE) < MINUTE


def test_small_corrections_of_a_time_service_never_add_up_to_a_step(machine: Machine) -> None:
    machine.turn()
    for _ in range(5):
        machine.passes(minutes=MARK_US // MINUTE)
        machine.step(minutes=2)
        machine.turn()
    assert machine.ahead > STEP_US

    machine.begin()
    machine.turn()


def test_readiness_figures_and_pages_say_that_the_clock_is_not_believed(machine: Machine, office: Workspace) -> None:
    client: TestClient = site(Parts(office, SchedulersFigures(office)))
    assert (
        client.get("/readyz").json()["clock_believed"] is True and figures(client)["duban_clock_in_doubt_seconds"] == 0
    )

    machine.step(days=2)

    said = client.get("/readyz")
    assert (said.status_code, said.json()["status"], said.json()["clock_believed"]) == (503, "clock", False)
    assert figures(client)["duban_clock_in_doubt_seconds"] == 172_800


def test_a_turn_that_is_over_leaves_the_rest_to_the_next_start(workspace: Workspace) -> None:
    turn = Turn(workspace)
    turn.run()
    turn._move(workspace.clock.now() + timedelta(days=60))
    turn.over = lambda: True

    assert turn.take()[1:] == (0, 0)
    assert all(each["status"] == "owed" for each in notices(workspace))

    turn.over = lambda: False
    turn.run()
    assert {each["status"] for each in notices(workspace)} == {"sent"}


def test_every_page_says_so_to_whoever_has_come_in(sqlite_url: str) -> None:
    workspace, stepped = begin(sqlite_url), [0]
    with visiting(workspace) as somebody:
        somebody.enter("alpha.head")
        workspace.engine.timekeeper = Timekeeper(
            workspace.database, lambda: workspace.campaign, workspace.clock, lambda: stepped[0], "first"
        )
        page = somebody.fetch_page("/board")[1]
        assert "本机时钟不可信" not in page and "alpha.head" in page

        stepped[0] = 6 * MINUTE

        assert "本机时钟不可信" in somebody.fetch_page("/board")[1]
        code, page = somebody.ask("/enter", {"login": "beta.head", "next": "/work"})
        assert code == 503 and "时钟待确认" in page and "duban clock confirm" in page
        somebody.cookies.clear()
        assert "也不能登录" in somebody.fetch_page("/login")[1]
    workspace.close()


@pytest.mark.parametrize(("step", "shown"), [({"days": 60}, 0), ({"days": -1}, -1)])
def test_nothing_is_shown_late_by_a_clock_in_doubt_that_the_other_witness_calls_in_time(
    sqlite_url: str, step: dict[str, float], shown: int
) -> None:
    with producing(sqlite_url, at=SystemClock().now()) as office:
        machine = Machine(office)
        machine.turn()
        before, status = (
            office.clock.now(),
            [each["status"] for each in office.reader.show("errand/alpha")["deadlines"]],
        )
        assert "running" in status

        machine.step(**step)
        for _ in range(2):  # whoever saw the step, and a process that only begins now
            assert office.doubt() is not None
            assert office.reader.clock.now() == before + timedelta(days=shown)
            assert [each["status"] for each in office.reader.show("errand/alpha")["deadlines"]] == status
            machine.begin()

        confirm_clock(office, OWNER, "核对")
        assert office.reader.clock.now() == before + timedelta(**step)
