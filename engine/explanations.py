"""The sentences in which a date is explained, one step each, in Chinese and in English."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from engine.marks import said
from engine.term_schema import Label
from engine.workdays import WorkCalendar

Step = dict[str, str]
"""One step: ``step`` (stable), ``zh``, ``en``, and the ``date`` it speaks of if it does."""

WEEKDAYS = (
    ("星期一", "Monday"),
    ("星期二", "Tuesday"),
    ("星期三", "Wednesday"),
    ("星期四", "Thursday"),
    ("星期五", "Friday"),
    ("星期六", "Saturday"),
    ("星期日", "Sunday"),
)

RULES = {
    "days": ("期限{n}日，其间的休息日不扣除", "{n} calendar day{s}; rest days in between are not deducted"),
    "workdays": ("期限{n}个工作日，调休上班日计入", "{n} working day{s}; make-up days are counted"),
    "months": (
        "期限{n}个月，至对应日；无对应日的，至当月最后一日",
        "{n} month{s}, to the corresponding day or else the end of that month",
    ),
    "half_months": (
        "期限{n}个半月，半月为15日，其间的休息日不扣除",
        "{n} half month{s} of 15 days; rest days in between are not deducted",
    ),
    "hours": (
        "期限{n}小时，连续计算，不因休息日顺延",
        "{n} hour{s}, counted exactly; rest days change nothing",
    ),
    "until": ("截止日为行动规定的日期（{n}）", "the last day is a date of the campaign ({n})"),
    "fact": ("截止日为所述日期（{n}）", "the last day is the date stated ({n})"),
}
"""What each unit of a term means."""

CHANGES = {
    "paused": ("中止计时", "clock paused"),
    "resumed": ("恢复计时", "clock resumed"),
    "rebased": ("按签收时间重新起算", "counted again from the receipt"),
    "extended": ("准予延期", "extended"),
    "corrected": ("更正后重新计算", "counted again after a correction"),
    "recounted": (
        "日历、行动日期或流程版本变更后重新计算",
        "counted again after the calendar, the campaign or the version changed",
    ),
    "carried": ("改用流程新版本，期限照旧延续", "taken over to another version, the date stays"),
    "renamed": ("改用流程新版本", "taken over to another version"),
}
"""How each change of a date is told."""

AMOUNTS = {
    "days": ("{n}日", "{n} day{s}"),
    "workdays": ("{n}个工作日", "{n} working day{s}"),
    "months": ("{n}个月", "{n} month{s}"),
    "half_months": ("{n}个半月（每半月15日）", "{n} half month{s} of 15 days"),
    "hours": ("{n}小时", "{n} hour{s}"),
}
"""So much of each unit."""

DIGEST_SHOWN = 12
"""Hex digits of a calendar's digest that a sentence shows: enough to tell two calendars apart."""

DAY = timedelta(days=1)

Words = tuple[str, str]
"""A part of a sentence in Chinese and in English."""


def event(event: Words, act: Words, seq: int, times: tuple[str, str, str], stated: Label | None) -> Step:
    """Say what started the clock by which entry, and its *times*: when it happened, was recorded, and is counted from."""
    occurred, recorded, counted = times
    by_zh, by_en = (f"（依填写的“{stated.zh}”）", f" (as stated in “{stated.en}”)") if stated else ("", "")
    what_zh, what_en = (f"{event[0]}，" if event[0] else "", f"{event[1]}; " if event[1] else "")
    return _step(
        "event",
        f"起算事件：{what_zh}“{act[0]}”（留痕第{seq}条），发生于{occurred}，记录于{recorded}，自{counted}起算{by_zh}",
        f"started by: {what_en}“{act[1]}” (entry #{seq}), happened {occurred}, recorded {recorded}, counted from {counted}{by_en}",
    )


def law(code: str, label: Words, valid_from: str, valid_to: str | None, day: date) -> Step:
    """Say which version of the statute was in force on the *day* of the start."""
    return _step(
        "law",
        f"适用{code}（{label[0]}）自{valid_from}起{f'至{valid_to}止' if valid_to else ''}施行的规定，以起算日{day}为准",
        f"by {code} ({label[1]}) as in force from {valid_from}{f' to {valid_to}' if valid_to else ' on'}, "
        f"since the clock starts on {day}",
    )


def note(words: Words) -> Step:
    """Say what is to be known of the rule."""
    return _step("note", f"说明：{words[0]}", f"note: {words[1]}")


def change(what: str, when: str, more: Words, entry: tuple[int, str, str], days: tuple[str, str]) -> Step:
    """Say what changed the last day from and to which of the two *days*; *entry* is its number, actor and time of record."""
    zh, en = CHANGES.get(what, (what, what))
    seq, actor, recorded = entry
    days_zh, days_en = ("", "") if days[0] == days[1] else (f"：{days[0]} → {days[1]}", f": {days[0]} → {days[1]}")
    return _step(
        what,
        f"{when} {zh}{more[0]}（留痕第{seq}条，{actor}，记录于{recorded}）{days_zh}",
        f"{when} {en}{more[1]} (entry #{seq}, {actor}, recorded {recorded}){days_en}",
    )


def now(day: date) -> Step:
    """Say what the last day is after all changes."""
    return _step("now", f"现为{day}", f"now {day}", day)


def lost(amount: int, unit: str) -> Words:
    """Say how many units a pause took; then the last day rolls as that of the term does."""
    zh, en = (text.format(n=amount, s="" if amount == 1 else "s") for text in AMOUNTS[unit])
    return f"，扣除{zh}，末日遇休息日再依规定顺延", f", {en} lost, the last day then rolls by its rule"


def lost_hours(pause: timedelta) -> Words:
    """Say how long a pause was that is given back exactly."""
    return f"，扣除{pause}（时:分:秒）", f", {pause} (h:mm:ss) lost"


def put_off_by(how: str, unit: str, amount: int | str, basis: str) -> Words:
    """Say by what rule a date was put off: *by* so much, *to* so much from the start, or *free* to a named day."""
    if how == "free":
        return f"，延至指定之日，依据：{basis}", f" to a named day, basis: {basis}"
    zh, en = (text.format(n=amount, s="" if amount == 1 else "s") for text in AMOUNTS[unit])
    if how == "by":
        return f"，自原末日起至多再{zh}，依据：{basis}", f" by up to {en} after the old last day, basis: {basis}"
    return f"，自起算日起至多共{zh}，依据：{basis}", f" to at most {en} from the start, basis: {basis}"


def start(unit: str, local: datetime) -> Step:
    """Say where counting begins; *local* is in the campaign's zone."""
    day = local.date()
    if unit == "hours":
        return _step("start", f"自{_minute(local)}起计算", f"counted from {_minute(local)}", day)
    zh, en = _on(day)
    if unit in ("until", "fact"):
        return _step("start", f"自{zh}起，截止日固定", f"begins on {en}; its last day is fixed", day)
    return _step("start", f"起始日{zh}不计入", f"begins on {en}; that day is not counted", day)


def rule(unit: str, amount: int | str, basis: str, mark: str = "") -> Step:
    """Say how long the period is, by what *basis*, and how far that was verified."""
    zh, en = (text.format(n=amount, s="" if amount == 1 else "s") for text in RULES[unit])
    if basis:
        read_zh, read_en = (f" [{said(mark, lang)}]" if mark else "" for lang in ("zh", "en"))
        return _step("rule", f"{zh}（依据：{basis}{read_zh}）", f"{en} (basis: {basis}{read_en})")
    return _step("rule", zh, en)


def passed_over(calendar: WorkCalendar, first: date, last: date) -> list[Step]:
    """Name the rest days that a count of working days passes over, and the make-up days that it counts."""
    return [
        _made_up(calendar, day) if calendar.is_workday(day) else _skipped(calendar, day)
        for day in _days(first, last)
        if calendar.is_make_up(day) or not calendar.is_workday(day)
    ]


def rolled(calendar: WorkCalendar, raw: date, last: date, *, fixed: bool) -> list[Step]:
    """Say what becomes of a last day *raw* that is a rest day: it moves to *last*, if that is another."""
    if raw == last:
        zh, en = _on(raw, calendar)
        why = ("固定日期", "a fixed date") if fixed else ("依规定", "by its rule")
        return [_step("roll", f"{zh}为休息日，{why[0]}不顺延", f"{en} is a rest day; {why[1]} it does not roll", raw)]
    zh, en = _on(last)
    skipped = [_skipped(calendar, day) for day in _days(raw, last - DAY)]
    return [
        *skipped,
        _step("roll", f"顺延至其后第一个工作日{zh}", f"rolls to the next working day, {en}", last),
    ]


def end(day: date) -> Step:
    """Say that the period ends at 24:00 of *day*."""
    zh, en = _on(day)
    return _step("end", f"于{zh}24:00届满", f"ends on {en} at 24:00", day)


def end_of_hours(local: datetime) -> Step:
    """Say at which minute a period of hours ends; *local* is in the campaign's zone."""
    return _step("end", f"于{_minute(local)}届满", f"ends at {_minute(local)}", local.date())


def calendar(calendar: WorkCalendar, first: date, last: date) -> Step:
    """Say by which notices the days from *first* to *last* were counted, and by which version of them."""
    sources = calendar.sources(first, last)
    version = calendar.digest[:DIGEST_SHOWN]
    return _step(
        "calendar",
        f"日历：{'、'.join(sources) or '周末'}（版本{version}）",
        f"calendar: {', '.join(sources) or 'weekends'} (version {version})",
    )


def provisional(calendar: WorkCalendar, first: date, last: date) -> Step:
    """Say that *last* rests on days from *first* on of which nobody has announced yet whether they are worked."""
    guessed = [day for day in _days(first, last) if calendar.is_provisional(day)]
    begin, end = guessed[0], guessed[-1]
    return _step(
        "provisional",
        f"暂定：{begin}至{end}（{len(guessed)}日）的放假安排尚未公布，暂按周末和法定固定节日计算，公布后重算",
        f"provisional: the holidays from {begin} to {end} ({len(guessed)} days) are not announced yet; weekends and "
        "fixed ones are assumed, and the date will be computed again",
        last,
    )


def _step(kind: str, zh: str, en: str, day: date | None = None) -> Step:
    words = {"step": kind, "zh": zh, "en": en}
    return words if day is None else {**words, "date": day.isoformat()}


def _skipped(calendar: WorkCalendar, day: date) -> Step:
    zh, en = _on(day, calendar)
    return _step("skipped", f"{zh}休息，不计", f"{en}: rest day, passed over", day)


def _made_up(calendar: WorkCalendar, day: date) -> Step:
    zh, en = _on(day, calendar)
    return _step("make_up", f"{zh}，计入", f"{en}: counted", day)


def _on(day: date, calendar: WorkCalendar | None = None) -> tuple[str, str]:
    """Write *day* with its weekday and, given a *calendar*, what the day is called."""
    zh, en = WEEKDAYS[day.weekday()]
    if calendar is None:
        return f"{day}（{zh}）", f"{day} ({en})"
    name_zh, name_en = calendar.name_of(day)
    return f"{day}（{zh}，{name_zh}）", f"{day} ({en}, {name_en})"


def _minute(local: datetime) -> str:
    return local.replace(tzinfo=None).isoformat(" ", "seconds" if local.second else "minutes")


def _days(first: date, last: date) -> Iterator[date]:
    return map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))
