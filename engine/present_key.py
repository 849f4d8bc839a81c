"""Which key seals at present, as the database names it: a process that was not given it yet seals nothing with an older one."""

from engine.errors import Unavailable
from engine.publishing import get_meta
from engine.sealing_key import Ring
from engine.store import Tx


def refuse_other_key(tx: Tx, ring: Ring, current: str) -> None:
    """Raise Unavailable if the key that seals is another than that of *ring*; *current* is the property that names it."""
    named = get_meta(tx, current)
    if named and named != ring.name():
        raise Unavailable(
            f"the key of the {ring.purpose} was changed: this process has {ring.name()}, not {named}", "key_changed",
            hint="bring the new file of the key here",
        )  # fmt: skip
