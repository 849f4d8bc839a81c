"""Who calls: the holder of a personal token in the ``Authorization`` header, and nobody else by any other means."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

from engine.clock import VirtualClock
from engine.errors import Forbidden, Unavailable
from engine.neighbourhoods import neighbourhood
from engine.orders import Actor
from engine.publishing import stored_clock
from engine.three import refuse_clash
from engine.tokens import note_use
from web.api.parts import Parts
from web.api.problems import Problem
from web.bounds import Limits, Turns

CHALLENGE = 'Bearer realm="duban"'

LONGEST = 512
"""Characters of a token that are read; ours has far fewer."""


def secret_in(authorization: str) -> str:
    """What stands behind the scheme in an ``Authorization`` header."""
    return authorization.strip().partition(" ")[2].strip()


class Callers:
    """Tell who calls, and slow down whoever guesses. Failures of one address never lock out who shows a valid token."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._failures = Turns(Limits(each=parts.bound.failures, together=10**9, seconds=parts.seconds))

    def caller(self, authorization: str | None, address: str) -> Actor:
        """The actor behind the header. Raises Problem 401, or 429 for an address that failed too often."""
        if authorization is None:
            raise self._refused("no_token", "send a personal token: Authorization: Bearer db_…", address, CHALLENGE)
        return self.holder(authorization, address)

    def holder(self, authorization: str, address: str) -> Actor:
        """The holder of a token; its first use on a day is entered. Raises Problem, and Forbidden as `Workspace.actor` does."""
        scheme, secret = authorization.strip().partition(" ")[0], secret_in(authorization)
        invalid = f'{CHALLENGE}, error="invalid_token"'
        if scheme.lower() != "bearer" or not secret.isascii() or not secret.isprintable() or len(secret) > LONGEST:
            raise self._refused("bad_token", "this is no personal token: Authorization: Bearer db_…", address, invalid)
        try:
            found = self.again(secret)
        except Forbidden as error:
            if error.code == "three":
                raise
            self._parts.meters.failures.inc()
            raise self._refused("bad_token", error.message, address, invalid) from None
        with suppress(Unavailable):  # a database that takes nothing just now can still be looked at
            note_use(self._parts.workspace.engine, secret, found)
        return found

    def again(self, secret: str) -> Actor:
        """Who holds the token *secret* at this moment, with the posts of this moment. Raises Forbidden if nobody does any more."""
        workspace = self._parts.workspace
        workspace.look_again()
        with workspace.database.snapshot() as tx:
            if isinstance(workspace.clock, VirtualClock):
                workspace.clock.move_to(stored_clock(tx))
            actor = workspace.people.by_token(tx, secret, workspace.clock.now())
        found = replace(actor, posts=actor.posts | workspace.people.rehearsal.get(actor.login, frozenset()))
        refuse_clash(workspace.campaign, found.login, found.posts)
        return found

    def _refused(self, code: str, detail: str, address: str, challenge: str) -> Problem:
        if not self._failures.free(neighbourhood(address)):
            return Problem(429, "too_many", "too many refused tokens; wait a minute", headers={"Retry-After": "60"})
        return Problem(401, code, detail, {"exit_code": 5}, {"WWW-Authenticate": challenge})


def address_of(scope: Mapping[str, object]) -> str:
    """The address that a request came from."""
    client = scope.get("client")
    return str(client[0]) if isinstance(client, (tuple, list)) and client else ""
