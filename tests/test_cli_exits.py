"""The exit code says what happened, and what is printed says it in words: what was asked, why not, what is possible."""

import sqlite3
from pathlib import Path

import pytest
from commandline import ROOT, SMALL, Office, small_office

import commands.look
from engine.errors import DubanError


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return small_office(tmp_path, LOG=str(tmp_path / "faults.log"))


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """One for many, because nothing may change in it."""
    return small_office(tmp_path_factory.mktemp("exits"))


CODES = [
    (0, "list", "errand/alpha"),
    (0, "--version", "duban"),
    (2, "", "用法：duban"),
    (2, "shwo errand/alpha", "是否为“show”？"),
    (2, "show", "REF"),
    (2, "show errand/alpha extra", "extra"),
    (2, "deadline", "用法：duban deadline"),
    (2, "calendar show --year 12", "1949"),
    (2, "calendar show --year 2010 --month 2010-11", "只能选一项"),
    (2, "do errand/alpha tkae", "是否为“take”？"),
    (2, "do errand/alpha take --fact urgent", "name=value"),
    (2, "do errand/alpha take --fact urgent=1 --fact urgent=0", "出现两次"),
    (2, "--campaign other list", "small-2010"),
    (3, "show errand/none", "没有事项“errand/none”"),
    (3, "history errand/none", "没有事项“errand/none”"),
    (3, "can nothing", "没有事项“nothing”"),
    (3, "do errand/none take", "没有事项“errand/none”"),
    (3, "open erand", "现有：errand"),
    (3, "list --kind erand", "现有：errand"),
    (3, "deadline list errand/none", "没有事项“errand/none”"),
    (3, "notice list errand/none", "没有事项“errand/none”"),
    (3, "deadline explain errand/alpha none", "现有：answer"),
    (3, "deadline explain 1", "没有期限“1”"),
    (3, "campaign show none", "baodi-2010"),
    (3, "campaign diagram none", "department_task"),
    (3, "rehearse --people none", "diligent, nobody, typical"),
    (3, "user token none", "none"),
    (4, "--as alpha.liaison do errand/alpha accept", "可以办理：note_cost、take"),
    (4, "do errand/alpha drop", "理由"),
    (4, "--as alpha.head correct errand/alpha --fact urgent=1", "理由"),
    (3, "--as beta.liaison do errand/alpha take", "没有事项“errand/alpha”"),
    (5, "do errand/alpha take", "须由经办人办理"),
    (5, "--as nobody do errand/alpha take", "没有登录名“nobody”"),
    (5, "--as alpha.head user add x", "管理员"),
    (6, "do errand/alpha take --if-version 7", "他人已先行办理"),
    (6, "open errand --body alpha --ref errand/beta", "编号errand/beta已被使用"),
    (7, "open errand --body none", "没有单位“none”"),
    (7, "list --body none", "没有单位“none”"),
    (7, "deadline list --body none", "没有单位“none”"),
    (7, "notice list --body none", "没有单位“none”"),
    (7, "list --as-of whenever", "2010-11-26T09:00"),
    (7, "calendar check 2010-02-30", "YYYY-MM-DD"),
    (7, "calendar show --month 2010-13", "不是月份"),
    (7, "--as alpha.liaison do errand/alpha note_cost --fact cost_fen=-1", "不得小于0"),
    (7, "--as alpha.liaison do errand/alpha note_cost --fact cost_fenn=1", "cost_fen"),
    (7, "attach errand/alpha --doc report=/none", "没有文件“/none”"),
    (7, f"attach errand/alpha --doc picture={ROOT / 'README.md'}", "没有材料“picture”"),
    (7, "attach errand/alpha --doc report=/etc/hostname", "不收"),
    (7, "clock advance --to 2010-10-01", "不能倒拨到"),
    (7, "apply /none", "没有该文件"),
    (7, "--token-file /none can errand/alpha", "令牌文件"),
    (7, "--db nonsense list", "不是数据库地址"),
    (7, "init", "duban init --rehearsal"),
    (8, "--db sqlite:////none/none.db list", "duban init"),
]


@pytest.mark.parametrize(("code", "words", "said"), CODES, ids=[f"{code} {words}" for code, words, _ in CODES])
def test_a_call_ends_with_the_exit_code_of_the_contract(untouched: Office, code: int, words: str, said: str) -> None:
    before = untouched("list").out

    ended = untouched(*words.split())

    assert ended.code == code, ended.err
    assert said in (ended.err if code else ended.out)
    assert "Traceback" not in ended.err
    assert ended.out == "" or code == 0
    assert untouched("list").out == before


def test_a_request_id_with_other_content_is_a_conflict(office: Office) -> None:
    office.as_("alpha.liaison", "do", "errand/alpha", "take", "--request-id", "r-1")

    again = office.as_("alpha.liaison", "do", "errand/alpha", "take", "--request-id", "r-1")
    other = office.as_("beta.liaison", "do", "errand/beta", "take", "--request-id", "r-1")

    assert (again.code, again.out[:4]) == (0, "此前已办")
    assert (other.code, other.err.splitlines()[0]) == (6, "有冲突（request_id_reused）：do errand/beta take")


def test_who_submits_does_not_accept_though_holding_both_posts(office: Office, tmp_path: Path) -> None:
    for words in ("add li", "grant li --body alpha --post liaison", "grant li --body alpha --post head"):
        assert office("user", *words.split()).code == 0
    (tmp_path / "token").write_text(office.json("user", "token", "li")["token"])
    (tmp_path / "r.txt").write_text("x")
    li = Office(office.url, TOKEN_FILE=str(tmp_path / "token"))
    li("correct", "errand/alpha", "--fact", "urgent=false", "--reason", "漏填")
    li("do", "errand/alpha", "take")
    assert li("do", "errand/alpha", "submit", "--doc", f"report={tmp_path / 'r.txt'}").code == 0

    refused = li("do", "errand/alpha", "accept", "--fact", "grade=good")
    poor = office.as_("alpha.head", "do", "errand/alpha", "accept", "--fact", "grade=poor")
    good = office.as_("alpha.head", "do", "errand/alpha", "accept", "--fact", "grade=good")

    assert (refused.code, poor.code, good.code) == (5, 4, 0)
    assert refused.err.startswith("无权办理")


def test_a_refusal_is_told_in_the_language_that_was_asked_for(office: Office) -> None:
    words = ("--as", "alpha.liaison", "do", "errand/alpha", "accept")

    assert office(*words, "--lang", "zh").err.splitlines() == [
        "不能办理（not_possible_here）：do errand/alpha accept",
        "  · “待办”状态下不能“通过”",
        "  可以办理：note_cost、take",
    ]
    assert office(*words, "--lang", "en").err.splitlines() == [
        "refused (not_possible_here): do errand/alpha accept",
        "  errand/alpha in 'todo' cannot 'accept'; it can: note_cost, take",
        "  · not possible in “To do”",
        "  possible: note_cost, take",
    ]


def test_a_forged_record_ends_with_nine_and_names_the_place(office: Office, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "duban.db") as forger:
        forger.execute("update matter set state = 'closed' where ref = 'errand/beta'")
    forger.close()

    ended = office("audit", "verify")

    assert ended.code == 9
    assert "matter/errand/beta" in ended.out


def test_a_fault_of_ours_is_one_line_and_the_rest_is_in_the_log(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise KeyError("\x1b[31mspoilt")

    monkeypatch.setattr(commands.look, "show_page", broken)
    ended, told = office("show", "errand/alpha"), office("show", "errand/alpha", DUBAN_DEBUG="1")

    assert (ended.code, told.code) == (1, 1)
    assert ended.err.splitlines() == [f"程序故障：KeyError: '\\x1b[31mspoilt'；详见 {tmp_path / 'faults.log'}"]
    assert "Traceback" in told.err
    log = tmp_path / "faults.log"
    assert log.read_text().count("Traceback") == 2
    assert log.stat().st_mode & 0o077 == 0


def test_a_fault_of_ours_is_json_too(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise DubanError("nobody knows")

    monkeypatch.setattr("engine.reading.Reader.board", broken)
    ended = office("--json", "board")

    assert ended.code == 1
    assert ended.json["error"]["code"] == "fault"
    assert ended.json["error"]["hint"] == str(tmp_path / "faults.log")


def test_an_interrupted_call_says_what_stands(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("engine.reading.Reader.board", interrupted)
    ended = office("board")

    assert (ended.code, ended.out) == (130, "")
    assert "已办结的保留" in ended.err


def test_a_campaign_must_be_chosen_when_there_are_several(office: Office, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    text = Path(SMALL).read_text("utf-8").replace("small-2010", "other-2010")
    other.write_text(text.replace("file: small.yaml", f"file: {Path(SMALL).with_name('small.yaml')}"), "utf-8")
    assert office("init", "--campaign", str(other), "--rehearsal").code == 0

    unsaid, said = office("list"), office("--campaign", "other-2010", "list")
    behind = office("list", "--campaign", "other-2010")
    by_variable = office("list", DUBAN_CAMPAIGN="other-2010")

    assert unsaid.code == 2
    assert "other-2010, small-2010" in unsaid.err
    assert said.code == 0
    assert said == behind == by_variable
