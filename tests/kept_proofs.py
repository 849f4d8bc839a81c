"""What commands and pages have proved is not proved again in one process: the same content has the same proof.

Tests of the prover itself call `engine.proof.prove` as they have imported it, and prove each time.
"""

from copy import deepcopy
from typing import Any

from engine import proof
from engine.definition import Definition

Key = tuple[object, ...]

_kept: dict[Key, proof.Proof] = {}
"""By all that was asked: the text with its places, the surroundings, how it was to be proved."""


def prove(definition: Definition, setting: proof.Setting | None = None, **how: Any) -> proof.Proof:
    """The proof of *definition*, made or kept; its reader may add to it."""
    asked: Key = (
        definition.name, definition.text, definition.digest, setting and _content(setting), tuple(sorted(how.items())),
    )  # fmt: skip
    if asked not in _kept:
        _kept[asked] = _prove(definition, setting, **how)
    return deepcopy(_kept[asked])


def _content(setting: proof.Setting) -> Key:
    work, access = setting.work, setting.access
    others = tuple((kind, doc.model_dump_json()) for kind, doc in setting.others.items())
    counted = (work.zone.key, work.calendar.digest, tuple(work.dates.items()), work.remind_at)
    return (setting.campaign.model_dump_json(), others, counted, access and access.doc.model_dump_json())


_prove = proof.prove
