"""State diagrams: every state and arrow is there, nothing lies over anything, no label can break it."""

import re
from pathlib import Path

import pytest
from commandline import Office, small_office
from drawn import HOSTILE, SVG, overlapping, read_back, rectangle, texts

from engine.definition import load_definition
from engine.machine import Compiled
from engine.marks import Lang
from web.pictures import state_diagram as drawing
from web.pictures.diagram_legend import SIGNS, diagram_legend
from web.pictures.layered import layered
from web.pictures.machine_drawing import Marks
from web.pictures.machine_graph import Move, every_arrow, moves_of_counterexample, moves_of_history
from web.pictures.state_diagram import state_diagram
from workflows.library import definition_kinds, shipped_definition

SAMPLE = (Path(__file__).parent / "samples" / "small.yaml").read_text("utf-8")


def machine_of(kind: str) -> Compiled:
    return Compiled(shipped_definition(kind), 1, {})


def small(*changes: tuple[str, str]) -> Compiled:
    text = SAMPLE
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return Compiled(load_definition(text, "small.yaml"), 1, {})


def classes(picture: str, state: str) -> str:
    root = read_back(picture)
    return next(each.get("class", "") for each in root.iter(f"{SVG}rect") if each.get("data-state") == state)


@pytest.mark.parametrize("kind", definition_kinds())
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_state_and_arrow_of_our_machines_is_drawn_and_no_box_lies_over_another(kind: str, lang: Lang) -> None:
    machine = machine_of(kind)

    root = read_back(state_diagram(machine, lang))

    states = [each for each in root.iter(f"{SVG}rect") if each.get("data-state")]
    assert {each.get("data-state") for each in states} == set(machine.tree.leaves)
    gathered = [each for each in root.iter(f"{SVG}rect") if each.get("class") == "p-gather"]
    labels = [each for each in root.iter(f"{SVG}rect") if each.get("class") == "p-paper p-under"]
    assert overlapping([rectangle(each) for each in (*states, *gathered, *labels)]) == []
    drawn = {each.get("data-arrow") for each in root.iter(f"{SVG}g")}
    drawn |= {pair for each in root.iter(f"{SVG}g") for pair in each.get("data-arrows", "").split()}
    assert {f"{a.src}>{a.dst}" for a in every_arrow(machine) if a.src != a.dst} <= drawn


@pytest.mark.parametrize("kind", definition_kinds())
def test_no_line_runs_through_a_state(kind: str) -> None:
    root = read_back(state_diagram(machine_of(kind), "zh"))

    boxes = [rectangle(each) for each in root.iter(f"{SVG}rect") if each.get("data-state")]
    paths = [each.get("d", "") for each in root.iter(f"{SVG}path") if each.get("class", "").startswith("p-arrow")]
    for path in paths:
        numbers = [float(number) for number in re.findall(r"-?[\d.]+", path)]
        assert numbers
        at = (numbers[0], numbers[1])
        for step in re.findall(r"([CV])([^CV]+)", path):
            values = [float(number) for number in step[1].split()]
            to = (values[-2], values[-1]) if step[0] == "C" else (at[0], values[0])
            middle = ((at[0] + to[0]) / 2, (at[1] + to[1]) / 2)
            assert not [box for box in boxes if box[0] < middle[0] < box[2] and box[1] < middle[1] < box[3]]
            at = to


def test_parallel_arrows_are_one_line_with_their_number_and_all_of_them_in_its_tooltip() -> None:
    root = read_back(state_diagram(machine_of("case"), "zh"))

    line = next(each for each in root.iter(f"{SVG}g") if each.get("data-arrow") == "prosecution_review>not_prosecuted")
    assert (line[0].text or "").count("·") == 3
    assert any("×3" in text for text in texts(root))


def test_the_current_state_the_way_and_what_may_come_next_are_told_apart() -> None:
    way = [Move("", "", "todo"), Move("take", "todo", "doing"), Move("submit", "doing", "review")]

    picture = state_diagram(small(), "en", Marks(current="review", way=way))

    assert classes(picture, "review") == "p-current"
    assert classes(picture, "doing") == "p-visited"
    assert classes(picture, "closed") == "p-next"
    assert classes(picture, "paused") == "p-state"
    assert any(text.startswith("① ") for text in texts(read_back(picture)))
    assert any(text.startswith("② ") for text in texts(read_back(picture)))
    assert "Current state: Review" in (read_back(picture)[1].text or "")


def test_only_the_triggers_that_are_possible_are_emphasised() -> None:
    none = state_diagram(small(), "en", Marks(current="todo", possible=frozenset()))
    every = state_diagram(small(), "en", Marks(current="todo"))

    assert "p-arrow-next" not in none
    assert "p-arrow-next" in every


def test_states_with_an_address_are_links_and_no_address_can_be_a_script() -> None:
    linked = state_diagram(small(), "en", Marks(links={"todo": "/list?state=todo"}))
    evil = state_diagram(small(), "en", Marks(links={"todo": "javascript:alert(1)", "doing": "//evil.example"}))

    assert [each.get("href") for each in read_back(linked).iter(f"{SVG}a")] == ["/list?state=todo"]
    assert list(read_back(evil).iter(f"{SVG}a")) == []


@pytest.mark.parametrize("words", [each for each in HOSTILE if each.strip() and "\x00" not in each])
def test_no_label_can_break_the_drawing(words: str) -> None:
    quoted = "'" + words.replace("'", "''").replace("\u202e", "").replace("\u202c", "")[:190] + "'"

    root = read_back(state_diagram(small(), "en"))
    hostile = small(("en: In hand", f"en: {quoted}"))
    broken = read_back(state_diagram(hostile, "en"))

    assert len(list(broken.iter(f"{SVG}rect"))) == len(list(root.iter(f"{SVG}rect")))
    boxes = [rectangle(each) for each in broken.iter(f"{SVG}rect") if each.get("data-state")]
    assert overlapping(boxes) == []
    assert max(box[2] - box[0] for box in boxes) < 200


def test_the_same_machine_is_drawn_the_same() -> None:
    first = state_diagram(machine_of("case"), "zh")
    layered.cache_clear()

    assert state_diagram(machine_of("case"), "zh") == first


def test_a_way_that_is_unknown_to_the_machine_is_passed_over() -> None:
    way = [Move("x", "gone", "away"), Move("y", "away", "todo")]

    root = read_back(state_diagram(small(), "zh", Marks(current="nowhere", way=way)))

    assert not [each for each in root.iter(f"{SVG}rect") if each.get("class") == "p-current"]


def test_a_history_and_a_counterexample_become_ways() -> None:
    entries = [
        {"kind": "opened", "trigger": None, "from": None, "to": "todo"},
        {"kind": "deadline", "trigger": None, "from": None, "to": None},
        {"kind": "moved", "trigger": "note", "from": "todo", "to": "todo"},
        {"kind": "moved", "trigger": "take", "from": "todo", "to": "doing"},
    ]
    acts = [
        {"n": 1, "what": "open", "about": None, "to": "todo"},
        {"n": 2, "what": "time", "about": None, "to": "todo"},
        {"n": 3, "what": "do", "about": "take", "to": "doing", "from": "todo"},
    ]

    assert moves_of_history(entries) == [Move("", "", "todo"), Move("take", "todo", "doing")]
    assert moves_of_counterexample(acts) == [Move("", "", "todo"), Move("take", "todo", "doing")]


def test_a_machine_that_nobody_could_read_is_not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "MOST_STATES", 5)

    root = read_back(state_diagram(machine_of("case"), "zh"))

    assert any("36 个状态" in text for text in texts(root))
    assert not [each for each in root.iter(f"{SVG}rect") if each.get("data-state")]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_legend_tells_every_sign_within_its_width(lang: Lang) -> None:
    root = read_back(diagram_legend(lang, 360))

    assert len(texts(root)) >= len(SIGNS)
    assert float(root.get("width", "")) == 360


def test_a_picture_is_written_to_a_file_and_no_database_is_made(tmp_path: Path) -> None:
    office, file = Office(f"sqlite:///{tmp_path / 'none.db'}"), tmp_path / "case.svg"

    said = office.json("campaign", "diagram", "case", "--svg", str(file))

    assert said == {"kind": "case", "version": 1, "file": str(file)}
    assert read_back(file.read_text("utf-8")).get("class") == "picture picture-machine"
    assert list(tmp_path.iterdir()) == [file]


def test_a_kind_of_the_campaign_s_own_is_drawn_as_it_runs_it(tmp_path: Path) -> None:
    office = small_office(tmp_path)

    assert "%% errand 1 " in office("campaign", "diagram", "errand").out
    assert office("campaign", "diagram", "case").out.startswith("stateDiagram-v2\n"), "one of ours, which it has not"
