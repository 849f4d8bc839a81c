"""Several processes on one database: one winner where one may win, everything once, and one that dies leaves no gap."""

import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from crew import Crew, End
from production import producing, watch
from test_delivery_windows import copied
from world import SILENT, begin, counted, flaws, open_one, others, set_clock, sql

from engine.firing import fire_due
from engine.rows import NoticeRow
from scheduler.channels import SilentChannel
from scheduler.claims import LEASE
from scheduler.dispatch import Dispatcher
from scheduler.node import ANOTHER_LOOK_S, heart_of
from workflows.workspace import Workspace

RACERS = 8


@pytest.fixture(scope="module")
def crew(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crew]:
    with Crew(tmp_path_factory.mktemp("crew")) as found:
        yield found


def url_of(workspace: Workspace) -> str:
    return workspace.database.url.render_as_string(hide_password=False)


def race(crew: Crew, workspace: Workspace, more: Callable[[int], dict[str, Any]]) -> list[Any]:
    """Let eight processes give the same order at the same moment, each with *more*; return their answers."""
    order = ("submit", url_of(workspace), "errand/alpha", "take", "alpha.liaison")
    return [end.answer for end in crew.at_once([(*order, more(number)) for number in range(RACERS)])]


def test_of_eight_processes_on_one_version_one_wins_and_the_rest_write_nothing(
    workspace: Workspace, crew: Crew
) -> None:
    before = counted(workspace)

    answers = race(crew, workspace, lambda number: {"if_version": 1, "request_id": f"r-{number}"})

    assert Counter(answer.get("refused") for answer in answers) == {None: 1, "stale_version": RACERS - 1}
    assert counted(workspace) == {**before, "entry": before["entry"] + 1, "log_pending": before["log_pending"] + 1}
    (won,) = (answer for answer in answers if "refused" not in answer)
    assert workspace.reader.show("errand/alpha")["version"] == won["matter"]["version"] == 2
    assert flaws(workspace) == []


def test_eight_processes_with_one_request_id_have_one_effect_and_one_answer(workspace: Workspace, crew: Crew) -> None:
    before = counted(workspace)

    answers = race(crew, workspace, lambda _: {"request_id": "the-same"})

    assert sum(answer.pop("replayed", False) for answer in answers) == RACERS - 1
    assert all(answer == answers[0] for answer in answers)
    assert "refused" not in answers[0]
    assert counted(workspace) == {**before, "entry": before["entry"] + 1, "log_pending": before["log_pending"] + 1}
    assert flaws(workspace) == []


def test_two_processes_on_two_matters_are_not_in_each_others_way(workspace: Workspace, crew: Crew) -> None:
    orders = [
        ("submit", url_of(workspace), f"errand/{body}", "take", f"{body}.liaison", {"if_version": 1})
        for body in ("alpha", "beta")
    ]

    ends = crew.at_once(orders)

    assert [end.answer["matter"]["state"] for end in ends] == ["doing", "doing"]
    assert flaws(workspace) == []


@pytest.mark.parametrize("rehearsal", [True, False], ids=["rehearsal", "production"])
def test_three_processes_that_begin_one_database_begin_it_once(db_url: str, crew: Crew, rehearsal: bool) -> None:
    ends = crew.at_once([("begin", db_url, "small", rehearsal)] * 3)

    assert [end.answer for end in ends] == [2, 2, 2]
    calm = begin("sqlite://", rehearsal=rehearsal, late=not rehearsal)
    begun = begin(db_url, rehearsal=rehearsal, late=not rehearsal)
    tokens = 0 if rehearsal or begun.database.one_writer else 1
    wanted = counted(calm)
    less = wanted["access_token"] - tokens  # whose making would be an entry, too
    fewer = {name: wanted[name] - less for name in ("access_token", "entry", "log_pending")}
    assert counted(begun) == {**wanted, **fewer}
    assert flaws(begun) == []
    begun.close()
    calm.close()


def test_turns_of_three_processes_tell_everybody_once(workspace: Workspace, crew: Crew, tmp_path: Path) -> None:
    for number in range(6):
        open_one(workspace, "errand", "bgs.admin", body="alpha", ref=f"errand/{number}")
    set_clock(workspace, "2010-11-08T10:00")
    outbox = tmp_path / "out"

    said = [end.answer for end in crew.at_once([("turn", url_of(workspace), str(outbox))] * 3)]
    said.append(crew.do("turn", url_of(workspace), str(outbox)).answer)

    sent = Counter((tmp_path / "out.log").read_text().split())
    assert set(sent.values()) == {1}
    assert sum(each["delivered"] for each in said) == len(sent) == counted(workspace)["notice"]
    assert sum(each["fired"] for each in said) == 8 + 1, "eight clocks and a weekly errand"
    assert sql(workspace.database, "select distinct status from notice") == [("sent",)]
    assert flaws(workspace) == []


class Node:
    """A process that runs the campaign."""

    def __init__(self, crew: Crew, url: str, outbox: Path, hands: Path, point: str = "") -> None:
        self._crew = crew
        self.started = crew.start("node", url, str(outbox), str(hands), point=point)
        crew.wait(self.started, 1)

    def look(self) -> None:
        """Poke the node and wait until it has looked."""
        before = len(self.started[1].read_text("utf-8").splitlines())
        os.kill(self.started[0], signal.SIGUSR1)
        self._crew.wait(self.started, before + 1)

    def end(self, number: signal.Signals | None) -> End:
        if number is not None:
            os.kill(self.started[0], number)
        return self._crew.end(self.started)


def test_of_two_nodes_on_one_database_one_is_killed_and_the_other_goes_on(
    db_url: str, crew: Crew, tmp_path: Path
) -> None:
    policy = "hold_after_hours: 8784, days: all"  # forty days are no outage here, and every day is one of the office's
    workspace = begin(db_url, copied(tmp_path, policy), rehearsal=False, late=True)
    hands, outbox = tmp_path / "hands", tmp_path / "out"
    at = workspace.clock.now()
    hands.write_text(at.isoformat())
    at = at.replace(hour=2)
    doomed = Node(crew, db_url, outbox, hands, point="sent:3")
    lasting = Node(crew, db_url, outbox, hands)

    hands.write_text((at + timedelta(days=40)).isoformat())
    os.kill(doomed.started[0], signal.SIGUSR1)
    assert doomed.end(None).code == -signal.SIGKILL
    lasting.look()
    hands.write_text((at + timedelta(days=40) + LEASE).isoformat())
    lasting.look()

    assert lasting.end(signal.SIGTERM).code == 0
    sent = Counter((tmp_path / "out.log").read_text().split())
    assert len(sent) == counted(workspace)["notice"]
    assert sql(workspace.database, "select count(*) from notice where kind <> 'unreachable'") == [(6,)]
    assert sum(sent.values()) == len(sent) + 3, "the three that went out unmarked go out again"
    assert sql(workspace.database, "select distinct status from notice") == [("sent",)]
    assert flaws(workspace) == []
    workspace.close()


def test_a_node_does_not_spin_while_another_sends_what_is_due(db_url: str, tmp_path: Path) -> None:
    policy = "hold_after_hours: 8784, days: all"  # forty days are no outage here
    at = datetime.now(UTC).replace(hour=2)
    with producing(db_url, copied(tmp_path, policy), at) as workspace, others(workspace, 1) as (other,):
        other.clock = other.engine.clock = workspace.clock
        watch(workspace).later(days=40)
        assert fire_due(workspace.engine) == 2
        node = heart_of(workspace, SILENT)
        said: list[float | None] = []

        class Looking(SilentChannel):
            nowhere = False

            def send(self, notice: NoticeRow, campaign: str) -> str:
                said.append(node._beat())
                return super().send(notice, campaign)

        assert Dispatcher(other, {"file": Looking()}).deliver() == (6, 0)

        assert said == [ANOTHER_LOOK_S] * 6
        assert node._beat() != ANOTHER_LOOK_S
