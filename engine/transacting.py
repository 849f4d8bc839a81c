"""A piece of work in one transaction, again if it met somebody else's."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from engine.dialect_errors import Clash, Deadlocked
from engine.errors import Unavailable
from engine.failpoints import reach
from engine.stamp import Stale
from engine.store import Database, Tx

T = TypeVar("T")

TRIES = 20
"""How often an order is tried again after it met another one at a unique key or in a deadlock."""

WAIT_S = 0.002
"""What it waits at most before the third try is four of these, doubled with each try up to the sixth. PLACEHOLDER

Of many who want the next number of one kind at one moment each round lets one through. Where each waits as chance will
have it, two dozen at once are served; without it every fifth of them was refused.
"""

MOST_DOUBLED = 6


def transact(database: Database, work: Callable[[Tx], T], refresh: Callable[[], object] | None = None) -> tuple[T, Tx]:
    """Run *work* in a transaction, again if it met another at a key or in a deadlock; return its answer and the transaction.

    It waits a little before a third try and all later ones, with nothing held.

    *refresh* is called when the calendar or the campaign has been changed meanwhile, before *work* is tried again. Raises
    Unavailable if something was met each time.
    """
    clash: Exception | None = None
    for tried in range(TRIES):
        if tried > 1:
            time.sleep(random.random() * WAIT_S * 2 ** min(tried, MOST_DOUBLED))  # noqa: S311 - not a secret
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
