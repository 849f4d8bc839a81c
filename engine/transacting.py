"""A piece of work in one transaction, again if it met somebody else's."""

from collections.abc import Callable
from typing import TypeVar

from engine.dialect_errors import Clash, Deadlocked
from engine.errors import Unavailable
from engine.failpoints import reach
from engine.stamp import Stale
from engine.store import Database, Tx

T = TypeVar("T")

TRIES = 12
"""How often an order is tried again after it met another one at a unique key or in a deadlock."""


def transact(database: Database, work: Callable[[Tx], T], refresh: Callable[[], object] | None = None) -> tuple[T, Tx]:
    """Run *work* in a transaction, again if it met another at a key or in a deadlock; return its answer and the transaction.

    *refresh* is called when the calendar or the campaign has been changed meanwhile, before *work* is tried again. Raises
    Unavailable if something was met each time.
    """
    clash: Exception | None = None
    for _ in range(TRIES):
        try:
            with database.tx() as tx:
                reach("begun")
                done = work(tx)
            return done, tx
        except (Clash, Deadlocked) as error:
            clash = error
        except Stale as error:
            clash = error
            if refresh is not None:
                refresh()
    raise Unavailable(f"too many orders at once for the same thing ({clash}); try again", "contention") from clash
