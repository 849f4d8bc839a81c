"""Lights as shapes: ● green, ▲ yellow, ■ red, ○ none, so that they can be told apart without colour."""

from datetime import datetime

from engine.marks import Lang
from web.pictures.svg import shape, tag, tip

WORDS: dict[str | None, tuple[str, str]] = {
    "green": ("绿灯：正常", "green: on course"),
    "yellow": ("黄灯：临近期限", "yellow: near the deadline"),
    "red": ("红灯：逾期", "red: past the deadline"),
    None: ("无灯：没有计时的期限", "no light: no deadline runs"),
}
"""What each light says."""


def light_words(light: str | None, lang: Lang) -> str:
    """What *light* says, in words."""
    zh, en = WORDS.get(light, WORDS[None])
    return zh if lang == "zh" else en


def light_shape(light: str | None, x: float, y: float, lang: Lang, r: float = 6, more: str = "") -> str:
    """The shape of *light* about (x, y), for use within a picture; *more* is told with it."""
    told = tip(light_words(light, lang), more)
    if light == "yellow":
        outline = f"M{x:.1f} {y - r * 1.1:.1f}L{x + r * 1.1:.1f} {y + r * 0.9:.1f}H{x - r * 1.1:.1f}Z"
        drawn = shape("path", "p-yellow", {"d": outline})
    elif light == "red":
        side = r * 1.8
        drawn = shape("rect", "p-red", {"x": x - side / 2, "y": y - side / 2, "width": side, "height": side})
    else:
        drawn = shape("circle", "p-green" if light == "green" else "p-none", {"cx": x, "cy": y, "r": r})
    return tag("g", {"class": "p-light", "data-light": light or "none"}, told, drawn)


def light_of_clock(status: str, started_at: str, breach_at: str, now: str, yellow_at: str | None = None) -> str | None:
    """The light of one clock at *now*: red past due or late, yellow near the end (from *yellow_at*, or 70 %), else green.

    Instants as RFC 3339 in UTC. A cancelled clock has none.
    """
    if status == "cancelled":
        return None
    start, end, at = (datetime.fromisoformat(each) for each in (started_at, breach_at, now))
    if status in ("late", "breached") or (status == "running" and at >= end):
        return "red"
    near = datetime.fromisoformat(yellow_at) if yellow_at else start + (end - start) * 0.7
    return "yellow" if status == "running" and at >= near else "green"
