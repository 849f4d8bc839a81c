"""Working days: the notices day by day, counting and rolling, years that nobody has announced."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Invalid
from engine.workdays import Festival, WorkCalendar, YearNotice
from workflows.calendars import load_calendar, notice_names, published, read_notice, shipped_notice

CALENDAR = load_calendar(["cn-2010", "cn-2011"])
SEPTEMBER, APRIL = date(2010, 9, 1), date(2011, 4, 30)

OFF = [
    ("2010-09-22", "2010-09-24"),
    ("2010-10-01", "2010-10-07"),
    ("2011-01-01", "2011-01-03"),
    ("2011-02-02", "2011-02-08"),
    ("2011-04-03", "2011-04-05"),
    ("2011-04-30", "2011-05-02"),
]
MADE_UP = ["2010-09-19", "2010-09-25", "2010-09-26", "2010-10-09", "2011-01-30", "2011-02-12", "2011-04-02"]
"""国办发明电〔2009〕27号 and 国办发明电〔2010〕40号, taken from the law report a second time."""

DAYS = st.dates(date(2004, 3, 1), date(2028, 12, 31))
NUMBERS = st.integers(-600, 600)


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def by_the_notices(day: date) -> bool:
    if any(first <= day.isoformat() <= last for first, last in OFF):
        return False
    return day.weekday() < 5 or day.isoformat() in MADE_UP


def unknown(day: date) -> None:
    return None


@pytest.mark.parametrize("names", [["cn-2010", "cn-2011"], []])
def test_every_day_of_the_campaign_is_as_the_notices_say(names: list[str]) -> None:
    calendar = load_calendar(names)

    for day in days(SEPTEMBER, APRIL):
        assert calendar.is_workday(day) is by_the_notices(day), day
        assert not calendar.is_provisional(day)


def test_the_notices_agree_with_the_published_tables_through_both_years() -> None:
    alone = WorkCalendar(CALENDAR.years, unknown)

    different = [
        day for day in days(date(2010, 1, 1), date(2011, 12, 31)) if alone.is_workday(day) is not published(day)
    ]

    assert different == [date(2011, 12, 31)]  # worked for New Year 2012, which the notice of 2012 says


@pytest.mark.parametrize(
    ("year", "month", "worked", "off"),
    [
        (2010, 9, 22, 8),
        (2010, 10, 17, 14),
        (2010, 11, 22, 8),
        (2010, 12, 23, 8),
        (2011, 1, 21, 10),
        (2011, 2, 16, 12),
        (2011, 3, 23, 8),
        (2011, 4, 20, 10),
    ],
)
def test_a_month_has_the_working_days_the_law_report_counted(year: int, month: int, worked: int, off: int) -> None:
    first = date(year, month, 1)
    last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)

    rest_days = CALENDAR.days_off(first, last)

    assert (len(rest_days), last.day - len(rest_days)) == (off, worked)
    assert CALENDAR.shift(first - timedelta(days=1), worked) <= last < CALENDAR.shift(last, 1)


@given(DAYS, NUMBERS, st.integers(0, 30))
def test_a_later_day_or_a_larger_number_never_leads_to_an_earlier_day(day: date, n: int, more: int) -> None:
    assert CALENDAR.shift(day, n) <= CALENDAR.shift(day, n + more)
    if n:
        assert CALENDAR.shift(day, n) <= CALENDAR.shift(day + timedelta(days=more), n)


@given(DAYS, NUMBERS)
def test_counting_back_leads_home_from_a_working_day(day: date, n: int) -> None:
    home = CALENDAR.roll(day)

    assert CALENDAR.shift(CALENDAR.shift(home, n), -n) == home


@given(DAYS, st.integers(1, 60))
def test_a_count_passes_exactly_its_number_of_working_days(day: date, n: int) -> None:
    after, before = CALENDAR.shift(day, n), CALENDAR.shift(day, -n)

    assert sum(map(CALENDAR.is_workday, days(day + timedelta(days=1), after))) == n
    assert sum(map(CALENDAR.is_workday, days(before, day - timedelta(days=1)))) == n
    assert CALENDAR.is_workday(after)
    assert CALENDAR.is_workday(before)


@given(DAYS)
def test_rolling_twice_is_rolling_once_and_moves_over_rest_days_only(day: date) -> None:
    rolled, back = CALENDAR.roll(day), CALENDAR.back(day)

    assert (CALENDAR.roll(rolled), CALENDAR.back(back)) == (rolled, back)
    assert back <= day <= rolled
    assert CALENDAR.days_off(back, rolled) == [each for each in days(back, rolled) if back < each < rolled]


@given(DAYS)
def test_no_working_days_after_a_day_is_that_day(day: date) -> None:
    assert CALENDAR.shift(day, 0) == day


def test_a_year_without_a_notice_is_guessed_and_marked() -> None:
    year = days(date(2027, 1, 1), date(2027, 12, 31))
    holidays = {(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)}

    assert all(map(CALENDAR.is_provisional, year))
    for day in year:
        assert CALENDAR.is_workday(day) is (day.weekday() < 5 and (day.month, day.day) not in holidays)


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2026-01-01", "2026-12-31", False),
        ("2026-12-31", "2027-01-01", True),
        ("2027-06-01", "2027-06-01", True),
        ("2003-12-31", "2003-12-31", True),
        ("2010-01-01", "2030-01-01", True),
        ("2027-06-02", "2027-06-01", False),
    ],
)
def test_a_stretch_of_days_is_guessed_if_one_of_them_is(first: str, last: str, expected: bool) -> None:
    assert CALENDAR.guesses(date.fromisoformat(first), date.fromisoformat(last)) is expected


def test_an_imported_notice_settles_its_year_and_the_december_before() -> None:
    new_year = Festival("元旦", "New Year", (date(2026, 12, 31), date(2027, 1, 1)), (date(2027, 1, 2),))
    notice = YearNotice(2027, "a notice", (new_year,))

    calendar = load_calendar(["cn-2010"], [notice])

    assert not calendar.guesses(date(2026, 1, 1), date(2027, 12, 31))
    assert calendar.days_off(date(2026, 12, 31), date(2027, 1, 4)) == [*new_year.off, date(2027, 1, 3)]
    assert calendar.is_provisional(date(2028, 1, 1))
    assert calendar.sources(date(2027, 1, 1), date(2027, 1, 1)) == ("a notice",)


def test_a_notice_wins_over_the_published_tables() -> None:
    notice = YearNotice(2010, "another", (Festival("休", "off", (date(2010, 11, 26),)),))

    calendar = load_calendar(["cn-2010"], [notice])

    assert not calendar.is_workday(date(2010, 11, 26))
    assert not calendar.is_workday(date(2010, 10, 1))  # the tables still stand where the notice is silent


def test_a_day_is_called_by_its_festival() -> None:
    named = {day: CALENDAR.name_of(date.fromisoformat(day)) for day in ("2011-02-03", "2011-01-30", "2010-11-27")}

    assert named["2011-02-03"] == ("春节", "Spring Festival")
    assert named["2011-01-30"][1] == "make-up working day"
    assert named["2010-11-27"][1] == "weekend"
    assert CALENDAR.name_of(date(2010, 11, 26))[1] == "working day"
    assert CALENDAR.name_of(date(2012, 10, 1))[1] == "public holiday"


def test_only_what_was_announced_is_named_as_a_source() -> None:
    sources = CALENDAR.sources(date(2010, 1, 1), date(2012, 12, 31))

    assert sources == ("国办发明电〔2009〕27号", "国办发明电〔2010〕40号", CALENDAR.base_name)
    assert CALENDAR.sources(date(2027, 1, 1), date(2027, 12, 31)) == ()


def test_the_digest_tells_calendars_apart_and_equal_ones_together() -> None:
    same = WorkCalendar(dict(reversed(CALENDAR.years.items())), published, base_name=CALENDAR.base_name)
    fixed = WorkCalendar(CALENDAR.years, published, base_name=CALENDAR.base_name, fixed={(1, 1)})

    assert same == WorkCalendar(CALENDAR.years, published, base_name=CALENDAR.base_name)
    assert len({same, fixed, load_calendar(["cn-2010"]), CALENDAR}) == 4
    assert len(CALENDAR.digest) == 64


def test_the_same_names_give_the_same_calendar() -> None:
    assert load_calendar(["cn-2010", "cn-2011"]) is CALENDAR
    assert load_calendar() == load_calendar(notice_names())


def test_many_threads_read_one_calendar() -> None:
    calendar = WorkCalendar(CALENDAR.years, published)

    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda n: calendar.shift(date(2004, 1, 1), 5000 + n % 2), range(200)))

    assert found == {CALENDAR.shift(date(2004, 1, 1), 5000), CALENDAR.shift(date(2004, 1, 1), 5001)}


def test_our_notices_have_a_source_a_date_and_a_mark() -> None:
    for name in notice_names():
        notice = shipped_notice(name)

        assert name == f"cn-{notice.year}"
        assert notice.source.startswith("国办发明电")
        assert notice.issued_on is not None
        assert {festival.mark for festival in notice.festivals} <= {"V", "S"}
    assert shipped_notice("cn-2011").issued_on == date(2010, 12, 9)


def test_a_calendar_we_do_not_have_is_invalid_with_a_hint() -> None:
    with pytest.raises(Invalid, match="no calendar") as refusal:
        load_calendar(["cn-2O10"])

    assert "cn-2010" in refusal.value.hint


def test_a_notice_is_told_all_its_flaws_with_their_places() -> None:
    text = """\
schema: calendar/2
year: 2027
yaer: 2027
source: ""
issued_on: soon
festivals:
  - name: {zh: 元旦, en: New Year, fr: Nouvel an}
    off: [2027-01-03, 2027-01-01]
    work: [2027-01-04, 2028-01-01]
    mark: W
  - name: {zh: 春节}
    off: [2027-02-06, 2027-02-30]
  - off: [2027-02-06, 2027-02-07]
    work: [2027-02-07]
  - 春节
"""

    with pytest.raises(Invalid) as refusal:
        read_notice(text, "cn-2027.yaml")

    found = [(problem.line, problem.code) for problem in refusal.value.problems]
    assert sorted(found) == [
        (1, "schema"),
        (3, "unknown_key"),
        (4, "type"),
        (5, "date"),
        (7, "unknown_key"),
        (8, "span"),
        (9, "weekday"),
        (9, "year"),
        (10, "unknown_mark"),
        (11, "missing"),
        (12, "date"),
        (13, "duplicate_day"),
        (13, "missing"),
        (14, "duplicate_day"),
        (15, "type"),
    ]
