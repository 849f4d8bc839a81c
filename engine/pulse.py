"""The pulse of a campaign: something that changes whenever anything was put on record."""

from engine.steady import entries
from engine.store import Tx


def pulse(tx: Tx, campaign_id: int) -> str:
    """How many entries there are: it changes with each, in whatever order several become visible."""
    return str(entries(tx, campaign_id))
