"""Expressions read aloud in Chinese and English, for refusals and diagrams."""

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

from engine.definition_schema import FactSpec
from engine.expr_tree import PREDICATES, Bare, Call, Compare, Constant, Contains, Expr, Join, Node, Not, Total
from engine.units import unit_in

Lang = Literal["zh", "en"]

FEN_PER_YUAN = 100
"""Amounts are kept in fen and spoken of in yuan."""


class LabelLike(Protocol):
    """A name in both languages."""

    @property
    def zh(self) -> str:
        """The Chinese name."""

    @property
    def en(self) -> str:
        """The English name."""


_SIGNS = {"<": "<", "<=": "≤", ">": ">", ">=": "≥"}
_OPERATORS = {
    "zh": {"==": "为", "!=": "不为", "in": "为", "not in": "不为"},
    "en": {"==": "is", "!=": "is not", "in": "is", "not in": "is not"},
}

_CALLS = {
    "zh": {
        "state": "处于{0}",
        "visited": "曾处于{0}",
        "ever": "曾经{0}",
        "known": "已填写{0}",
        "has": "已有{0}",
        "done": "已办理{0}",
        "at_least": "{0}已办理至少{1}次",
        "breached": "{0}已逾期",
        "running": "{0}正在计时",
        "on_or_after": "已到{0}",
        "since": "已到{0}",
        "children_open": "有未办结的{0}",
    },
    "en": {
        "state": "it is in {0}",
        "visited": "it has been in {0}",
        "ever": "at some time {0}",
        "known": "{0} is stated",
        "has": "{0} is held",
        "done": "{0} was done",
        "at_least": "{0} was done at least {1} times",
        "breached": "{0} has run out",
        "running": "{0} is running",
        "on_or_after": "it is {0} or later",
        "since": "it is {0} or later",
        "children_open": "{0} is still open",
    },
}

_WHAT = {name: what.removeprefix("bool ") for name, what in PREDICATES.items()}
"""In which drawer the label of a predicate's argument lies."""


def read_aloud(expr: Expr, labels: Mapping[str, LabelLike], lang: Lang) -> str:
    """Say *expr* in *lang*. A label is looked up as ``fact:code``, ``state:code``, …, then as ``code``."""
    return _Voice(labels, lang).say(expr.node)


class _Voice:
    """Says the parts of an expression."""

    def __init__(self, labels: Mapping[str, LabelLike], lang: Lang) -> None:
        self._labels, self._lang = labels, lang

    def say(self, node: Node) -> str:
        if isinstance(node, Join):
            words = {"zh": {"and": "且", "or": "或"}, "en": {"and": " and ", "or": " or "}}[self._lang]
            return words[node.word].join(self._bracketed(part) for part in _needed(node))
        if isinstance(node, Not):
            return self._denied(node.part)
        if isinstance(node, Call):
            return self._call(node)
        if isinstance(node, Bare):
            return self._label("fact", node.fact)
        if isinstance(node, Contains):
            name, value = self._label("fact", node.fact), self._label("value", node.value)
            return f"{name}包括{value}" if self._lang == "zh" else f"{name} includes {value}"
        return self._compare(node)

    def _denied(self, node: Node) -> str:
        """Say that something is not so; in Chinese a label cannot be denied by a word before it, whatever it names."""
        if self._lang == "zh" and isinstance(node, Bare):
            return f"没有“{self._label('fact', node.fact)}”的情形"
        if self._lang == "zh" and isinstance(node, Call) and node.name == "known":
            return "未填写" + self._label("fact", str(node.args[0]))
        inner = self.say(node)
        return f"未（{inner}）" if self._lang == "zh" else f"not ({inner})"

    def _bracketed(self, node: Node) -> str:
        if not isinstance(node, Join) or len(_needed(node)) == 1:
            return self.say(node)
        return f"（{self.say(node)}）" if self._lang == "zh" else f"({self.say(node)})"

    def _label(self, what: str, code: str) -> str:
        label = self._labels.get(f"{what}:{code}") or self._labels.get(code)
        if label is None:
            return code
        return label.zh if self._lang == "zh" else label.en

    def _compare(self, node: Compare | Total) -> str:
        name, said = self._name(node), _OPERATORS[self._lang].get(node.op)
        values = node.value if isinstance(node.value, tuple) else (node.value,)
        value = self._or([self._value(value, node) for value in values])
        gap = "" if self._lang == "zh" and said else " "
        return f"{name}{gap}{said or _SIGNS[node.op]}{gap}{value}"

    def _name(self, node: Compare | Total) -> str:
        if isinstance(node, Compare):
            return self._label("fact", node.fact)
        plus, sign = ("＋", "×") if self._lang == "zh" else (" + ", " × ")
        parts = ((times, self._label("fact", fact)) for times, fact in node.terms)
        return plus.join(name if times == 1 else f"{name}{sign}{times}" for times, name in parts)

    def _or(self, words: Sequence[str]) -> str:
        return ("或" if self._lang == "zh" else " or ").join(words)

    def _value(self, value: Constant, node: Compare | Total) -> str:
        if isinstance(value, str):
            return self._choice(node.spec, value) if node.spec.type == "enum" else value
        if node.spec.type == "money":
            yuan = f"{value // FEN_PER_YUAN:,}" if value % FEN_PER_YUAN == 0 else f"{value / FEN_PER_YUAN:,.2f}"
            return f"{yuan}元" if self._lang == "zh" else f"{yuan} yuan"
        unit = unit_in(node.spec, self._lang)
        return f"{value}{unit}" if self._lang == "zh" else f"{value} {unit}".strip()

    def _choice(self, spec: FactSpec, value: str) -> str:
        label = spec.value_labels.get(value)
        if label is None:
            return self._label("value", value)
        return label.zh if self._lang == "zh" else label.en

    def _call(self, node: Call) -> str:
        form = _CALLS[self._lang][node.name]
        what = _WHAT[node.name]
        if node.name == "state":
            words = ("或" if self._lang == "zh" else " or ").join(self._label(what, str(a)) for a in node.args)
            return form.format(words)
        if not node.args:
            return form.format("子事项" if self._lang == "zh" else "a child matter")
        return form.format(self._label(what, str(node.args[0])), *node.args[1:])


def _needed(node: Join) -> list[Node]:
    """The parts of *node* that are said: ``not known('f') or not f`` says no more than that f is not so."""
    if node.word != "or":
        return list(node.parts)
    denied = {part.part.fact for part in node.parts if isinstance(part, Not) and isinstance(part.part, Bare)}
    return [part for part in node.parts if not (_unknown(part) & denied)]


def _unknown(node: Node) -> set[str]:
    """The fact of which *node* says that it is not stated."""
    said = node.part if isinstance(node, Not) else None
    return {str(said.args[0])} if isinstance(said, Call) and said.name == "known" else set()
