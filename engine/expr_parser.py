"""Reading an expression: what Python's parser returns is taken apart by a whitelist, with types checked.

Nothing is ever evaluated as code.
"""

import ast
import re
import threading
from collections.abc import Iterator
from datetime import date
from typing import NoReturn

from engine.definition_schema import FactSpec
from engine.expr_scan import MAX_DEPTH, scan
from engine.expr_tree import (
    EXAMPLES,
    PREDICATES,
    Bare,
    Call,
    Compare,
    Constant,
    Contains,
    ExprError,
    Join,
    Names,
    Node,
    Not,
    Total,
)
from engine.suggest import did_you_mean

MAX_LENGTH = 500
"""Characters of an expression. PLACEHOLDER"""

_OPERATORS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
    ast.NotIn: "not in",
}
_ORDERED = ("int", "money", "date")
"""Types of facts that can be smaller and larger."""

_ONE_AT_A_TIME = threading.Lock()
"""Python counts the depth of the trees that it makes in one place for all threads, and stumbles over two at once.

Source: CPython issue 106905, reported from programs with threads; seen here with 3.11.7.
"""


def parse_expr(text: str, names: Names) -> Node:
    """Read *text*. Raises ExprError, and nothing else whatever the text."""
    if len(text) > MAX_LENGTH:
        raise ExprError(MAX_LENGTH + 1, f"the expression has {len(text)} characters; at most {MAX_LENGTH}")
    scan(text)
    flat = re.sub(r"[\t\r\n]", " ", text)
    start = len(flat) - len(flat.lstrip())
    try:
        with _ONE_AT_A_TIME:
            tree = ast.parse(flat.strip(), mode="eval").body
    except SyntaxError as error:
        column = min(max(start + (error.offset or 1), 1), len(text) + 1)
        raise ExprError(column, f"this is not an expression: {error.msg}") from None
    except (ValueError, MemoryError, RecursionError):
        raise ExprError(1, "this is not an expression") from None
    return _Reader(flat, start, names).read(tree, 1)


class _Reader:
    """Takes Python's tree apart by a whitelist."""

    def __init__(self, text: str, start: int, names: Names) -> None:
        self._text, self._start, self._names = text, start, names

    def _fail(self, node: ast.AST, message: str, hint: str = "") -> NoReturn:
        octets = self._text[self._start :].encode()[: getattr(node, "col_offset", 0)]
        raise ExprError(self._start + len(octets.decode("utf-8", "ignore")) + 1, message, hint)

    def read(self, node: ast.expr, depth: int) -> Node:
        if depth > MAX_DEPTH:
            self._fail(node, f"more than {MAX_DEPTH} levels")
        if isinstance(node, ast.BoolOp):
            word = "and" if isinstance(node.op, ast.And) else "or"
            return Join(word, tuple(self.read(part, depth + 1) for part in node.values))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return Not(self.read(node.operand, depth + 1))
        if isinstance(node, ast.Compare):
            return self._compare(node)
        if isinstance(node, ast.Call):
            return self._call(node)
        if not isinstance(node, ast.Name):
            self._fail(node, "only facts, comparisons, predicates, and, or, not are possible here")
        return self._bare(node)

    def _fact(self, node: ast.Name) -> FactSpec:
        spec = self._names.facts.get(node.id)
        if spec is None:
            hint = did_you_mean(node.id, self._names.facts)
            if node.id in PREDICATES:
                hint = "write " + EXAMPLES.get(node.id, f"{node.id}('…')")
            self._fail(node, f"there is no fact '{node.id}'", hint)
        return spec

    def _bare(self, node: ast.Name) -> Bare:
        spec = self._fact(node)
        if spec.type != "bool":
            hint = f"compare it, or write known('{node.id}')"
            self._fail(node, f"the fact '{node.id}' is of type {spec.type} and cannot stand alone", hint)
        return Bare(node.id)

    def _compare(self, node: ast.Compare) -> Node:
        if len(node.ops) != 1:
            self._fail(node, "comparisons cannot be chained", "join them with and")
        op, right = _OPERATORS.get(type(node.ops[0]), ""), node.comparators[0]
        if isinstance(right, ast.Name) and op in ("in", "not in") and not isinstance(node.left, ast.Name):
            return self._contains(node.left, op, right)
        if isinstance(node.left, ast.BinOp):
            return self._total(node.left, op, right)
        if not isinstance(node.left, ast.Name):
            self._fail(node.left, "a comparison begins with a fact", "write the fact first")
        if not op:
            self._fail(node, "this is no comparison", "use == != < <= > >= in, not in")
        spec = self._fact(node.left)
        self._check_operator(node.left, spec, op)
        if op not in ("in", "not in"):
            return Compare(node.left.id, op, self._constant(right, spec), spec)
        if not isinstance(right, ast.Tuple) or not right.elts:
            self._fail(right, f"after '{op}' comes a list", "write ('a', 'b'), and ('a',) for a single one")
        return Compare(node.left.id, op, tuple(self._constant(each, spec) for each in right.elts), spec)

    def _total(self, node: ast.BinOp, op: str, right: ast.expr) -> Total:
        """Read a sum of facts, each alone or times a whole number."""
        terms = list(self._terms(node, 1))
        specs = [self._fact(name) for _, name in terms]
        for (_, name), spec in zip(terms, specs, strict=True):
            if spec.type not in ("int", "money") or spec.type != specs[0].type:
                self._fail(
                    name, f"the fact '{name.id}' of type {spec.type} is not added to others here", "add like to like"
                )
        if op not in ("==", "!=", "<", "<=", ">", ">="):
            self._fail(right, "a sum is compared with a number", "use == != < <= > >=")
        return Total(
            tuple((times, name.id) for times, name in terms), op, int(self._constant(right, specs[0])), specs[0]
        )

    def _terms(self, node: ast.expr, depth: int) -> Iterator[tuple[int, ast.Name]]:
        if depth > MAX_DEPTH:
            self._fail(node, f"more than {MAX_DEPTH} parts of a sum")
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            yield from self._terms(node.left, depth + 1)
            yield from self._terms(node.right, depth + 1)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
            yield self._times(node)
        elif isinstance(node, ast.Name):
            yield 1, node
        else:
            self._fail(node, "a sum is made of facts", "write sold * 3 + unsold >= 15")

    def _times(self, node: ast.BinOp) -> tuple[int, ast.Name]:
        name, number = (node.left, node.right) if isinstance(node.left, ast.Name) else (node.right, node.left)
        times = number.value if isinstance(number, ast.Constant) else None
        if not isinstance(name, ast.Name) or type(times) is not int:
            self._fail(node, "a fact is multiplied by a whole number", "write sold * 3")
        return times, name

    def _check_operator(self, node: ast.Name, spec: FactSpec, op: str) -> None:
        if spec.type == "bool":
            hint = f"write {node.id} or not {node.id}"
            self._fail(node, f"the fact '{node.id}' is true or false and is not compared", hint)
        if spec.type == "instant":
            self._fail(node, f"the fact '{node.id}' is an instant and is not compared", f"write known('{node.id}')")
        if spec.type == "enums":
            self._fail(node, f"the fact '{node.id}' holds several values", f"write 'value' in {node.id}")
        if op in ("<", "<=", ">", ">=") and spec.type not in _ORDERED:
            self._fail(node, f"the fact '{node.id}' of type {spec.type} has no order", "use == != in, not in")

    def _contains(self, left: ast.expr, op: str, right: ast.Name) -> Node:
        spec = self._fact(right)
        if spec.type != "enums":
            self._fail(right, f"the fact '{right.id}' holds one value only", f"write {right.id} == 'value'")
        found = Contains(right.id, str(self._constant(left, spec)), spec)
        return found if op == "in" else Not(found)

    def _constant(self, node: ast.expr, spec: FactSpec) -> Constant:
        negative = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)
        inner = node.operand if isinstance(node, ast.UnaryOp) and negative else node
        value = inner.value if isinstance(inner, ast.Constant) else None
        if spec.type in ("int", "money"):
            if isinstance(value, bool) or not isinstance(value, int):
                self._fail(node, "a whole number is needed here")
            return -value if negative else value
        if negative or not isinstance(value, str):
            self._fail(node, "a text in quotes is needed here")
        if spec.type in ("enum", "enums") and spec.values and value not in spec.values:
            self._fail(node, f"'{value}' is not a value of this fact", did_you_mean(value, spec.values))
        if spec.type == "date":
            self._day(node, value)
        return value

    def _day(self, node: ast.expr, value: str) -> None:
        try:
            sound = date.fromisoformat(value).isoformat() == value
        except ValueError:
            sound = False
        if not sound:
            self._fail(node, f"'{value}' is no date", "write 'YYYY-MM-DD'")

    def _call(self, node: ast.Call) -> Call:
        if not isinstance(node.func, ast.Name):
            self._fail(node, "only predicates can be called")
        name = node.func.id
        if name not in PREDICATES:
            self._fail(node.func, f"there is no predicate '{name}'", did_you_mean(name, PREDICATES))
        args = tuple(self._argument(each) for each in node.args)
        if None in args or node.keywords or not _fits(name, [type(each) for each in args]):
            hint = "write " + EXAMPLES.get(name, f"{name}('…')")
            self._fail(node, f"'{name}' is not called like this", hint)
        for each, value in zip(node.args, args, strict=True):
            if isinstance(value, str):
                self._check_argument(each, PREDICATES[name], value)
        return Call(name, tuple(value for value in args if value is not None))

    def _argument(self, node: ast.expr) -> Constant | None:
        value = node.value if isinstance(node, ast.Constant) else None
        return value if isinstance(value, str) or (type(value) is int and value > 0) else None

    def _check_argument(self, node: ast.expr, what: str, word: str) -> None:
        known = {
            "state": self._names.scopes,
            "fact": frozenset(self._names.facts),
            "bool fact": frozenset(name for name, spec in self._names.facts.items() if spec.type == "bool"),
            "document": self._names.documents,
            "trigger": self._names.triggers,
            "deadline": self._names.deadlines,
            "date": self._names.dates,
        }.get(what)
        if what == "day":
            self._day(node, word)
        elif known is not None and word not in known:
            self._fail(node, f"there is no {what} '{word}'", did_you_mean(word, known))


def _fits(name: str, shape: list[type]) -> bool:
    """Say whether the predicate *name* takes arguments of these types."""
    if name == "state":
        return bool(shape) and set(shape) == {str}
    if name == "children_open":
        return shape in ([], [str])
    return shape == ([str, int] if name == "at_least" else [str])
