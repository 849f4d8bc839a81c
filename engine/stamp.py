"""Whether a process still works with what the database holds: one number that every change of calendar or campaign moves."""

from engine.campaign import Campaign
from engine.publishing import GET_META, get_meta, set_meta
from engine.store import Tx

KEY = "stamp"
"""The property of the database that is read with every order, in the round trip of its first read."""

CURRENT = (GET_META, {"key": KEY})
"""The read to go along."""


WAITS = "recount:{}"
"""The property that says what is to be counted again, for the campaign with this id; empty or missing: nothing."""


class Stale(Exception):
    """The calendar or the campaign was changed by somebody else: look again, then try again. Nothing was written."""


def stamp_of(tx: Tx) -> str:
    """The stamp of the database."""
    return get_meta(tx, KEY) or "0"


def move_stamp(tx: Tx) -> None:
    """Tell every process to look at calendar and campaign anew."""
    set_meta(tx, KEY, str(int(stamp_of(tx)) + 1))


def must_be_current(campaign: Campaign, found: list[tuple[str]]) -> None:
    """Raise Stale unless *campaign* was made from what the database holds; *found* is what `CURRENT` read."""
    if (found[0][0] if found else "0") != campaign.stamp:
        raise Stale
