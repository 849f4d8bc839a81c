"""Two campaign files compared: phases, dates and whom they concern, ladders, bodies, duties, and the definitions they run."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from engine.campaign_schema import CampaignDoc
from engine.comparing import Difference, Part, Words, compare, fields, ordered
from engine.comparing_definitions import compare_definitions
from engine.definition_schema import DefinitionDoc

Definitions = Mapping[str, DefinitionDoc]

TABLES = {
    "phases": Part("phases", ("阶段", "phase"), 1, {"start": 1, "end": 1, "quote": 9, "name": 8}),
    "duties": Part(
        "duties", ("工作职责", "duty"), 2, {"lead": 1, "responsible": 1, "supports": 3, "source": 9, "title": 8}
    ),
    "deliverables": Part(
        "deliverables", ("报送材料", "deliverable"), 2, {"due": 1, "owed_by": 1, "quote": 9, "name": 8}
    ),
    "bodies": Part("bodies", ("机构", "body"), 2, {"part": 1, "posts": 3, "name": 8, "note": 9}),
    "returns": Part("returns", ("定期报表", "return"), 3, {"policy": 8, "label": 9}),
    "monitors": Part("monitors", ("监测", "monitor"), 3, {"label": 9}),
    "milestones": Part("milestones", ("节点", "milestone"), 3, {"label": 9}),
    "chores": Part("chores", ("例行工作", "chore"), 4, {"policy": 8, "label": 9}),
    "safeguards": Part("safeguards", ("保障措施", "safeguard"), 5, {"quote": 9, "name": 8}),
}
KEYS = {"phases": "code", "duties": "number"}
"""By what the members of a list are known, if not by their code."""

LADDERS = Part("ladders", ("提醒阶梯", "ladder"), 3, {"policy": 8, "label": 9})
CIRCLES = Part("circles", ("人员范围", "circle"), 4, {"label": 9})
USES = Part("definitions", ("流程版本", "definition"), 1, {"version": 1, "file": 9})
WHOLE = Part(
    "campaign", ("专项行动", "campaign"), 3, {"name": 8, "start": 1, "end": 1, "source": 7, "code": 7, "zone": 1}
)

APART = {"definitions", "circles", "ladders", "dates", "roster", *TABLES}


def compare_campaigns(old: CampaignDoc, new: CampaignDoc, was: Definitions, will: Definitions) -> list[Difference]:
    """Everything that differs, the weightiest first; *was* and *will* are the definitions that they run."""
    found = [*_dates(old, new, will), *_roster(old, new), *_ladders(old, new)]
    for name, part in TABLES.items():
        key = KEYS.get(name, "code")
        before, after = ({getattr(each, key): each for each in getattr(doc, name)} for doc in (old, new))
        found += compare(part, before, after, partial(_called, before, after), {})
    found += compare(CIRCLES, old.circles, new.circles, partial(_called, old.circles, new.circles), {})
    found += compare(USES, old.definitions, new.definitions, lambda kind: _kind(kind, was, will), {})
    whole = (new.name.zh, new.name.en)
    found += [each for each in fields(WHOLE, new.code, old, new, whole, {}) if each.field not in APART]
    for kind in will:
        if kind in was and was[kind] != will[kind]:
            found += _inside(kind, will[kind], compare_definitions(was[kind], will[kind]))
    return ordered(found)


def _inside(kind: str, doc: DefinitionDoc, found: Iterable[Difference]) -> list[Difference]:
    return [
        Difference(
            each.weight, f"{kind}.{each.part}", each.op, each.code, f"{doc.label.zh}：{each.zh}", f"{doc.label.en}: {each.en}",
            each.field, each.before, each.after,
        )
        for each in found
    ]  # fmt: skip


def _kind(kind: str, was: Definitions, will: Definitions) -> Words:
    doc = will.get(kind) or was.get(kind)
    return (doc.label.zh, doc.label.en) if doc else (kind, kind)


def _called(old: Mapping[str, Any], new: Mapping[str, Any], code: str) -> Words:
    spec = new.get(code) or old[code]
    label = next((getattr(spec, name) for name in ("name", "label", "title") if hasattr(spec, name)), None)
    return (label.zh, label.en) if label else (code, code)


def _dates(old: CampaignDoc, new: CampaignDoc, will: Definitions) -> list[Difference]:
    """Named dates, with what hangs on each: deadlines by label, and how many matters of what kind the campaign opens with them."""
    found = []
    for name in [*new.dates, *(name for name in old.dates if name not in new.dates)]:
        before, after = old.dates.get(name), new.dates.get(name)
        if before == after:
            continue
        zh, en = _concerned(name, new, will)
        op = "added" if before is None else "removed" if after is None else "changed"
        words = f"{before or '无'} → {after or '无'}{zh}", f"{before or 'none'} → {after or 'none'}{en}"
        text = f"日期“{name}”：{words[0]}", f"date “{name}”: {words[1]}"
        found.append(Difference(1, "dates", op, name, *text, None, before, after))
    return found


def _concerned(name: str, doc: CampaignDoc, definitions: Definitions) -> Words:
    zh, en = "", ""
    for kind, definition in definitions.items():
        labels = [
            spec.label for spec in definition.deadlines.values() if spec.term is not None and spec.term.until == name
        ]
        if labels:
            count = matters_of(doc, kind)
            zh += f"；期限“{'”“'.join(each.zh for each in labels)}”，涉及{count}个{definition.label.zh}事项"
            en += (
                f"; deadline {', '.join(each.en for each in labels)}: {count} matters concerned ({definition.label.en})"
            )
    return zh, en


def matters_of(doc: CampaignDoc, kind: str) -> int:
    """How many matters of *kind* the campaign opens when it begins."""
    counts = {"roster": len(doc.roster), "duties": sum(len(duty.responsible) for duty in doc.duties)}
    return sum(counts[opening.each] for opening in doc.opens if opening.kind == kind)


def _roster(old: CampaignDoc, new: CampaignDoc) -> list[Difference]:
    names = {body.code: body.name for body in (*old.bodies, *new.bodies)}
    found = []
    for code in [*new.roster, *old.roster]:
        if (code in old.roster) != (code in new.roster):
            op, zh, en = (
                ("added", "列入", "is now on") if code in new.roster else ("removed", "不再列入", "is no longer on")
            )
            name = names.get(code)
            text = f"{name.zh if name else code}{zh}报送名单", f"{name.en if name else code} {en} the roster"
            found.append(Difference(1, "roster", op, code, *text))
    return found


def _ladders(old: CampaignDoc, new: CampaignDoc) -> list[Difference]:
    """Ladders rung by rung: when, to whom, as what."""
    bare: dict[str, list[Any]] = {"rungs": []}
    was = {name: ladder.model_copy(update=bare) for name, ladder in old.ladders.items()}
    will = {name: ladder.model_copy(update=bare) for name, ladder in new.ladders.items()}
    found = compare(LADDERS, was, will, partial(_called, old.ladders, new.ladders), {})
    for name in old.ladders.keys() & new.ladders.keys():
        before = {f"{rung.at} {rung.kind}": rung for rung in old.ladders[name].rungs}
        after = {f"{rung.at} {rung.kind}": rung for rung in new.ladders[name].rungs}
        ladder = new.ladders[name].label
        part = Part(
            f"ladders.{name}", (f"“{ladder.zh}”的提醒", f"rung of “{ladder.en}”"), 3, {"to": 2, "label": 9, "text": 8}
        )
        found += compare(part, before, after, partial(_rung, before, after), {})
    return sorted(found, key=lambda each: each.part)


def _rung(before: Mapping[str, Any], after: Mapping[str, Any], code: str) -> Words:
    rung = after.get(code) or before[code]
    to = ", ".join(rung.to)
    return f"{rung.label.zh} {rung.at} → {to}", f"{rung.label.en} {rung.at} → {to}"
