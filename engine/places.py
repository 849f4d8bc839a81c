"""Where a matter can be, as far as that is followed, and the steps from one place to the next."""

from dataclasses import dataclass, field
from typing import Any

from engine.expr_partly import Var
from engine.machine import Arrow
from engine.surroundings import Birth

Values = tuple[Any, ...]
Place = tuple[str, Values]
"""A situation as far as it is followed: the state, and the values of what is followed."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: *what* is ``open``, ``act``, ``time``, ``day``, ``attach``, ``child`` or ``correct``; *about* names its object.

    An act that a clock has fired names the *clock*.
    """

    what: str
    about: str = ""
    arrow: Arrow | None = field(default=None, repr=False)
    stated: tuple[tuple[str, Any], ...] = ()
    birth: Birth | None = None
    clock: str = ""


@dataclass(slots=True)
class Move:
    """A step with the situations it can lead to. It is *sure* if the actor can bring it about; else *doubts* say what
    would have to be followed to know."""

    step: Step
    places: list[Place]
    sure: bool
    doubts: frozenset[Var] = frozenset()
