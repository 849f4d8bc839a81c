"""Diagrams of definitions, as text that Mermaid draws (stateDiagram-v2)."""

from collections.abc import Iterator

from engine.check_structure import moves_of
from engine.definition import Definition
from engine.definition_schema import ArrowSpec, Label, StateSpec
from engine.marks import UNVERIFIED, Lang, said

ESCAPED = {char: f"#{ord(char)};" for char in '#":;%<>{}[]|\\`&'}
"""Characters that Mermaid reads as its own, written by their numbers."""

MARKS: dict[str, dict[Lang, str]] = {
    "when": {"zh": "条件", "en": "if"},
    "needs": {"zh": "材料", "en": "document"},
    "asks": {"zh": "填写", "en": "facts"},
    "reason": {"zh": "理由", "en": "reason"},
    "distinct_from": {"zh": "回避", "en": "another person"},
    "back": {"zh": "返回", "en": "back"},
    "unverified": {"zh": said(UNVERIFIED, "zh"), "en": said(UNVERIFIED, "en")},
}
"""What stands in brackets behind an arrow's label: the kinds of conditions it has, and that its rule is not verified."""


def mermaid(definition: Definition, lang: Lang) -> str:
    """Draw *definition* with labels in *lang*; stages hold their states, acts without a move are loops."""
    doc, tree = definition.doc, definition.tree
    lines = ["stateDiagram-v2", f"    %% {doc.kind} {doc.version} {definition.digest[:12]}"]
    lines += _states(doc.states, lang, 1)
    lines.append(f"    [*] --> {_id(tree.first_leaf(doc.initial))} : {_text(doc.open.label, lang)}")
    lines += [f"    {src} --> {_id(dst)} : {words}" for src, dst, words in _edges(definition, lang)]
    lines += [f"    {_id(leaf.code)} --> [*]" for leaf in tree.leaves.values() if leaf.final]
    return "\n".join(lines) + "\n"


def _id(code: str, kind: str = "s") -> str:
    """Make an identifier that is none of Mermaid's own words; a stage may share a state's code."""
    return f"{kind}_{code}"


def _text(label: Label, lang: Lang) -> str:
    """Write a label on one line without anything Mermaid would take for its own."""
    words = " ".join((label.zh if lang == "zh" else label.en).split())
    return "".join(ESCAPED.get(char, char) for char in words)


def _states(states: dict[str, StateSpec], lang: Lang, level: int) -> Iterator[str]:
    margin = "    " * level
    for code, spec in states.items():
        label = _text(spec.label, lang)
        if not spec.states:
            yield f'{margin}state "{label}" as {_id(code)}'
            continue
        yield f'{margin}state "{label}" as {_id(code, "stage")} {{'
        yield from _states(spec.states, lang, level + 1)
        yield margin + "}"


def _edges(definition: Definition, lang: Lang) -> Iterator[tuple[str, str, str]]:
    """List the source's id, the target and the words of each line; a stage stands for all its states."""
    doc, tree = definition.doc, definition.tree
    moves = moves_of(doc, tree)
    for position, arrow in enumerate(doc.transitions):
        words = _words(arrow, lang)
        if arrow.to == "=":
            yield from ((_id(leaf), leaf, words) for leaf in tree.expand(arrow.from_))
        elif arrow.to == "@back":
            for leaf in tree.expand(arrow.from_):
                yield from ((_id(leaf), target, words) for at, target in moves[leaf] if at == position)
        else:
            for code in arrow.from_:
                target = tree.first_leaf(arrow.to)
                if code in tree.leaves or code in tree.leaves[target].scopes:
                    yield from ((_id(src), target, words) for src in tree.below[code])
                else:
                    yield _id(code, "stage"), target, words


def _words(arrow: ArrowSpec, lang: Lang) -> str:
    has = {
        "when": arrow.when is not None,
        "needs": bool(arrow.needs or arrow.needs_new),
        "asks": bool(arrow.asks),
        "reason": arrow.reason,
        "distinct_from": bool(arrow.distinct_from),
        "back": arrow.to == "@back",
        "unverified": arrow.mark == UNVERIFIED,
    }
    marks = [MARKS[mark][lang] for mark, is_so in has.items() if is_so]
    joined = ("、" if lang == "zh" else ", ").join(marks)
    return _text(arrow.label, lang) + (f" [{joined}]" if marks else "")
