"""The values of facts in words where lists are narrowed: what can be chosen, what a filter says."""

from collections.abc import Mapping
from typing import Any

from engine.campaign import Campaign
from engine.lists import Wanted
from engine.machine import Compiled
from web.console.forms import options_of
from web.console.shell import Speech

YES_NO = (("yes", ("是", "yes")), ("no", ("否", "no")))

NAMES = {
    "body": ("单位", "Body"), "state": ("状态", "State"), "stage": ("阶段", "Stage"), "light": ("灯", "Light"),
    "waiting_for": ("等待单位", "Waits for"), "late": ("未按期", "Not kept"), "text": ("查找", "Search"),
    "due_before": ("到期至", "Due until"), "due_after": ("到期自", "Due from"), "opened_from": ("开立自", "Opened from"),
    "opened_until": ("开立至", "Opened until"), "closed": ("已办结", "Closed"), "kind": ("类型", "Kind"),
}  # fmt: skip
"""How the names of a filter are called."""


def choices(campaign: Campaign, machine: Compiled, code: str, speech: Speech) -> list[tuple[str, str]]:
    """The values that a fact can be looked for by, each with its words."""
    spec = machine.doc.facts[code]
    if spec.type == "bool":
        return [(value, speech.t(*words)) for value, words in YES_NO]
    return options_of(campaign, spec, speech)


def filter_words(campaign: Campaign, wanted: Wanted, name: str, value: str, speech: Speech) -> str:
    """What one name and value of a filter's address say."""
    machine = campaign.kind(wanted.kind) if wanted.kind else None
    prefix, _, code = name.partition(".")
    if prefix in ("fact", "not", "amount"):
        code, _, end = code.partition(".")
        spec = machine.doc.facts.get(code) if machine is not None else None
        title = speech.label(spec.label) if spec is not None else code
        if prefix == "amount":
            return f"{title} {'≥' if end == 'from' else '≤'} {value}{speech.t(' 元', ' yuan')}"
        names = dict(choices(campaign, machine, code, speech)) if machine is not None and spec is not None else {}
        sign = speech.t("：", ": ") if prefix == "fact" else speech.t(" 不是 ", " is not ")
        return f"{title}{sign}{names.get(value, value)}"
    return f"{speech.t(*NAMES.get(name, (name, name)))}{speech.t('：', ': ')}{_value(campaign, machine, name, value, speech)}"


def _value(campaign: Campaign, machine: Compiled | None, name: str, value: str, speech: Speech) -> str:
    if name in ("body", "waiting_for"):
        return campaign.body_name(value, speech.lang)
    if name == "light":
        return speech.word("light", value) if value != "none" else speech.t("无", "none")
    if name == "closed":
        return speech.t(*dict(YES_NO)[value])
    labels: Mapping[str, Any] = {}
    if machine is not None and name in ("state", "stage"):
        labels = {**{code: leaf.label for code, leaf in machine.tree.leaves.items()}} if name == "state" else {}
        labels = {**{code: state.label for code, state in machine.doc.states.items()}, **labels}
    if machine is not None and name == "late" and value in machine.doc.deadlines:
        return speech.label(machine.doc.deadlines[value].label)
    return speech.label(labels[value]) if value in labels else value
