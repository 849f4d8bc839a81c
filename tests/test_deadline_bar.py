"""A deadline's bar and the lights: what went on with it is all there, also without colour."""

from datetime import datetime
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from drawn import HOSTILE, SVG, read_back, texts

from engine.marks import Lang
from web.pictures.deadline_bar import course_of, deadline_bar
from web.pictures.lights import light_of_clock, light_shape, light_words

ZONE = ZoneInfo("Asia/Shanghai")

DEADLINE = {
    "id": "7", "label": {"zh": "自查报告", "en": "Report"}, "started_at": "2010-11-25T07:00:00Z", "last_day": "2010-12-20",
    "breach_at": "2010-12-20T16:00:00Z", "status": "running", "stopped_at": None,
}  # fmt: skip

ENTRIES = [
    {"recorded_at": "2010-11-25T07:00:00Z", "deadlines": [{"id": "7", "op": "started", "breach_at": "2010-12-10T16:00:00Z"}]},
    {"recorded_at": "2010-11-28T07:00:00Z", "deadlines": [{"id": "7", "op": "paused", "at": "2010-11-28T07:00:00Z",
                                                           "breach_at": "2010-12-10T16:00:00Z"}]},
    {"recorded_at": "2010-12-01T07:00:00Z", "deadlines": [{"id": "7", "op": "resumed", "at": "2010-12-01T07:00:00Z",
                                                           "breach_at": "2010-12-13T16:00:00Z"}]},
    {"recorded_at": "2010-12-02T07:00:00Z", "deadlines": [{"id": "7", "op": "extended", "breach_at": "2010-12-20T16:00:00Z"},
                                                          {"id": "8", "op": "extended", "breach_at": "2010-12-20T16:00:00Z"}]},
]  # fmt: skip


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def having(picture: str, mark: str) -> int:
    return sum(mark in each.attrib for each in read_back(picture).iter(f"{SVG}g"))


def test_pauses_extensions_and_now_are_drawn() -> None:
    course = course_of(DEADLINE, "zh", ENTRIES)

    picture = deadline_bar(course, at("2010-12-05T00:00:00Z"), ZONE, "zh")

    assert course.pauses == ((at("2010-11-28T07:00:00Z"), at("2010-12-01T07:00:00Z")),)
    assert course.extensions == ((at("2010-12-02T07:00:00Z"), at("2010-12-13T16:00:00Z")),)
    assert (having(picture, "data-pause"), having(picture, "data-extension"), having(picture, "data-now")) == (1, 1, 1)
    assert "最后一日 2010-12-20" in texts(read_back(picture))


@pytest.mark.parametrize(
    ("status", "now", "stopped", "light"),
    [
        ("running", "2010-11-26T00:00:00Z", None, "green"),
        ("running", "2010-12-19T00:00:00Z", None, "yellow"),
        ("running", "2010-12-21T00:00:00Z", None, "red"),
        ("breached", "2011-03-21T00:00:00Z", None, "red"),
        ("late", "2011-03-21T00:00:00Z", "2010-12-25T00:00:00Z", "red"),
        ("met", "2010-12-05T00:00:00Z", "2010-12-01T00:00:00Z", "green"),
        ("paused", "2010-12-05T00:00:00Z", None, "green"),
        ("cancelled", "2010-12-05T00:00:00Z", None, "none"),
    ],
)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_each_status_has_its_bar_with_its_light(
    status: str, now: str, stopped: str | None, light: str, lang: Lang
) -> None:
    course = course_of({**DEADLINE, "status": status, "stopped_at": stopped}, lang)

    picture = deadline_bar(course, at(now), ZONE, lang, 360)

    lights = [each.get("data-light") for each in read_back(picture).iter(f"{SVG}g") if each.get("data-light")]
    assert lights == [light]
    assert having(picture, "data-stopped") == (1 if stopped else 0)


@pytest.mark.parametrize("words", HOSTILE)
def test_no_label_breaks_the_bar(words: str) -> None:
    course = course_of({**DEADLINE, "label": {"zh": words, "en": words}}, "en", ENTRIES)

    read_back(deadline_bar(course, at("2010-12-05T00:00:00Z"), ZONE, "en"))


def test_a_deadline_of_no_length_is_drawn() -> None:
    course = course_of({**DEADLINE, "started_at": DEADLINE["breach_at"]}, "zh")

    read_back(deadline_bar(course, at("2010-12-20T16:00:00Z"), ZONE, "zh"))


def test_lights_differ_in_shape_and_say_what_they_mean() -> None:
    lights = ("green", "yellow", "red", None)

    assert [ElementTree.fromstring(light_shape(light, 8, 8, "zh"))[1].tag for light in lights] == [
        "circle", "path", "rect", "circle",
    ]  # fmt: skip
    assert [light_words(light, "zh") for light in lights] == [
        "绿灯：正常", "黄灯：临近期限", "红灯：逾期", "无灯：没有计时的期限",
    ]  # fmt: skip


def test_a_clock_is_yellow_from_where_the_engine_says() -> None:
    clock = ("running", "2010-12-01T00:00:00Z", "2010-12-11T00:00:00Z")

    assert light_of_clock(*clock, "2010-12-07T00:00:00Z") == "green"
    assert light_of_clock(*clock, "2010-12-07T00:00:00Z", "2010-12-06T00:00:00Z") == "yellow"
