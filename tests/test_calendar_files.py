"""Files with a notice of holidays, as YAML or iCalendar: read strictly, refused with every problem; and the command."""

from pathlib import Path

import pytest
from commandline import SMALL, Office

from engine.errors import Invalid
from workflows.calendar_import import read_calendar

YAML = """schema: calendar/1
year: 2011
source: 试〔2010〕1号
issued_on: 2010-12-09
festivals:
  - name: {zh: 元旦, en: New Year}
    off: [2011-01-01, 2011-01-03]
"""

ICS = """BEGIN:VCALENDAR
X-WR-CALNAME:试〔2010〕1号
BEGIN:VEVENT
DTSTART;VALUE=DATE:20110101
DTEND;VALUE=DATE:20110104
SUMMARY:元旦 休
END:VEVENT
BEGIN:VEVENT
DTSTART;VALUE=DATE:20110108
SUMMARY:元旦
 （班）
END:VEVENT
END:VCALENDAR
"""


BAD_YAML = {
    "off and worked": (YAML + "    work: [2011-01-02]\n", [(8, "duplicate_day")]),
    "overlapping": (YAML + "  - name: {zh: 二, en: Two}\n    off: [2011-01-03, 2011-01-04]\n", [(9, "duplicate_day")]),
    "impossible": (YAML.replace("2011-01-03]", "2011-02-30]"), [(7, "date")]),
    "wrong year and a misspelt key": (
        YAML.replace("year: 2011", "year: 2013").replace("source", "sorce"),
        [(1, "missing"), (3, "unknown_key"), (7, "year"), (7, "year")],
    ),
    "a make-up day on a Monday": (YAML + "    work: [2011-01-10]\n", [(8, "weekday")]),
}
BAD_ICS = {
    "neither": (ICS.replace("元旦 休", "元旦"), [(6, "kind")]),
    "off and worked": (ICS.replace("20110108", "20110102"), [(9, "duplicate_day")]),
    "impossible": (ICS.replace("20110108", "20110230").replace("20110104", "20110101"), [(4, "span"), (9, "date")]),
    "two years": (ICS.replace("20110108", "20090711"), [(9, "year")]),
    "a repetition": (
        ICS.replace("END:VEVENT", "RRULE:FREQ=YEARLY\nDURATION:P2D\nSTATUS:CANCELLED\nEND:VEVENT", 1),
        [(7, "repeats"), (8, "repeats"), (9, "cancelled")],
    ),
    "nothing": ("BEGIN:VCALENDAR\nEND:VCALENDAR\n", [(1, "missing")]),
    "cut off": (ICS[: ICS.index("SUMMARY:元旦\n")], [(8, "syntax"), (8, "kind")]),
}


@pytest.mark.parametrize(
    ("suffix", "text", "wanted"),
    [(".yaml", *each) for each in BAD_YAML.values()] + [(".ics", *each) for each in BAD_ICS.values()],
)
def test_a_bad_file_is_refused_with_every_problem_and_its_line(
    suffix: str, text: str, wanted: list[tuple[int, str]], tmp_path: Path
) -> None:
    path = tmp_path / f"bad{suffix}"
    path.write_text(text, "utf-8")

    with pytest.raises(Invalid) as caught:
        read_calendar(str(path))

    assert sorted((each.line, each.code) for each in caught.value.problems) == sorted(wanted)


def test_an_ics_file_says_the_same_as_a_yaml_file(tmp_path: Path) -> None:
    (tmp_path / "one.ics").write_text(ICS, "utf-8")

    notice = read_calendar(str(tmp_path / "one.ics"))

    assert (notice.year, notice.source) == (2011, "试〔2010〕1号")
    assert [(each.zh, [str(day) for day in each.off], [str(day) for day in each.work]) for each in notice.festivals] == [
        ("元旦", ["2011-01-01", "2011-01-02", "2011-01-03"], []),
        ("元旦", [], ["2011-01-08"]),
    ]  # fmt: skip


def test_the_command_shows_first_and_does_it_with_apply(db_url: str, tmp_path: Path) -> None:
    office = Office(db_url, AS="bgs.admin")
    office.json("init", "--campaign", SMALL, "--rehearsal", "--at", "2010-12-01", "--calendar", "asof")
    office.json("clock", "advance", "--to", "2010-12-30T10:00")
    office.json("open", "errand", "--body", "alpha", "--ref", "errand/new")
    path = tmp_path / "2011.yaml"
    path.write_text(YAML, "utf-8")

    shown = office.json("calendar", "import", str(path))
    marked = office("deadline", "list", "errand/new").rows[0]["provisional"]
    done = office.json("calendar", "import", str(path), "--apply")

    assert (shown["applied"], done["applied"], done["counts"]) == (False, True, shown["counts"])
    assert [each["last_day"] for each in done["changes"] if each["moves"]] == ["2011-01-05"]
    assert marked == "暂定"
    days = office.json("calendar", "show", "--month", "2011-01")["items"]
    assert [(each["workday"], each["provisional"]) for each in days[:3]] == [(False, False)] * 3
    assert not office.json("calendar", "import", str(path), "--apply")["new"]
    refused = office.as_("alpha.head", "calendar", "import", "cn-2011", "--apply")
    assert (refused.code, office("calendar", "import", "cn-2O11").code) == (5, 3)
