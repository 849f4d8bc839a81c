"""What an official sheet bears beside its words: its date and its number, written as the office writes them."""

import re
from datetime import date, datetime, time
from functools import lru_cache

ARABIC_SINCE = date(2012, 7, 1)
"""From this day dates are in Arabic numerals, before in Chinese ones. Source: GB/T 9704-2012, in force 2012-07-01."""

_DIGITS = "○一二三四五六七八九"
_NUMBERED = re.compile(r"[a-z_]+/([0-9]{4})-([0-9]+)")


@lru_cache(maxsize=1024)
def sheet_date(day: date, lang: str = "zh") -> str:
    """Write the date of a sheet: 二○一○年十二月十三日, since July 2012 2012年7月1日; in English 13 December 2010."""
    if lang == "en":
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
    if day >= ARABIC_SINCE:
        return f"{day.year}年{day.month}月{day.day}日"
    year = "".join(_DIGITS[int(digit)] for digit in str(day.year))
    return f"{year}年{_tens(day.month)}月{_tens(day.day)}日"


def numbered(year: int, number: int, lang: str = "zh") -> str:
    """Write a number of the year: 〔2010〕第3号, without leading zeros; in English No. 3 of 2010."""
    return f"〔{year}〕第{number}号" if lang == "zh" else f"No. {number} of {year}"


def number_of(ref: str, lang: str = "zh") -> str:
    """The number of a matter that is numbered by the year, as a sheet has it; any other reference is its own number."""
    found = _NUMBERED.fullmatch(ref)
    return numbered(int(found[1]), int(found[2]), lang) if found else ref


def until(last_day: date, breach: datetime, lang: str = "zh") -> str:
    """Write the end of a period: its last day, or the minute of *breach* (local) where it ends within a day."""
    if breach.time() == time(0):
        return f"{last_day.year}年{last_day.month}月{last_day.day}日" if lang == "zh" else last_day.isoformat()
    if lang == "en":
        return breach.strftime("%Y-%m-%d %H:%M")
    return f"{breach.year}年{breach.month}月{breach.day}日{breach.hour}时{breach.minute:02d}分"


def standing(left: int, *, over: bool, lang: str = "zh") -> str:
    """Say how a period stands that has *left* days before its last day (negative after it), *over* or not."""
    if lang == "en":
        if over:
            return f"{-left} days overdue" if left < -1 else "1 day overdue" if left else "the period is over"
        return f"{left} days left" if left > 1 else "1 day left" if left else "due today"
    if over:
        return f"已逾期{-left}天" if left < 0 else "期限已届满"
    return f"距到期还有{left}天" if left > 0 else "今日到期"


def _tens(number: int) -> str:
    tens, ones = divmod(number, 10)
    head = ("" if tens < 2 else _DIGITS[tens]) + "十" if tens else ""
    return head + (_DIGITS[ones] if ones else "")


_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip
