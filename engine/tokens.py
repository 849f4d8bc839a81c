"""Personal tokens: made by their own owner, for a part of his rights and at most ninety days, shown once, taken back at once."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select, update

from engine.access_record import enter_access
from engine.account_record import begin_account, enter_account
from engine.clock import from_us, rfc3339, to_us
from engine.errors import Forbidden, NotFound, Reason
from engine.orders import Actor
from engine.people import TOKEN_DAYS, token_hash, token_ident
from engine.people_tables import Token
from engine.scopes import EXPRESS, refuse_outside, written
from engine.service import Engine
from engine.store import Statement, Tx
from engine.tables import table_of
from engine.three import is_owner, keeps_accounts, refuse_unless_security

T = table_of(Token)

USED_AGAIN = timedelta(days=1)
"""The use of a token is entered once in this time."""

OF = Statement(
    select(T.c.id, T.c.scope, T.c.created_at, T.c.expires_at, T.c.revoked_at, T.c.last_used_at, T.c.issued_by)
    .where(T.c.login == bindparam("login"))
    .order_by(T.c.created_at, T.c.id)
)
ONE = Statement(select(T.c.login, T.c.revoked_at).where(T.c.id == bindparam("id")))
LAST_USED = Statement(select(T.c.last_used_at).where(T.c.id == bindparam("id")))
REVOKE = Statement(
    update(T).where(T.c.id == bindparam("b_id"), T.c.revoked_at.is_(None)).values(revoked_at=bindparam("at"))
)
USED = Statement(update(T).where(T.c.id == bindparam("b_id")).values(last_used_at=bindparam("at")))


class Tokens:
    """Make, list and take back tokens on behalf of *actor*."""

    def __init__(self, engine: Engine, actor: Actor) -> None:
        self.engine = engine
        self.actor = actor

    def make(self, login: str, days: int = TOKEN_DAYS, scope: frozenset[str] | None = None) -> dict[str, Any]:
        """Make a token of one's own; the answer is the only place where it ever stands in clear.

        The owner of a local database makes one for anybody, and a rehearsal's administrator: separation of duties takes
        its holder for the one who made it. Raises Forbidden for anybody else's, Invalid for days or a scope that go too far.
        """
        engine, actor, now = self.engine, self.actor, self.engine.clock.now()
        for each in ("admin", *sorted((scope or frozenset()) & EXPRESS)):
            refuse_outside(actor, each)
        given = scope if actor.scope is None else (scope or actor.scope) & actor.scope
        vouched = actor.vouched_by if actor.login == login and not is_owner(actor) else actor.person
        made: list[str] = []

        def work(tx: Tx) -> dict[str, Any]:
            made.clear()
            begin_account(tx, engine.campaign, login)
            self._must_be_own(tx, login)
            secret, ident, expires_at = engine.people.token(tx, login, days, now, written(given), vouched)
            made.append(secret)
            said = token_said(login, ident, expires_at, secret, written(given), vouched)
            enter_account(tx, engine.campaign, actor, now, "token", said)
            return said

        said = engine.in_transaction(work)
        return {**{name: value for name, value in said.items() if name != "hash"}, "token": made[0]}

    def _must_be_own(self, tx: Tx, login: str) -> None:
        actor = self.actor
        own = actor.login == login and actor.on_behalf_of is None
        anybodys = is_owner(actor) or self.engine.people.mode == "rehearsal"
        if own or (anybodys and keeps_accounts(self.engine, tx, actor)):
            return
        if anybodys:
            refuse_unless_security(self.engine, tx, actor, f"make a token for {login}")
        reason = Reason(
            "own",
            f"令牌由本人登录后制作；请先发放激活码：duban user code {login}",
            f"a token is made by its own owner, signed in; issue a one-time code instead: duban user code {login}",
        )
        raise Forbidden(f"{actor.login} may not make a token for {login}: {reason.en}", "own_only", [reason])

    def listed(self, login: str) -> list[dict[str, Any]]:
        """The tokens of *login* with how they stand, never the secrets. Raises Forbidden for another's, NotFound."""
        now_us = to_us(self.engine.clock.now())
        with self.engine.database.snapshot() as tx:
            self._must_see(tx, login)
            return [_json(row, now_us) for row in tx.rows(OF, login=login)]

    def revoke(self, ident: str) -> dict[str, Any]:
        """Take a token back, at once on every node. Raises NotFound, Forbidden for another's."""
        now = self.engine.clock.now()

        def work(tx: Tx) -> dict[str, Any]:
            row = tx.row(ONE, id=ident)
            mine = row is not None and row[0] == self.actor.login and self.actor.on_behalf_of is None
            if not mine:
                refuse_unless_security(self.engine, tx, self.actor, "take back the tokens of others")
            if row is None or row[1] is not None:
                raise NotFound(f"there is no token {ident!r} that holds", "no_token")
            tx.write(REVOKE, {"b_id": ident, "at": to_us(now)})
            said = {"login": row[0], "token_id": ident, "revoked": True}
            enter_account(tx, self.engine.campaign, self.actor, now, "token_revoked", said)
            return said

        return self.engine.in_transaction(work)

    def _must_see(self, tx: Tx, login: str) -> None:
        if self.actor.login != login or self.actor.on_behalf_of is not None:
            refuse_unless_security(self.engine, tx, self.actor, f"see the tokens of {login}")
        if not self.engine.people.exists(tx, login):
            raise NotFound(f"nobody has the login {login!r}", "no_login")


def token_said(
    login: str, ident: str, expires_at: datetime, secret: str, scope: str | None, issued_by: str | None
) -> dict[str, Any]:
    """What the record says of a new token."""
    said = {"login": login, "token_id": ident, "expires_at": expires_at.isoformat(), "hash": token_hash(secret)}
    more = {"scope": scope, "issued_by": issued_by}
    return {**said, **{name: value for name, value in more.items() if value is not None}}


def note_use(engine: Engine, secret: str, actor: Actor) -> None:
    """Enter that a token is in use, once a day."""
    ident, now = token_ident(secret.strip()) or "", engine.clock.now()
    before = to_us(now - USED_AGAIN)

    def recent(tx: Tx) -> bool:
        row = tx.row(LAST_USED, id=ident)
        return row is None or (row[0] is not None and row[0] > before)

    def work(tx: Tx) -> None:
        if not recent(tx):
            tx.write(USED, {"b_id": ident, "at": to_us(now)})
            enter_access(tx, engine, actor.login, "token_used", actor, token=ident)

    with engine.database.snapshot() as tx:
        if recent(tx):
            return
    engine.in_transaction(work)


def _json(row: Any, now_us: int) -> dict[str, Any]:
    ident, scope, created, expires, revoked, used, issued_by = row
    status = "revoked" if revoked is not None else "expired" if expires <= now_us else "valid"
    return {
        "id": ident, "scope": scope.split() if scope is not None else None, "status": status,
        "created_at": rfc3339(from_us(created)), "expires_at": rfc3339(from_us(expires)),
        "last_used_at": rfc3339(from_us(used)) if used is not None else None, "issued_by": issued_by,
    }  # fmt: skip
