"""A deadline as a bar: from its start over the yellow stretch to its last day, pauses hatched, extensions, and now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from engine.marks import Lang
from web.pictures.lights import light_of_clock, light_shape, light_words
from web.pictures.svg import clipped, picture, shape, tag, tip, words
from web.pictures.timescale import Scale, axis, day_text, hatching, instant, minute_text

STATUS = {
    "running": ("计时中", "running"), "paused": ("中止计时", "paused"), "met": ("按期完成", "met"), "late": ("逾期完成", "met late"),
    "breached": ("逾期", "breached"), "cancelled": ("已取消", "cancelled"),
}  # fmt: skip


@dataclass(frozen=True)
class Course:
    """What a deadline went through. *pauses* have no end while they last; *extensions* are (when, end before).

    *before* and *breach_at* are ends, exclusive; *yellow_at* is where its light turns yellow, if that is known.
    """

    label: str
    started_at: datetime
    breach_at: datetime
    last_day: str
    status: str
    stopped_at: datetime | None = None
    yellow_at: datetime | None = None
    pauses: tuple[tuple[datetime, datetime | None], ...] = ()
    extensions: tuple[tuple[datetime, datetime], ...] = ()


def course_of(
    deadline: Mapping[str, Any],
    lang: Lang,
    entries: Iterable[Mapping[str, Any]] = (),
    yellow_at: datetime | None = None,
) -> Course:
    """The course of a deadline in the shape of `show`, its pauses and extensions taken from *entries* of `history`."""
    stopped = deadline.get("stopped_at")
    course = Course(
        deadline["label"][lang], instant(deadline["started_at"]), instant(deadline["breach_at"]), deadline["last_day"],
        deadline["status"], instant(stopped) if stopped else None, yellow_at,
    )  # fmt: skip
    pauses: list[tuple[datetime, datetime | None]] = []
    extensions: list[tuple[datetime, datetime]] = []
    end: datetime | None = None
    for entry in entries:
        for said in entry.get("deadlines") or ():
            if str(said.get("id")) != str(deadline["id"]):
                continue
            if said["op"] == "paused":
                pauses.append((instant(said["at"]), None))
            elif said["op"] == "resumed" and pauses:
                pauses[-1] = (pauses[-1][0], instant(said["at"]))
            elif said["op"] == "extended" and end is not None:
                extensions.append((instant(entry["recorded_at"]), end))
            end = instant(said["breach_at"]) if said.get("breach_at") else end
    return replace(course, pauses=tuple(pauses), extensions=tuple(extensions))


def deadline_bar(course: Course, now: datetime, zone: ZoneInfo, lang: Lang, width: float = 640) -> str:
    """Draw the course of one deadline as it stands at *now*."""
    last = max([course.breach_at, now, *([course.stopped_at] if course.stopped_at else [])])
    first = min(course.started_at, now)
    slack = max((last - first) * 0.04, timedelta(hours=6))
    scale = Scale(first, last + slack, 8, width - 16)
    top, tall = 44.0, 22.0
    yellow = course.yellow_at.isoformat() if course.yellow_at else None
    start, end = course.started_at.isoformat(), course.breach_at.isoformat()
    light = light_of_clock(course.status, start, end, now.isoformat(), yellow)
    inside = [
        light_shape(light, 14, 13, lang),
        words(clipped(f"{course.label} · {_status(course, lang)}", width - 40, 13), 28, 18, 13, "p-strong", "start"),
        axis(scale, zone, top - 4, tall + 8),
        *_stretches(course, scale, now, top, tall, zone, lang),
        *_points(course, scale, top, tall, zone, lang),
        _now(scale, now, top, tall, zone, lang),
    ]
    told = _told(course, now, zone, lang, light)
    return picture(width, top + tall + 40, f"{course.label}：{_status(course, lang)}" if lang == "zh" else
                   f"{course.label}: {_status(course, lang)}", told, *inside, kind="picture-deadline")  # fmt: skip


def _status(course: Course, lang: Lang) -> str:
    zh, en = STATUS.get(course.status, (course.status, course.status))
    return zh if lang == "zh" else en


def _yellow(course: Course) -> datetime:
    return course.yellow_at or course.started_at + (course.breach_at - course.started_at) * 0.7


def _stretches(
    course: Course, scale: Scale, now: datetime, top: float, tall: float, zone: ZoneInfo, lang: Lang
) -> list[str]:
    zh = lang == "zh"
    start, yellow, end = course.started_at, min(_yellow(course), course.breach_at), course.breach_at
    till = course.stopped_at or (now if course.status in ("running", "breached") else end)
    spans = [
        ("p-visited", start, yellow, ("期限内", "in time")),
        ("p-yellow", yellow, end, ("临近期限", "near the end")),
        ("p-red", end, till, ("逾期", "past due")),
    ]
    drawn = []
    for look, begin, finish, (said_zh, said_en) in spans:
        left, right = scale.x(begin), scale.x(finish)
        if right > left:
            at: dict[str, object] = {"x": left, "y": top, "width": right - left, "height": tall}
            said = f"{said_zh if zh else said_en} {minute_text(begin, zone)} – {minute_text(finish, zone)}"
            drawn.append(tag("g", {}, tip(said), shape("rect", look, at)))
    for begin, until in course.pauses:
        left, right = scale.x(begin), scale.x(until or scale.end)
        said = (
            "中止计时" if zh else "paused"
        ) + f" {minute_text(begin, zone)} – {minute_text(until, zone) if until else '…'}"
        at = {"x": left, "y": top, "width": max(right - left, 1), "height": tall}
        drawn.append(
            tag("g", {"data-pause": ""}, tip(said), shape("rect", "p-none", at), hatching(left, right, top, tall))
        )
    return drawn


def _points(course: Course, scale: Scale, top: float, tall: float, zone: ZoneInfo, lang: Lang) -> list[str]:
    zh, drawn = lang == "zh", []
    for when, before in course.extensions:
        x, to = scale.x(before), scale.x(course.breach_at)
        before_day = day_text(before - timedelta(seconds=1), zone)
        at = minute_text(when, zone)
        said = f"延期 {at}：{before_day} →" if zh else f"extended {at}: {before_day} →"
        path = f"M{x:.1f} {top - 2:.1f}V{top + tall + 2:.1f}M{x:.1f} {top + tall + 4:.1f}H{to:.1f}l-4 -3v6z"
        drawn.append(
            tag("g", {"data-extension": ""}, tip(said), shape("path", "p-line", {"d": path, "stroke-dasharray": "3 2"}))
        )
    x = scale.x(course.breach_at)
    drawn.append(shape("path", "p-line", {"d": f"M{x:.1f} {top - 5:.1f}V{top + tall + 5:.1f}", "stroke-width": "2.5"}))
    label = ("最后一日 " if zh else "last day ") + course.last_day
    half = 62.0
    drawn.append(
        words(label, min(max(x, scale.left + half), scale.left + scale.width - half), top + tall + 19, 11, "p-strong")
    )
    if course.stopped_at:
        x = max(scale.x(course.stopped_at), scale.left + 9)
        mark = f"M{x - 5:.1f} {top + tall / 2:.1f}l4 5l7 -10"
        said = ("停止 " if zh else "stopped ") + minute_text(course.stopped_at, zone)
        drawn.append(tag("g", {"data-stopped": ""}, tip(said), shape("circle", "p-none", {"cx": x, "cy": top + tall / 2, "r": 9}),
                         shape("path", "p-line", {"d": mark, "stroke-width": "2.5"})))  # fmt: skip
    return drawn


def _now(scale: Scale, now: datetime, top: float, tall: float, zone: ZoneInfo, lang: Lang) -> str:
    x = scale.x(now)
    said = ("现在 " if lang == "zh" else "now ") + minute_text(now, zone)
    place = min(max(x, scale.left + 62), scale.left + scale.width - 62)
    return tag("g", {"data-now": ""}, tip(said), shape("path", "p-now", {"d": f"M{x:.1f} {top - 8:.1f}V{top + tall + 20:.1f}"}),
               words(f"▼ {said}", place, top + tall + 34, 11))  # fmt: skip


def _told(course: Course, now: datetime, zone: ZoneInfo, lang: Lang, light: str | None) -> str:
    zh = lang == "zh"
    said = [
        f"{'开始' if zh else 'started'} {minute_text(course.started_at, zone)}",
        f"{'最后一日' if zh else 'last day'} {course.last_day}",
        f"{'现在' if zh else 'now'} {minute_text(now, zone)}",
        f"{len(course.pauses)} {'次中止' if zh else 'pauses'}",
        f"{len(course.extensions)} {'次延期' if zh else 'extensions'}",
        light_words(light, lang),
    ]
    return ("；" if zh else "; ").join(said)
