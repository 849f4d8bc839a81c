"""An expression as it would be written: the same text for the same meaning of its parts, whatever spaces it was given."""

from engine.expr_tree import Bare, Call, Compare, Constant, Contains, Join, Node, Not, Total


def conjuncts(node: Node) -> list[str]:
    """What must all hold for *node* to hold, each as it would be written."""
    parts = node.parts if isinstance(node, Join) and node.word == "and" else (node,)
    return [text for part in parts for text in (conjuncts(part) if part is not node else [written(part)])]


def written(node: Node) -> str:
    """Write *node*, with brackets where they are needed."""
    if isinstance(node, Join):
        return f" {node.word} ".join(_bracketed(part) for part in node.parts)
    if isinstance(node, Not):
        return f"not {_bracketed(node.part)}"
    return _atom(node)


def _bracketed(node: Node) -> str:
    return f"({written(node)})" if isinstance(node, Join) else written(node)


def _atom(node: Bare | Compare | Contains | Call | Total) -> str:
    if isinstance(node, Bare):
        return node.fact
    if isinstance(node, Call):
        return f"{node.name}({', '.join(_constant(each) for each in node.args)})"
    if isinstance(node, Contains):
        return f"{_constant(node.value)} in {node.fact}"
    if isinstance(node, Total):
        terms = " + ".join(fact if times == 1 else f"{times} * {fact}" for times, fact in node.terms)
        return f"{terms} {node.op} {node.value}"
    if isinstance(node.value, tuple):
        return f"{node.fact} {node.op} ({', '.join(_constant(each) for each in node.value)})"
    return f"{node.fact} {node.op} {_constant(node.value)}"


def _constant(value: Constant) -> str:
    return f"'{value}'" if isinstance(value, str) else str(value)
