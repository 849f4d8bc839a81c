"""What a proof finds: a mistake of a definition or a campaign, with its place, its words and the way that leads to it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from engine.campaign_schema import BodySpec
from engine.definition_schema import Label
from engine.exploring import Way
from engine.proof_words import Words
from engine.source import Path
from engine.states import Leaf


@dataclass(frozen=True)
class Finding:
    """Something that must not be: its *code*, where in the file it stands, its parameters, and the *way* that leads to it.

    A *trace* that is told already stands in the place of the way.
    """

    code: str
    path: Path
    words: Words = field(default_factory=dict)
    way: Way | None = None
    key: bool = False
    trace: tuple[dict[str, Any], ...] = ()


def names(bodies: Iterable[BodySpec]) -> Label:
    """What the bodies are called, one after the other."""
    return joined([body.name for body in bodies])


def joined(labels: Iterable[Label]) -> Label:
    """Labels one after the other, each once."""
    known = list(labels)
    zh, en = (dict.fromkeys(getattr(each, lang) for each in known) for lang in ("zh", "en"))
    return Label(zh="、".join(zh), en=", ".join(en))


def state_path(leaf: Leaf) -> Path:
    """Where a state stands in its file."""
    return ("states", *(part for scope in leaf.scopes[:-1] for part in (scope, "states")), leaf.code)
