"""A foreign log held against a definition: what is legal passes, what deviates is named, nothing is made up."""

import json
import sqlite3
from pathlib import Path

import pytest
from commandline import Office
from played import played

KINDS = ("case", "department_task", "penalty", "lead", "duty", "periodic_return", "joint_operation", "bulletin")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return played(tmp_path_factory.mktemp("conformance"), until="2011-01-20", cases=20)


HEAD = "Case ID,Activity,Timestamp,Resource,Department\n"


def written(folder: Path, *rows: str, head: str = HEAD) -> str:
    path = folder / "log.csv"
    path.write_text(head + "\n".join(rows) + "\n", "utf-8")
    return str(path)


def findings(office: Office, file: str, kind: str = "department_task", *words: str) -> list[dict]:
    ended = office("--json", "audit", "conform", file, "--definition", kind, *words).politely()
    found = ended.json
    assert (ended.code == 0) is found["ok"]
    return list(found["findings"])


@pytest.mark.parametrize("form", ["xes", "csv"])
def test_our_own_record_conforms_and_its_late_deadlines_are_those_of_the_database(
    office: Office, form: str, tmp_path: Path
) -> None:
    with sqlite3.connect(str(office.url).removeprefix("sqlite:///")) as database:
        late = set(
            database.execute(
                "select matter.ref, deadline.code from deadline join matter on matter.id = matter_id"
                " where deadline.status = 'late'"
            ).fetchall()
        )
    told = set()
    for kind in KINDS:
        file = str(tmp_path / f"{kind}.{form}")
        office.json("export", form, "--kind", kind, "--out", file)
        found = findings(office, file, kind)
        assert {each["code"] for each in found} <= {"deadline_late", "deadline_breached"}, found[:3]
        told |= {(each["case"], each["activity"]) for each in found if each["code"] == "deadline_late"}
    assert late
    assert told == {each for each in late if each[0].partition("/")[0] in KINDS}


def test_a_move_that_the_state_does_not_allow_is_named_with_its_line_and_what_was_possible(
    office: Office, tmp_path: Path
) -> None:
    file = written(
        tmp_path,
        "t1,assign,2010-11-25 15:00,system,",
        "t1,accept,2010-11-26 09:00,bgs.admin,bgs",
    )

    (found, *_) = findings(office, file)

    assert (found["code"], found["state"], found["where"]) == ("illegal_move", "assigned", f"{file}:3")
    assert "acknowledge" in found["possible"]
    assert {"zh", "en"} <= found["reasons"][0]["text"].keys()


def test_an_activity_may_be_named_by_code_or_by_label_in_either_language(office: Office, tmp_path: Path) -> None:
    file = written(
        tmp_path,
        "a,下达,2010-11-25T15:00:00+08:00,system,",
        "b,Assign,2010/11/25 15:00,system,",
        "c,ASSIGN,2010-11-25T07:00:00Z,system,",
    )

    assert findings(office, file) == []


def test_what_is_no_act_of_the_definition_is_named(office: Office, tmp_path: Path) -> None:
    file = written(tmp_path, "t1,assign,2010-11-25 15:00,system,", "t1,有奖竞猜,2010-11-26 09:00,x,bgs")

    assert [each["code"] for each in findings(office, file)] == ["unknown_activity"]


def test_a_deadline_that_the_log_shows_to_be_missed_is_a_finding(office: Office, tmp_path: Path) -> None:
    file = written(
        tmp_path,
        "t1,assign,2010-11-25 15:00,system,",
        "t1,acknowledge,2010-12-03 09:00,wujia.head,wujia",
    )

    late = [each for each in findings(office, file) if each["code"] == "deadline_late"]

    assert [each["activity"] for each in late] == ["acknowledge"]


def test_time_that_goes_backwards_is_a_finding(office: Office, tmp_path: Path) -> None:
    file = written(
        tmp_path,
        "t1,assign,2010-11-25 15:00,system,",
        "t1,acknowledge,2010-11-25 14:00,wujia.head,wujia",
    )

    assert [each["code"] for each in findings(office, file)] == ["time_order"]


def test_the_wrong_body_and_the_same_person_are_found_where_the_log_names_them(office: Office, tmp_path: Path) -> None:
    head = "matter,entry,activity,occurred_at,owner,actor,body\n"
    file = written(
        tmp_path,
        "t1,opened,open,2010-11-25T07:00:00Z,wujia,system,",
        "t1,moved,assign,2010-11-25T07:00:00Z,,system,",
        "t1,moved,acknowledge,2010-11-25T08:00:00Z,,zhijian.head,zhijian",
        head=head,
    )

    assert [each["code"] for each in findings(office, file)] == ["wrong_body"]


def test_a_condition_is_held_against_the_log_only_if_the_log_states_the_fact(office: Office, tmp_path: Path) -> None:
    silent, spoken = ("case,activity,time\n", ""), ("case,activity,time,facts\n", ',"{""clearly_over"": false}"')
    results = {}
    for name, (head, facts) in {"silent": silent, "spoken": spoken}.items():
        rows = [f"c1,detect,2010-11-26 10:00{facts}", f"c1,form_task_force,2010-11-26 11:00{facts}"]
        results[name] = {each["code"] for each in findings(office, written(tmp_path, *rows, head=head), "case")}

    assert not results["silent"] & {"guard", "missing_fact"}
    assert results["spoken"] & {"guard", "missing_fact"}


def test_the_stages_and_their_times_are_summed_up(office: Office, tmp_path: Path) -> None:
    file = written(
        tmp_path,
        "t1,assign,2010-11-25 15:00,system,",
        "t1,acknowledge,2010-11-25 16:00,wujia.head,wujia",
        "t2,assign,2010-11-25 15:00,system,",
        "t2,acknowledge,2010-11-26 15:00,zhijian.head,zhijian",
    )

    found = office("--json", "audit", "conform", file, "--definition", "department_task").json

    assert (found["cases"], found["events"], found["legal_cases"], found["fitness"]) == (2, 4, 2, 1.0)
    stages = {each["stage"]: each for each in found["stages"]}
    assert all(each["count"] == 2 for each in stages.values())
    acknowledge = next(each for each in found["deadlines"] if each["code"] == "acknowledge")
    assert (acknowledge["met"], acknowledge["late"]) == (2, 0)
    assert found["assumptions"]


def test_a_log_becomes_the_history_of_a_rehearsal(office: Office, tmp_path: Path) -> None:
    file, orders = str(tmp_path / "case.xes"), str(tmp_path / "orders.jsonl")
    office.json("export", "xes", "--kind", "case", "--out", file)
    office("audit", "conform", file, "--definition", "case", "--orders", orders).politely()
    empty = Office(f"sqlite:///{tmp_path / 'empty.db'}")
    assert empty("init", "--rehearsal").code == 0

    lines = empty("--json", "apply", orders).lines

    summary = lines[-1]["summary"]
    asked = len(Path(orders).read_text("utf-8").splitlines())
    assert summary["done"] >= asked * 0.9
    with sqlite3.connect(str(office.url).removeprefix("sqlite:///")) as database:
        states = dict(database.execute("select ref, state from matter where kind = 'case'").fetchall())
    lived = {each["ref"]: each["state"] for each in empty.json("list", "--kind", "case")["items"]}
    assert states.keys() == lived.keys()
    assert sum(states[ref] == lived[ref] for ref in states) >= len(states) * 0.8


HOSTILE = {
    "no_file": None,
    "empty": b"",
    "no_column": b"a,b,c\n1,2,3\n",
    "instant": HEAD.encode() + b"t1,assign,yesterday,x,\n",
    "encoding": HEAD.encode() + b"\xff\xfe\xfa\n",
    "not_xes": b"<html><body/></html>",
    "not_xml": b"<log><trace></log>",
    "doctype": b'<!DOCTYPE log [<!ENTITY a "aaaa">]><log/>',
    "facts": b"case,activity,time,facts\nc1,detect,2010-11-26,[1]\n",
}


@pytest.mark.parametrize("flaw", HOSTILE)
def test_a_file_that_is_no_log_is_refused_with_the_reason(office: Office, flaw: str, tmp_path: Path) -> None:
    path, content = tmp_path / "log", HOSTILE[flaw]
    if content is not None:
        path.write_bytes(content)

    ended = office("--json", "audit", "conform", str(path), "--definition", "case").politely()

    assert ended.code == 7
    assert "log" in ended.json["error"]["message"]


def test_a_wrong_column_or_kind_is_refused_with_what_there_is(office: Office, tmp_path: Path) -> None:
    file = written(tmp_path, "t1,assign,2010-11-25 15:00,system,")

    codes = [
        office("audit", "conform", file, "--definition", "nonsense").politely().code,
        office("audit", "conform", file, "--definition", "case", "--column", "case").politely().code,
        office("audit", "conform", file, "--definition", "case", "--column", "case=Fall").politely().code,
    ]

    assert codes == [3, 2, 7]


def test_the_page_is_for_people_in_both_languages(office: Office, tmp_path: Path) -> None:
    file = written(tmp_path, "t1,assign,2010-11-25 15:00,system,")

    zh, en = (
        office("--lang", lang, "audit", "conform", file, "--definition", "department_task") for lang in ("zh", "en")
    )

    assert "合规率 100.0%" in zh.out
    assert "fitness 100.0%" in en.out
    assert json.dumps("前提", ensure_ascii=False)[1:-1] in zh.out
