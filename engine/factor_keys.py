"""Second factors under another key."""

from collections.abc import Callable

from engine.factor_seal import CURRENT, PURPOSE, FactorSeal, seal_all
from engine.key_rotation import Kept


def kept_by(seal: Callable[[], FactorSeal]) -> Kept:
    """What the key of second factors seals; *seal* is what it is at each moment."""
    return Kept(PURPOSE, CURRENT, "factors", lambda tx, most: seal_all(tx, seal(), most))
