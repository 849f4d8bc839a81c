"""The record of getting in: every sign-in, refusal and sign-out is an entry; what an attacker repeats is counted, not repeated."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.clock import to_us
from engine.history import Line, append, chain_at
from engine.orders import Actor
from engine.service import Engine
from engine.store import Tx
from engine.throttle import tally

DOOR = Actor("system", "door", key="system")
"""Under this name stands what somebody tried who has not proved who he is."""

NOBODY = "access/-"
"""The stream of attempts under logins that nobody has; what was typed there is not kept: it is often a password."""


def enter_access(
    tx: Tx, engine: Engine, login: str | None, what: str, actor: Actor, *, address: str | None = None, **more: Any
) -> None:
    """Put *what* happened at the door of *login* on record; the address goes in as a commitment only."""
    campaign = engine.campaign
    stream = f"access/{login}" if login else NOBODY
    now_us = to_us(engine.clock.now())
    said: dict[str, Any] = {"access": {"login": login, **more} if login else dict(more)}
    private: Mapping[str, str] | None = {"address": address} if address else None
    line = Line("access", actor, now_us, now_us, trigger=what, private=private, more=said)
    append(tx, chain_at(tx, campaign.id, campaign.log, stream), line)
    tx.flush()


def enter_counted(
    tx: Tx, engine: Engine, login: str | None, what: str, now: datetime, *, address: str | None = None
) -> None:
    """Put what can be repeated at will on record: at once the first time, then once a while with how often it was."""
    times = tally(tx, f"{what}/{login or '-'}", to_us(now))
    if times:
        enter_access(tx, engine, login, what, DOOR, address=address, times=times)
