"""Diagrams: every state and arrow is drawn, and no label can break the drawing."""

import re
from pathlib import Path

import pytest

from engine.definition import load_definition
from engine.diagram import ESCAPED, Lang, mermaid

SAMPLE = (Path(__file__).parent / "samples" / "small.yaml").read_text("utf-8")

EDGE = re.compile(r" {4}(?:\[\*\]|[a-z][a-z0-9_]*) --> (?:\[\*\]|[a-z][a-z0-9_]*)(?: : [^:;\"{}<>|]+)?")
STATE = re.compile(r' +state "[^"\n]+" as [a-z][a-z0-9_]*(?: \{)?')


def drawn(lang: Lang, *changes: tuple[str, str]) -> list[str]:
    text = SAMPLE
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return mermaid(load_definition(text, "small.yaml"), lang).splitlines()


def test_stages_hold_their_states_and_both_ends_are_drawn() -> None:
    lines = drawn("en")

    assert lines[0] == "stateDiagram-v2"
    assert lines[2:8] == [
        '    state "Work" as stage_work {',
        '        state "To do" as s_todo',
        '        state "In hand" as s_doing',
        '        state "Paused" as s_paused',
        "    }",
        '    state "Review" as s_review',
    ]
    assert "    [*] --> s_todo : Hand out" in lines
    assert lines[-2:] == ["    s_closed --> [*]", "    s_dropped --> [*]"]


def test_arrows_carry_their_label_and_the_kinds_of_their_conditions() -> None:
    assert "    s_doing --> s_review : Submit [if, document]" in drawn("en")
    assert "    s_doing --> s_review : 报送 [条件、材料]" in drawn("zh")
    assert "    s_todo --> s_doing : Take up" in drawn("en")


def test_an_arrow_out_of_a_stage_is_drawn_once_and_into_its_stage_at_the_first_state() -> None:
    lines = drawn("en")

    assert "    stage_work --> s_dropped : Drop [reason]" in lines
    assert "    s_review --> s_todo : Send back [reason]" in lines


def test_an_act_without_a_move_is_a_loop_at_each_state() -> None:
    loops = [line for line in drawn("en") if "Note the cost" in line]

    assert loops == [f"    s_{code} --> s_{code} : Note the cost [facts]" for code in ("todo", "doing", "paused")]


def test_the_way_back_is_drawn_to_every_state_it_can_lead_to() -> None:
    lines = drawn("en", ("from: paused\n    to: doing", 'from: paused\n    to: "@back"'))

    assert [line for line in lines if "Resume" in line] == ["    s_paused --> s_doing : Resume [back]"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_label_breaks_the_drawing(lang: Lang) -> None:
    nasty = 'a: b; c \\"q\\" #x; %% <br/> {y} [z] | note \\n end --> x & \\\\ `'
    changes = [(f": {word}", f': "{nasty}"') for word in ("报送", "Submit", "待办", "To do")]

    lines = drawn(lang, *changes)

    for line in (re.sub(r"#[0-9]+;", "·", line) for line in lines[2:] if line.strip() != "}"):
        assert EDGE.fullmatch(line) or STATE.fullmatch(line), line
    assert len(lines) == len(drawn(lang))


def test_codes_that_are_words_of_mermaid_are_no_identifiers() -> None:
    lines = drawn("en", ("dropped", "state"), ("paused", "note"), ("closed", "end"))

    assert {"s_state", "s_note", "s_end"} <= set(re.findall(r"[a-z_]+", " ".join(lines)))
    assert not any(re.search(r"--> (state|note|end)\b", line) for line in lines)


def test_a_stage_and_its_state_of_the_same_code_stay_apart() -> None:
    lines = drawn(
        "en",
        ("      todo: {", "      work: {"),
        ("initial: todo", "initial: work"),
        ("from: todo", "from: work"),
    )

    assert '    state "Work" as stage_work {' in lines
    assert '        state "To do" as s_work' in lines


def test_every_sign_with_a_meaning_is_escaped() -> None:
    assert {"#", ";", ":", '"'} < set(ESCAPED)
    assert all(re.fullmatch(r"#[0-9]+;", written) for written in ESCAPED.values())
