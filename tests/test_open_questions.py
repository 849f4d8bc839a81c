"""What a campaign file leaves open is listed wherever it is checked, and no production begins with it unsaid."""

import json
from pathlib import Path

import pytest
from commandline import Office, own_token_of
from test_amendment import changed
from world import SAMPLES, begin, sql

from engine.strictyaml import CAMPAIGN_BOUNDS, parse
from workflows.checking import draft_job, run
from workflows.drafts import Draft
from workflows.next_year import draft
from workflows.open_questions import OLD, open_questions
from workflows.workspace import open_workspace

SMALL = SAMPLES / "small_campaign.yaml"
ASKED = "# OPEN: 名单是否照旧 · does the roster stay\nroster:"
LEFT = (("roster:", ASKED), ("title: 小型专项行动方案", f"title: {OLD}小型专项行动方案"))
"""A question and an old quote in the small campaign, in lines 5 and 23."""


def found_in(text: str) -> list[tuple[int, int, str, str, str]]:
    problems = open_questions(parse(text.encode(), "x.yaml", CAMPAIGN_BOUNDS))
    return [(each.line, each.column, each.code, each.in_chinese, each.message) for each in problems]


def test_marks_and_old_quotes_are_found_with_their_place_and_words() -> None:
    text = (
        "# OPEN: 何时启动 · when it is launched\n"
        f'a: {{quote: "{OLD}各部门按期报送"}}  # OPEN: 谁报\n'
        f"b: >-\n  {OLD}第一句\n  第二句\n"
        "c: |\n  说明：未定处写作\n  # OPEN: 某问题\n"
        f"# 一个注释说到{OLD}\nd: '# OPEN: 不是注释'\n#OPEN 无关\n# OPEN:\n"
    )

    assert found_in(text) == [
        (1, 1, "open_question", "待定：何时启动", "open: when it is launched"),
        (2, 13, "old_quote", "仍引自旧文件：各部门按期报送", "still quoted from the old document: 各部门按期报送"),
        (2, 31, "open_question", "待定：谁报", "open: 谁报"),
        (4, 3, "old_quote", "仍引自旧文件：第一句 第二句", "still quoted from the old document: 第一句 第二句"),
        (12, 1, "open_question", "待定：?", "open: ?"),
    ]


def test_every_question_and_quote_of_a_draft_of_next_year_is_found_again(tmp_path: Path) -> None:
    found = draft("next-2026", "baodi-2010", "2026-10-01", tmp_path / "next.yaml")

    marks = found_in(found.text)

    asked = [(zh, en) for _, _, code, zh, en in marks if code == "open_question"]
    assert sorted(asked) == sorted((f"待定：{each.zh}", f"open: {each.en}") for each in found.opens)
    quotes = sum(code == "old_quote" for _, _, code, _, _ in marks)
    assert any(f"{quotes}处引文" in each.zh for each in found.opens)


@pytest.mark.parametrize("name", ["baodi-2010", str(SMALL)])
def test_what_is_decided_leaves_nothing_open(name: str) -> None:
    text = SMALL if name == str(SMALL) else Path("workflows/campaigns/baodi-2010.yaml")
    assert found_in(text.read_text("utf-8")) == []


def test_the_check_lists_what_is_open_as_advice(tmp_path: Path) -> None:
    path = changed(tmp_path, *LEFT, campaign=SMALL)
    said = Office(None)("--json", "campaign", "check", path)
    advice = said.json["proofs"][0]["advice"]
    assert (said.code, said.json["ok"]) == (0, True)
    assert [(each["code"], each["line"], each["file"]) for each in advice[:2]] == [
        ("old_quote", 5, path), ("open_question", 23, path),
    ]  # fmt: skip
    assert "建议：" + f"{path}:23:1: 待定：名单是否照旧" in Office(None)("campaign", "check", path).out


def test_the_check_of_a_draft_on_the_pages_lists_it_too() -> None:
    workspace = begin("sqlite://")
    text = SMALL.read_text("utf-8")
    for was, will in LEFT:
        text = text.replace(was, will)
    beside = {name: (SAMPLES / name).read_text("utf-8") for name in ("small.yaml", "rich.yaml")}
    said = run(draft_job(workspace.campaign, Draft("small_campaign.yaml", {**beside, "small_campaign.yaml": text}), {}))
    workspace.close()

    advice = [each for proof in said["proofs"] for each in proof["advice"]]
    assert ("small_campaign.yaml", 23) in {
        (each["file"], each["line"]) for each in advice if each["code"] == "open_question"
    }


def test_a_production_begins_only_when_somebody_takes_what_is_open(db_url: str, tmp_path: Path) -> None:
    office, path = Office(db_url), changed(tmp_path, *LEFT, campaign=SMALL)
    begin_it = ("init", "--campaign", path, "--late")

    refused = office("--json", *begin_it)
    told = office(*begin_it)

    assert (refused.code, refused.json["error"]["code"]) == (7, "open_questions")
    assert [(each["line"], each["code"]) for each in refused.json["error"]["problems"]] == [
        (5, "old_quote"),
        (23, "open_question"),
    ]
    assert told.code == 7 and f"{path}:23:1: 待定：名单是否照旧" in told.err and "--accept-open" in told.err
    assert (
        "not_initialised" in office("--json", "board").out + office("--json", "board").err
        or not Path(tmp_path / "duban.db").exists()
    )

    begun = office("--json", *begin_it, "--accept-open")
    again = office("--json", *begin_it)

    assert (begun.code, len(begun.json["open_questions"]), again.code, again.json["created"]) == (0, 2, 0, False)
    assert "2 处待定" in begun.err
    workspace = open_workspace(db_url)
    ((record,),) = sql(workspace.database, "select record from entry where kind = 'configured' and trigger = 'init'")
    workspace.close()
    assert json.loads(record)["configured"]["open_questions"] == 2


def test_a_rehearsal_only_mentions_it(tmp_path: Path) -> None:
    office, path = Office(f"sqlite:///{tmp_path / 'r.db'}"), changed(tmp_path, *LEFT, campaign=SMALL)
    begun = office("--json", "init", "--campaign", path, "--rehearsal")
    assert begun.code == 0 and len(begun.json["open_questions"]) == 2 and f"duban campaign check {path}" in begun.err
    assert (
        Office(f"sqlite:///{tmp_path / 's.db'}").json("init", "--campaign", str(SMALL), "--rehearsal")["open_questions"]
        == []
    )


def test_a_change_that_leaves_something_open_is_put_in_force_only_so(sqlite_url: str, tmp_path: Path) -> None:
    office = Office(sqlite_url, AS="bgs.admin")
    office.json("init", "--campaign", str(SMALL), "--late")
    office.json("user", "add", "wang", "--name", "王组长")
    office.json("user", "grant", "wang", "--body", "lxz", "--post", "chair")
    token = tmp_path / "token"
    office.json("user", "token", "wang")
    token.write_text(own_token_of(sqlite_url, "wang", "approve"))
    path = changed(tmp_path, *LEFT, ('remind_at: "09:00"', 'remind_at: "08:00"'), campaign=SMALL)
    put = ("campaign", "amend", path, "--apply", "--approve-token-file", str(token))

    shown, refused, done = (
        office("campaign", "amend", path),
        office("--json", *put),
        office("--json", *put, "--accept-open"),
    )

    assert shown.code == 0 and "2 处待定" in shown.err
    assert (refused.code, refused.json["error"]["code"]) == (7, "open_questions")
    assert (done.code, done.json["new"], len(done.json["open_questions"])) == (0, True, 2)
