"""What commands and pages have proved is not proved again in one process: the same content has the same proof.

Tests of the prover itself call `engine.proof.prove` as they have imported it, and prove each time.
"""

import hashlib
import pickle
from copy import deepcopy
from typing import Any

from engine import proof
from engine.definition import Definition

_kept: dict[str, proof.Proof] = {}
"""By a digest of all that was asked: the text with its places, the surroundings, how it was to be proved."""


def prove(definition: Definition, setting: proof.Setting | None = None, **how: Any) -> proof.Proof:
    """The proof of *definition*, made or kept; its reader may add to it."""
    about = (definition.name, definition.text, definition.digest, setting, sorted(how.items()))
    key = hashlib.sha256(pickle.dumps(about)).hexdigest()
    if key not in _kept:
        _kept[key] = _prove(definition, setting, **how)
    return deepcopy(_kept[key])


_prove = proof.prove
