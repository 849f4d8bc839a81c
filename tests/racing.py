"""Races made certain: what another process does happens as a whole between two steps of the first, not when it likes."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from world import sql

from workflows.workspace import Workspace

Act = Callable[[], Any]

WAITING = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"


def once_called(patch: pytest.MonkeyPatch, owner: Any, name: str, act: Act) -> None:
    """Let *act* happen right after the next call of *name* has returned, before its caller goes on."""
    looked = getattr(owner, name)

    def look(*args: Any, **named: Any) -> Any:
        found = looked(*args, **named)
        patch.setattr(owner, name, looked)
        act()
        return found

    patch.setattr(owner, name, look)


class Beside:
    """What another process does beside us, on PostgreSQL: it goes on until it is done, or waits for what we hold."""

    def __init__(self, workspace: Workspace, pool: ThreadPoolExecutor) -> None:
        self._workspace, self._pool = workspace, pool
        self.acts: list[Future[Any]] = []

    def begin(self, act: Act) -> None:
        """Begin *act*, and return when it is done or waits for a lock."""
        going = self._pool.submit(act)
        self.acts.append(going)
        while not going.done() and sql(self._workspace.database, WAITING) == [(0,)]:
            pass


@contextmanager
def beside(workspace: Workspace) -> Iterator[Beside]:
    """Somebody beside *workspace*; whatever it does has ended in the end, and what it raises is raised."""
    with ThreadPoolExecutor(1) as pool:
        found = Beside(workspace, pool)
        yield found
        for each in found.acts:
            each.result()
