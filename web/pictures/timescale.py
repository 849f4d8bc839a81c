"""Time across a picture: where an instant stands, and which days are written below."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from web.pictures.svg import shape, width_of, words


def instant(text: str | datetime) -> datetime:
    """An instant from RFC 3339."""
    return text if isinstance(text, datetime) else datetime.fromisoformat(text)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of *day* in *zone*."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


@dataclass(frozen=True)
class Scale:
    """The time from *start* to *end* on *width* pixels from *left* on."""

    start: datetime
    end: datetime
    left: float
    width: float

    def x(self, at: datetime) -> float:
        """Where *at* stands; what lies outside stands at the edge."""
        whole = max((self.end - self.start).total_seconds(), 1)
        share = (at - self.start).total_seconds() / whole
        return self.left + self.width * min(1.0, max(0.0, share))

    def holds(self, at: datetime) -> bool:
        """Whether *at* lies within."""
        return self.start <= at <= self.end


def day_text(at: datetime, zone: ZoneInfo) -> str:
    """The day of an instant in *zone*."""
    return at.astimezone(zone).strftime("%Y-%m-%d")


def minute_text(at: datetime, zone: ZoneInfo) -> str:
    """The day and minute of an instant in *zone*."""
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def axis(scale: Scale, zone: ZoneInfo, y: float, height: float) -> str:
    """Fine lines at the beginnings of months, weeks or days, whichever leaves room, with their dates above *y*."""
    drawn, free = [], scale.left - 1
    for day in _days(scale, zone):
        x, text = scale.x(midnight(day, zone)), day.strftime("%Y-%m-%d" if day.day == 1 and day.month == 1 else "%m-%d")
        drawn.append(shape("path", "p-edge", {"d": f"M{x:.1f} {y:.1f}V{y + height:.1f}"}))
        if x + 2 > free and x + width_of(text, 10) <= scale.left + scale.width:
            drawn.append(words(text, x + 2, y - 3, 10, "p-quiet", "start"))
            free = x + width_of(text, 10) + 8
    return "".join(drawn)


def _days(scale: Scale, zone: ZoneInfo) -> list[date]:
    first, last = scale.start.astimezone(zone).date(), scale.end.astimezone(zone).date()
    span = max((last - first).days, 1)
    room = max(int(scale.width // 46), 1)
    step = next((each for each in (1, 2, 7, 14) if span / each <= room), 0)
    if step:
        begin = first + timedelta(days=1)
        begin += timedelta(days=-begin.weekday() % 7 if step >= 7 else 0)
        return [begin + timedelta(days=step * index) for index in range((last - begin).days // step + 1)]
    months = [date(year, month, 1) for year in range(first.year, last.year + 1) for month in range(1, 13)]
    inside = [day for day in months if first <= day <= last]
    return inside[:: max(1, -(-len(inside) // room))]


def hatching(left: float, right: float, top: float, height: float) -> str:
    """Slanting lines over a stretch of time that does not count."""
    lines, step = [], 5
    begin = int(left) - int(height)
    for x in range(begin - begin % step, int(right), step):
        from_x, to_x = max(left, x), min(right, x + height)
        if to_x > from_x:
            lines.append(f"M{from_x:.1f} {top + height - (from_x - x):.1f}L{to_x:.1f} {top + height - (to_x - x):.1f}")
    return shape("path", "p-hatch", {"d": "".join(lines)}) if lines else ""
