"""Sums of facts in expressions: read strictly, open while a part is not stated, and judged in three values."""

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.definition_schema import FactSpec, Label
from engine.expr import ExprError, Names, Unstated, compile_expr, read_aloud
from engine.expr_kleene import judge

EMPTY: frozenset[str] = frozenset()
FACTS = {
    name: FactSpec(type=kind, label=Label(zh=zh, en=name), unit="件" if kind == "int" else None)
    for name, kind, zh in (
        ("sold", "money", "已售"), ("unsold", "money", "未售"), ("pieces", "int", "件数"), ("copies", "int", "份数"),
        ("met", "bool", "达到"), ("title", "text", "标题"),
    )
}  # fmt: skip
NAMES = Names(FACTS, EMPTY, EMPTY, EMPTY, EMPTY, EMPTY)


def now(**facts: Any) -> Any:
    return SimpleNamespace(facts=facts)


@pytest.mark.parametrize(
    ("text", "facts", "holds"),
    [
        ("sold + unsold >= 15", {"sold": 7, "unsold": 8}, True),
        ("sold + unsold >= 15", {"sold": 7, "unsold": 7}, False),
        ("sold * 3 + unsold >= 15", {"sold": 4, "unsold": 3}, True),
        ("3 * sold + unsold >= 15", {"sold": 4, "unsold": 2}, False),
        ("2 * pieces < 10", {"pieces": 4}, True),
        ("2 * pieces < 10", {"pieces": 5}, False),
        ("pieces + copies + pieces == 5", {"pieces": 2, "copies": 1}, True),
        ("(sold + unsold) > 3 and met", {"sold": 2, "unsold": 2, "met": True}, True),
    ],
)
def test_a_sum_is_compared(text: str, facts: dict[str, Any], holds: bool) -> None:
    expr = compile_expr(text, NAMES)

    assert (expr.test(now(**facts)), expr.lenient(now(**facts)), judge(expr.node, facts)) == (holds,) * 3


def test_a_sum_with_a_part_that_is_not_stated_is_open() -> None:
    expr = compile_expr("sold * 3 + unsold >= 15", NAMES)

    with pytest.raises(Unstated) as caught:
        expr.test(now(sold=100))
    assert caught.value.fact == "unsold"
    assert expr.lenient(now(sold=100)) is False
    assert judge(expr.node, {"sold": 100}) is None
    assert expr.facts == {"sold", "unsold"}


def test_a_sum_is_read_aloud_in_yuan_and_with_its_unit() -> None:
    money = compile_expr("sold * 3 + unsold >= 15000000", NAMES)
    pieces = compile_expr("pieces + copies < 20000", NAMES)
    labels = {f"fact:{name}": spec.label for name, spec in FACTS.items()}

    assert read_aloud(money, labels, "zh") == "已售×3＋未售 ≥ 150,000元"
    assert read_aloud(money, labels, "en") == "sold × 3 + unsold ≥ 150,000 yuan"
    assert read_aloud(pieces, labels, "zh") == "件数＋份数 < 20000件"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sold + pieces >= 1", "is not added to others"),
        ("sold + title >= 1", "is not added to others"),
        ("met + sold >= 1", "is not added to others"),
        ("sold - unsold >= 1", "a sum is made of facts"),
        ("sold + 1 >= 1", "a sum is made of facts"),
        ("sold + -unsold >= 1", "a sum is made of facts"),
        ("sold * unsold >= 1", "multiplied by a whole number"),
        ("sold ** 2 >= 1", "a sum is made of facts"),
        ("(sold + unsold) * 2 >= 1", "multiplied by a whole number"),
        ("sold * True >= 1", "multiplied by a whole number"),
        ("sold + unsold in (1, 2)", "a sum is compared with a number"),
        ("sold + unsold", "only facts, comparisons"),
        ("sold + solt >= 1", "there is no fact 'solt'"),
        ("sold + unsold >= unsold", "a whole number is needed"),
        ("sold >= unsold + 1", "a whole number is needed"),
        (" + ".join(["sold"] * 20) + " >= 1", "parts of a sum"),
    ],
)
def test_what_is_no_sum_of_facts_is_refused(text: str, words: str) -> None:
    with pytest.raises(ExprError) as caught:
        compile_expr(text, NAMES)

    assert words in str(caught.value)


THREE = st.sampled_from([True, False, None])


@given(THREE, THREE)
def test_what_is_open_never_decides_and_a_settled_part_may(one: bool | None, other: bool | None) -> None:
    facts = {"met": one, "sold": None if other is None else int(other)}
    both = judge(compile_expr("met and sold >= 1", NAMES).node, facts)
    either = judge(compile_expr("met or sold >= 1", NAMES).node, facts)
    contrary = judge(compile_expr("not (met and sold >= 1)", NAMES).node, facts)

    assert both is (False if False in (one, other) else None if None in (one, other) else True)
    assert either is (True if True in (one, other) else None if None in (one, other) else False)
    assert contrary is (None if both is None else not both)
    assert judge(compile_expr("known('met')", NAMES).node, facts) is (one is not None)
