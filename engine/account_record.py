"""The record of accounts: each change is an entry of the stream of its login, and the tables can be told from these alone."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.campaign import Campaign
from engine.clock import to_us
from engine.history import Line, append, chain_at
from engine.orders import Actor
from engine.store import Tx


def begin_account(tx: Tx, campaign: Campaign, login: str) -> None:
    """Look for the end of the record of *login*, before anything is decided about the account.

    Who changes it at the same moment is met there when both enter what they did: one tries again and decides anew.
    """
    chain_at(tx, campaign.id, campaign.log, f"authz/{login}")


def enter_account(
    tx: Tx,
    campaign: Campaign,
    actor: Actor,
    now: datetime,
    what: str,
    said: Mapping[str, Any],
    private: Mapping[str, str] | None = None,
) -> None:
    """Put a change of an account on record; the tables of accounts can be told from these entries alone."""
    chain = chain_at(tx, campaign.id, campaign.log, f"authz/{said['login']}")
    line = Line("account", actor, to_us(now), to_us(now), trigger=what, private=private, more={"account": dict(said)})
    append(tx, chain, line)
    tx.flush()
