"""The strict loader: what it takes, what it refuses, and where it says the flaw is."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Invalid, Problem
from engine.plain_yaml import plain_data
from engine.source import MOST_PROBLEMS
from engine.strictyaml import CAMPAIGN_BOUNDS, DEFINITION_BOUNDS, FORBIDDEN, decode, parse, with_places


def flaws(content: str | bytes) -> list[Problem]:
    """Parse what must be refused and return its problems."""
    with pytest.raises(Invalid) as refusal:
        parse(content, "file.yaml")
    return refusal.value.problems


def places(content: str | bytes) -> list[tuple[str, int, int]]:
    return [(flaw.code, flaw.line, flaw.column) for flaw in flaws(content)]


def test_only_the_plain_types_of_yaml_1_2_are_read() -> None:
    source = parse("a: true\nb: false\nc: null\nd: ~\ne: -12\nf: text\ng: [1, two]\nh: 'true'\ni: \"3\"\n", "file.yaml")

    wanted = {"a": True, "b": False, "c": None, "d": None, "e": -12, "f": "text", "g": [1, "two"]}
    assert source.data == {**wanted, "h": "true", "i": "3"}


@pytest.mark.parametrize(
    "word", ["2010-11-26", "12:30", "0123", "0x1f", "0b1", "1_000", "yes", "No", "on", "OFF", "True", "+1"]
)
def test_what_yaml_1_1_would_change_stays_a_text(word: str) -> None:
    assert parse(f"a: {word}", "file.yaml").data == {"a": word}


@pytest.mark.parametrize("word", ["1.5", ".5", "1.", "1e3", "-2.5E-3", ".inf", "-.inf", ".nan"])
def test_decimal_fractions_are_refused(word: str) -> None:
    assert places(f"a: {word}") == [("number", 1, 4)]


def test_a_number_no_json_reader_keeps_is_refused() -> None:
    assert parse(f"a: {2**53 - 1}", "file.yaml").data == {"a": 2**53 - 1}
    assert places(f"a: {2**53}") == [("number", 1, 4)]
    assert places("a: " + "9" * 100_000) == [("number", 1, 4)]


def test_keys_are_always_texts() -> None:
    assert parse("1: a\ntrue: b\nnull: c\n", "file.yaml").data == {"1": "a", "true": "b", "null": "c"}


def test_every_duplicate_key_is_reported_at_once_with_its_place() -> None:
    text = "a: 1\na: 2\nb: {c: 1, c: [3, {d: 1, d: 2}]}\nb:\n  e: 1\n  e: 2\n"

    assert places(text) == [
        ("duplicate_key", 2, 1),
        ("duplicate_key", 3, 11),
        ("duplicate_key", 3, 25),
        ("duplicate_key", 4, 1),
        ("duplicate_key", 6, 3),
    ]
    assert "first on line 1" in flaws(text)[0].message


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("a: &x 1", "anchor", 1, 4),
        ("a: *x", "alias", 1, 4),
        ("*x : 1", "alias", 1, 1),
        ("a: !!int 3", "tag", 1, 4),
        ("a: !<tag:x> 3", "tag", 1, 4),
        ("a: !!python/object/apply:os.system [ls]", "tag", 1, 4),
        ("<<: {a: 1}", "merge_key", 1, 1),
        ("? [a]\n: 1", "key", 1, 3),
        ("? {a: {b: c}}\n: {d: 1}", "key", 1, 3),
        ("'': 1", "key", 1, 1),
        ("a:\nb: 1", "no_value", 1, 3),
        ("[1, 2]", "not_a_mapping", 1, 1),
        ("text", "not_a_mapping", 1, 1),
        ("# nothing", "not_a_mapping", 1, 1),
        ("", "empty", 1, 1),
        (" \n\t\n", "empty", 1, 1),
        ("a: 1\n---\nb: 2", "several_documents", 2, 1),
        ("a: 'x", "yaml", 1, 6),
        ("a: b: c", "yaml", 1, 5),
        ("a:\n\t- 1", "yaml", 2, 1),
        ("a: [1, 2", "yaml", 1, 9),
        ("a: 1\n b: 2", "yaml", 2, 3),
    ],
)
def test_what_is_refused_is_refused_with_its_place(text: str, code: str, line: int, column: int) -> None:
    assert (code, line, column) in places(text)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"a: \xff", "encoding"),
        (b"\xff\xfea\x00", "encoding"),
        (b"a: \xed\xa0\x80", "encoding"),
        (b"a: \x00", "control_character"),
        (b"a: \x1b[31m", "control_character"),
        ("a: \ud800", "control_character"),
        ("a: x\u202ey", "control_character"),
        ("a: x\u2028y", "control_character"),
        ("a: x\x85y", "control_character"),
        ("a: \ufeffx", "control_character"),
        ('a: "\\0"', "control_character"),
        ('"\\u202e": 1', "control_character"),
    ],
)
def test_characters_nobody_can_see_are_refused(content: str | bytes, code: str) -> None:
    assert [flaw.code for flaw in flaws(content)] == [code]


def test_the_place_of_a_wrong_byte_is_told() -> None:
    assert places("甲: 乙\n丙: ".encode() + b"\x80") == [("encoding", 2, 4)]


def test_a_byte_order_mark_at_the_start_is_allowed() -> None:
    source = parse(b"\xef\xbb\xbfa: 1", "file.yaml")

    assert source.data == {"a": 1}
    assert source.at_key(("a",)) == (1, 1)


def test_keys_and_values_have_places() -> None:
    source = parse("a:\n  - b: 甲\n    c: {d: x}\n", "file.yaml")

    assert source.at_key(("a",)) == (1, 1)
    assert source.at(("a", 0)) == (2, 5)
    assert source.at_key(("a", 0, "c")) == (3, 5)
    assert source.at(("a", 0, "c", "d")) == (3, 12)
    assert source.at(("a", 0, "c", "absent")) == (3, 8)


@pytest.mark.parametrize(
    "text",
    [
        "e: one and wrong",
        "e:   'one and wrong'",
        'e: "one and wrong"',
        "e: one\n  and\n\n  wrong",
        "e: 'one\n  and wrong'",
        "e: |\n  one and\n  wrong\n",
        "e: >- # said\n  one\n  and wrong",
        'e: "one \\\n  and wrong"',
        'e: "on\\x65 and wrong"',
        "e: 'o''e and wrong'",
    ],
)
def test_a_character_inside_a_text_has_its_place_in_the_file(text: str) -> None:
    source = parse(text, "file.yaml")

    line, column = source.inside(("e",), source.data["e"].index("wrong"))

    assert text.splitlines()[line - 1][column - 1 :].startswith("wrong")


def test_a_file_may_not_be_too_large_too_deep_or_too_full() -> None:
    long = "a: " + "x" * DEFINITION_BOUNDS.size

    assert [flaw.code for flaw in flaws(long)] == ["too_large"]
    assert parse(long, "file.yaml", CAMPAIGN_BOUNDS).data["a"].startswith("x")
    assert parse("a: " + "[" * 15 + "]" * 15, "file.yaml").data
    assert [flaw.code for flaw in flaws("a: " + "[" * 16 + "]" * 16)] == ["too_deep"]
    assert [flaw.code for flaw in flaws("? " + "[" * 5000)] == ["key", "too_deep"]
    assert [flaw.code for flaw in flaws("a: [" + "0," * DEFINITION_BOUNDS.nodes + "]")] == ["too_many"]


@pytest.mark.parametrize("text", ["[" * 5000, "{" * 5000, "a: " * 5000, "- " * 5000, "? " * 5000, "!" * 5000])
def test_deep_nesting_exhausts_nothing(text: str) -> None:
    assert flaws(text)


def test_an_alias_bomb_is_refused_before_it_grows() -> None:
    bomb = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10))

    assert {flaw.code for flaw in flaws(bomb)} == {"anchor", "alias"}


def test_no_more_problems_are_listed_than_somebody_can_read() -> None:
    found = flaws("a: 1\n" * 1000)

    assert len(found) == MOST_PROBLEMS + 1
    assert found[-1].message == f"and {999 - MOST_PROBLEMS} more problems"


def test_the_digest_is_of_the_content_and_not_of_the_layout() -> None:
    one = parse("a: 1\nb: [x, y]\n", "file.yaml").digest

    assert parse("# said\nb:\n  - 'x'\n  - y\na: 1\n", "other.yaml").digest == one
    assert parse("a: 1\nb: [y, x]\n", "file.yaml").digest != one


@given(st.binary(max_size=300) | st.text(max_size=300))
def test_no_content_brings_anything_but_data_or_a_refusal(content: str | bytes) -> None:
    try:
        assert isinstance(parse(content, "file.yaml").data, dict)
    except Invalid as refusal:
        assert refusal.problems


@given(st.text(alphabet="ab:- {}[],&*!|>'\"#?\n\t%@`<~\\01.甲", max_size=80))
def test_no_text_of_yaml_signs_brings_anything_but_data_or_a_refusal(text: str) -> None:
    try:
        source = parse(text, "file.yaml")
    except Invalid as refusal:
        assert refusal.problems
    else:
        assert all(1 <= place.line <= text.count("\n") + 1 for place in source.values.values())


OURS = sorted(Path(__file__).parent.parent.glob("workflows/**/*.yaml"))


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.stem)
def test_the_quick_way_through_a_file_comes_to_the_same_as_the_thorough_one(path: Path) -> None:
    bounds = CAMPAIGN_BOUNDS._replace(nodes=100_000)
    text = decode(path.read_bytes(), path.name, bounds)

    source, thorough = parse(text, path.name, bounds), with_places(path.name, text, bounds)

    assert plain_data(text, bounds.depth, bounds.nodes, FORBIDDEN) is not None
    assert repr(source.data) == repr(thorough.data)
    assert dict(source.values) == thorough.values
    assert dict(source.keys) == thorough.keys
    assert dict(source.spans) == thorough.spans
