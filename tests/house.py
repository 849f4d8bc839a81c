"""A production with a door: people who make accounts their own and sign in."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass

from production import admin
from world import others, sql

from engine.activation import Activation
from engine.clock import to_us
from engine.errors import DubanError
from engine.orders import Actor
from engine.passwords import Cost, Passwords
from engine.second_factor import code_at
from engine.sessions import Sessions
from engine.vouching import Vouching
from workflows.workspace import Workspace

GOOD, OTHER = "Guanlan-7 tides", "Mulberry 41 barge!"
CHEAPLY = Passwords(Cost(1, 8, 1))


@dataclass
class House:
    """A production with a door."""

    office: Workspace

    @property
    def sessions(self) -> Sessions:
        return Sessions(self.office.engine, self.office.clock, CHEAPLY)

    @property
    def room(self) -> Activation:
        return Activation(self.office.engine, self.office.clock, CHEAPLY)

    def code(self, login: str) -> str:
        return str(self.room.issue(admin(self.office).actor, login)["code"])

    def settle(self, login: str, *posts: str) -> str | None:
        """Add somebody with posts who has made the account his own; return the secret of the second factor."""
        desk = admin(self.office)
        desk.add(login, login)
        for post in posts:
            desk.grant(login, *post.split("."))
        secret: str | None = self.room.activate(login, self.code(login), GOOD, "x")["totp_secret"]
        self.vouch(login)
        return secret

    def vouch(self, login: str) -> None:
        """Let somebody independent confirm that the account is its holder's."""
        somebody = Actor("bgs.admin", "session:tests", frozenset({("bgs", "admin")}))
        Vouching(self.office.engine, somebody).vouch(login)

    def now_code(self, secret: str) -> str:
        return code_at(secret, to_us(self.office.clock.now()) // 1_000_000)

    def attempt(self, login: str, password: str = GOOD, code: str = "", address: str = "x") -> str:
        """Sign in; say how it went."""
        try:
            return self.sessions.sign_in(login, password, code, address)[0]
        except DubanError as error:
            return error.code

    def at_once(self, act: Callable[[Workspace, str], None], *each: str) -> list[str]:
        """Let as many nodes *act* at one moment as there are words in *each*; say how it went, sorted: ``in`` or the code."""
        ended: list[str] = []

        def run(node: Workspace, word: str) -> None:
            try:
                act(node, word)
                ended.append("in")
            except DubanError as error:
                ended.append(error.code)

        with others(self.office, len(each)) as nodes:
            for node in nodes:
                node.clock = node.engine.clock = self.office.clock
            threads = [threading.Thread(target=run, args=pair) for pair in zip(nodes, each, strict=True)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        return sorted(ended)

    def said(self, stream: str) -> list[str]:
        rows = sql(self.office.database, f"select record from entry where stream = '{stream}' order by seq")
        return [json.loads(row)["trigger"] for (row,) in rows]
