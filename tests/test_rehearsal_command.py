"""`duban rehearse`: its files, its script, its refusals, and that one seed writes one ledger wherever it runs."""

import csv
import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from commandline import ROOT, SMALL, Ended, Office

FILES = ("ledger.csv", "ledger.jsonl", "summary.json", "summary.md")
SHORT = ("--cases", "4", "--until", "2010-12-03")


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """Somebody in an empty folder, without a database."""
    monkeypatch.chdir(tmp_path)
    return Office(None)


def script(folder: Path, *lines: dict[str, Any] | str) -> str:
    path = folder / "orders.jsonl"
    texts = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines]
    path.write_text("\n".join(texts) + "\n", "utf-8")
    return path.name


def summary(ended: Ended) -> dict[str, Any]:
    assert ended.code == 0, ended.err
    found: dict[str, Any] = ended.json["summary"]
    return found


def test_one_seed_writes_the_same_bytes_in_any_zone_language_and_hash_order(office: Office, tmp_path: Path) -> None:
    places = [
        {"PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "2", "TZ": "America/New_York", "LC_ALL": "C.UTF-8"},
    ]
    written = []
    for number, place in enumerate(places):
        command = [sys.executable, str(ROOT / "cli.py"), "rehearse", *SHORT, "--out", f"out{number}"]
        subprocess.run(command, env=office.environment(**place), check=True, capture_output=True)
        written.append({name: (tmp_path / f"out{number}" / name).read_bytes() for name in FILES})

    assert {name: hashlib.sha256(text).hexdigest() for name, text in written[0].items()} == {
        name: hashlib.sha256(text).hexdigest() for name, text in written[1].items()
    }


def test_the_page_is_printed_in_the_language_that_was_asked_for(office: Office) -> None:
    words = ("rehearse", "--people", "nobody", "--cases", "0", "--until", "2010-11-27")

    chinese, english = (office("--lang", lang, *words).politely().out for lang in ("zh", "en"))

    assert "2010-11-25 15:00 至 2010-11-27 00:00" in chinese
    assert "| 区物价局 " in chinese
    assert "2010-11-25 15:00 to 2010-11-27 00:00" in english
    assert "| District price bureau " in english
    assert not any("\u4e00" <= char <= "\u9fff" for char in english)


def test_the_four_files_say_the_same_and_nothing_else_is_left_behind(office: Office, tmp_path: Path) -> None:
    said = office.json("rehearse", *SHORT, "--out", "out")

    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == list(FILES)
    lines = [json.loads(line) for line in (tmp_path / "out/ledger.jsonl").read_text("utf-8").splitlines()]
    assert lines == said["ledger"]
    assert json.loads((tmp_path / "out/summary.json").read_text("utf-8")) == said["summary"]
    with (tmp_path / "out/ledger.csv").open(encoding="utf-8", newline="") as file:
        cells = list(csv.DictReader(file))
    assert cells == [{name: str(value) for name, value in line.items()} for line in lines]
    page = (tmp_path / "out/summary.md").read_text("utf-8")
    for department in said["summary"]["departments"]:
        assert f"| {department['name']}" in page
    assert f"办理 {said['summary']['totals']['orders']} 次" in page


def test_no_database_is_touched_not_even_a_named_one(office: Office, tmp_path: Path) -> None:
    ended = office("--db", "sqlite:///mine.db", "rehearse", "--people", "nobody", "--until", "2010-11-26")

    assert ended.code == 0
    assert list(tmp_path.iterdir()) == []


def test_a_script_acts_instead_of_people_and_what_it_does_not_do_falls_due(office: Office, tmp_path: Path) -> None:
    (tmp_path / "plan.txt").write_text("方案", "utf-8")
    orders = script(
        tmp_path,
        {"order": "do", "ref": "department_task/wujia", "trigger": "acknowledge", "as": "wujia.head"},
        {"order": "do", "ref": "department_task/wujia", "trigger": "accept", "as": "wujia.head"},
        {"order": "do", "ref": "department_task/wujia", "trigger": "submit_plan", "as": "wujia.head",
         "documents": {"own_plan": "plan.txt", "organisation": "plan.txt"}, "now": "2010-11-30T10:00"},
        {"order": "open", "kind": "case", "body": "gongshang", "as": "gongshang.officer", "title": "侵权手机案",
         "facts": {"infringement": "c214"}, "now": "2010-12-02T10:00:00+08:00"},
    )  # fmt: skip

    ended = office("--json", "rehearse", "--script", orders, "--until", "2010-12-11")

    totals = summary(ended)["totals"]
    assert (totals["orders"], totals["refusals"]) == (3, 1)
    assert totals["matters"]["case"] == 1
    assert "department_task/wujia accept" in ended.err
    told = [
        row
        for row in ended.json["ledger"]
        if row["ref"] == "department_task/wujia" and row["deadline"] == "报送本部门实施方案"
    ]
    assert [row["kind"] for row in told if row["recipient"] in ("wujia.head", "")] == ["reminder", "breach", "overdue"]
    wujia = next(each for each in summary(ended)["departments"] if each["body"] == "wujia")
    assert wujia["deliverables"] == {"plan": "late", "self_check_report": "breached", "summary": "running"}
    assert wujia["task"] == "self_check"


def test_every_line_of_a_script_that_is_wrong_is_told_and_nothing_is_played(office: Office, tmp_path: Path) -> None:
    orders = script(
        tmp_path,
        {"order": "do", "ref": "department_task/wujia", "trigger": "acknowledge"},
        {"order": "do", "ref": "department_task/wujia", "triger": "acknowledge"},
        "",
        "{no json",
        {"order": "jump"},
        [],
        {"order": "do", "ref": "department_task/wujia", "trigger": "acknowledge", "documents": ["plan.txt"]},
    )

    ended = office("rehearse", "--script", orders)

    assert (ended.code, ended.out) == (7, "")
    for line in (2, 4, 5, 6, 7):
        assert f"orders.jsonl:{line}:" in ended.err
    assert "orders.jsonl:1:" not in ended.err
    assert "是否为“trigger”？" in ended.err


@pytest.mark.parametrize(
    ("line", "flaw"),
    [
        ({"now": "tomorrow"}, "now: not an instant: 'tomorrow'"),
        ({"now": "2010-10-01"}, "cannot be turned back"),
        ({"occurred": "2010-13-01"}, "occurred: not an instant: '2010-13-01'"),
        ({"documents": {"report": "nowhere.txt"}}, "no file 'nowhere.txt'"),
        ({"facts": {"cost_fen": "much"}, "trigger": "note_cost"}, "cost_fen"),
    ],
)
def test_a_line_that_no_order_can_say_ends_the_rehearsal_with_its_number(
    line: dict[str, Any], flaw: str, office: Office, tmp_path: Path
) -> None:
    order = {"order": "do", "ref": "errand/alpha", "trigger": "take", "as": "alpha.liaison"}

    orders = script(tmp_path, order, order | {"ref": "errand/beta", "as": "beta.liaison"} | line)
    ended = office("--lang", "en", "rehearse", SMALL, "--script", orders).politely()

    assert ended.code == 7
    assert "orders.jsonl:2: " in ended.err
    assert flaw in ended.err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--people", "typicall"), 3, "是否为“typical”？"),
        (("--people", "bad.yaml"), 7, "bad.yaml:3:1: 此处没有键“pace”"),
        (("--seed", "x"), 2, "--seed"),
        (("--cases", "-1"), 2, "--cases"),
        (("--cases", "many"), 2, "--cases"),
        (("--until", "soon"), 7, "--until"),
        (("--until", "2010-10-01"), 7, "不能在此之前结束"),
        (("--script", "nowhere.jsonl"), 7, "nowhere.jsonl"),
        (("--out", "bad.yaml"), 8, "bad.yaml"),
    ],
)
def test_what_cannot_be_rehearsed_is_refused_with_its_own_exit_code(
    words: tuple[str, ...], code: int, said: str, office: Office, tmp_path: Path
) -> None:
    (tmp_path / "bad.yaml").write_text("schema: people/1\nlabel: {zh: 坏, en: Bad}\npace: {}\n", "utf-8")

    ended = office("rehearse", SMALL, *words).politely()

    assert (ended.code, ended.out) == (code, "")
    assert said in ended.err


def test_a_campaign_that_is_nowhere_is_not_found(office: Office) -> None:
    ended = office("rehearse", "baodi-2011").politely()

    assert ended.code == 3
    assert "baodi-2010" in ended.err


def test_a_campaign_of_ones_own_is_rehearsed_with_what_our_models_know_of_it(office: Office) -> None:
    ended = office("--json", "rehearse", SMALL)

    assert summary(ended)["totals"]["refusals"] == 0
    assert ended.json["ledger"]


def test_a_rehearsal_as_of_its_start_knows_no_holiday_that_was_announced_later(office: Office) -> None:
    played = ("--json", "rehearse", SMALL, "--people", "nobody", "--cases", "0")
    knowing, asof = (office(*played, "--calendar", calendar) for calendar in ("all", "asof"))

    days = [{each["at"][:10] for each in ended.json["ledger"]} for ended in (knowing, asof)]
    assert (knowing.code, asof.code) == (0, 0)
    assert "2011-01-03" not in days[0]
    assert "2011-01-03" in days[1]
    assert "calendar" not in knowing.json["summary"]
    assert asof.json["summary"]["calendar"] == "asof"


def test_a_script_pauses_and_resumes_clocks(office: Office, tmp_path: Path) -> None:
    asked = {"ref": "errand/alpha", "deadline": "answer", "reason": "等待鉴定", "as": "alpha.head"}
    name = script(
        tmp_path,
        {"order": "do", "ref": "errand/alpha", "trigger": "take", "as": "alpha.liaison"},
        {"order": "pause", **asked},
        {"order": "resume", "now": "2010-11-03T10:00", **asked},
        {"order": "resume", **asked},
    )

    told = summary(office("--json", "rehearse", SMALL, "--script", name))

    assert [each["trigger"] for each in told["refused"]] == ["resume"]
