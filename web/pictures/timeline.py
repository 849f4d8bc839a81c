"""A campaign in time: its phases as bands, milestones, rest days faint, today, and where each body stands."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from engine.marks import Lang
from engine.problem_words import bracketed
from web.pictures.lights import light_shape, light_words
from web.pictures.svg import clipped, lines_of_words, linked, picture, shape, tag, tip, width_of, words, wrapped
from web.pictures.timescale import Scale, axis, midnight

NAMES_W = (90.0, 250.0)
"""The least and the most pixels for the names of bodies."""

PHASE_H, MILE_H, ROW_H = 46.0, 19.0, 26.0

DAY_W = (4.0, 9.0)
"""The least and the most pixels of a day; between them the picture is made to fit."""

MOST_DAYS = 1_500
"""Days that are drawn one by one as rest days; a longer time has no rest days. PLACEHOLDER"""


@dataclass(frozen=True)
class Phase:
    """A phase, first and last day included."""

    code: str
    name: str
    start: date
    end: date


@dataclass(frozen=True)
class Milestone:
    """A day that matters, and where its name leads."""

    day: date
    name: str
    href: str | None = None


@dataclass(frozen=True)
class Position:
    """Where a body stands: in which *phase* (None: in none, it has not begun), *said* in words, with its light."""

    name: str
    phase: str | None
    said: str
    light: str | None = None
    href: str | None = None


def campaign_timeline(
    name: str, phases: Sequence[Phase], milestones: Sequence[Milestone], positions: Sequence[Position],
    now: datetime, zone: ZoneInfo, lang: Lang, rest_days: Collection[date] = (), width: float = 1100,
) -> str:  # fmt: skip
    """Draw the campaign as of *now*; a body's mark stands at today within its phase, else at that end of it which is nearer to today.

    *rest_days* are shaded. Wider than *width* where the days need it: let it scroll.
    """
    if not phases:
        said = "没有阶段" if lang == "zh" else "There are no phases"
        return picture(300, 40, name, said, words(said, 150, 25, 13, "p-quiet"), kind="picture-timeline")
    days = [each for phase in phases for each in (phase.start, phase.end)] + [each.day for each in milestones]
    first, last = min(days), max(days)
    names_w = min(NAMES_W[1], max([NAMES_W[0], *(width_of(each.name) + 18 for each in positions)]))
    many = (last - first).days + 1
    day_w = (
        min(DAY_W[1], max(DAY_W[0], (width - names_w - 24) / many))
        if many <= MOST_DAYS
        else DAY_W[0] * MOST_DAYS / many
    )
    scale = Scale(midnight(first, zone), midnight(last + timedelta(days=1), zone), names_w, many * day_w)
    miles, miles_h = _milestones(milestones, scale, zone)
    top = 20 + PHASE_H + miles_h + 8
    whole = top + ROW_H * len(positions) + (6 if positions else 0)
    inside = [
        *_rest(rest_days if many <= MOST_DAYS else (), scale, zone, whole),
        axis(scale, zone, 16, whole - 16),
        *(_phase(phase, index, scale, zone, whole) for index, phase in enumerate(phases)),
        _today(scale, now, zone, whole, lang),
        *miles,
        *(_position(each, phases, scale, zone, now, top + ROW_H * index, lang) for index, each in enumerate(positions)),
    ]
    told = [f"{each.name} {each.start} – {each.end}" for each in phases] + [
        f"{each.day} {each.name}" for each in milestones
    ]
    told += [f"{each.name}: {each.said}{bracketed(light_words(each.light, lang), lang)}" for each in positions]
    return picture(names_w + scale.width + 24, whole + 20, name, "; ".join(told), *inside, kind="picture-timeline")


def _rest(days: Collection[date], scale: Scale, zone: ZoneInfo, height: float) -> list[str]:
    """The rest days, neighbours in one."""
    spans: list[list[date]] = []
    for day in sorted(days):
        if not scale.holds(midnight(day, zone)):
            continue
        if spans and (day - spans[-1][1]).days == 1:
            spans[-1][1] = day
        else:
            spans.append([day, day])
    drawn = []
    for first, last in spans:
        left, right = scale.x(midnight(first, zone)), scale.x(midnight(last + timedelta(days=1), zone))
        at: dict[str, object] = {"x": left, "y": 20, "width": right - left, "height": height - 20, "data-rest": ""}
        drawn.append(shape("rect", "p-faint", at, tip(f"{first} – {last}" if first != last else str(first))))
    return drawn


def _phase(phase: Phase, index: int, scale: Scale, zone: ZoneInfo, whole: float) -> str:
    left, right = scale.x(midnight(phase.start, zone)), scale.x(midnight(phase.end + timedelta(days=1), zone))
    wide = right - left
    longest = max(width_of(word, 13) for word in [*phase.name.split(), ""])
    size = 13 if longest <= wide - 8 or phase.name[:1] >= "\u4e00" else 11
    rows = wrapped(phase.name, wide - 6, size, 2) if wide > 30 else []
    first_line = 22 + (PHASE_H - 6) / 2 - len(rows) * (size + 4) / 2
    at: dict[str, object] = {
        "x": left,
        "y": 22,
        "width": max(wide - 1, 1),
        "height": PHASE_H - 6,
        "rx": 3,
        "data-phase": phase.code,
    }
    return tag("g", {}, tip(phase.name, f"{phase.start} – {phase.end}"),
               shape("rect", "p-visited" if index % 2 else "p-state", at),
               shape("path", "p-edge", {"d": f"M{left:.1f} {22 + PHASE_H - 6:.1f}V{whole:.1f}"}),
               lines_of_words(rows, (left + right) / 2, first_line, size, "p-strong"))  # fmt: skip


def _milestones(milestones: Sequence[Milestone], scale: Scale, zone: ZoneInfo) -> tuple[list[str], float]:
    """The milestones with their names, each in the first line where it finds room, and the height of the lines."""
    free: list[float] = []
    drawn = []
    for each in sorted(milestones, key=lambda one: (one.day, one.name)):
        x = scale.x(midnight(each.day, zone) + timedelta(hours=12))
        text = clipped(f"{each.day.strftime('%m-%d')} {each.name}", 240, 11)
        wide = width_of(text, 11) + 16
        flipped = x + wide > scale.left + scale.width + 20
        left = x - wide if flipped else x - 6
        line = next((index for index, edge in enumerate(free) if edge <= left), len(free))
        free[line:] = [left + wide + 8, *free[line + 1 :]]
        y = 22 + PHASE_H + 6 + MILE_H * line
        mark = shape("path", "p-words", {"d": f"M{x:.1f} {y - 6:.1f}l6 6l-6 6l-6 -6z"})
        said = words(text, x - 9 if flipped else x + 9, y + 4, 11, "p-words", "end" if flipped else "start")
        thread = shape(
            "path", "p-line", {"d": f"M{x:.1f} {22 + PHASE_H - 6:.1f}V{y - 6:.1f}", "stroke-dasharray": "2 2"}
        )
        one = tag("g", {"data-milestone": str(each.day)}, tip(str(each.day), each.name), thread, mark, said)
        drawn.append(linked(each.href, one, f"{each.day} {each.name}"))
    return drawn, MILE_H * len(free) + 4


def _position(
    each: Position, phases: Sequence[Phase], scale: Scale, zone: ZoneInfo, now: datetime, y: float, lang: Lang
) -> str:  # fmt: skip
    phase = next((one for one in phases if one.code == each.phase), None)
    x, middle = scale.left + 7, y + ROW_H / 2
    if phase is not None:
        begins, ends = scale.x(midnight(phase.start, zone)), scale.x(midnight(phase.end + timedelta(days=1), zone))
        x = min(max(scale.x(now), begins + 7), ends - 7)
    one = tag(
        "g", {"data-position": each.phase or ""}, tip(each.name, each.said, light_words(each.light, lang)),
        shape("path", "p-edge", {"d": f"M0 {y:.1f}H{scale.left + scale.width:.1f}"}),
        words(clipped(each.name, scale.left - 14, 12), scale.left - 8, middle + 4, 12, "p-words", "end"),
        shape("path", "p-arrow-way", {"d": f"M{scale.left:.1f} {middle:.1f}H{max(x - 8, scale.left):.1f}"}),
        light_shape(each.light, x, middle, lang, 6, each.said),
        _beside(each.said, x, middle, scale, "p-quiet p-wide"),
        _beside(f"{each.name} {each.said}", x, middle, scale, "p-quiet p-narrow"),
    )  # fmt: skip
    return linked(each.href, one, f"{each.name} {each.said}")


def _beside(said: str, x: float, middle: float, scale: Scale, look: str) -> str:
    """Words beside a mark: with the name of the body where a screen is too narrow for its column and the mark together."""
    text = clipped(said, 240, 11)
    right = x + 12 + width_of(text, 11) > scale.left + scale.width + 20
    return words(text, x - 11 if right else x + 11, middle + 4, 11, look, "end" if right else "start")


def _today(scale: Scale, now: datetime, zone: ZoneInfo, whole: float, lang: Lang) -> str:
    """The line of today; outside the campaign it stands at the edge and says so with its date."""
    x, day = scale.x(now), now.astimezone(zone).date()
    said = ("今日 " if lang == "zh" else "today ") + str(day)
    place = min(max(x, scale.left + 44), scale.left + scale.width - 30)
    return tag("g", {"data-now": str(day)}, tip(said), shape("path", "p-now", {"d": f"M{x:.1f} 18V{whole:.1f}"}),
               words(f"▲ {said}", place, whole + 14, 11, "p-strong"))  # fmt: skip
