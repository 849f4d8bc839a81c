"""Working days: what a year or a month looks like, and whether a day is worked."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import click

from commands.call import Call
from commands.group import group, pass_call
from commands.paper import Cell, Column, line, table
from commands.values import TEXT

if TYPE_CHECKING:
    from engine.workdays import WorkCalendar

COLUMNS = (
    Column("date", "日期", "date"),
    Column("weekday", "星期", "weekday"),
    Column("workday", "是否上班", "worked"),
    Column("name", "名称", "name"),
    Column("provisional", "暂定", "provisional"),
    Column("source", "依据", "source"),
)
WEEKDAYS = ("一Mo", "二Tu", "三We", "四Th", "五Fr", "六Sa", "日Su")
FIRST_YEAR, LAST_YEAR = 1949, 2199
"""Years that are shown: before the first there was no such calendar, after the last everything is a guess. PLACEHOLDER"""


@group("calendar", help="工作日历 · Working days: the State Council's notices, make-up days included.")
def calendar_() -> None:
    """Hold the commands about the calendar."""


@calendar_.command("show", help="显示一年或一月 · Show a year (what is not as usual) or a month (every day).")
@click.option("--year", metavar="Y", type=click.IntRange(FIRST_YEAR, LAST_YEAR), help="年 · year")
@click.option("--month", metavar="YYYY-MM", type=TEXT, help="月 · month")
@pass_call
def show(call: Call, year: int | None, month: str | None) -> None:
    """Print a year or a month."""
    calendar = _calendar(call)
    first, last = _span(call, year, month)
    days = [date.fromordinal(each) for each in range(first.toordinal(), last.toordinal() + 1)]
    said: dict[str, Any] = {
        "first": str(first),
        "last": str(last),
        "workdays": sum(calendar.is_workday(each) for each in days),
        "provisional": any(calendar.is_provisional(each) for each in days),
        "sources": list(calendar.sources(first, last)),
        "digest": calendar.digest,
        "items": [told(calendar, each) for each in days],
    }
    shown = said["items"] if month else [each for each in said["items"] if each["unusual"]]
    call.answer(said, lambda: _page(call, said, shown))


def _calendar(call: Call) -> "WorkCalendar":
    """The calendar of the database, or without one the calendar that comes with duban."""
    from workflows.calendars import load_calendar

    return call.workspace.campaign.work.calendar if call.has_database() else load_calendar()


def _page(call: Call, said: dict[str, Any], shown: list[dict[str, Any]]) -> None:
    from commands.paper import on_terminal

    if on_terminal():
        line(f"{said['first']} – {said['last']}  {call.word('工作日', 'working days')} {said['workdays']}", "bold")
        for source in said["sources"]:
            line(f"  {source}")
    table(COLUMNS, [_row(call, each) for each in shown], call.lang)


def _span(call: Call, year: int | None, month: str | None) -> tuple[date, date]:
    from engine.errors import Invalid, Usage

    if year is not None and month is not None:
        raise Usage("say --year or --month, not both", "both")
    if month is None:
        year = year or _this_year(call)
        return date(year, 1, 1), date(year, 12, 31)
    try:
        first = date.fromisoformat(f"{month}-01")
        following = (first + timedelta(days=31)).replace(day=1)
    except (ValueError, OverflowError):
        raise Invalid(f"not a month: {month[:40]!r}; write 2011-01", "month") from None
    return first, following - timedelta(days=1)


def _this_year(call: Call) -> int:
    from engine.clock import SystemClock

    return (call.workspace.clock if call.has_database() else SystemClock()).now().year


def told(calendar: "WorkCalendar", day: date) -> dict[str, Any]:
    """What the calendar says of a day."""
    zh, en = calendar.name_of(day)
    workday, weekend = calendar.is_workday(day), day.weekday() >= 5
    return {
        "date": str(day),
        "weekday": day.isoweekday(),
        "workday": workday,
        "name": {"zh": zh, "en": en},
        "provisional": calendar.is_provisional(day),
        "unusual": workday == weekend,
        "source": ", ".join(calendar.sources(day, day)),
    }


def _row(call: Call, each: dict[str, Any]) -> list[Any]:
    weekday = WEEKDAYS[each["weekday"] - 1]
    worked = Cell(
        call.word("上班" if each["workday"] else "休息", "yes" if each["workday"] else "no"),
        "",
        str(int(each["workday"])),
    )
    guess = Cell(call.word("暂定", "provisional") if each["provisional"] else "", "", str(int(each["provisional"])))
    shown = Cell(weekday[0] if call.lang == "zh" else weekday[1:], "", str(each["weekday"]))
    return [each["date"], shown, worked, call.label(each["name"]), guess, each["source"]]


@calendar_.command("check", help="这一天上班吗 · Is this a working day? On what authority?")
@click.argument("days", type=TEXT, metavar="DATE…", nargs=-1, required=True)
@pass_call
def check(call: Call, days: tuple[str, ...]) -> None:
    """Print what the calendar says of each day."""
    calendar = _calendar(call)
    items = [{**told(calendar, each), "next_workday": str(calendar.roll(each))} for each in _days(days)]
    call.answer({"items": items}, lambda: table(COLUMNS, [_row(call, each) for each in items], call.lang))


def _days(days: tuple[str, ...]) -> Iterator[date]:
    from engine.errors import Invalid

    for text in days:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            raise Invalid(f"not a day: {text[:40]!r}; write YYYY-MM-DD", "day") from None
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise Invalid(f"{day}: the calendar goes from {FIRST_YEAR} to {LAST_YEAR}", "day")
        yield day


@calendar_.command(
    "import",
    help="导入放假安排：先看影响，--apply 才生效 · Take over a notice of holidays (YAML, .ics); shows what would change.",
)
@click.argument("name", type=TEXT, metavar="FILE|NAME")
@click.option("--apply", "applied", is_flag=True, help="确认导入并重算期限 · do it, and count every date again")
@pass_call
def import_(call: Call, name: str, applied: bool) -> None:
    """Print what the notice changes, and change it."""
    from commands.dates import plan_page
    from workflows.calendar_import import import_calendar, plan_import, read_calendar

    workspace, notice = call.workspace, read_calendar(name)
    plan = plan_import(workspace, notice)
    new = import_calendar(workspace, notice, call.actor()) if applied else not plan.known
    said = {"year": notice.year, "source": notice.source, "new": new, "applied": applied, **plan.as_json()}
    call.answer(said, lambda: plan_page(call, f"{notice.year}  {notice.source}", said))
