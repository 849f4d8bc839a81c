"""`duban up`: the rehearsal shown live in a database of its own, stopped at will and taken up where it stood."""

import re
from pathlib import Path

import pytest
from commandline import Ended, Office
from showing import SHORT, events
from world import local

from scheduler.rehearse import rehearse

LOOK = re.compile(r"\x1b\[[0-9;]*m")
"""What gives words their look on a terminal."""


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """Somebody in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return Office(None)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ended]:
    """The first two weeks as they are shown to a pipe, and the folder in which that was."""
    folder = tmp_path_factory.mktemp("shown")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return folder, Office(None)("up", "--no-web", *SHORT)


def test_an_empty_folder_is_enough_and_the_whole_campaign_is_shown_in_its_order(office: Office, tmp_path: Path) -> None:
    ended = office("up", "--no-web", "--speed", "0", "--cases", "0").politely()

    told = events(ended.out)
    assert (ended.code, ended.err) == (0, "")
    assert "开演：2010-11-25 15:00" in ended.out
    assert next(event for event in told if event[1] == "提醒") == ("2010-11-26 09:00", "提醒")
    assert {sign for _, sign in told} >= {"办理", "提醒", "催办", "升级", "节点", "例行", "汇总"}
    assert [at for at, _ in told] == sorted(at for at, _ in told)
    assert told[0][0].startswith("2010-11-2")
    assert told[-1][0].startswith("2011-04-")
    assert "推演小结" in ended.out
    assert "至 2011-04-11 00:00" in ended.out
    assert "duban --db sqlite:///var/rehearsal.db board" in ended.out
    assert [path.name for path in tmp_path.iterdir()] == ["var"]


def test_it_is_told_in_english_with_the_notices_as_they_are_sent(office: Office) -> None:
    ended = office("--lang", "en", "up", "--no-web", *SHORT).politely()

    lines = ended.out.splitlines()
    told = [line for line in lines if re.match(r"2010-\d\d-\d\d", line)]
    assert lines[0].startswith("Rehearsal: Baodi campaign")
    assert {line[18:24].strip() for line in told} >= {"act", "remind", "urge", "point"}
    acts = [line for line in told if line[18:24].strip() == "act"]
    assert any(
        re.search(r"District price bureau +department_task/wujia +Acknowledge → Mobilising", each) for each in acts
    )
    assert len({each.index("department_task/") for each in acts if "department_task/" in each}) == 1
    framing = [line for line in lines if line not in told and not re.search(r"--db|rm -r", line)]
    assert not re.search(r"[\u4e00-\u9fff]", "".join([*framing, *(each for each in acts if "→" in each)]))
    assert "| District price bureau " in ended.out


def test_what_it_proposes_to_try_next_works(shown: tuple[Path, Ended], monkeypatch: pytest.MonkeyPatch) -> None:
    folder, ended = shown
    monkeypatch.chdir(folder)
    office = Office(None)

    tries = re.findall(r"duban (--db .*)", ended.out)
    assert len(tries) == 4
    for words in tries:
        tried = office(*words.split())
        assert (tried.code, tried.err) == (0, ""), words
        assert tried.out


def test_the_office_s_own_database_is_never_touched(office: Office, tmp_path: Path) -> None:
    own = tmp_path / "duban.db"
    own.write_bytes(b"mine")

    office("up", "--no-web", "--speed", "0", "--until", "2010-11-27")

    assert own.read_bytes() == b"mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["duban.db", "var"]


def test_notices_of_one_kind_share_a_line_that_says_what_is_due_and_whom_it_concerns(shown: tuple[Path, Ended]) -> None:
    lines = shown[1].out.splitlines()

    first = next(line for line in lines if "  提醒  " in line)
    assert "等15家" in first
    assert "【催办单】报送本部门实施方案（2010-11-26止）：department_task/" in first
    assert "等15项 → " in first
    supervised = next(line for line in lines if "【督办通知单】" in line)
    assert "bgs.admin" in supervised
    assert "领导小组办公室" not in supervised.partition("【")[0]
    late = [line for line in lines if line.endswith("（逾期）")]
    assert late
    assert all("  办理  " in line for line in late)


def test_references_stand_one_below_the_other_whatever_is_in_front_of_them(shown: tuple[Path, Ended]) -> None:
    before = [line.partition("department_task/")[0] for line in shown[1].out.splitlines() if "  办理  " in line]
    before = [text for text in before if not text.isascii() and text.endswith("  ")]

    assert len({len(text) for text in before}) > 1
    assert len({sum(1 if char.isascii() else 2 for char in text) for text in before}) == 1


def test_a_terminal_shows_the_same_words_in_their_looks(office: Office, shown: tuple[Path, Ended]) -> None:
    on_terminal = office("up", "--no-web", *SHORT, terminal=True, columns=300)

    assert "\x1b" not in shown[1].out
    assert LOOK.sub("", on_terminal.out) == shown[1].out
    reminder = next(line for line in on_terminal.out.splitlines() if "  催办  " in line)
    assert reminder != LOOK.sub("", reminder)


def test_with_json_the_answer_is_one_document_and_the_showing_goes_to_stderr(office: Office) -> None:
    ended = office("--json", "up", "--no-web", "--speed", "0", "--until", "2010-11-27")

    assert ended.json == {"database": "sqlite:///var/rehearsal.db", "finished": True}
    assert events(ended.err)


def test_a_showing_up_to_a_day_goes_on_from_there_without_that_day(office: Office) -> None:
    office("up", "--no-web", "--speed", "0", "--until", "2010-11-27")

    ended = office("up", "--no-web", "--speed", "0", "--until", "2010-11-30")

    assert "接着演：2010-11-27 00:00" in ended.out
    assert "已演到" not in ended.out
    assert events(ended.out)[0][0] >= "2010-11-27 00:00"


def test_it_goes_on_with_the_people_it_was_begun_with(office: Office) -> None:
    office("up", "--no-web", "--speed", "0", "--seed", "5", "--cases", "3", "--until", "2010-11-27")

    other = office("up", "--no-web", "--speed", "0", "--seed", "6", "--until", "2010-11-30").politely()
    same = office("up", "--no-web", "--speed", "0", "--until", "2010-12-02")

    assert other.code == 6
    assert "--seed 5" in other.err
    assert "种子 5，案件 3" in same.out
    whole = rehearse(seed=5, cases=3, until=local("2010-12-02T00:00"))
    assert f"办理 {whole.summary['totals']['orders']} 次" in same.out


@pytest.mark.parametrize(
    ("words", "code"),
    [(("--until", "soon"), 7), (("--speed", "-1"), 2), (("--campaign", "nosuch"), 3), (("--at", "x"), 7)],
)
def test_what_cannot_be_shown_is_refused_with_its_exit_code(words: tuple[str, ...], code: int, office: Office) -> None:
    ended = office("up", "--no-web", "--speed", "0", *words).politely()

    assert (ended.code, ended.out) == (code, "")
    assert ended.err
