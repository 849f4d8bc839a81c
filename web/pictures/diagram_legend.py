"""What the signs of a state diagram mean."""

from engine.marks import Lang
from web.pictures.svg import picture, shape, tag, width_of, words

SIGNS = (
    ("start", "起点", "the beginning"),
    ("p-current", "当前状态", "current state"),
    ("p-visited", "已经过", "passed through"),
    ("p-next", "下一步可至", "may come next"),
    ("end", "终点", "an end"),
    ("p-gather", "多个状态合并表示", "stands for several states"),
    ("way", "经过（①②…为次序）", "way taken (①② … its order)"),
    ("next", "可能的下一步", "possible next step"),
    ("back", "返回", "back"),
    ("stay", "不改变状态的动作数", "number of acts without a move"),
    ("many", "两状态间的转移数", "number of arrows between two states"),
)


def diagram_legend(lang: Lang, width: float = 960) -> str:
    """Each sign of a state diagram with its meaning, in as many rows as *width* needs."""
    drawn, x, y = [], 8.0, 4.0
    for sign, zh, en in SIGNS:
        text = zh if lang == "zh" else en
        wide = 42 + width_of(text) + 14
        if x + wide > width and x > 8:
            x, y = 8.0, y + 26
        drawn.append(
            tag("g", {"data-sign": sign}, _sign(sign, x, y), words(text, x + 42, y + 15, 12, "p-words", "start"))
        )
        x += wide
    name = "图例" if lang == "zh" else "Legend"
    told = "; ".join(zh if lang == "zh" else en for _, zh, en in SIGNS)
    return picture(width, y + 30, name, told, *drawn, kind="picture-legend")


def _sign(sign: str, x: float, y: float) -> str:
    box: dict[str, object] = {"x": x, "y": y + 2, "width": 34, "height": 18, "rx": 5}
    if sign in ("way", "next", "back"):
        line = shape("path", f"p-arrow-{sign}", {"d": f"M{x:.1f} {y + 11:.1f}h27"})
        return line + shape("path", f"p-head-{sign}", {"d": f"M{x + 35:.1f} {y + 11:.1f}l-8 -5v10z"})
    if sign == "start":
        dot = shape("circle", "p-words p-start", {"cx": x + 7, "cy": y + 8, "r": 3.5})
        return shape("rect", "p-state", box) + dot
    if sign == "end":
        inner: dict[str, object] = {"x": x + 3, "y": y + 5, "width": 28, "height": 12, "rx": 3}
        return shape("rect", "p-state", box) + shape("rect", "p-line", inner)
    if sign in ("stay", "many"):
        return words("↻n" if sign == "stay" else "×n", x + 17, y + 15, 12, "p-quiet")
    return shape("rect", sign, box)
