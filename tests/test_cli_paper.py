"""What is put on paper: tab-separated when piped, aligned and coloured on a terminal, in Chinese or in English."""

import re
import unicodedata
from pathlib import Path

import pytest
from commandline import Office, small_office

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
COLOURED = re.compile(r"\x1b\[[0-9;]*3[1-7]m")


@pytest.fixture
def office(tmp_path: Path) -> Office:
    office = small_office(tmp_path)
    office("open", "errand", "--body", "alpha", "--title", "查处“山寨”手机abc案（第１号）", "--ref", "errand/s-1")
    office("clock", "advance", "--to", "2010-11-09")
    return office


def width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def column_of(line: str, word: str) -> int:
    """Where *word* begins on the screen."""
    return width(line[: line.index(word)])


TABLES = ["list", "board", "deadline list", "notice list", "calendar check 2010-10-01 2010-10-09"]


@pytest.mark.parametrize("words", TABLES)
def test_a_piped_table_has_codes_as_its_heading_and_one_line_a_row(office: Office, words: str) -> None:
    piped = office(*words.split())
    english = office("--lang", "en", *words.split())

    assert piped.rows
    assert all(re.fullmatch(r"[a-z_]+", name) for name in piped.rows[0])
    assert "\x1b" not in piped.out
    assert "  " not in piped.out.replace("\t\t", "")
    assert piped.rows[0].keys() == english.rows[0].keys()


def test_piped_values_are_codes_and_do_not_change_with_the_language(office: Office) -> None:
    rows = [office("--lang", lang, "list").rows for lang in ("zh", "en")]
    board = [office("--lang", lang, "board").rows for lang in ("zh", "en")]

    assert rows[0] == rows[1]
    beta = next(row for row in rows[0] if row["ref"] == "errand/beta")
    assert beta == {
        "ref": "errand/beta", "kind": "errand", "body": "beta", "stage": "work", "state": "todo", "light": "red",
        "due": "", "title": "乙局的差事", "overdue": "2010-11-04 answer",
    }  # fmt: skip
    assert [[row["body"], row["stage"], row["light"], row["counts"]] for row in board[0]] == [
        [row["body"], row["stage"], row["light"], row["counts"]] for row in board[1]
    ]
    assert board[0][1]["counts"] == "work=2"


def test_columns_stand_one_below_the_other_on_a_terminal(office: Office) -> None:
    screen = ESCAPE.sub("", office("list", terminal=True).out).splitlines()

    heading = next(line for line in screen if "编号" in line)
    rows = [line for line in screen if "errand/" in line and "errand/2010" not in line]
    assert len(rows) == 3
    for title, word in (("状态", "待办"), ("灯", "● 红"), ("阶段", "办理")):
        assert {column_of(row, word) for row in rows} == {column_of(heading, title)}
    titles = ["查处“山寨”手机abc案（第１号）", "甲局的差事", "乙局的差事"]
    assert {column_of(row, next(each for each in titles if each in row)) for row in rows} == {
        column_of(heading, "标题")
    }


@pytest.mark.parametrize("columns", [60, 80])
def test_a_narrow_terminal_is_never_overrun_and_nothing_is_lost(office: Office, columns: int) -> None:
    screen = ESCAPE.sub("", office("list", terminal=True, columns=columns).out)

    assert max(width(line.rstrip()) for line in screen.splitlines()) <= columns
    together = re.sub(r"\s", "", screen)
    assert "待办" in screen
    assert all(char in together for char in "查处山寨手机")


def test_what_is_typed_again_is_not_broken_over_two_lines(office: Office) -> None:
    (first, *_) = office("deadline", "list").rows

    screen = ESCAPE.sub("", office("deadline", "list", terminal=True, columns=100).out)
    narrow = ESCAPE.sub("", office("deadline", "list", terminal=True, columns=40).out)

    assert first["id"] in screen
    assert first["ref"] in screen
    assert max(width(line.rstrip()) for line in narrow.splitlines()) <= 40
    assert set(first["id"]) <= set(narrow)


def test_colours_are_for_terminals_only(office: Office) -> None:
    seen = office("list", terminal=True)
    shown = office("show", "errand/beta", terminal=True)

    assert COLOURED.search(seen.out)
    assert COLOURED.search(shown.out)
    for words in (["list"], ["show", "errand/beta"], ["board"], ["history", "errand/beta"], ["can", "errand/beta"]):
        assert "\x1b" not in office(*words).out
    for words in (["list"], ["show", "errand/beta"]):
        assert not COLOURED.search(office(*words, terminal=True, NO_COLOR="1").out)
        assert "\x1b" not in office(*words, terminal=True, TERM="dumb").out
        assert "\x1b" not in office("--json", *words, terminal=True).out


def test_late_things_are_red_and_the_light_has_its_word_too(office: Office) -> None:
    screen = office("list", terminal=True).out
    english = ESCAPE.sub("", office("--lang", "en", "list", terminal=True).out)

    assert re.search(r"\x1b\[1;31m● 红", screen)
    assert "● red" in english
    assert "● green" in english
    assert "To do" in english
    assert "Bureau Beta" in english


@pytest.mark.parametrize(
    "words", ["show errand/beta", "history errand/beta", "can errand/beta", "list", "board", "clock show"]
)
def test_english_is_english_and_chinese_is_chinese(office: Office, words: str) -> None:
    """Only what somebody wrote (titles, names of documents, sources) stays in its own language."""
    english, chinese = (office("--lang", lang, *words.split(), terminal=True, columns=160) for lang in ("en", "zh"))

    ours = re.sub(r"查处.*|[甲乙]局的差事|每周差事|→ .*", "", ESCAPE.sub("", english.out))
    assert not re.search(r"[\u4e00-\u9fff]", ours), ours
    assert words == "clock show" or re.search(r"[\u4e00-\u9fff]", chinese.out)
    assert english.code == chinese.code == 0
    assert not re.search(r"[\u4e00-\u9fff]", english.err)


def test_the_language_is_said_by_option_or_variable(office: Office) -> None:
    words = ("show", "errand/alpha")

    by_option, behind = office("--lang", "en", *words), office(*words, "--lang", "en")
    by_variable, both = office(*words, DUBAN_LANG="en"), office("--lang", "zh", *words, DUBAN_LANG="en")

    assert by_option.out == behind.out == by_variable.out
    assert both.out == office(*words).out != by_option.out


def test_global_options_do_the_same_before_and_behind_the_command(office: Office) -> None:
    ways = [
        office("--as", "alpha.liaison", "--json", "can", "errand/alpha"),
        office("can", "--as", "alpha.liaison", "errand/alpha", "--json"),
        office("can", "errand/alpha", "--json", "--as=alpha.liaison"),
        office("can", "errand/alpha", "--json", DUBAN_AS="alpha.liaison"),
    ]
    far = Office(None)

    assert ways[0].json["actor"] == "alpha.liaison"
    assert ways[0] == ways[1] == ways[2] == ways[3]
    assert far("list", "--db", str(office.url)) == far("--db", str(office.url), "list") == office("list")
    assert far("deadline", "list", "--db", str(office.url)) == office("deadline", "list")


def test_json_is_indented_for_eyes_only(office: Office) -> None:
    piped, seen = office("--json", "board"), office("--json", "board", terminal=True)

    assert piped.out.count("\n") == 1
    assert seen.out.count("\n") > 10
    assert piped.json == seen.json


def test_acting_without_a_name_is_said_on_stderr_and_only_when_somebody_acts(office: Office) -> None:
    acted, looked = office("do", "errand/alpha", "drop", "--reason", "重复"), office("list")

    assert acted.err == "未用 --as 指明，以 bgs.admin 办理\n"
    assert looked.err == ""
