"""The campaign in time: phases, milestones, rest days, today and every body are there, as of any day."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from drawn import HOSTILE, SVG, overlapping, read_back, rectangle, texts

from engine.campaign_shape import campaign_json
from engine.marks import Lang
from web.pictures.timeline import Milestone, Phase, Position, campaign_timeline
from workflows.library import read_shelf

ZONE = ZoneInfo("Asia/Shanghai")
day = date.fromisoformat
NOW = datetime.fromisoformat("2010-12-05T04:00:00Z")
PHASES = [
    Phase("a", "动员", date(2010, 11, 25), date(2010, 12, 10)),
    Phase("b", "实施", date(2010, 12, 11), date(2011, 2, 28)),
]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_real_campaign_is_drawn_with_all_its_phases_dates_and_bodies(lang: Lang) -> None:
    campaign = campaign_json(read_shelf("baodi-2010").campaign.doc)
    positions = [Position(each["name"][lang], "self_correction", "x", "green", "/board") for each in campaign["bodies"]]
    phases = [
        Phase(each["code"], each["name"][lang], day(each["start"]), day(each["end"])) for each in campaign["phases"]
    ]
    milestones = [Milestone(each, "x") for each in sorted({day(each["due"]) for each in campaign["deliverables"]})]

    root = read_back(campaign_timeline("Baodi", phases, milestones, positions, NOW, ZONE, lang, [date(2010, 12, 4)]))

    drawn = [each for each in root.iter(f"{SVG}rect") if each.get("data-phase")]
    assert [each.get("data-phase") for each in drawn] == [each.code for each in phases]
    assert overlapping([rectangle(each) for each in drawn]) == []
    assert sum("data-position" in each.attrib for each in root.iter(f"{SVG}g")) == len(positions)
    marks = [each.get("data-milestone") for each in root.iter(f"{SVG}g") if each.get("data-milestone")]
    assert marks == [str(each.day) for each in milestones]
    assert sum("data-rest" in each.attrib for each in root.iter(f"{SVG}rect")) == 1


def test_a_body_stands_in_its_phase_and_today_is_marked() -> None:
    root = read_back(
        campaign_timeline(
            "x", PHASES, [], [Position("甲", "b", "实施"), Position("乙", None, "未开始")], NOW, ZONE, "zh"
        )
    )

    lights = [each[1] for each in root.iter(f"{SVG}g") if each.get("data-light")]
    second = next(rectangle(each) for each in root.iter(f"{SVG}rect") if each.get("data-phase") == "b")
    assert second[0] < float(lights[0].get("cx", "")) < second[2]
    assert float(lights[1].get("cx", "")) < second[0]
    assert "▲ 今日 2010-12-05" in texts(root)


@pytest.mark.parametrize("day", ["2009-01-01", "2010-12-31", "2030-01-01"])
def test_it_can_be_asked_for_any_day(day: str) -> None:
    root = read_back(campaign_timeline("x", PHASES, [], [], datetime.fromisoformat(f"{day}T04:00:00Z"), ZONE, "en"))

    assert [each.get("data-now") for each in root.iter(f"{SVG}g") if each.get("data-now")] == [day]


def test_milestones_of_neighbouring_days_do_not_lie_over_each_other() -> None:
    miles = [Milestone(date(2010, 12, day), f"第{day}日须报送的材料") for day in range(1, 9)]

    root = read_back(campaign_timeline("x", PHASES, miles, [], NOW, ZONE, "zh"))

    places = [(each.get("y"), each.get("x")) for mark in root.iter(f"{SVG}g") if mark.get("data-milestone")
              for each in mark.iter(f"{SVG}text")]  # fmt: skip
    assert len(set(places)) == len(miles)
    assert len({y for y, _ in places}) > 1


@pytest.mark.parametrize("words", HOSTILE)
def test_no_words_break_it(words: str) -> None:
    phases = [Phase(words or "p", words, date(2010, 11, 25), date(2010, 11, 25))]

    read_back(campaign_timeline(words, phases, [Milestone(date(2010, 11, 25), words, words)],
                                [Position(words, words, words, words, words)], NOW, ZONE, "en"))  # fmt: skip


def test_without_phases_it_says_so_and_centuries_stay_small() -> None:
    ages = [Phase("a", "x", date(1900, 1, 1), date(2100, 1, 1))]

    assert "没有阶段" in texts(read_back(campaign_timeline("x", [], [], [], NOW, ZONE, "zh")))
    assert float(read_back(campaign_timeline("x", ages, [], [], NOW, ZONE, "zh")).get("width", "")) < 7_000
