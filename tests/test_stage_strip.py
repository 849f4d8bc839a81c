"""Where a matter stands: the strip of stages and the states next to the current one."""

from itertools import pairwise

import pytest
from drawn import SVG, overlapping, read_back, rectangle, texts

from engine.machine import Compiled
from web.pictures.machine_drawing import Marks
from web.pictures.machine_graph import Move
from web.pictures.stage_strip import neighbourhood, stage_strip
from workflows.library import definition_kinds, shipped_definition


def machine_of(kind: str) -> Compiled:
    return Compiled(shipped_definition(kind), 1, {})


def way(*states: str) -> list[Move]:
    return [Move("", "", states[0]), *(Move("x", src, dst) for src, dst in pairwise(states))]


def stages(picture: str) -> dict[str, str]:
    paths = read_back(picture).iter(f"{SVG}path")
    return {each.get("data-stage", ""): each.get("class", "") for each in paths if each.get("data-stage")}


def test_the_strip_tells_the_stages_passed_the_current_one_and_its_state() -> None:
    marks = Marks(current="investigating", way=way("detected", "handing_over", "accepted", "filed", "investigating"))

    strip = stage_strip(machine_of("case"), "zh", marks)

    assert stages(strip) == {
        "detected": "p-visited", "referred": "p-visited", "filed": "p-current",
        "prosecuted": "p-state", "closed": "p-state",
    }  # fmt: skip
    assert "▲ 侦查" in texts(read_back(strip))
    assert "现处：侦查" in (read_back(strip).get("aria-label") or "")


def test_a_stage_beside_the_course_is_shown_only_when_the_matter_was_in_it() -> None:
    usual = stages(stage_strip(machine_of("department_task"), "zh", Marks(current="assigned")))
    stopped = stages(stage_strip(machine_of("department_task"), "zh", Marks(current="suspended")))

    assert not {"suspended", "cancelled"} & usual.keys()
    assert stopped.keys() - usual.keys() == {"suspended"}


def test_on_a_narrow_screen_the_strip_takes_several_rows() -> None:
    narrow = read_back(stage_strip(machine_of("case"), "en", Marks(), 360))
    wide = read_back(stage_strip(machine_of("case"), "en", Marks(), 1300))

    assert float(narrow.get("width", "")) <= 360
    assert float(narrow.get("height", "")) > float(wide.get("height", ""))


def test_the_neighbourhood_holds_the_last_steps_and_all_that_may_come_next() -> None:
    machine = machine_of("case")
    marks = Marks(current="investigating", way=way("detected", "handing_over", "accepted", "filed", "investigating"))

    root = read_back(neighbourhood(machine, "zh", marks))

    boxes = {each.get("data-state"): each for each in root.iter(f"{SVG}rect") if each.get("data-state")}
    following = {arrow.dst for arrows in machine.arrows["investigating"].values() for arrow in arrows}
    assert set(boxes) == {"investigating", "filed", "accepted"} | following
    assert any(text.startswith("④ ") for text in texts(root))
    assert not any(text.startswith("① ") for text in texts(root))
    assert overlapping([rectangle(each) for each in boxes.values()]) == []
    lines = [each.get("data-arrow", "").split(">") for each in root.iter(f"{SVG}g") if each.get("data-arrow")]
    assert [line for line in lines if line[0] != "investigating"] == [["accepted", "filed"], ["filed", "investigating"]]


@pytest.mark.parametrize("kind", definition_kinds())
def test_every_state_of_our_machines_has_a_strip_and_a_neighbourhood(kind: str) -> None:
    machine = machine_of(kind)

    for code in machine.tree.leaves:
        read_back(neighbourhood(machine, "en", Marks(current=code)))
        assert "p-current" in stages(stage_strip(machine, "en", Marks(current=code))).values()
