"""What whoever opens a matter is told of others that may be about the same facts, in words."""

from collections.abc import Callable, Mapping
from typing import Any

Say = Callable[[Any], str]
"""Gives the text of a label in somebody's language."""


def likeness(found: Mapping[str, Any], lang: str, say: Say) -> str:
    """One sentence about the matters that `engine.alike.alike` has found; empty if there are none."""
    zh = lang == "zh"
    if not found["items"]:
        return ""
    each = [_one(item, zh, say) for item in found["items"]]
    text = (
        f"可能与下列事项系同一事实：{'；'.join(each)}。"
        if zh
        else f"It may be about the same facts as {'; '.join(each)}."
    )
    road = found["road"]
    if road is None:
        return text
    label = say(road["label"])
    return f"{text}确系同一事实的，可办理“{label}”。" if zh else f"{text} If it is, “{label}” merges it."


def _one(item: Mapping[str, Any], zh: bool, say: Say) -> str:
    same = ("、" if zh else ", ").join(say(each["label"]) for each in item["same"])
    state = say(item["state_label"])
    return f"{item['ref']}（{state}；相同：{same}）" if zh else f"{item['ref']} ({state}; the same: {same})"
