"""The hand-overs of a matter: who handed to whom and when, receipt or return, and whose clock runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from engine.marks import Lang
from web.pictures.lights import light_of_clock, light_shape
from web.pictures.svg import clipped, lines_of_words, picture, shape, tag, tip, width_of, words, wrapped
from web.pictures.timescale import instant, minute_text

STATUS = {
    "sent": ("已移交，待签收", "sent, no receipt yet"), "received": ("已签收", "received"),
    "returned": ("已退回", "returned"), "lapsed": ("已失效", "lapsed"),
}  # fmt: skip

COLUMN_W, HEAD_H, CLOCK_H = 210.0, 56.0, 18.0


@dataclass(frozen=True)
class Surroundings:
    """What names and times are shown by: *bodies* and *clocks* are labels by code; *now* is when it stood so."""

    now: datetime
    zone: ZoneInfo
    lang: Lang
    bodies: Mapping[str, str]
    clocks: Mapping[str, str]

    def t(self, zh: str, en: str) -> str:
        """The text in the language asked for."""
        return zh if self.lang == "zh" else en

    def body(self, code: str | None) -> str:
        """What a body is called; its code if nobody knows."""
        return self.bodies.get(code or "", code or "—")

    def at(self, text: str) -> str:
        """An instant of the record in local time."""
        return minute_text(instant(text), self.zone)


def handover_strip(
    handovers: Sequence[Mapping[str, Any]], now: datetime, zone: ZoneInfo, lang: Lang,
    bodies: Mapping[str, str] | None = None, clocks: Mapping[str, str] | None = None,
) -> str:  # fmt: skip
    """Draw *handovers* of `show` downwards in time, a column a body; receipts and returns are arrows back."""
    seen = Surroundings(now, zone, lang, bodies or {}, clocks or {})
    codes = list(dict.fromkeys(str(each[side]) for each in handovers for side in ("from", "to")))
    columns = {code: 20 + COLUMN_W / 2 + index * COLUMN_W for index, code in enumerate(codes)}
    drawn, y = [], HEAD_H
    for each in handovers:
        one, tall = _handover(each, columns, y, seen)
        drawn.append(one)
        y += tall
    lives = [
        shape("path", "p-edge", {"d": f"M{x:.1f} {HEAD_H - 8:.1f}V{y:.1f}", "stroke-dasharray": "2 3"})
        for x in columns.values()
    ]
    heads = [_head(seen.body(code), x) for code, x in columns.items()]
    told = [
        f"{_label(each, lang)}: {seen.body(each['from'])} → {seen.body(each['to'])}, {_status(each, seen)}"
        for each in handovers
    ]
    name = seen.t(f"移交经过（{len(handovers)} 次）", f"Hand-overs ({len(handovers)})")
    width = max(40 + COLUMN_W * len(columns), 280)
    if not handovers:
        drawn = [words(seen.t("没有移交", "There were no hand-overs"), width / 2, 32, 13, "p-quiet")]
    return picture(width, y + 8, name, " · ".join(told) or name, *lives, *heads, *drawn, kind="picture-handovers")


def _head(name: str, x: float) -> str:
    rows = wrapped(name, COLUMN_W - 36, 13, 2)
    at: dict[str, object] = {"x": x - COLUMN_W / 2 + 8, "y": 4, "width": COLUMN_W - 16, "height": HEAD_H - 12, "rx": 4}
    return tag("g", {"data-body": ""}, tip(name), shape("rect", "p-band", at), shape("rect", "p-edge", at),
               lines_of_words(rows, x, 26 - len(rows) * 8.5, 13, "p-strong"))  # fmt: skip


def _label(each: Mapping[str, Any], lang: Lang) -> str:
    return str(each["label"][lang])


def _status(each: Mapping[str, Any], seen: Surroundings) -> str:
    zh, en = STATUS.get(each["status"], (each["status"], each["status"]))
    return seen.t(zh, en)


def _handover(each: Mapping[str, Any], columns: Mapping[str, float], y: float, seen: Surroundings) -> tuple[str, float]:
    """One hand-over from *y* on, and how tall it is."""
    src, dst = columns[str(each["from"])], columns[str(each["to"])]
    middle, room = ((src + dst) / 2, max(abs(dst - src), COLUMN_W) - 24) if src != dst else (src, COLUMN_W - 24)
    rows = wrapped(_label(each, seen.lang), room, 13, 2)
    first, y = y, y + 16 * (len(rows) - 1)
    arrow_y = y + 38
    inside = [
        *(_words_over(row, middle, first + 18 + 16 * index, room, "p-strong", 13) for index, row in enumerate(rows)),
        _words_over(seen.at(each["sent_at"]), middle, y + 33, room, "p-quiet", 11),
        _line(src, dst, arrow_y, "p-arrow-way", "p-head-way"),
    ]
    answer_y = arrow_y + 22
    inside += _answer(each, src, dst, answer_y, seen, room)
    sides = {"sender": 0, "receiver": 0}
    for clock in each.get("clocks") or ():
        side = clock["side"] if clock["side"] in sides else "receiver"
        x = src if side == "sender" else dst
        inside.append(
            _clock(
                clock,
                x,
                answer_y + 24 + CLOCK_H * sides[side] + (CLOCK_H * 4 if src == dst and side == "receiver" else 0),
                seen,
            )
        )
        sides[side] += 1
    deepest = max(sides.values()) if src != dst else (4 + sides["receiver"] if sides["receiver"] else sides["sender"])
    told = [
        f"{_label(each, seen.lang)}{seen.t('：', ': ')}{seen.body(each['from'])} → {seen.body(each['to'])}", _status(each, seen),
        *(paper["label"][seen.lang] for paper in each.get("enclosures") or ()), each.get("reason") or "", each.get("basis") or "",
    ]  # fmt: skip
    return tag(
        "g", {"data-handover": each["code"]}, tip(*told), *inside
    ), y - first + 38 + 22 + 16 + CLOCK_H * deepest + 12


def _words_over(text: str, x: float, y: float, room: float, look: str, size: int) -> str:
    text = clipped(text, room, size)
    half = width_of(text, size) / 2 + 3
    under: dict[str, object] = {"x": x - half, "y": y - size, "width": 2 * half, "height": size + 3}
    return shape("rect", "p-paper p-under", under) + words(text, x, y, size, look)


def _line(src: float, dst: float, y: float, look: str, head: str) -> str:
    """An arrow to the side; to the same body it is a hook."""
    if src == dst:
        return shape("path", look, {"d": f"M{src:.1f} {y:.1f}h40v10h-32"}) + shape(
            "path", head, {"d": f"M{src:.1f} {y + 10:.1f}l9 -5v10z"}
        )
    way = 9 if dst > src else -9
    return shape("path", look, {"d": f"M{src:.1f} {y:.1f}H{dst - way:.1f}"}) + shape(
        "path", head, {"d": f"M{dst:.1f} {y:.1f}l{-way} -5v10z"}
    )


def _answer(each: Mapping[str, Any], src: float, dst: float, y: float, seen: Surroundings, room: float) -> list[str]:
    status = each["status"]
    if each.get("returned_at"):
        said, look, sign = seen.t("退回 ", "returned ") + seen.at(each["returned_at"]), "-back", "✕ "
    elif each.get("received_at"):
        said, look, sign = seen.t("签收 ", "received ") + seen.at(each["received_at"]), "", "✓ "
    else:
        return [
            _words_over(
                "… " + _status(each, seen),
                (src + dst) / 2,
                y + 4,
                room,
                "p-strong" if status == "sent" else "p-quiet",
                11,
            )
        ]
    line = shape("g", "", {"stroke-dasharray": "5 3"}, _line(dst, src, y, f"p-arrow{look}", f"p-head{look}"))
    return [line, _words_over(sign + said, (src + dst) / 2, y - 5, room, "p-words", 11)]


def _clock(clock: Mapping[str, Any], x: float, y: float, seen: Surroundings) -> str:
    """A clock of one side, about its column: its light, what it is called, its last day."""
    light = light_of_clock(
        clock["status"], clock["started_at"], clock["breach_at"], seen.now.isoformat(), clock.get("yellow_at")
    )
    room, day = COLUMN_W - 110, clock["last_day"]
    label = clipped(seen.clocks.get(clock["code"], clock["code"]), room, 11)
    text = f"{label} {day}" + (" ✓" if clock["status"] == "met" else "")
    left = x - (width_of(text, 11) + 16) / 2
    under: dict[str, object] = {"x": left - 10, "y": y - 10, "width": width_of(text, 11) + 30, "height": 15}
    return tag("g", {"data-clock": clock["code"]}, shape("rect", "p-paper p-under", under),
               light_shape(light, left, y - 3, seen.lang, 5, text), words(text, left + 10, y + 1, 11, "p-words", "start"))  # fmt: skip
