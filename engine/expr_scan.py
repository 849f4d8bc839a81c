"""Scanning an expression: whatever the grammar has no use for is refused before Python's parser sees it."""

import re

from engine.expr_tree import ExprError

MAX_DEPTH = 12
"""Levels of and, or, not and brackets in an expression. PLACEHOLDER"""

MAX_DIGITS = 16
"""Digits of a number: every JSON reader keeps as many exactly."""

_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+) | (?P<name>[A-Za-z_][A-Za-z0-9_]*) | (?P<number>[0-9]+)
      | (?P<text>'[^'\\\r\n]*'|"[^"\\\r\n]*") | (?P<mark>==|!=|<=|>=|[<>(),+*-])""",
    re.VERBOSE,
)
_WORDS = ("name", "number", "text")


def scan(text: str) -> None:
    """Refuse all but names, numbers, plain texts, commas, brackets, sums and comparisons. Raises ExprError."""
    index, depth, last, touching = 0, 0, "", False
    while index < len(text):
        token = _TOKEN.match(text, index)
        if token is None:
            raise ExprError(index + 1, *_complaint(text, index))
        kind = token.lastgroup or ""
        depth += {"(": 1, ")": -1}.get(token[0], 0)
        if depth > MAX_DEPTH:
            raise ExprError(index + 1, f"more than {MAX_DEPTH} brackets inside one another")
        if kind == "number" and len(token[0]) > MAX_DIGITS:
            raise ExprError(index + 1, "the number is too large")
        if kind in _WORDS and ((touching and last in _WORDS) or kind == last == "text"):
            raise ExprError(index + 1, "a comma, a blank, 'and' or 'or' is missing before this")
        touching = kind != "space"
        last = kind if touching else last
        index = token.end()
    if not last:
        raise ExprError(1, "the expression is empty")


def _complaint(text: str, index: int) -> tuple[str, str]:
    character = text[index]
    if character in "'\"":
        return "a text is not closed, or has a backslash in it", ""
    if character == "=":
        return "'=' is no comparison", "write =="
    meant = {"&": "and", "|": "or", "!": "not", "（": "(", "）": ")", "，": ","}.get(character)
    shown = character if character.isprintable() else f"U+{ord(character):04X}"
    return f"the character {shown} has no place in an expression", f"write {meant}" if meant else ""
