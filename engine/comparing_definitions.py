"""Two versions of a definition compared: what may be done by whom from where, what is kept apart, how long it may take."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from engine.comparing import Difference, Part, Sayer, Words, compare, fields, ordered, plain
from engine.comparing_expectations import compare_expectations
from engine.definition_schema import ArrowSpec, DefinitionDoc, Label, StateSpec
from engine.expr import ExprError, compile_expr, read_aloud
from engine.names import labels_of, names_of
from engine.states import branches

STATES = Part("states", ("状态", "state"), 1, {"final": 1, "closed": 4, "waits_for": 5, "label": 9})
ARROWS = Part(
    "arrows", ("动作", "act"), 2, {"from_": 2, "to": 2, "role": 2, "when": 2, "label": 9, "copy_to": 5, "handover": 5}
)
ROLES = Part("roles", ("角色", "role"), 2, {"label": 9})
DOCUMENTS = Part("documents", ("材料", "document"), 4, {"by": 4, "label": 9})
FACTS = Part("facts", ("事实", "fact"), 4, {"type": 2, "personal": 1, "label": 9, "value_labels": 9, "basis": 8})
DEADLINES = Part(
    "deadlines", ("期限", "deadline"), 3, {"term": 2, "statute": 2, "label": 9, "basis": 8, "mark": 8, "ladder": 5}
)
HANDOVERS = Part("handovers", ("移送", "hand-over"), 3, {"label": 9, "basis": 8, "mark": 8})
INVARIANTS = Part("invariants", ("不变量", "invariant"), 0, {"never": 0, "label": 9, "basis": 8, "mark": 8})
MONITORS = Part("monitors", ("监测", "monitor"), 3, {"label": 9, "basis": 8, "mark": 8})
EVALUATES = Part("evaluates", ("标准判断", "evaluation"), 2, {"label": 9})
STATUTES = Part("statutes", ("法定期限", "statute"), 2, {"versions": 2, "label": 9})
WHOLE = Part(
    "definition",
    ("流程", "definition"),
    4,
    {"initial": 1, "correct_by": 2, "correct_approved_by": 1, "label": 9},
)
OPENING = Part("open", ("开立", "opening"), 2, {"label": 9, "title": 8, "role": 1})

PARTS = ("roles", "documents", "facts", "deadlines", "handovers", "statutes", "invariants", "monitors", "evaluates")


def compare_definitions(old: DefinitionDoc, new: DefinitionDoc) -> list[Difference]:
    """Everything that differs, the weightiest first; empty if they say the same (their version aside)."""
    named = _Names(old, new)
    found = [*_states(old, new, named), *_arrows(old, new, named)]
    tables = dict(
        zip(
            PARTS,
            (ROLES, DOCUMENTS, FACTS, DEADLINES, HANDOVERS, STATUTES, INVARIANTS, MONITORS, EVALUATES),
            strict=True,
        )
    )
    for name, part in tables.items():
        called = partial(named.of, name.rstrip("s"), getattr(old, name), getattr(new, name))
        say: dict[str, Sayer] = {"when": partial(named.condition, part, called)}
        if name == "invariants":
            say = {"never": partial(named.condition, part, called)}
        found += compare(part, getattr(old, name), getattr(new, name), called, say)
    apart = {"schema_", "kind", "version", "states", "transitions", "migrations", "open", "expects", *PARTS}
    whole = [
        each for each in fields(WHOLE, new.kind, old, new, (new.label.zh, new.label.en), {}) if each.field not in apart
    ]
    kept = [each for each in whole if each.field != "schema"]
    if old.open != new.open:
        found += fields(OPENING, "open", old.open, new.open, (new.open.label.zh, new.open.label.en), {})
    return ordered([*found, *kept, *compare_expectations(old, new)])


class _Names:
    """What both versions call their parts, and how they read their conditions."""

    def __init__(self, old: DefinitionDoc, new: DefinitionDoc) -> None:
        self.old, self.new = old, new
        self.labels: dict[str, Label] = {**labels_of(old), **labels_of(new)}

    def label(self, kind: str, code: str) -> Words:
        found = self.labels.get(f"{kind}:{code}")
        return (found.zh, found.en) if found else (code, code)

    def of(self, kind: str, old: Mapping[str, Any], new: Mapping[str, Any], code: str) -> Words:
        spec = new.get(code) or old.get(code)
        label = getattr(spec, "label", None)
        return (label.zh, label.en) if label else self.label(kind, code)

    def aloud(self, doc: DefinitionDoc, text: str | None) -> Words:
        if text is None:
            return ("无条件", "no condition")
        try:
            expr = compile_expr(text, names_of(doc, None))
        except ExprError:
            return text, text
        labels = labels_of(doc)
        return read_aloud(expr, labels, "zh"), read_aloud(expr, labels, "en")

    def condition(
        self, part: Part, called: Callable[[str], Words], code: str, was: str | None, will: str | None
    ) -> Iterable[tuple[int, Words]]:
        name, before, after = called(code), self.aloud(self.old, was), self.aloud(self.new, will)
        if part is INVARIANTS:
            zh, en = f"不得出现的情形“{name[0]}”：", f"what may never be, “{name[1]}”: "
        else:
            zh, en = f"{part.words[0]}“{name[0]}”的条件：", f"{part.words[1]} “{name[1]}”, condition: "
        return [(0 if part is INVARIANTS else 2, (f"{zh}{before[0]} → {after[0]}", f"{en}{before[1]} → {after[1]}"))]


def _flat(doc: DefinitionDoc) -> dict[str, StateSpec]:
    return {".".join(codes): specs[-1].model_copy(update={"states": {}}) for codes, specs in branches(doc.states)}


def _states(old: DefinitionDoc, new: DefinitionDoc, named: _Names) -> list[Difference]:
    was, will = _flat(old), _flat(new)

    def called(code: str) -> Words:
        return named.of("state", was, will, code)

    def final(code: str, _: bool, now: bool) -> list[tuple[int, Words]]:
        name = called(code)
        zh, en = ("成为终结状态", "now ends the matter") if now else ("不再是终结状态", "no longer ends the matter")
        return [(1, (f"状态“{name[0]}”{zh}", f"the state “{name[1]}” {en}"))]

    return compare(STATES, was, will, called, {"final": final})


def _key(arrow: ArrowSpec, at: int) -> str:
    return arrow.trigger if not at else f"{arrow.trigger}#{at + 1}"


def _numbered(arrows: Iterable[ArrowSpec]) -> dict[str, ArrowSpec]:
    counts: dict[str, int] = {}
    found = {}
    for arrow in arrows:
        at = counts.get(arrow.trigger, 0)
        counts[arrow.trigger] = at + 1
        found[_key(arrow, at)] = arrow
    return found


def _paired(old: DefinitionDoc, new: DefinitionDoc) -> tuple[dict[str, ArrowSpec], dict[str, ArrowSpec]]:
    """Arrows of equal trigger side by side: equal ones first, then those that lead from and to the same, then in order."""
    was: dict[str, ArrowSpec] = {}
    will = _numbered(new.transitions)
    left = list(old.transitions)
    tests: tuple[Callable[[ArrowSpec, ArrowSpec], bool], ...] = (
        lambda one, other: one == other,
        lambda one, other: (one.trigger, one.from_, one.to) == (other.trigger, other.from_, other.to),
        lambda one, other: (one.trigger, one.to) == (other.trigger, other.to),
        lambda one, other: one.trigger == other.trigger,
    )
    for same in tests:
        for key, arrow in will.items():
            mate = None if key in was else next((each for each in left if same(each, arrow)), None)
            if mate is not None:
                was[key] = mate
                left.remove(mate)
    for at, arrow in enumerate(left):
        was[
            f"{arrow.trigger}#-{at + 1}"
            if arrow.trigger in will
            else _key(arrow, 0 if arrow.trigger not in was else at + 1)
        ] = arrow
    return was, will


def _arrows(old: DefinitionDoc, new: DefinitionDoc, named: _Names) -> list[Difference]:
    was, will = _paired(old, new)

    def called(key: str) -> Words:
        arrow = will.get(key) or was[key]
        return arrow.label.zh, arrow.label.en

    say: dict[str, Sayer] = {
        "distinct_from": partial(_apart, named, called),
        "role": partial(_who, named, called),
        "needs": partial(_papers, named, called, ("须有材料", "needs the document")),
        "needs_new": partial(_papers, named, called, ("须随附材料", "needs to be brought the document")),
        "when": partial(named.condition, ARROWS, called),
    }
    found = compare(ARROWS, was, will, called, say)
    return [_with_way(each, was, will, named) for each in found]


def _with_way(
    each: Difference, was: Mapping[str, ArrowSpec], will: Mapping[str, ArrowSpec], named: _Names
) -> Difference:
    """Say of an arrow that came or went from where it leads where."""
    if each.op == "changed":
        return each
    arrow = will.get(each.code) or was[each.code]
    starts = [named.label("state", code) for code in arrow.from_]
    end = {"=": ("原状态", "the same state"), "@back": ("来处", "where it came from")}.get(arrow.to) or named.label(
        "state", arrow.to
    )
    zh = f"{each.zh}：{'、'.join(zh for zh, _ in starts)} → {end[0]}"
    en = f"{each.en}: {', '.join(en for _, en in starts)} → {end[1]}"
    return Difference(each.weight, each.part, each.op, each.code, zh, en, None, None, plain(arrow))


def _apart(
    named: _Names, called: Callable[[str], Words], key: str, was: list[str], will: list[str]
) -> Iterable[tuple[int, Words]]:
    """Separation of duties: who did one thing may or may not do the other."""
    name = called(key)
    for other in [each for each in was if each not in will]:
        act = named.label("trigger", other)
        yield (
            0,
            (
                f"“{name[0]}”的办理人不再须与“{act[0]}”的办理人为不同的人",
                f"whoever does “{name[1]}” need no longer be another person than who did “{act[1]}”",
            ),
        )
    for other in [each for each in will if each not in was]:
        act = named.label("trigger", other)
        yield (
            0,
            (
                f"“{name[0]}”的办理人须与“{act[0]}”的办理人为不同的人",
                f"whoever does “{name[1]}” must now be another person than who did “{act[1]}”",
            ),
        )


def _who(
    named: _Names, called: Callable[[str], Words], key: str, was: list[str], will: list[str]
) -> Iterable[tuple[int, Words]]:
    name = called(key)
    for role in [each for each in was if each not in will]:
        who = named.label("role", role)
        yield 2, (f"“{name[0]}”不再由{who[0]}办理", f"“{name[1]}” can no longer be done by: {who[1]}")
    for role in [each for each in will if each not in was]:
        who = named.label("role", role)
        yield 1, (f"“{name[0]}”也可由{who[0]}办理", f"“{name[1]}” can now be done by: {who[1]}")


def _papers(
    named: _Names, called: Callable[[str], Words], words: Words, key: str, was: list[str], will: list[str]
) -> Iterable[tuple[int, Words]]:
    name = called(key)
    for kind in [each for each in was if each not in will]:
        paper = named.label("document", kind)
        yield 1, (f"“{name[0]}”不再{words[0]}“{paper[0]}”", f"“{name[1]}” no longer {words[1]} “{paper[1]}”")
    for kind in [each for each in will if each not in was]:
        paper = named.label("document", kind)
        yield 2, (f"“{name[0]}”今后{words[0]}“{paper[0]}”", f"“{name[1]}” now {words[1]} “{paper[1]}”")
