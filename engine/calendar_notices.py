"""The notices of holidays that the office has taken over: kept in the database, the last of a year counts."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, insert, select

from engine.canonical import canonical
from engine.clock import to_us
from engine.store import Statement, Tx
from engine.tables import table_of
from engine.version_tables import CalendarNotice
from engine.workdays import Festival, YearNotice

C = table_of(CalendarNotice)

DOCUMENTS = Statement(select(C.c.document).order_by(C.c.number))
LAST = Statement(select(func.max(C.c.number)))
ADD = Statement(insert(C), [column.name for column in C.columns])


def stored_notices(tx: Tx) -> tuple[YearNotice, ...]:
    """Every notice that was imported, the first one first."""
    return tuple(_read(json.loads(document)) for (document,) in tx.rows(DOCUMENTS))


def store_notice(tx: Tx, notice: YearNotice, by: str, now: datetime) -> int:
    """Keep a notice; return its number in this database. Two at once meet at the key, and one tries again."""
    last = tx.row(LAST)
    number = (last[0] or 0 if last else 0) + 1
    values = {
        "number": number, "year": notice.year, "source": notice.source, "issued_on": _day(notice.issued_on),
        "document": canonical(notice_json(notice)), "imported_at": to_us(now), "imported_by": by,
    }  # fmt: skip
    tx.write(ADD, values)
    return number


def notice_json(notice: YearNotice) -> dict[str, Any]:
    """A notice as plain values."""
    return {
        "year": notice.year,
        "source": notice.source,
        "issued_on": _day(notice.issued_on),
        "festivals": [
            {
                "zh": each.zh, "en": each.en, "mark": each.mark, "off": [str(day) for day in each.off],
                "work": [str(day) for day in each.work],
            }
            for each in notice.festivals
        ],
    }  # fmt: skip


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _read(kept: Mapping[str, Any]) -> YearNotice:
    festivals = tuple(
        Festival(each["zh"], each["en"], _days(each["off"]), _days(each["work"]), each["mark"])
        for each in kept["festivals"]
    )
    issued_on = date.fromisoformat(kept["issued_on"]) if kept["issued_on"] else None
    return YearNotice(kept["year"], kept["source"], festivals, issued_on)


def _days(texts: list[str]) -> tuple[date, ...]:
    return tuple(map(date.fromisoformat, texts))
