"""Every scripted life of case and penalty: its hand-overs come out of the history alone, and the past stays as it was."""

from datetime import datetime
from typing import Any

import pytest
from case_scenarios import CASE_SCENARIOS
from penalty_scenarios import PENALTY_SCENARIOS
from scenarioplay import Play
from world import flaws

LIVES = [("case", name, steps) for name, steps in CASE_SCENARIOS.items()]
LIVES += [("penalty", name, steps) for name, steps in PENALTY_SCENARIOS.items()]


def bare(play: Play, as_of: datetime | None = None) -> list[dict[str, Any]]:
    """The hand-overs without what is not theirs: the deadlines' rows and the delivery of copies."""
    shown = play.desk.reader.show(play.ref, as_of=as_of)["handovers"]
    return [{name: value for name, value in each.items() if name not in ("clocks", "copies")} for each in shown]


@pytest.mark.parametrize(("kind", "name", "steps"), LIVES, ids=[f"{kind}-{name}" for kind, name, _ in LIVES])
def test_a_life_tells_its_hand_overs_then_and_now_alike(
    kind: str, name: str, steps: list[dict[str, Any]], sqlite_url: str
) -> None:
    play, seen = Play(sqlite_url), {}
    for step in steps:
        play.run(kind, "gongshang", [step])
        seen[play.desk.clock.now()] = bare(play)

    assert {at: found for at, found in seen.items() if bare(play, at) != found} == {}
    for each in bare(play):
        times = [each[name] for name in ("sent_at", "received_at", "returned_at") if each[name]]
        assert times == sorted(times) and each["from"] != each["to"]
        assert (each["status"] in ("received", "returned")) >= (each["received_at"] is not None)
    assert flaws(play.desk) == []
    play.desk.close()
