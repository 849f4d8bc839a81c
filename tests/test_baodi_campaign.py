"""The campaign of 2010 says what the notice says: quotes, duties, phases, deliverables, ladders."""

import hashlib
import re
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from engine.campaign_file import load_campaign
from engine.campaign_schema import CampaignDoc
from engine.strictyaml import parse
from engine.texts import PLACEHOLDERS, Texts
from workflows.library import definition_kinds, read_definition, shipped_definition

WORKFLOWS = Path(__file__).resolve().parent.parent / "workflows"
BAODI = WORKFLOWS / "campaigns" / "baodi-2010.yaml"
NOTICE_FILE = BAODI.with_name("baodi-2010-notice.txt")
NOTICE = NOTICE_FILE.read_text(encoding="utf-8")

LED = {
    "3.2.1": "xwcb",
    "3.2.2": "zhijian",
    "3.2.3": "nongwei",
    "3.3.1": "gongshang",
    "3.3.2": "xwcb",
    "3.3.3": "gongshang",
    "3.3.4": "wujia",
    "3.3.5": "shiyao",
    "3.4.1": "guojian",
    "3.4.2": "xwcb",
    "3.4.3": "gongshang",
    "3.6.1": "gongxin",
    "3.7.1": "fazhi",
    "3.7.2": "zhishi",
    "3.7.3": "zhishi",
    "3.8.1": "xuanchuan",
}
"""Duties with a lead. Source: the notice, section 三, wherever it says 牵头."""

UNLED = {
    "3.1.1": ["lxz"],
    "3.5.1": ["gongan"],
    "3.5.2": ["gongan", "jianchayuan"],
    "3.5.3": ["jianchayuan"],
    "3.5.4": ["sifa"],
    "3.5.5": ["jianchayuan", "fayuan"],
}
"""Duties that nobody leads, and who is responsible. Source: the notice, section 三（一） and （五）."""

ROSTER = {
    *("xwcb", "gongan", "gongshang", "zhijian", "nongwei", "wujia", "shiyao", "guojian"),
    *("jianchayuan", "fayuan", "sifa", "gongxin", "fazhi", "zhishi", "xuanchuan"),
}


@pytest.fixture(scope="module")
def baodi() -> CampaignDoc:
    return load_campaign(BAODI.read_bytes(), BAODI.name, None, NOTICE).doc


def test_the_campaign_fits_its_definitions_and_every_quote_stands_in_the_notice() -> None:
    definitions = {kind: shipped_definition(kind) for kind in definition_kinds()}

    loaded = load_campaign(BAODI.read_bytes(), BAODI.name, definitions, NOTICE)

    assert set(loaded.doc.definitions) == set(definitions)


def test_the_notice_is_kept_byte_for_byte() -> None:
    assert (
        hashlib.sha256(NOTICE_FILE.read_bytes()).hexdigest()
        == "a51fe305416a12b49b3cca55f49d1733c21619ff1aefa2f0162625a32caca3af"
    )


def test_every_quote_is_copied_mark_for_mark(baodi: CampaignDoc) -> None:
    quotes = [duty.source for duty in baodi.duties]
    quotes += [each.quote for each in baodi.deliverables] + [each.quote for each in baodi.safeguards]
    quotes += [phase.quote or "missing" for phase in baodi.phases]

    assert [quote for quote in quotes if quote not in NOTICE] == []


def test_each_source_is_the_whole_paragraph_of_its_duty(baodi: CampaignDoc) -> None:
    paragraphs = {line.strip() for line in NOTICE.splitlines()}

    assert [duty.number for duty in baodi.duties if duty.source not in paragraphs] == []


def test_section_three_has_twenty_two_duties_in_its_eight_parts(baodi: CampaignDoc) -> None:
    numbers = [duty.number for duty in baodi.duties]

    assert len(numbers) == 22
    assert numbers == sorted(numbers)
    per_part = [sum(number.startswith(f"3.{part}.") for number in numbers) for part in range(1, 9)]
    assert per_part == [1, 3, 5, 3, 5, 1, 3, 1]


def test_a_duty_has_a_lead_only_where_the_text_says_so(baodi: CampaignDoc) -> None:
    names = {body.code: body.name.zh for body in baodi.bodies}

    assert {duty.number: duty.lead for duty in baodi.duties if duty.lead} == LED
    for duty in baodi.duties:
        assert ("牵头" in duty.source) == (duty.lead is not None), duty.number
        if duty.lead is not None:
            assert f"{names[duty.lead]}牵头" in duty.source


def test_responsible_bodies_make_twenty_four_matters(baodi: CampaignDoc) -> None:
    pairs = {(duty.number, body) for duty in baodi.duties for body in duty.responsible}

    expected = set(LED.items())
    expected |= {(number, body) for number, bodies in UNLED.items() for body in bodies}
    assert pairs == expected
    assert len(pairs) == 24


def test_support_and_coordination_are_kept_apart_from_responsibility(baodi: CampaignDoc) -> None:
    duties = {duty.number: duty for duty in baodi.duties}
    supports = {number: duty.supports for number, duty in duties.items() if duty.supports}

    assert supports == {
        "3.1.1": ["xgbm"],
        "3.2.1": ["gongan", "gongshang", "zhijian"],
        "3.5.2": ["zhifa"],
        "3.5.5": ["xgbm"],
        "3.8.1": ["xgbm", "meiti"],
    }
    assert {number: duty.coordinator for number, duty in duties.items() if duty.coordinator} == {"3.1.1": "lxz"}


def test_the_roster_is_the_fifteen_bodies_with_a_duty_of_their_own(baodi: CampaignDoc) -> None:
    with_duty = {body for duty in baodi.duties for body in duty.responsible} - {"lxz"}

    assert sorted(baodi.roster) == sorted(ROSTER) == sorted(with_duty)


def test_bodies_are_named_as_the_text_names_them(baodi: CampaignDoc) -> None:
    invented = {body.code for body in baodi.bodies if body.name.zh not in NOTICE}

    assert invented == {"other_police", "up_proc", "jiancha"}


def test_every_real_body_can_be_reached_and_enforcers_have_their_own_reviewers(baodi: CampaignDoc) -> None:
    posts = {body.code: set(body.posts) for body in baodi.bodies}
    enforcers = {"gongan", "gongshang", "zhijian", "xwcb", "nongwei", "wujia", "shiyao", "guojian", "zhishi"}

    silent = {body.code for body in baodi.bodies if body.part in ("addressee", "involved")}
    assert all({"liaison", "head"} <= held for code, held in posts.items() if code not in silent)
    assert all({"officer", "legal", "hearing"} <= posts[code] for code in enforcers)
    assert "chair" in posts["lxz"] and "admin" in posts["bgs"]
    assert {"bgs.admin2", "auditor"} == set(baodi.logins)


def test_the_four_phases_follow_one_another_without_a_gap(baodi: CampaignDoc) -> None:
    days = [(date.fromisoformat(phase.start), date.fromisoformat(phase.end)) for phase in baodi.phases]

    assert [phase.start for phase in baodi.phases] == ["2010-10-01", "2010-11-27", "2010-12-11", "2011-03-01"]
    assert [phase.end for phase in baodi.phases] == ["2010-11-26", "2010-12-10", "2011-02-28", "2011-03-31"]
    for (_, end), (start, _) in pairwise(days):
        assert start == end + timedelta(days=1)
    assert (baodi.start, baodi.end) == (baodi.phases[0].start, baodi.phases[-1].end)
    assert [phase.code for phase in baodi.phases] == [
        "mobilization",
        "self_correction",
        "implementation",
        "acceptance",
    ]


def test_each_department_owes_a_plan_an_organisation_a_report_and_a_summary(baodi: CampaignDoc) -> None:
    owed = {each.code: each for each in baodi.deliverables if each.owed_by == "roster"}
    task = read_definition(WORKFLOWS / "department_task.yaml").doc

    due = {code: (baodi.dates[each.due], each.deadline) for code, each in owed.items()}
    assert due == {
        "own_plan": ("2010-11-26", "plan"),
        "organisation": ("2010-11-26", "plan"),
        "self_check_report": ("2010-12-10", "self_check_report"),
        "summary": ("2011-03-31", "summary"),
    }
    assert all(each.addressees == ["bgs"] for each in owed.values())
    assert all(each.document in task.documents for each in owed.values())
    assert all(task.deadlines[each.deadline or ""].term.until == each.due for each in owed.values())


def test_reports_go_upwards_as_often_as_the_text_says(baodi: CampaignDoc) -> None:
    safeguards = {each.code: each for each in baodi.safeguards}

    reporting = safeguards["reporting"]
    assert (reporting.by, reporting.to, reporting.rhythm) == (["lxz"], ["quzf", "shiban"], "及时")
    assert safeguards["inspection"].by == ["lxz"]
    assert safeguards["clues"].by == "roster"


@pytest.mark.parametrize(
    ("taxonomy", "names"),
    [
        ("contents", "著作权 商标权 专利权 植物新品种权"),
        ("areas", "产品制造集中地 商品集散地 案件高发地"),
        ("fields", "新闻出版业 文化娱乐业 高新技术产业 农业"),
        ("products", "图书 音像 软件 大宗出口商品 汽车配件 手机 药品 种子"),
    ],
)
def test_the_priorities_are_those_of_section_two(baodi: CampaignDoc, taxonomy: str, names: str) -> None:
    assert [taxon.name.zh for taxon in baodi.taxonomies[taxonomy]] == names.split()
    assert all(name in NOTICE for name in names.split())


def test_the_ladder_climbs_from_a_reminder_to_a_proposal_of_accountability(baodi: CampaignDoc) -> None:
    rungs = baodi.ladders["campaign"].rungs

    assert [rung.at for rung in rungs] == ["-3wd", "-1wd", "0", "+2wd", "+5wd", "+10wd", "+15wd"]
    assert [rung.label.zh for rung in rungs[2:]] == ["催办单", "督办通知单", "通报批评", "约谈", "问责建议"]
    assert rungs[0].to == rungs[1].to == ["owner"]
    assert rungs[2].to == ["owner", "head"]
    assert {"owner", "head", "office"} <= set(rungs[3].to)
    assert "group" in rungs[4].to and "supervisor" in rungs[6].to
    assert [rung.at for rung in rungs if rung.opens] == ["+2wd"]


def test_every_ladder_owns_that_the_notice_has_none(baodi: CampaignDoc) -> None:
    assert set(baodi.ladders) == {"campaign", "statutory", "hours", "short", "returns", "quiet"}
    assert all("自定" in ladder.policy and "文件未规定" in ladder.policy for ladder in baodi.ladders.values())
    assert all("自定" in chore.policy for chore in baodi.chores)
    assert baodi.ladders["quiet"].rungs == []


def test_milestones_stand_on_the_four_dates_of_the_notice(baodi: CampaignDoc) -> None:
    found = {each.code: (baodi.dates[each.date], each.kind, each.deadline) for each in baodi.milestones}

    assert found == {
        "deployment": ("2010-11-26", "department_task", "plan"),
        "self_correction": ("2010-12-10", "department_task", "self_check_report"),
        "implementation": ("2011-02-28", "duty", "carry_out"),
        "summaries": ("2011-03-31", "department_task", "summary"),
    }


def test_chores_begin_on_the_weekday_they_are_due(baodi: CampaignDoc) -> None:
    chores = {chore.code: chore for chore in baodi.chores}

    for chore in chores.values():
        first = date.fromisoformat(chore.first)
        assert chore.on == (f"{first:%a}".lower() if chore.every == "week" else str(first.day)), chore.code
        assert "2010-12-11" <= chore.first <= chore.last <= baodi.end
    assert (chores["weekly_bulletin"].opens, chores["weekly_bulletin"].opens_body) == ("bulletin", "bgs")


def test_what_the_notice_leaves_open_is_marked_as_our_choice() -> None:
    text = BAODI.read_text(encoding="utf-8")

    chosen = re.findall(r"Our choice[:,](.*)", text)
    assert len(chosen) >= 7
    for word in ("only the month", "各相关部门", "no day for the report", "nobody to report", "two bodies"):
        assert any(word in choice for choice in chosen), word


def test_at_the_start_each_department_gets_a_task_and_each_pair_a_duty(baodi: CampaignDoc) -> None:
    assert [(each.kind, each.each, each.then) for each in baodi.opens] == [
        ("department_task", "roster", ["assign"]),
        ("duty", "duties", []),
    ]
    assert baodi.launched_at == "2010-11-25T15:00"


def test_the_words_of_notices_exist_in_both_languages_for_every_kind() -> None:
    templates = parse((WORKFLOWS / "texts.yaml").read_bytes(), "texts.yaml").data
    texts = Texts(templates)

    kinds = {
        "reminder",
        "overdue",
        "escalation",
        "handover",
        "copy",
        "urge",
        "digest",
        "milestone",
        "chore",
        "late_load",
        "finding",
        "returns",
        "silence",
    }
    assert kinds <= set(templates)
    values = {name: f"<{name}>" for name in PLACEHOLDERS}
    for kind in templates:
        for lang in ("zh", "en"):
            subject, text = texts.render(kind, lang, values)
            assert subject.strip() and text.strip()
            assert "{" not in subject + text
    assert "<rung>" in texts.render("overdue", "zh", values)[0]
    words = parse(BAODI.read_bytes(), BAODI.name).data["ladders"].values()
    assert {rung["text"] for ladder in words for rung in ladder["rungs"] if "text" in rung} <= set(templates)
