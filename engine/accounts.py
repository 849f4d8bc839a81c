"""Accounts: persons, posts and tokens, changed only by an administrator of the office, each change on the chained record."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from engine.campaign import Campaign
from engine.clock import to_us
from engine.errors import Forbidden, Refused
from engine.history import Line, append, chain_at
from engine.orders import Actor
from engine.people import TOKEN_DAYS, token_hash
from engine.reasons import in_own_name_only, only_for_administrators, only_one_left
from engine.service import Engine
from engine.store import Tx
from engine.three import ADMINISTRATION as ADMINISTRATION  # noqa: PLC0414 - handed on


def refuse_unless_administrator(parts: Mapping[str, str], actor: Actor, what: str) -> None:
    """Raise Forbidden unless *actor* administers the office; *parts* are the campaign's."""
    part, post = ADMINISTRATION
    if (parts.get(part), post) not in actor.posts:
        raise Forbidden(f"{actor.login} may not {what}", "forbidden", [only_for_administrators()])


class Accounts:
    """Change the accounts of a database on behalf of *actor*."""

    def __init__(self, engine: Engine, actor: Actor) -> None:
        self.engine = engine
        self.actor = actor

    def add(self, login: str, name: str) -> dict[str, Any]:
        """Add a person. Raises Forbidden, Invalid for a bad login, Conflict for a taken one."""

        def work(tx: Tx, now: datetime) -> dict[str, Any]:
            self.engine.people.add(tx, login, name, now)
            return {"login": login}

        return self._change("add", work, {"name": name})

    def grant(self, login: str, body: str, post: str, until: datetime | None = None) -> dict[str, Any]:
        """Give a person a post at a body, from now, to *until* if given. Raises NotFound or Invalid."""

        def work(tx: Tx, now: datetime) -> dict[str, Any]:
            self.engine.people.grant(tx, login, body, post, self.actor.login, now, until)
            said = {"login": login, "grant": f"{body}.{post}"}
            return {**said, "until": until.isoformat()} if until else said

        return self._change("grant", work)

    def token(self, login: str, days: int = TOKEN_DAYS) -> dict[str, Any]:
        """Make a personal token; the answer is the only place where it ever stands in clear."""
        made: list[str] = []

        def work(tx: Tx, now: datetime) -> dict[str, Any]:
            made.clear()
            secret, ident, expires_at = self.engine.people.token(tx, login, days, now)
            made.append(secret)
            return {
                "login": login, "token_id": ident, "expires_at": expires_at.isoformat(), "hash": token_hash(secret),
            }  # fmt: skip

        said = self._change("token", work)
        del said["hash"]
        return {**said, "token": made[0]}

    def disable(self, login: str) -> dict[str, Any]:
        """Disable a person and revoke every token; effective with the next order of anybody.

        Raises NotFound, or Refused for the last administrator: nobody could give the post to another after that.
        """

        def work(tx: Tx, now: datetime) -> dict[str, Any]:
            self._keep_an_administrator(tx, login, now)
            self.engine.people.disable(tx, login, now)
            return {"login": login, "disabled": True}

        return self._change("disable", work)

    def _keep_an_administrator(self, tx: Tx, login: str, now: datetime) -> None:
        post = ADMINISTRATION[1]
        body = self.engine.people.last_of(tx, post, login, now)
        if body is not None:
            raise Refused(
                f"{login} cannot be disabled: nobody else is an administrator of the office ({body}.{post}) for good",
                "last_administrator",
                [only_one_left(body, post)],
            )

    def _change(
        self,
        what: str,
        work: Callable[[Tx, datetime], dict[str, Any]],
        private: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        campaign, now = self.engine.campaign, self.engine.clock.now()
        refuse_unless_administrator(campaign.parts, self.actor, "change accounts")
        if self.actor.on_behalf_of is not None:
            raise Forbidden(
                f"{self.actor.login} may not change accounts for {self.actor.on_behalf_of}",
                "chained",
                [in_own_name_only()],
            )

        def carry_out(tx: Tx) -> dict[str, Any]:
            said = work(tx, now)
            enter_account(tx, campaign, self.actor, now, what, said, private)
            return said

        return self.engine.in_transaction(carry_out)


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
