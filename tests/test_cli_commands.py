"""Each command does what its line in the help says, in the words that people read."""

import re
from pathlib import Path

import pytest
from commandline import SMALL, Office, small_office

from cli import COMMANDS


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return small_office(tmp_path)


@pytest.fixture
def report(tmp_path: Path) -> str:
    paper = tmp_path / "办理报告.txt"
    paper.write_text("已查", "utf-8")
    return f"report={paper}"


def ok(office: Office, *words: str) -> str:
    """Type words that are to succeed; return what they print."""
    ended = office(*words)
    assert ended.code == 0, (words, ended.err)
    return ended.out


def test_the_commands_of_the_contract_are_there() -> None:
    promised = (
        "init up run rehearse open alike do correct attach comment can show list search work view history board apply deadline monitor"
        " notice report calendar campaign law clock scheduler user login vault privacy contact db doctor audit export completion"
    )

    assert sorted(COMMANDS) == sorted(promised.split())


def test_an_errand_goes_from_its_opening_to_its_end(office: Office, report: str) -> None:
    opened = ok(
        office, "--as", "bgs.admin", "open", "errand", "--body", "alpha", "--title", "查市场", "--ref", "errand/s-1",
        "--fact", "urgent=true", "--reason", "领导批示", "--request-id", "r-1",
    )  # fmt: skip
    taken = ok(office, "--as", "alpha.liaison", "do", "errand/s-1", "take", "--if-version", "1")
    costed = ok(office, "--as", "alpha.liaison", "do", "errand/s-1", "note_cost", "--fact", "cost_fen=1200")
    attached = ok(office, "--as", "alpha.liaison", "attach", "errand/s-1", "--doc", report, "--reason", "附件")
    corrected = ok(office, "--as", "alpha.head", "correct", "errand/s-1", "--fact", "cost_fen=1300", "--reason", "笔误")
    submitted = ok(office, "--as", "alpha.liaison", "do", "errand/s-1", "submit", "--doc", report)
    accepted = ok(office, "--as", "alpha.head", "do", "errand/s-1", "accept", "--fact", "grade=good")

    assert opened == "已办  errand/s-1  open → 待办（todo）  版本 1\n起算      answer 办理期限  2010-11-04  计时中\n"
    assert "take → 在办（doing）  版本 2" in taken
    assert "note_cost → 在办（doing）  版本 3" in costed
    assert "补充材料 → 在办（doing）  版本 4" in attached
    assert "更正 → 在办（doing）  版本 5" in corrected
    assert "submit → 审核（review）  版本 6" in submitted
    assert "停止      answer 办理期限  2010-11-04  按期" in submitted
    assert "通知      bgs.admin" in submitted
    assert "accept → 办结（closed）  版本 7" in accepted
    shown, told = ok(office, "show", "errand/s-1"), ok(office, "history", "errand/s-1")
    assert "费用（cost_fen） = 1300" in shown
    assert "办理报告.txt" in shown
    assert "可以办理" not in shown
    assert [line[:2] for line in told.splitlines() if line.startswith("#")] == [f"#{at}" for at in range(1, 8)]
    assert "领导批示" in told
    assert "笔误" in told
    assert "alpha.liaison（alpha）  [rehearsal]" in told


def test_the_history_tells_in_both_languages_what_a_deadline_did_by_itself(office: Office) -> None:
    ok(office, "clock", "advance", "--to", "2010-11-03T08:00")
    ok(office, "clock", "advance", "--to", "2010-11-05T08:00", "--without-scheduler")
    ok(office, "scheduler", "once")
    ok(office, "clock", "advance", "--to", "2010-11-06")

    chinese, english = (ok(office, "--lang", lang, "history", "errand/alpha").splitlines() for lang in ("zh", "en"))

    assert [line for line in chinese if line.startswith("#")] == [
        "#1  2010-11-01 09:00  开立  open 交办  待办（todo）",
        "#2  2010-11-03 09:00  期限  answer 办理期限  第0级 临期提醒（并入其后一级，未单独通知）",
        "#3  2010-11-04 09:00  期限  answer 办理期限  第1级 当日提醒",
        "#4  2010-11-05 00:00  期限  answer 办理期限  期限届满，未办结",
        "#5  2010-11-05 09:00  期限  answer 办理期限  第2级 逾期催办",
    ]
    assert [line.partition("answer ")[2] for line in english if " deadline  answer" in line] == [
        "Time to answer  rung 0 Reminder (told together with a later rung)",
        "Time to answer  rung 1 Last day",
        "Time to answer  is over: breached",
        "Time to answer  rung 2 Overdue",
    ]
    assert "    期限        起算 answer 办理期限  2010-11-04  计时中" in chinese


def test_what_is_possible_is_told_with_the_reasons_for_the_rest(office: Office) -> None:
    told = office.as_("alpha.liaison", "can", "errand/alpha")

    assert told.code == 0
    possible, _, refused = told.out.partition("不能办理：")
    assert "take  承办  → 在办（doing）" in possible
    assert "note_cost  记录费用  → 待办（todo）\n      填写: " in possible
    assert "填写: 费用（cost_fen）" in possible
    assert "drop  撤销\n      · 须由办公室办理" in refused


def test_lists_are_narrowed_by_each_of_their_options(office: Office) -> None:
    office.as_("alpha.liaison", "do", "errand/alpha", "take")
    office("clock", "advance", "--to", "2010-11-09")

    def refs(*words: str) -> list[str]:
        return [row["ref"] for row in office("list", *words).rows]

    assert refs() == ["errand/2010-W45", "errand/alpha", "errand/beta"]
    assert refs("--body", "beta") == ["errand/beta"]
    assert refs("--state", "doing") == ["errand/alpha"]
    assert refs("--state", "work", "--light", "red") == ["errand/alpha", "errand/beta"]
    assert refs("--due-before", "2010-11-12T00:01") == ["errand/2010-W45"]  # the others run no more: they are past due
    assert refs("--due-before", "2010-11-11") == []
    assert refs("--as-of", "2010-11-02", "--kind", "errand") == ["errand/alpha", "errand/beta"]
    assert refs("--state", "review") == []


def test_the_past_is_shown_as_it_was(office: Office) -> None:
    office("clock", "advance", "--to", "2010-11-09T10:00")
    office.as_("alpha.liaison", "do", "errand/alpha", "take")

    then, now = (office.json("show", "errand/alpha", *words) for words in (["--as-of", "2010-11-03"], []))
    before, after = (office.json("board", *words)["rows"] for words in (["--as-of", "2010-11-03"], []))

    assert (then["state"], then["light"], then["version"]) == ("todo", "green", 1)
    assert (now["state"], now["light"], now["version"]) == ("doing", "red", 2)
    assert [(row["body"], row["light"]) for row in before] == [("alpha", "green"), ("beta", "green")]
    assert [(row["body"], row["light"]) for row in after] == [("bgs", "green"), ("alpha", "red"), ("beta", "red")]


def test_a_deadline_is_listed_explained_and_put_off(office: Office) -> None:
    ident = office("deadline", "list", "errand/alpha").rows[0]["id"]
    put_off = ok(
        office, "--as", "bgs.admin", "deadline", "extend", ident, "--until", "2010-11-10", "--reason", "来函说明"
    )
    told = ok(office, "deadline", "explain", "errand/alpha", "answer")

    assert "延期 → 待办" in put_off
    assert told == ok(office, "deadline", "explain", ident)
    assert "起始日2010-11-01（星期一）不计入" in told
    assert "2010-11-04 → 2010-11-10" in told
    office("clock", "advance", "--to", "2010-11-08")
    assert [row["ref"] for row in office("deadline", "list", "--status", "breached").rows] == ["errand/beta"]
    assert [row["ref"] for row in office("deadline", "list", "--due-before", "2010-11-05").rows] == ["errand/beta"]
    assert [row["ref"] for row in office("deadline", "list", "--body", "alpha").rows] == ["errand/alpha"]


def test_of_the_many_notices_of_a_long_time_the_first_are_shown_and_the_rest_counted(office: Office) -> None:
    for number in range(8):
        ok(office, "--as", "bgs.admin", "open", "errand", "--body", "alpha", "--ref", f"errand/s-{number}")

    said = office("clock", "advance", "--to", "2010-11-09")

    sent = int(said.out.partition("发出")[2].split()[0])
    shown = [line for line in said.err.splitlines() if line.startswith("→")]
    assert len(shown) == 20 < sent
    assert f"另发出{sent - 20}件" in said.err
    assert {row["status"] for row in office("notice", "list").rows} == {"sent"}


def test_time_passes_when_told_and_notices_go_out(office: Office) -> None:
    said = office("clock", "advance", "--to", "2010-11-05T12:00")

    assert said.code == 0
    assert "现在        2010-11-05 12:00" in said.out
    assert "→ beta.head  【逾期催办】" in said.err
    assert ok(office, "clock", "show") == "推演        2010-11-05 12:00:00 Asia/Shanghai\n"
    told = office("notice", "list", "errand/beta").rows
    assert [(row["kind"], row["recipient"], row["status"]) for row in told] == [
        ("reminder", "beta.liaison", "sent"),
        ("reminder", "beta.liaison", "sent"),
        ("overdue", "beta.liaison", "sent"),
        ("overdue", "beta.head", "sent"),
    ]
    assert office("notice", "list", "--status", "owed").rows == []
    assert len(office("notice", "list", "--body", "alpha").rows) == 4


def test_what_an_outage_left_is_done_by_one_turn_of_the_scheduler(office: Office) -> None:
    away = office.json("clock", "advance", "--to", "2010-11-05T12:00", "--without-scheduler")
    turned = office.json("scheduler", "once")
    again = office.json("scheduler", "once")

    assert (away["fired"], away["delivered"]) == (0, 0)
    assert turned["fired"] > 0
    assert turned["held"] > 0
    assert turned["delivered"] == 2, "the office is told that something waits for it"
    assert (again["fired"], again["delivered"], again["held"]) == (0, 0, 0)


def test_people_are_added_given_posts_and_tokens_and_disabled(office: Office, tmp_path: Path) -> None:
    """What is done to somebody's account is done by who acts, not by the somebody."""
    words = ["li.ming", "--body", "alpha", "--post", "head", "--until", "2010-12-31"]
    assert "已新增 li.ming" in ok(office, "--as", "bgs.admin", "user", "add", "li.ming", "--name", "李明")
    assert "li.ming alpha.head" in ok(office, "user", "grant", *words, "--as", "bgs.admin")
    token = tmp_path / "token"
    token.write_text(ok(office, "--as", "bgs.admin", "user", "token", "li.ming", "--days", "30"))

    assert office("--token-file", str(token), "can", "errand/alpha").out.startswith(
        "errand/alpha，现为待办（todo），li.ming "
    )
    assert office.as_("alpha.head", "user", "disable", "li.ming").code == 5
    assert "已停用 li.ming" in ok(office, "--as", "bgs.admin2", "user", "disable", "li.ming")
    assert office("--token-file", str(token), "can", "errand/alpha").code == 5


def test_a_database_is_looked_after(office: Office) -> None:
    office("clock", "advance", "--to", "2010-11-09")
    assert ok(office, "db", "upgrade").startswith("版本")
    assert "未发现问题" in ok(office, "audit", "verify")
    told = dict(line.split(maxsplit=1) for line in ok(office, "doctor").splitlines() if len(line.split()) > 1)
    assert (told["性质"], told["专项行动"], told["无法送达的通知"]) == ("推演", "small-2010", "0")
    assert told["库结构版本"] == told["程序所需版本"]
    said = [line for line in ok(office, "--lang", "en", "doctor").splitlines() if ".db" not in line]
    assert not re.search(r"\[|True|False|None|_", "".join(said)) and "files others may read     none" in said


def test_beginning_twice_begins_once(office: Office) -> None:
    before = office.json("list")

    said = office.json("init", "--campaign", SMALL, "--rehearsal")

    assert (said["created"], said["opened"]) == (False, 0)
    assert office.json("list") == before


def test_the_clock_of_a_rehearsal_starts_where_it_is_told(tmp_path: Path) -> None:
    office = Office(f"sqlite:///{tmp_path / 'a.db'}")

    said = office.json("init", "--campaign", SMALL, "--rehearsal", "--at", "2010-11-15T08:00")

    assert said["now"] == "2010-11-15T00:00:00Z"
    assert office.json("deadline", "list", "errand/alpha")["items"][0]["last_day"] == "2010-11-18"


def test_a_campaign_is_shown_and_its_machine_drawn_without_a_database(tmp_path: Path) -> None:
    office = Office(f"sqlite:///{tmp_path / 'none.db'}")

    page = ok(office, "campaign", "show", SMALL)
    assert "1.1  市场监管  甲局（牵头）" in page
    assert "2010-12-31  总结" in page
    assert ok(office, "campaign", "diagram", "case").startswith("stateDiagram-v2\n")
    assert "Detected" in ok(office, "--lang", "en", "campaign", "diagram", "case")
    assert "没有发现问题" in ok(office, "campaign", "check", SMALL, str(Path(SMALL).with_name("small.yaml")), "case")
    assert list(tmp_path.iterdir()) == []


def test_the_calendar_knows_holidays_and_make_up_days(tmp_path: Path) -> None:
    office = Office(f"sqlite:///{tmp_path / 'none.db'}")

    days = office("calendar", "check", "2010-10-01", "2010-10-09").rows
    month, year = office("calendar", "show", "--month", "2010-10").rows, office("calendar", "show", "--year", "2010")

    assert [(day["workday"], day["name"]) for day in days] == [("0", "国庆节"), ("1", "调休上班")]
    assert len(month) == 31
    assert sum(day["workday"] == "1" for day in month) == 17
    assert {"2010-10-01", "2010-10-09"} <= {day["date"] for day in year.rows}
    assert "2010-10-16" not in {day["date"] for day in year.rows}


def test_a_rehearsal_of_a_campaign_touches_no_database(office: Office, tmp_path: Path) -> None:
    before = (tmp_path / "duban.db").read_bytes()

    told = ok(office, "rehearse", SMALL, "--people", "nobody", "--cases", "0", "--out", str(tmp_path / "ledger"))
    named = ok(office, "--campaign", SMALL, "rehearse", "--people", "nobody", "--cases", "0")

    assert told.startswith("# 小型专项行动：推演小结")
    assert told.startswith(named)
    assert {path.name for path in (tmp_path / "ledger").iterdir()} == {
        "ledger.jsonl", "ledger.csv", "summary.json", "summary.md",
    }  # fmt: skip
    assert (tmp_path / "duban.db").read_bytes() == before


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_a_shell_gets_its_script(shell: str) -> None:
    assert "_DUBAN_COMPLETE" in ok(Office(None), "completion", shell)


def test_a_shell_gets_candidates_from_the_database(office: Office) -> None:
    def candidates(*words: str) -> list[str]:
        asked = {"_DUBAN_COMPLETE": "bash_complete", "COMP_WORDS": " ".join(words), "COMP_CWORD": str(len(words) - 1)}
        return [line.partition(",")[2] for line in office(**asked).out.splitlines()]

    assert candidates("duban", "show", "errand/a") == ["errand/alpha"]
    assert candidates("duban", "do", "errand/alpha", "ta") == ["take"]
    assert candidates("duban", "list", "--body", "b") == ["bgs", "beta"]
    assert candidates("duban", "dead") == ["deadline"]
    assert candidates("duban", "open", "er") == ["errand"]
    assert candidates("duban", "deadline", "explain", "errand/alpha", "an") == ["answer"]
    assert candidates("duban", "list", "--kind", "errand", "--state", "doi") == ["doing"]
    assert candidates("duban", "--as", "alpha.l") == candidates("duban", "list", "--as", "alpha.l") == ["alpha.liaison"]
    assert candidates("duban", "report", "statistics", "--by", "st") == ["stage", "state"]
    assert candidates("duban", "campaign", "diff", "bao") == ["baodi-2010"]
    assert candidates("duban", "campaign", "check", "./") == candidates("duban", "apply", "./") == ["./"]
