"""A table of expectations as text, to be read through and put at the end of its definition."""

import re
from collections.abc import Iterator

from engine.definition_schema import DefinitionDoc
from engine.expected import BESIDE_ACT, BY_ACT, LISTS, acts_of, table_of

WIDTH = 128
"""Characters of a line."""

_PLAIN = re.compile(r"[a-z][A-Za-z0-9_ .|#>=@/+*()-]*")
_WORDS = {"true", "false", "null"}


def expected_text(doc: DefinitionDoc) -> str:
    """Write the table of *doc* as the section ``expects``. Raises ExprError for an expression that is none."""
    return "\n".join(("expects:", *_lines(doc))) + "\n"


def _lines(doc: DefinitionDoc) -> Iterator[str]:
    acts = list(acts_of(doc))
    for chapter, drawn in table_of(doc).items():
        entries = drawn
        if chapter in BY_ACT:
            entries = {about: _short(phrases, acts) for about, phrases in drawn.items()}
        elif chapter in BESIDE_ACT:
            entries = _together(drawn, acts)
        if chapter in LISTS:
            yield from _entry(f"  {chapter}:", entries.get("", []))
        elif not entries:
            yield f"  {chapter}: {{}}"
        else:
            yield f"  {chapter}:"
            for about, phrases in entries.items():
                yield from _entry(f"    {_scalar(about)}:", phrases)


def _short(phrases: list[str], acts: list[str]) -> list[str]:
    """Name a trigger instead of all its arrows."""
    found: dict[str, None] = {}
    for phrase in phrases:
        trigger = phrase.partition("#")[0]
        every = [act for act in acts if act.partition("#")[0] == trigger]
        found[trigger if set(every) <= set(phrases) else phrase] = None
    return list(found)


def _together(entries: dict[str, list[str]], acts: list[str]) -> dict[str, list[str]]:
    """Say once of a trigger what is said of all its arrows."""
    found: dict[str, list[str]] = {}
    for act, phrases in entries.items():
        trigger = act.partition("#")[0]
        every = [each for each in acts if each.partition("#")[0] == trigger]
        found[trigger if all(entries.get(each) == phrases for each in every) else act] = phrases
    return found


def _entry(head: str, phrases: list[str]) -> Iterator[str]:
    if len(phrases) == 1:
        yield f"{head} {_scalar(phrases[0])}"
        return
    line, indent = f"{head} [", " " * (len(head) - len(head.lstrip()) + 2)
    for position, phrase in enumerate(phrases):
        piece = _scalar(phrase) + ("]" if position == len(phrases) - 1 else ",")
        if len(line) + len(piece) + 1 > WIDTH and not line.endswith("["):
            yield line
            line = indent + piece
        else:
            line += piece if line.endswith("[") else f" {piece}"
    yield line if phrases else f"{head} []"


def _scalar(text: str) -> str:
    plain = _PLAIN.fullmatch(text) and text not in _WORDS and " #" not in text and not text.endswith(" ")
    if plain:
        return text
    return f'"{text}"' if '"' not in text and "\\" not in text else "'" + text.replace("'", "''") + "'"
