"""What is no expression is refused, with the place of the flaw, and nothing else of Python gets through."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_expr import NAMES, compiled

from engine.expr import ExprError, Names, compile_expr


@pytest.mark.parametrize(
    ("text", "column", "message", "hint"),
    [
        ("mett", 1, "no fact 'mett'", "did you mean 'met'?"),
        ("met and\n  urgnt", 11, "no fact 'urgnt'", "did you mean 'urgent'?"),
        ("source == '举报' and mett", 20, "no fact 'mett'", "met"),
        ("grade == 'goood'", 10, "'goood' is not a value", "did you mean 'good'?"),
        ("'boks' in goods", 1, "'boks' is not a value", "did you mean 'books'?"),
        ("grade", 1, "cannot stand alone", "known('grade')"),
        ("met == 1", 1, "true or false", "not met"),
        ("officers == '2'", 13, "whole number", ""),
        ("officers == True", 13, "whole number", ""),
        ("officers == --2", 13, "whole number", ""),
        ("officers == met", 13, "whole number", ""),
        ("grade == 2", 10, "text in quotes", ""),
        ("grade == None", 10, "text in quotes", ""),
        ("grade == -'good'", 10, "text in quotes", ""),
        ("grade < 'good'", 1, "no order", "=="),
        ("organ >= 'gongan'", 1, "no order", ""),
        ("day >= '2010-02-30'", 8, "no date", "YYYY-MM-DD"),
        ("day >= '20100226'", 8, "no date", "YYYY-MM-DD"),
        ("received_at > '2010-01-01'", 1, "is an instant", "known('received_at')"),
        ("goods == 'books'", 1, "several values", "in goods"),
        ("'good' in grade", 11, "one value only", "grade =="),
        ("2 < officers", 1, "begins with a fact", "fact first"),
        ("1 < officers < 3", 1, "chained", "and"),
        ("grade in 'good'", 10, "comes a list", "('a',)"),
        ("grade in ()", 10, "comes a list", ""),
        ("grade is 'good'", 1, "no comparison", ""),
        ("state('worc')", 7, "no state 'worc'", "did you mean 'work'?"),
        ("has('reprot')", 5, "no document 'reprot'", "report"),
        ("ever('grade')", 6, "no bool fact 'grade'", ""),
        ("done('sumbit')", 6, "no trigger 'sumbit'", "submit"),
        ("breached('x')", 10, "no deadline 'x'", "answer"),
        ("on_or_after('phase')", 13, "no date 'phase'", "phase4_start"),
        ("since('2010-13-01')", 7, "no date", ""),
        ("stat('work')", 1, "no predicate 'stat'", "state"),
        ("state", 1, "no fact 'state'", "write state("),
        ("state()", 1, "not called like this", "state('code', …)"),
        ("at_least('submit')", 1, "not called like this", ""),
        ("at_least('submit', 0)", 1, "not called like this", ""),
        ("at_least('submit', True)", 1, "not called like this", ""),
        ("has(met)", 1, "not called like this", ""),
        ("has('report', 'report')", 1, "not called like this", ""),
        ("met = urgent", 5, "no comparison", "write =="),
        ("met & urgent", 5, "no place", "write and"),
        ("met and（urgent）", 8, "no place", "write ("),
        ("", 1, "empty", ""),
        ("(met", 1, "never closed", ""),
        ("met and", 1, "not an expression", ""),
        ("officers == 12345678901234567", 13, "too large", ""),
        ("'a' 'b' in goods", 5, "missing", ""),
    ],
)
def test_a_flaw_is_told_with_its_column_and_what_was_meant(text: str, column: int, message: str, hint: str) -> None:
    with pytest.raises(ExprError) as flaw:
        compiled(text)

    assert (flaw.value.column, message in flaw.value.message, hint in flaw.value.hint) == (column, True, True)


@pytest.mark.parametrize(
    "text",
    [
        "met := urgent",
        "(met := urgent)",
        "lambda: met",
        "met.real",
        "met if urgent else met",
        "f'{met}'",
        "b'x' in goods",
        "[met]",
        "{met}",
        "met[0]",
        "*met",
        "state(*'a')",
        "state(code='work')",
        "await met",
        "met for met in goods",
        "__import__('os')",
        "print('x')",
        "met + urgent",
        "officers == 1 + 1",
        "officers == 0x10",
        "officers == 1_0",
        "officers == 1.0",
        "officers == 1j",
        "officers == 1if met else 2",
        "source == 'a\\n'",
        "source == '''a'''",
        "met # and not met",
        "met; met",
        "met\x00",
        "met\x0c",
        "ｍｅｔ",
        "mеt",
        "𝓶𝓮𝓽",
        "met\u200b",
        "True",
        "None",
        "...",
        "1",
        "'met'",
        "met,",
        "()",
        "state('work')('work')",
        "-" * 400 + "met",
        "not " * 120 + "met",
        "(" * 100 + "met" + ")" * 100,
        "met and " * 100 + "met",
        "\ud800",
    ],
)
def test_nothing_else_of_python_gets_through(text: str) -> None:
    with pytest.raises(ExprError):
        compiled(text)


def test_dates_are_checked_once_the_campaign_is_known() -> None:
    unknown = Names(NAMES.facts, NAMES.scopes, NAMES.documents, NAMES.triggers, NAMES.deadlines)

    assert compile_expr("on_or_after('anything')", unknown).calls == (("on_or_after", ("anything",)),)


PIECES = [
    *(
        "met",
        "urgent",
        "officers",
        "grade",
        "goods",
        "nobody",
        "and",
        "or",
        "not",
        "in",
        "==",
        "<",
        "(",
        ")",
        ",",
    ),
    *(
        "'good'",
        "'books'",
        "2",
        "-",
        "state('work')",
        "known('met')",
        "at_least('submit', 2)",
        "lambda",
        ":",
        ".",
    ),
    *("\n", "  ", "=", "'", "#", "is", "if", "else", "True", "甲"),
]


@given(st.text(max_size=60) | st.lists(st.sampled_from(PIECES), max_size=14).map(" ".join))
def test_random_text_brings_an_expression_or_an_expr_error(text: str) -> None:
    try:
        compiled(text)
    except ExprError as flaw:
        assert 1 <= flaw.column <= len(text) + 1
        assert flaw.message
