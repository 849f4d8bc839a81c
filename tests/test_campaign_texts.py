"""A campaign may bring words of its own for its notices: beside its file, checked, stored with its version."""

import json
from pathlib import Path
from shutil import copy

import pytest
from commandline import SMALL, Office
from world import SAMPLES, advance, notices, sql

from engine.errors import Conflict, Invalid
from engine.text_file import Choices, read_texts
from workflows.amendment import amend, plan_amendment, read_amendment
from workflows.launch import Beginning, init

MAY = Choices(frozenset({"urge", "overdue"}), frozenset({"office"}), frozenset({"+2wd"}), frozenset({"report"}))
BOTH = "  {key}:\n    zh: {{subject: 甲, text: 乙}}\n    en: {{subject: A, text: B}}\n"
OWN = """schema: texts/1
texts:
  reminder:
    zh: {subject: "请办 {{title}}", text: "{{owner}}：\\n请于{{last_day}}前办结。\\n"}
    en: {subject: "Please do {{title}}", text: "To {{owner}}: by {{last_day}}."}
"""


def folder_with(tmp_path: Path, texts: str, content: str = OWN) -> str:
    """The small campaign in a folder of its own, with *texts* beside it."""
    copy(SAMPLES / "small.yaml", tmp_path)
    if content:
        (tmp_path / texts).write_text(content, "utf-8")
    path = tmp_path / "mine.yaml"
    path.write_text(Path(SMALL).read_text("utf-8") + f"\ntexts: {texts}\n", "utf-8")
    return str(path)


def problems(*files: tuple[str, str]) -> list[tuple[str, int, int, str, str]]:
    with pytest.raises(Invalid) as refused:
        read_texts([(name, text.encode()) for name, text in files], MAY)
    return [(each.file, each.line, each.column, each.code, each.hint) for each in refused.value.problems]


def test_every_flaw_of_a_file_of_texts_is_told_at_once_with_its_place() -> None:
    text = """schema: texts/1
texts:
  urgee:
    zh: {subject: "a {{titel}}", text: "b"}
    en: {subject: "a\\nb", text: "c {{ref"}
  overdue@ofice:
    zh: {subject: "a", text: "b\\u200e"}
  overdue@+2wd:
    zh: {subject: "a", text: " "}
    en: {subject: "LONG", text: "b"}
    attach: [reprot]
""".replace("LONG", "x" * 201)

    assert problems(("t.yaml", text)) == [
        ("t.yaml", 3, 3, "unknown_kind", "did you mean 'urge'?"),
        ("t.yaml", 4, 22, "unknown_placeholder", "did you mean 'title'?"),
        ("t.yaml", 5, 23, "line_break", ""),
        ("t.yaml", 5, 36, "placeholder", "write {{ref}}"),
        ("t.yaml", 7, 5, "missing_key", ""),
        ("t.yaml", 9, 30, "empty", ""),
        ("t.yaml", 10, 19, "too_long", ""),
        ("t.yaml", 11, 14, "unknown_kind_of_document", "did you mean 'report'?"),
    ]


def test_a_control_character_and_a_circle_nobody_is_in_are_refused() -> None:
    text = "schema: texts/1\ntexts:\n" + BOTH.format(key="overdue@ofice")
    with_mark = text.replace("ofice", "office").replace("乙", '"乙\\u200e"')

    assert problems(("t.yaml", text)) == [("t.yaml", 3, 3, "unknown_circle", "did you mean 'office'?")]
    assert problems(("t.yaml", with_mark)) == [("t.yaml", 4, 30, "control_character", "")]


def test_sheets_of_plain_text_say_kind_and_language_in_their_names() -> None:
    read = read_texts(
        [
            ("d/urge@office.zh.txt", "催 {{title}}\n\n{{owner}}：\n请办\n".encode()),
            ("d/urge@office.en.txt", b"U\r\n\r\nT\r\n"),
        ],
        MAY,
    )

    assert read["urge@office"].zh.text == "{{owner}}：\n请办\n"
    assert (read["urge@office"].en.subject, read["urge@office"].en.text) == ("U", "T\n")


def test_every_flaw_of_a_folder_of_sheets_is_told_at_once() -> None:
    found = problems(
        ("d/overdue.zh.txt", "甲\n\n乙\n {{lisst}}"),
        ("d/urg.txt", "a\n\nb"),
        ("d/urge.en.txt", "subject only"),
        ("d/urge.zh.txt", "a\n\nb\x07"),
        ("d/z.yaml", "schema: texts/1\ntexts:\n" + BOTH.format(key="overdue")),
    )

    assert [each[:4] for each in found] == [
        ("d/urg.txt", 1, 1, "file_name"),
        ("d/overdue.zh.txt", 1, 1, "missing_key"),
        ("d/overdue.zh.txt", 4, 2, "unknown_placeholder"),
        ("d/urge.en.txt", 1, 1, "empty"),
        ("d/urge.zh.txt", 3, 2, "control_character"),
        ("d/z.yaml", 1, 1, "duplicate_text"),
    ]


def test_campaign_check_finds_them_beside_the_campaign_file(tmp_path: Path) -> None:
    path = folder_with(tmp_path, "words.yaml", OWN.replace("{{owner}}：", "{{ownr}}："))

    ended = Office(None)("campaign", "check", path)

    assert ended.code == 7
    assert f"{tmp_path}/words.yaml:4:42: 没有占位符“ownr”（是否为“owner”？）" in ended.out
    alone = Office(None)("campaign", "check", str(tmp_path / "words.yaml"))
    assert (alone.code, alone.out) == (7, ended.out)


def test_texts_that_are_not_there_are_told_at_the_line_that_names_them(tmp_path: Path) -> None:
    path = folder_with(tmp_path, "none.yaml", "")

    ended = Office(None)("campaign", "check", path)

    assert ended.code == 7
    last = len(Path(path).read_text("utf-8").splitlines())
    assert ended.out.startswith(f"{path}:{last}:8: {tmp_path}/none.yaml读不出来")


def test_words_do_not_stand_in_the_campaign_file_itself(tmp_path: Path) -> None:
    path = Path(folder_with(tmp_path, "words.yaml"))
    path.write_text(path.read_text("utf-8").replace("texts: words.yaml", "words: {}"), "utf-8")

    ended = Office(None)("campaign", "check", str(path))

    assert ended.code == 7
    assert "此处没有键“words”（是否为“texts”？）" in ended.out


def test_the_notices_of_a_campaign_bear_its_own_words_and_ours_where_it_has_none(db_url: str, tmp_path: Path) -> None:
    workspace, _ = init(db_url, Beginning(folder_with(tmp_path, "words.yaml"), rehearsal=True))

    advance(workspace, "2010-12-20T10:00")

    told = {each["kind"]: each for each in notices(workspace)}
    assert told["reminder"]["subject"].startswith("请办 ")
    assert "前办结。" in told["reminder"]["text"]
    assert "请办" not in told["overdue"]["subject"]
    workspace.close()


def test_the_words_in_force_are_kept_with_each_version_of_the_campaign(db_url: str, tmp_path: Path) -> None:
    workspace, _ = init(db_url, Beginning(folder_with(tmp_path, "words.yaml"), rehearsal=True))
    (tmp_path / "words.yaml").write_text(OWN.replace("请办", "敬请办理"), "utf-8")
    with pytest.raises(Conflict):
        init(db_url, Beginning(str(tmp_path / "mine.yaml"), rehearsal=True))
    shelf = read_amendment(workspace, str(tmp_path / "mine.yaml"))

    assert plan_amendment(workspace, shelf)[1]["texts"] == ["reminder"]
    assert amend(workspace, shelf, workspace.actor("bgs.admin"), workspace.actor("lxz.chair"))

    kept = [json.loads(row[0]) for row in sql(workspace.database, "select doc from campaign_version order by number")]
    assert [each["words"]["reminder"]["zh"]["subject"] for each in kept] == ["请办 {{title}}", "敬请办理 {{title}}"]
    advance(workspace, "2010-12-20T10:00")
    assert any(each["subject"].startswith("敬请办理 ") for each in notices(workspace))
    assert not amend(workspace, shelf, workspace.actor("bgs.admin"), workspace.actor("lxz.chair"))
    workspace.close()


def test_a_circle_may_have_words_of_its_own(db_url: str, tmp_path: Path) -> None:
    content = OWN.replace("  reminder:", "  escalation@office:").replace("请办", "请督办")
    workspace, _ = init(db_url, Beginning(folder_with(tmp_path, "words.yaml", content), rehearsal=True))

    advance(workspace, "2010-12-20T10:00")

    told = {
        each["recipient"].split(".")[0]: each["subject"] for each in notices(workspace) if each["kind"] == "escalation"
    }
    assert {body for body, subject in told.items() if subject.startswith("请督办")} == {"bgs"}
    assert len(told) > 1
    workspace.close()
