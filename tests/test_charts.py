"""Charts: every value is drawn to scale, leads to its rows, and is told in words."""

import pytest
from drawn import HOSTILE, SVG, overlapping, read_back, rectangle, texts

from web.pictures.charts import Bar, Stack, bar_chart, stacked_bars, trend_line

BARS = [Bar("区物价局", 4, "/list?body=wujia"), Bar("区农委", 2, "/list?body=nongwei"), Bar("区法院", 0)]


def parts(picture: str) -> list[tuple[float, float, float, float]]:
    return [rectangle(each) for each in read_back(picture).iter(f"{SVG}rect") if each.get("data-part")]


def test_bars_are_as_long_as_their_values_and_lead_to_their_rows() -> None:
    picture = bar_chart("逾期", BARS, "zh", unit="件")

    long, short, none = (box[2] - box[0] for box in parts(picture))
    assert long == pytest.approx(2 * short, abs=0.2)
    assert none == 0
    links = read_back(picture).iter(f"{SVG}a")
    assert [each.get("href") for each in links] == ["/list?body=wujia", "/list?body=nongwei"]
    assert {"4件", "2件", "0件", "区物价局"} <= set(texts(read_back(picture)))


def test_the_parts_of_a_stack_stand_side_by_side_with_a_legend() -> None:
    stacks = [Stack("甲", [1, 2, 3, 4, 5, 6], ["/a", None, "/c"]), Stack("乙", [6, 5, 4, 3, 2, 1])]

    picture = stacked_bars("按状态", ["一", "二", "三", "四", "五", "六"], stacks, "zh")

    boxes = parts(picture)
    assert len(boxes) == 12
    assert overlapping([(a + 0.2, b, c - 0.2, d) for a, b, c, d in boxes]) == []
    assert sum("data-legend" in each.attrib for each in read_back(picture).iter(f"{SVG}g")) == 6
    assert "p-hatch" in picture
    assert [each.get("href") for each in read_back(picture).iter(f"{SVG}a")] == ["/a", "/c"]


def test_a_trend_rises_where_its_values_do() -> None:
    picture = trend_line("趋势", [Bar("11-25", 1, "/1"), Bar("11-26", 5), Bar("11-27", 3)], "zh")

    dots = [
        float(each.get("cy", ""))
        for each in read_back(picture).iter(f"{SVG}circle")
        if each.get("class") == "p-series0"
    ]
    assert dots[1] < dots[2] < dots[0]
    assert sum("data-point" in each.attrib for each in read_back(picture).iter(f"{SVG}g")) == 3


@pytest.mark.parametrize(
    ("values", "lines"), [([0, 143], ["0", "72", "143"]), ([0, 1], ["0", "1"]), ([0, 5.4], ["0", "2.7", "5.4"])]
)
def test_the_axis_of_what_is_counted_has_whole_numbers_only(values: list[float], lines: list[str]) -> None:
    picture = read_back(trend_line("按月", [Bar("", value) for value in values], "zh"))

    said = [each.text for each in picture.iter(f"{SVG}text") if each.get("text-anchor") == "end"]
    assert said == lines


@pytest.mark.parametrize("values", [[], [3], [2, 2, 2], [1, -5, 1e9]])
def test_any_values_are_drawn(values: list[float]) -> None:
    bars = [Bar(str(value), value) for value in values]

    read_back(trend_line("x", bars, "en"))
    read_back(bar_chart("x", bars, "en", 360))


@pytest.mark.parametrize("words", HOSTILE)
def test_no_words_break_a_chart(words: str) -> None:
    bars = [Bar(words, 3, words, words), Bar("b", 1)]

    read_back(bar_chart(words, bars, "zh", unit=words))
    read_back(trend_line(words, bars, "en", unit=words))
    read_back(stacked_bars(words, [words, words], [Stack(words, [1, 2], [words])], "en"))
