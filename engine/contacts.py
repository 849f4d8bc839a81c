"""Changing how people are reached: everybody for himself, the office for all, each change on the chained record."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, update

from engine.campaign import Campaign
from engine.clock import to_us
from engine.errors import Forbidden, Invalid, NotFound
from engine.history import Line, append, chain_at
from engine.ids import new_id
from engine.orders import Actor
from engine.reasons import self_or_administrator
from engine.service import Engine
from engine.store import Statement, Tx
from engine.urging import administers
from engine.ways import C, ways_of

ADD = Statement(insert(C), [column.name for column in C.columns])
END = Statement(
    update(C)
    .where(
        C.c.campaign_id == bindparam("b_campaign_id"), C.c.holder == bindparam("b_holder"),
        C.c.channel == bindparam("b_channel"), C.c.ended_at.is_(None),
    )
    .values(ended_at=bindparam("at"))
)  # fmt: skip

QUIET = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]")

LONGEST_ADDRESS = 254
"""Characters of an address. Source: RFC 5321, section 4.5.3.1.3, less its brackets."""


LAST_RANK = 9
"""The last place in the order of somebody's ways. PLACEHOLDER"""


class Contacts:
    """Change how people are reached, on behalf of *actor*: everybody for himself, the office for all."""

    def __init__(self, engine: Engine, actor: Actor) -> None:
        self.engine = engine
        self.actor = actor

    def set(self, holder: str, channel: str, address: str, quiet: str = "", rank: int = 1) -> dict[str, Any]:
        """Say how *holder*, a login, ``body.post`` or a body's code, is reached over *channel*; an earlier address ends.

        All ways of the first *rank* are used at once, those of a later one when the earlier have failed for good.

        Raises Invalid for an address or hours that are none, NotFound for nobody's login, Forbidden for another's.
        """
        _must_be_a_way(address, quiet, rank)
        self._must_be_allowed(holder)
        row = {"holder": holder, "channel": channel, "address": address, "quiet": quiet, "rank": rank}
        return self.engine.in_transaction(lambda tx: self.setting(tx, self.engine.clock.now(), row))

    def setting(self, tx: Tx, now: datetime, said: Mapping[str, Any]) -> dict[str, Any]:
        """The same inside *tx*, for whoever may: *said* are ``holder``, ``channel``, ``address``, ``quiet`` and ``rank``."""
        _must_be_a_way(said["address"], said["quiet"], said["rank"])
        holder, channel, address = said["holder"], said["channel"], said["address"]

        def work(tx: Tx, now: datetime) -> dict[str, Any]:
            self._end(tx, holder, channel, now)
            row = {"id": new_id(), "campaign_id": self.engine.campaign.id, **said}
            tx.write(ADD, {**row, "set_by": self.actor.login, "set_at": to_us(now), "ended_at": None})
            return {name: value for name, value in said.items() if name != "address"}

        return {**self._enter(tx, now, holder, "set", address, work), "address": address}

    def drop(self, holder: str, channel: str) -> dict[str, Any]:
        """Say that *holder* is not reached over *channel* any more. Raises NotFound if it was not."""

        def work(tx: Tx, now: datetime) -> dict[str, Any]:
            if channel not in {way.channel for way in ways_of(tx, self.engine.campaign.id).get(holder, ())}:
                raise NotFound(f"{holder} is not reached over {channel!r}", "no_contact")
            self._end(tx, holder, channel, now)
            return {"holder": holder, "channel": channel, "dropped": True}

        return self._change(holder, "drop", "", work)

    def listed(self, holder: str | None = None) -> list[dict[str, Any]]:
        """How people are reached now: all for the office, one's own for everybody else."""
        with self.engine.database.snapshot() as tx:
            ways = ways_of(tx, self.engine.campaign.id)
        return [
            {"holder": name, "channel": way.channel, "address": way.address, "quiet": way.quiet, "rank": way.rank}
            for name, found in ways.items()
            for way in found
            if holder in (None, name) and self._may(name)
        ]

    def _end(self, tx: Tx, holder: str, channel: str, now: datetime) -> None:
        where = {"b_campaign_id": self.engine.campaign.id, "b_holder": holder, "b_channel": channel}
        tx.write(END, {**where, "at": to_us(now)})

    def _may(self, holder: str) -> bool:
        return self.actor.login == holder or administers(self.engine.campaign, self.actor)

    def _change(self, holder: str, what: str, address: str, work: Any) -> dict[str, Any]:
        self._must_be_allowed(holder)
        return self.engine.in_transaction(
            lambda tx: self._enter(tx, self.engine.clock.now(), holder, what, address, work)
        )

    def _must_be_allowed(self, holder: str) -> None:
        if not self._may(holder):
            raise Forbidden(
                f"{self.actor.login} may not say how {holder} is reached", "forbidden", [self_or_administrator()]
            )

    def _enter(self, tx: Tx, now: datetime, holder: str, what: str, address: str, work: Any) -> dict[str, Any]:
        campaign = self.engine.campaign
        self._must_be_somebody(tx, holder, campaign)
        said: dict[str, Any] = work(tx, now)
        chain = chain_at(tx, campaign.id, campaign.log, f"contacts/{holder}")
        hidden = {"address": address} if address else None
        line = Line("account", self.actor, to_us(now), to_us(now), trigger=f"contact_{what}", private=hidden)
        line.more = {"contact": said}
        append(tx, chain, line)
        return said

    def _must_be_somebody(self, tx: Tx, holder: str, campaign: Campaign) -> None:
        body, _, post = holder.partition(".")
        if holder in campaign.bodies:
            return
        if body in campaign.bodies and post in campaign.bodies[body].posts:
            return
        if not self.engine.people.exists(tx, holder):
            raise NotFound(
                f"nobody has the login {holder!r}, and it is no body and no post of one (wujia.head)", "no_login"
            )


def _must_be_a_way(address: str, quiet: str, rank: int) -> None:
    """Raise Invalid for an address, hours or a rank that are none."""
    if not address or len(address) > LONGEST_ADDRESS or not address.isprintable() or address != address.strip():
        raise Invalid(f"not an address: {address!r}; one line of at most {LONGEST_ADDRESS} characters", "address")
    if quiet and (not QUIET.fullmatch(quiet) or quiet[:5] == quiet[6:]):
        raise Invalid(f"not hours: {quiet!r}; write 22:00-07:00", "quiet")
    if not 1 <= rank <= LAST_RANK:
        raise Invalid(f"not a rank: {rank}; 1 (first) to {LAST_RANK}", "rank")
