"""Saved views: the filters that somebody keeps under a name of his own. They are his alone and decide nothing."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, delete, insert, select

from engine.canonical import canonical, nfc
from engine.clock import to_us
from engine.errors import Conflict, Forbidden, Invalid, NotFound
from engine.ids import new_id
from engine.lists import wanted_of
from engine.orders import SYSTEM, Actor
from engine.saying import says_something
from engine.search_tables import SavedView
from engine.service import Engine
from engine.shapes import at
from engine.store import Statement, Tx
from engine.tables import table_of

W = table_of(SavedView)

MOST = 50
"""The most views one person keeps. PLACEHOLDER"""

LONGEST_NAME = 60
"""Characters of a view's name. PLACEHOLDER"""

MINE = Statement(
    select(W.c.name, W.c.filter, W.c.saved_at)
    .where(W.c.campaign_id == bindparam("campaign_id"), W.c.login == bindparam("login"))
    .order_by(W.c.saved_at, W.c.id)
)
ADD = Statement(insert(W), [column.name for column in W.columns])
DROP = Statement(
    delete(W).where(
        W.c.campaign_id == bindparam("b_campaign_id"),
        W.c.login == bindparam("b_login"),
        W.c.name == bindparam("b_name"),
    )
)


class SavedViews:
    """The views of *actor*, made, listed and removed by himself."""

    def __init__(self, engine: Engine, actor: Actor) -> None:
        self.engine, self.actor = engine, actor
        self.where = {"campaign_id": engine.campaign.id, "login": actor.login}

    def listed(self) -> dict[str, Any]:
        """His views, the oldest first."""
        with self.engine.database.snapshot() as tx:
            return {"items": self._mine(tx)}

    def named(self, name: str) -> dict[str, Any]:
        """One of his views. Raises NotFound."""
        found = next((each for each in self.listed()["items"] if each["name"] == name), None)
        if found is None:
            raise NotFound(f"{self.actor.login} has no view {name[:LONGEST_NAME]!r}", "no_view")
        return found  # type: ignore[no-any-return]

    def save(self, name: str, which: Mapping[str, Any]) -> dict[str, Any]:
        """Keep the filter *which* under *name*, as `engine.lists.Wanted.as_json` says it.

        Raises Invalid for a name or filter that is none, Conflict for a name that is taken or one view too many.
        """
        name = nfc(name).strip()
        if not says_something(name) or len(name) > LONGEST_NAME or any(ord(char) < 32 for char in name):
            raise Invalid(f"a view's name has 1 to {LONGEST_NAME} characters and is one line", "name")
        if self.actor.login == SYSTEM.login:
            raise Forbidden("a view belongs to a person", "forbidden")
        said = wanted_of(which).as_json()
        wanted_of(said).conditions(self.engine.campaign, to_us(self.engine.clock.now()))

        def work(tx: Tx) -> dict[str, Any]:
            mine = self._mine(tx)
            if any(each["name"] == name for each in mine):
                raise Conflict(f"{self.actor.login} has a view {name!r}; remove it first", "view_taken")
            if len(mine) >= MOST:
                raise Conflict(f"{self.actor.login} has {MOST} views, the most; remove one first", "views_full")
            now_us = to_us(self.engine.clock.now())
            tx.write(ADD, {"id": new_id(), **self.where, "name": name, "filter": canonical(said), "saved_at": now_us})
            return {"name": name, "filter": said, "saved_at": at(now_us)}

        return self.engine.in_transaction(work)

    def drop(self, name: str) -> dict[str, Any]:
        """Remove one of his views. Raises NotFound."""

        def work(tx: Tx) -> dict[str, Any]:
            found = next((each for each in self._mine(tx) if each["name"] == name), None)
            if found is None:
                raise NotFound(f"{self.actor.login} has no view {name[:LONGEST_NAME]!r}", "no_view")
            tx.write(DROP, {f"b_{key}": value for key, value in {**self.where, "name": name}.items()})
            return found

        return self.engine.in_transaction(work)

    def _mine(self, tx: Tx) -> list[dict[str, Any]]:
        return [
            {"name": name, "filter": json.loads(said), "saved_at": at(saved)}
            for name, said, saved in tx.rows(MINE, **self.where)
        ]
