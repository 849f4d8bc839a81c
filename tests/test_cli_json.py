"""With --json stdout is one JSON document in the promised shape and nothing else, also when things go wrong."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from commandline import SMALL, Office, small_office

MATTER = (
    "ref kind definition version state state_label stage body title facts documents light opened_at updated_at closed"
)
ENTRY = (
    "seq kind trigger from to actor body on_behalf_of actor_auth occurred_at recorded_at reason facts documents"
    " request_id hash"
)
DEADLINE = "id ref code label owner basis term started_at last_day breach_at status provisional extensions derivation"
NOTICE = "id ref deadline kind level recipient body channel planned_at effective_at sent_at status subject text"
TURN = "now fired delivered failed next_at"
ERROR = "code message reasons possible"
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """An office a week into its campaign, with notices sent and an errand taken up late."""
    return a_week_on(tmp_path)


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """The same for those who only look."""
    return a_week_on(tmp_path_factory.mktemp("json"))


def a_week_on(folder: Path) -> Office:
    office = small_office(folder)
    office("clock", "advance", "--to", "2010-11-09")
    office.as_("alpha.liaison", "do", "errand/alpha", "take", "--reason", "迟了", "--request-id", "r-1")
    return office


def lacking(value: dict[str, Any], fields: str) -> set[str]:
    return set(fields.split()) - value.keys()


def instants(value: Any, name: str = "") -> Iterable[tuple[str, str]]:
    """Every value whose name says that it is an instant."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from instants(each, key)
    elif isinstance(value, list):
        for each in value:
            yield from instants(each, name)
    elif isinstance(value, str) and (name.endswith("_at") or name in ("now", "as_of")):
        yield name, value


@pytest.mark.parametrize(
    ("words", "fields"),
    [
        ("list", MATTER),
        ("list --as-of 2010-11-03", MATTER),
        ("history errand/alpha", ENTRY),
        ("deadline list", DEADLINE),
        ("deadline list errand/beta", DEADLINE),
        ("notice list", NOTICE),
        ("notice list errand/beta", NOTICE),
        ("calendar check 2010-11-09", "date workday provisional source next_workday"),
    ],
)
def test_a_list_prints_items_with_every_promised_field(untouched: Office, words: str, fields: str) -> None:
    said = untouched.json(*words.split())

    assert list(said) == ["items"]
    assert said["items"]
    assert [lacking(each, fields) for each in said["items"] if lacking(each, fields)] == []


@pytest.mark.parametrize(
    ("words", "fields"),
    [
        ("show errand/alpha", MATTER + " deadlines entries_count possible"),
        ("deadline explain errand/alpha answer", DEADLINE),
        ("board", "as_of rows"),
        ("can errand/alpha", "possible refused"),
        ("clock show", "now mode"),
        ("clock advance --to 2010-11-10", TURN),
        ("scheduler once", TURN),
        ("campaign check " + SMALL, "ok problems"),
        ("calendar show --month 2010-11", "items"),
        ("campaign diagram case", "mermaid"),
        ("doctor", "database mode schema disk_free_mb"),
        ("audit verify", "ok findings"),
        ("db upgrade", "before after"),
        ("completion bash", "script"),
        ("user add li.ming", "login"),
        (f"init --campaign {SMALL} --rehearsal", "database mode campaign created opened now administrator"),
        ("open errand --body alpha", "matter entry deadlines_started deadlines_stopped notices"),
        ("do errand/alpha drop --reason x", "matter entry deadlines_started deadlines_stopped notices"),
        (f"rehearse {SMALL} --people nobody --cases 0", "summary ledger"),
    ],
)
def test_an_answer_is_one_document_with_every_promised_field(office: Office, words: str, fields: str) -> None:
    said = office.json(*words.split())

    assert lacking(said, fields) == set()
    assert [each for each in instants(said) if not INSTANT.fullmatch(each[1])] == []


def test_the_parts_of_an_answer_have_their_shape_too(office: Office) -> None:
    shown, may, board = (office.json(*words.split()) for words in ("show errand/alpha", "can errand/alpha", "board"))
    moved = office.json("--as", "alpha.liaison", "do", "errand/alpha", "note_cost", "--fact", "cost_fen=1")

    assert lacking(shown["deadlines"][0], DEADLINE) == set()
    assert shown["state_label"] == {"zh": "在办", "en": "In hand"}
    assert (shown["state"], shown["stage"], shown["version"], shown["entries_count"]) == ("doing", "work", 2, 7)
    assert shown["possible"] == ["put_off", "drop"]
    assert lacking(may["possible"][0], "trigger label to asks needs") == set()
    assert lacking(may["refused"][0], "trigger label reasons") == set()
    assert may["refused"][0]["reasons"][0].keys() == {"kind", "text"}
    assert may["refused"][0]["reasons"][0]["text"].keys() == {"zh", "en"}
    assert [lacking(row, "body name kind stage light counts") for row in board["rows"]] == [set()] * 3
    assert lacking(moved["matter"], MATTER) == set()
    assert lacking(moved["entry"], ENTRY) == set()
    assert (moved["matter"]["facts"], moved["entry"]["facts"]) == ({"cost_fen": 1}, {"cost_fen": 1})


def test_ids_are_texts_hashes_hex_and_last_days_dates(office: Office) -> None:
    deadlines, notices = office.json("deadline", "list")["items"], office.json("notice", "list")["items"]
    entries = office.json("history", "errand/alpha")["items"]

    assert all(isinstance(each["id"], str) and each["id"].isdigit() for each in deadlines + notices)
    assert {each["deadline"] for each in notices} <= {each["id"] for each in deadlines}
    assert all(re.fullmatch(r"[0-9a-f]{64}", each["hash"]) for each in entries)
    assert {each["last_day"] for each in deadlines} == {"2010-11-04", "2010-11-11"}
    assert {each["breach_at"] for each in deadlines} == {"2010-11-04T16:00:00Z", "2010-11-11T16:00:00Z"}
    assert all(isinstance(each["level"], int) for each in notices)
    assert [each["kind"] for each in entries] == ["opened", *["deadline"] * 5, "moved"]
    assert (entries[-1]["request_id"], entries[-1]["reason"]) == ("r-1", "迟了")


def test_a_campaign_has_the_shape_that_the_contract_names(office: Office) -> None:
    said = office.json("campaign", "show")

    assert said == office.json("campaign", "show", SMALL)
    assert lacking(said, "code name start end zone bodies roster phases duties deliverables taxonomies") == set()
    assert said["name"] == {"zh": "小型专项行动", "en": "Small campaign"}
    assert (said["start"], said["end"], said["zone"]) == ("2010-11-01", "2010-12-31", "Asia/Shanghai")
    assert said["bodies"][0] == {"code": "bgs", "name": {"zh": "办公室", "en": "Office"}, "part": "office"}
    assert said["roster"] == ["alpha", "beta"]
    assert said["phases"][0] == {
        "number": 1, "code": "preparation", "name": {"zh": "准备阶段", "en": "Preparation"},
        "start": "2010-11-01", "end": "2010-11-14",
    }  # fmt: skip
    assert said["duties"][1].items() >= {
        "number": "1.2", "title": {"zh": "协作", "en": "Co-operation"}, "lead": None, "supports": [],
        "responsible": ["alpha", "beta"], "coordinator": "lxz", "source": "甲局、乙局要加强协作",
    }.items()  # fmt: skip
    assert said["deliverables"][0].items() >= {
        "code": "summary", "name": {"zh": "总结", "en": "Summary"}, "phase": "action", "owed_by": ["alpha", "beta"],
        "addressees": ["bgs"], "due": "2010-12-31",
    }.items()  # fmt: skip


def test_the_first_campaign_has_its_bodies_duties_and_taxonomies(office: Office) -> None:
    said = office.json("campaign", "show", "baodi-2010")

    assert (len(said["roster"]), len(said["duties"]), len(said["phases"]), len(said["deliverables"])) == (15, 22, 4, 5)
    assert said["taxonomies"].keys() == {"contents", "areas", "fields", "products"}
    due = {each["code"]: each["due"] for each in said["deliverables"] if each["owed_by"] == said["roster"]}
    assert due == {
        "own_plan": "2010-11-26", "organisation": "2010-11-26", "self_check_report": "2010-12-10",
        "summary": "2011-03-31",
    }  # fmt: skip
    assert all(each.keys() >= {"code", "name"} for taxa in said["taxonomies"].values() for each in taxa)
    lead = {each["number"]: each["lead"] for each in said["duties"]}
    assert (lead["3.3.4"], lead["3.5.5"]) == ("wujia", None)


@pytest.mark.parametrize(
    ("words", "code", "name"),
    [
        ("frobnicate", 2, "usage"),
        ("", 2, "usage"),
        ("deadline", 2, "usage"),
        ("deadline frobnicate", 2, "usage"),
        ("list --colour red", 2, "usage"),
        ("list --light pink", 2, "usage"),
        ("do errand/alpha", 2, "usage"),
        ("do errand/alpha tkae", 2, "unknown_trigger"),
        ("show errand/none", 3, "no_matter"),
        ("--as alpha.liaison do errand/alpha accept", 4, "not_possible_here"),
        ("do errand/beta take", 5, "forbidden"),
        ("--as nobody do errand/beta take", 5, "unknown_login"),
        ("--as alpha.liaison do errand/alpha submit --if-version 1", 6, "stale_version"),
        ("clock advance --to tomorrow", 7, "instant"),
        ("campaign show " + SMALL.replace("_campaign", ""), 7, "invalid"),
        ("--db nonsense list", 7, "url"),
        ("--db sqlite:////none/none.db list", 8, "no_database"),
    ],
)
def test_an_error_is_json_too(untouched: Office, words: str, code: int, name: str) -> None:
    for line in (f"--json {words}", f"{words} --json"):
        ended = untouched(*line.split())

        assert ended.code == code, ended.out
        assert list(ended.json) == ["error"]
        assert ended.json["error"]["code"] == name
        assert lacking(ended.json["error"], ERROR) == set()


def test_a_refusal_says_which_condition_failed_and_what_is_possible(office: Office) -> None:
    error = office("--as", "alpha.liaison", "--json", "do", "errand/alpha", "submit").json["error"]

    assert error["reasons"] == [
        {"kind": "document", "text": {"zh": "缺少材料：办理报告（report）", "en": "document missing: Report (report)"}},
        {"kind": "fact", "text": {"zh": "尚未填写：紧急（urgent）", "en": "not stated yet: Urgent (urgent)"}},
    ]
    assert error["possible"] == ["note_cost"]


def test_a_repeated_request_says_that_it_was_done_before(office: Office) -> None:
    words = ("--as", "alpha.liaison", "do", "errand/beta", "take", "--request-id", "r-9")
    assert office.as_("beta.liaison", *words[2:]).code == 0

    first, again = office.json("--as", "beta.liaison", *words[2:]), office.json("--as", "beta.liaison", *words[2:])

    assert first == again
    assert again["replayed"] is True
    assert again["matter"]["version"] == 2


def test_a_finding_of_the_audit_has_its_code(office: Office, tmp_path: Path) -> None:
    import sqlite3

    with sqlite3.connect(tmp_path / "duban.db") as forger:
        forger.execute("update matter set state = 'closed' where ref = 'errand/alpha'")
    forger.close()

    ended = office("--json", "audit", "verify")

    assert ended.code == 9
    assert ended.json["ok"] is False
    assert [each["stream"] for each in ended.json["findings"]] == ["matter/errand/alpha"]
    assert lacking(ended.json["findings"][0], "code stream seq message") == set()
