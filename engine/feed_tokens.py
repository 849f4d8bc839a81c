"""Tokens of calendar feeds: a secret that shows one person's deadlines and nothing else, and can be taken back.

The console serves the feed under it; such a token lets nobody act. Only its hash is stored.
"""

import hashlib
import hmac
import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from engine.account_record import begin_account
from engine.clock import from_us, to_us
from engine.errors import Forbidden, NotFound
from engine.history import Line, append, chain_at
from engine.orders import Actor
from engine.people_tables import FeedToken
from engine.reasons import self_or_administrator
from engine.scopes import refuse_outside
from engine.service import Engine
from engine.store import Statement, Tx
from engine.tables import table_of
from engine.urging import administers

F = table_of(FeedToken)

ADD = Statement(insert(F), [column.name for column in F.columns])
OPEN = Statement(
    select(F.c.id).where(
        F.c.campaign_id == bindparam("campaign_id"), F.c.login == bindparam("login"), F.c.revoked_at.is_(None)
    )
)
SINCE = Statement(
    select(F.c.made_at).where(
        F.c.campaign_id == bindparam("campaign_id"), F.c.login == bindparam("login"), F.c.revoked_at.is_(None)
    )
)
REVOKE = Statement(
    update(F)
    .where(F.c.campaign_id == bindparam("b_campaign_id"), F.c.login == bindparam("b_login"), F.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("at"))
)
BY_ID = Statement(
    select(F.c.login, F.c.hash, F.c.revoked_at).where(
        F.c.campaign_id == bindparam("campaign_id"), F.c.id == bindparam("id")
    )
)

PREFIX = "dbf"
"""How such a token begins, so that it is not taken for one that lets somebody act."""


class FeedTokens:
    """Make and take back feed tokens on behalf of *actor*: everybody his own, the office all."""

    def __init__(self, engine: Engine, actor: Actor) -> None:
        self.engine = engine
        self.actor = actor

    def make(self, login: str) -> dict[str, Any]:
        """Make a token for *login*'s feed; an earlier one ends. The answer is the only place where it stands in clear.

        Raises NotFound for nobody's login, Forbidden for another's.
        """
        ident = secrets.token_hex(8)
        secret = f"{PREFIX}_{ident}_{secrets.token_urlsafe(32)}"

        def work(tx: Tx, now: datetime) -> dict[str, Any]:
            self._end(tx, login, now)
            row = {"id": ident, "campaign_id": self.engine.campaign.id, "login": login, "hash": _hash(secret)}
            tx.write(ADD, {**row, "made_at": to_us(now), "revoked_at": None})
            return {"login": login, "feed_token": ident, "hash": _hash(secret)}

        said = self._change(login, "feed_token", work)
        return {"login": login, "feed_token": said["feed_token"], "token": secret}

    def revoke(self, login: str) -> dict[str, Any]:
        """Take back the token of *login*'s feed, at once. Raises NotFound if there is none."""

        def work(tx: Tx, now: datetime) -> dict[str, Any]:
            if not tx.rows(OPEN, campaign_id=self.engine.campaign.id, login=login):
                raise NotFound(f"there is no feed token of {login}", "no_feed_token")
            self._end(tx, login, now)
            return {"login": login, "revoked": True}

        return self._change(login, "feed_token_revoked", work)

    def since(self, login: str) -> datetime | None:
        """Since when *login* has a token; None if there is none."""
        with self.engine.database.snapshot() as tx:
            row = tx.row(SINCE, campaign_id=self.engine.campaign.id, login=login)
        return from_us(row[0]) if row else None

    def _end(self, tx: Tx, login: str, now: datetime) -> None:
        tx.write(REVOKE, {"b_campaign_id": self.engine.campaign.id, "b_login": login, "at": to_us(now)})

    def _change(self, login: str, what: str, work: Any) -> dict[str, Any]:
        campaign, now = self.engine.campaign, self.engine.clock.now()
        refuse_outside(self.actor, "admin")
        own = self.actor.login == login and self.actor.on_behalf_of is None
        if not own and not administers(campaign, self.actor):
            raise Forbidden(
                f"{self.actor.login} may not change the feed token of {login}", "forbidden", [self_or_administrator()]
            )

        def carry_out(tx: Tx) -> dict[str, Any]:
            begin_account(tx, campaign, login)
            if not self.engine.people.exists(tx, login):
                raise NotFound(f"nobody has the login {login!r}", "no_login")
            said: dict[str, Any] = work(tx, now)
            chain = chain_at(tx, campaign.id, campaign.log, f"authz/{login}")
            append(tx, chain, Line("account", self.actor, to_us(now), to_us(now), trigger=what, more={"account": said}))
            return said

        return self.engine.in_transaction(carry_out)


def feed_holder(engine: Engine, tx: Tx, secret: str) -> str:
    """Whose feed *secret* shows. Raises Forbidden with one message for every way to be wrong, also for a disabled person."""
    refusal = Forbidden("the feed's address is not valid any more; ask for a new one", "bad_token")
    parts = secret.strip().split("_", 2)
    row = tx.row(BY_ID, campaign_id=engine.campaign.id, id=parts[1]) if len(parts) == 3 and parts[0] == PREFIX else None
    if row is None or row[2] is not None or not hmac.compare_digest(row[1], _hash(secret.strip())):
        raise refusal
    login: str = row[0]
    if not engine.people.posts_of(tx, login, engine.clock.now()):
        raise refusal
    return login


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
