"""A notice can be seen before it is owed: with a real matter of the database, and nothing changes by it."""

from collections.abc import Iterator
from datetime import date
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from commandline import Office
from world import ZONE, advance, begin, everything, local, notices

from engine.errors import NotFound, Refused, Usage
from engine.orders import Urge
from engine.sheets import number_of, sheet_date, standing, until
from workflows.preview import Wanted, preview
from workflows.workspace import Workspace

WUJIA = "department_task/wujia"
CALLED_FOR = ("digest", "milestone", "chore", "returns", "silence", "late_load", "recounted", "unreachable")


@pytest.fixture
def baodi(db_url: str) -> Iterator[Workspace]:
    found = begin(db_url, "baodi-2010")
    yield found
    found.close()


def test_a_preview_is_word_for_word_what_is_sent_when_the_rung_comes(baodi: Workspace) -> None:
    before = everything(baodi)
    seen = preview(baodi, Wanted("supervision_order", baodi.campaign.texts, WUJIA, "plan"))
    assert everything(baodi) == before
    advance(baodi, "2010-11-30T10:00")

    sent = [each for each in notices(baodi) if (each["ref"], each["kind"]) == (WUJIA, "overdue")]
    assert {(each["subject"], each["text"]) for each in sent if "实施方案" in each["subject"]} == {
        (seen.row.subject, seen.row.text)
    }
    assert seen.row.recipient in {each["recipient"] for each in sent}
    assert "二○一○年十一月三十日" in seen.row.text


def test_previewing_every_kind_owes_nothing_and_leaves_no_placeholder(baodi: Workspace) -> None:
    before = everything(baodi)
    shown, without = {}, set()
    for lang in ("zh", "en"):
        for kind in baodi.campaign.texts.kinds:
            try:
                shown[kind, lang] = preview(baodi, Wanted(kind, baodi.campaign.texts, lang=lang)).row
            except Refused:
                without.add(kind)

    assert without <= {"escalation", "finding", "overdue", "return_due", "return_overdue", "supervision_request"}
    assert {kind for kind, _ in shown} >= {"urging", "circular", "urge", "handover", "copy", *CALLED_FOR}
    assert not [key for key, row in shown.items() if "{{" in row.subject + row.text]
    assert not [key for key, row in shown.items() if "None" in row.subject + row.text]
    assert everything(baodi) == before


def test_without_a_matter_a_typical_one_is_chosen_and_said(baodi: Workspace) -> None:
    chosen = preview(baodi, Wanted("urging", baodi.campaign.texts))
    named = preview(baodi, Wanted("urging", baodi.campaign.texts, WUJIA))

    assert (chosen.typical, named.typical) == (True, False)
    assert (named.row.ref, named.deadline) == (WUJIA, "plan")


def test_what_cannot_be_shown_is_refused_with_what_is_there(baodi: Workspace) -> None:
    texts = baodi.campaign.texts
    with pytest.raises(NotFound, match="no kind of notice 'urgee'") as unknown:
        preview(baodi, Wanted("urgee", texts))
    assert unknown.value.hint == "did you mean 'urge'?"
    with pytest.raises(NotFound, match="no matter"):
        preview(baodi, Wanted("urge", texts, "duty/9.9/nobody"))
    with pytest.raises(NotFound, match="no deadline 'plam'"):
        preview(baodi, Wanted("urging", texts, WUJIA, "plam"))
    with pytest.raises(Refused):
        preview(baodi, Wanted("supervision_request", texts, WUJIA))
    with pytest.raises(Usage):
        preview(baodi, Wanted("digest", texts, WUJIA))


def test_texts_that_are_not_in_force_are_tried_out_and_written_as_page_and_mail(tmp_path: Path) -> None:
    office = Office(f"sqlite:///{tmp_path / 'x.db'}")
    assert office("init", "--rehearsal").code == 0
    (tmp_path / "own.yaml").write_text(
        "schema: texts/1\ntexts:\n  urging@owner:\n"
        '    zh: {subject: "请 {{owner}} 领导过问", text: "　　　　过 问 单\\n\\n{{title}} <b>\\n"}\n'
        "    en: {subject: S, text: T}\n",
        "utf-8",
    )
    page, mail = tmp_path / "n.html", tmp_path / "n.eml"
    common = ("notice", "preview", "urging", WUJIA, "--texts", str(tmp_path / "own.yaml"))

    said = office.json(*common, "--to", "wujia.liaison", "--html", str(page), "--eml", str(mail))
    assert (said["texts"], said["own"], said["typical"], said["deadline"]) == ("urging", False, False, "plan")
    said = office.json(*common, "--to", "wujia.head", "--html", str(page), "--eml", str(mail))

    assert (said["texts"], said["own"], said["subject"]) == ("urging@owner", True, "请 区物价局 领导过问")
    assert ">过 问 单</p>" in page.read_text("utf-8")
    assert "&lt;b&gt;" in page.read_text("utf-8")
    message = message_from_bytes(mail.read_bytes(), policy=default)
    assert message["Subject"] == "请 区物价局 领导过问"
    spoilt = office("notice", "preview", "urging", "--texts", str(tmp_path / "none.yaml"))
    assert spoilt.code == 7


def test_the_date_of_a_sheet_is_in_chinese_numerals_until_the_standard_changed() -> None:
    assert sheet_date(date(2010, 10, 30)) == "二○一○年十月三十日"
    assert sheet_date(date(2011, 2, 20)) == "二○一一年二月二十日"
    assert sheet_date(date(2012, 7, 1)) == "2012年7月1日"
    assert sheet_date(date(2010, 12, 13), "en") == "13 December 2010"
    assert (number_of("supervision/2010-0012"), number_of(WUJIA)) == ("〔2010〕第12号", WUJIA)
    assert until(date(2010, 11, 26), local("2010-11-27T00:00").astimezone(ZONE)) == "2010年11月26日"
    assert until(date(2010, 12, 13), local("2010-12-13T17:30").astimezone(ZONE)) == "2010年12月13日17时30分"
    words = [standing(3, over=False), standing(0, over=False), standing(0, over=True), standing(-2, over=True)]
    assert words == ["距到期还有3天", "今日到期", "期限已届满", "已逾期2天"]
    assert [standing(each, over=each < 0, lang="en") for each in (2, 1, 0, -1, -2)] == [
        "2 days left", "1 day left", "due today", "1 day overdue", "2 days overdue"
    ]  # fmt: skip


def test_each_urging_has_the_next_number_of_its_year(baodi: Workspace) -> None:
    office = baodi.actor("bgs.admin")
    for ref in (WUJIA, "department_task/sifa", WUJIA):
        baodi.engine.execute(Urge(ref=ref, reason="请抓紧"), office)

    told = {each["subject"] for each in notices(baodi) if each["kind"] == "urge"}
    assert {subject[-14:] for subject in told} == {f"务（催办〔2010〕第{number}号）" for number in (1, 2, 3)}
    assert {each["ref"] for each in notices(baodi) if "第2次催办" in each["text"]} == {WUJIA}
