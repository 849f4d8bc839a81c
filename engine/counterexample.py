"""A way told as acts: who does what, what is stated and brought, and where the matter then stands."""

from collections.abc import Mapping
from typing import Any

from engine.definition_schema import Label
from engine.exploring import Way
from engine.expr_partly import STATED
from engine.machine import Arrow, Compiled
from engine.places import Step
from engine.reasons import SYSTEM


def told(machine: Compiled, way: Way) -> tuple[dict[str, Any], ...]:
    """The steps of *way* in order, each with its text in both languages."""
    found, before = [], dict[Any, Any]()
    for number, (step, place) in enumerate(zip(way.steps, way.places, strict=True), start=1):
        known = way.scene.known(place)
        found.append(one_step(machine, number, step, place[0], derived_in(machine, step, before, known)))
        before = known
    return tuple(found)


def derived_in(machine: Compiled, step: Step, before: Mapping[Any, Any], known: Mapping[Any, Any]) -> dict[str, bool]:
    """The facts that the standards have changed in this step."""
    names = [name for spec in machine.doc.evaluates.values() for name in (spec.threshold, spec.duty) if name]
    said = {*_stated(step), *(step.arrow.spec.sets if step.arrow else ())}
    found = {}
    for name in names:
        became = known.get(("ever", name)) and not before.get(("ever", name))
        value = True if became else known.get(("fact", name))
        if name not in said and value is not None and (became or value != before.get(("fact", name))):
            found[name] = value
    return found


def one_step(machine: Compiled, number: int, step: Step, leaf: str, derived: Mapping[str, bool]) -> dict[str, Any]:
    """One step with its text in both languages; *derived* are the facts that the standards have changed in it."""
    stated = {code: value for code, value in _stated(step).items() if value is not STATED}
    said: dict[str, Any] = {"n": number, "what": step.what, "about": step.about, "to": leaf, "facts": stated}
    if step.arrow is not None:
        said["from"] = step.arrow.src
        said["role"] = list(step.arrow.spec.role)
        said["documents"] = [*step.arrow.spec.needs, *step.arrow.spec.needs_new]
    said["text"] = {lang: _text(machine, step, leaf, said, lang) for lang in ("zh", "en")}
    if derived:
        said["derived"] = dict(derived)
        said["text"]["zh"] += f"〔按标准认定：{_facts(machine, derived, 'zh')}〕"
        said["text"]["en"] += f" [by the standards: {_facts(machine, derived, 'en')}]"
    return said


def _stated(step: Step) -> dict[str, Any]:
    given = dict(step.birth.sets) if step.birth is not None else {}
    return {**given, **dict(step.stated)}


def _text(machine: Compiled, step: Step, leaf: str, said: Mapping[str, Any], lang: str) -> str:
    zh, state = lang == "zh", _say(machine.tree.leaves[leaf].label, lang)
    if step.what == "open":
        return _opened(machine, step, state, said, lang)
    if step.arrow is not None:
        return _acted(machine, step, step.arrow, said, lang)
    name = _name(machine, step, lang)
    return {
        "time": f"期限“{name}”届满" if zh else f"the time of “{name}” runs out",
        "day": f"到{name}" if zh else f"{name} comes",
        "attach": f"补交材料“{name}”" if zh else f"“{name}” is brought",
        "child": f"子事项“{name}”办结" if zh else f"the child matter “{name}” is closed",
        "correct": f"更正：{_facts(machine, said['facts'], lang)}"
        if zh
        else f"corrected: {_facts(machine, said['facts'], lang)}",
    }[step.what]


def _name(machine: Compiled, step: Step, lang: str) -> str:
    drawer = {"time": "deadline", "attach": "document", "correct": "fact"}.get(step.what, "")
    label = machine.labels.get(f"{drawer}:{step.about}")
    return _say(label, lang) if label else step.about


def _opened(machine: Compiled, step: Step, state: str, said: Mapping[str, Any], lang: str) -> str:
    doc, facts = machine.doc, _facts(machine, said["facts"], lang)
    if step.about:
        who = {"zh": f"由{step.about}派生", "en": f"by {step.about}"}[lang]
    else:
        roles = [_say(_role(machine, role), lang) for role in doc.open.role]
        who = ("或" if lang == "zh" else " or ").join(roles)
    if lang == "zh":
        return f"{who}“{doc.open.label.zh}”：{state}" + (f"（填写：{facts}）" if facts else "")
    return f"{who}: “{doc.open.label.en}” → {state}" + (f" (states: {facts})" if facts else "")


def _acted(machine: Compiled, step: Step, arrow: Arrow, said: Mapping[str, Any], lang: str) -> str:
    zh, spec = lang == "zh", arrow.spec
    who = ("或" if zh else " or ").join(_say(_role(machine, role), lang) for role in spec.role)
    if step.clock:
        clock = machine.labels[f"deadline:{step.clock}"]
        who = f"期限“{clock.zh}”届满，系统" if zh else f"the time of “{clock.en}” runs out, the system"
    src, dst = (_say(machine.tree.leaves[leaf].label, lang) for leaf in (arrow.src, arrow.dst))
    where = src if arrow.src == arrow.dst else f"{src} → {dst}"
    facts = _facts(machine, said["facts"], lang)
    papers = ("、" if zh else ", ").join(_say(machine.doc.documents[code].label, lang) for code in said["documents"])
    more = [f"填写：{facts}" if zh else f"states: {facts}"] if facts else []
    more += [f"材料：{papers}" if zh else f"documents: {papers}"] if papers else []
    label = _say(spec.label, lang)
    if zh:
        return f"{who}“{label}”：{where}" + (f"（{'；'.join(more)}）" if more else "")
    return f"{who}: “{label}”, {where}" + (f" ({'; '.join(more)})" if more else "")


def _role(machine: Compiled, role: str) -> Label:
    return machine.doc.roles[role].label if role in machine.doc.roles else SYSTEM


def _facts(machine: Compiled, facts: Mapping[str, Any], lang: str) -> str:
    """Facts with their values, read aloud."""
    said = []
    for code, value in facts.items():
        spec = machine.doc.facts[code]
        words = {True: ("是", "yes"), False: ("否", "no")}.get(value) if isinstance(value, bool) else None
        shown = words[0 if lang == "zh" else 1] if words else str(value)
        unit = (spec.unit or "") if not isinstance(value, bool) and isinstance(value, int) else ""
        said.append(f"{_say(spec.label, lang)}＝{shown}{unit}" if lang == "zh" else f"{code} = {shown}")
    return ("；" if lang == "zh" else ", ").join(said)


def _say(label: Label, lang: str) -> str:
    return label.zh if lang == "zh" else label.en
