"""Campaigns begun once in a process of the tests: whoever begins one alike in a later test gets a copy.

A copy is put only where nothing is yet: in a file that does not exist, in a database of the tests' own PostgreSQL that is
empty. What nobody else began so far - another campaign, clock, mode or environment - is begun itself. Copies have one
identity, which is that of their log, so one test gets one of them, and this machine forgets what it knew of the log.
"""

import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

import pgtemp

from engine.anchors import state_folder
from engine.clock import Clock, SystemClock, VirtualClock
from engine.dialect import sqlite_file
from engine.documents import MemoryStore
from engine.publishing import choose, get_meta, stored_clock
from engine.store import Database
from workflows.launch import Beginning, init
from workflows.workspace import Workspace, assembled, make_workspace

Key = tuple[object, ...]

BESIDE = {"duban.db", "duban.db.wlock"}
"""What stands in the folder of a begun file; where there is more, the file alone is no copy."""


class Models:
    """The databases that are copied, by what they were begun as; they end with the process."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="duban-begun-")
        self._asked: dict[Key, str] = {}
        self._files: dict[Key, Path | None] = {}
        self._databases: dict[Key, str] = {}

    def asked_again(self, key: Key) -> bool:
        """Say whether an earlier test asked for *key*: what is begun once only is no model, and a test has no two copies."""
        test = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" ")[0]
        again = self._asked.get(key, test) != test
        self._asked[key] = test
        return again

    def file(self, key: Key, beginning: Beginning, clock: Clock | None) -> Path | None:
        """A begun file, or None if it is not all that was begun."""
        if key not in self._files:
            path = Path(self._folder.name, str(len(self._files)), "duban.db")
            path.parent.mkdir()
            _begin(f"sqlite:///{path}", beginning, clock)
            whole = {each.name for each in path.parent.iterdir()} <= BESIDE
            self._files[key] = path if whole else None
        return self._files[key]

    def database(self, server: pgtemp.PgTemp, key: Key, beginning: Beginning, clock: Clock | None) -> str:
        """The name of a begun database of *server*."""
        if key not in self._databases:
            name = server.make()
            _begin(server.url(name), beginning, clock)
            self._databases[key] = name
        return self._databases[key]


@cache
def _models(_process: int) -> Models:
    """Those of one process: what was forked from it has none of them."""
    return Models()


def copied(url: str, beginning: Beginning, clock: Clock | None) -> Workspace | None:
    """A workspace over a copy of what was begun alike, put into *url*; None if it must be begun itself."""
    if not beginning.rehearsal and (clock is None or isinstance(clock, SystemClock)):
        return None  # its records would be of another time than now
    database, models = Database(url), _models(os.getpid())
    told = sorted(
        (name, said)
        for name, said in os.environ.items()
        if name.startswith(("DUBAN_", "XDG_")) and name != "DUBAN_STATE"
    )
    path, server = sqlite_file(database.url), pgtemp.server_of(url)
    key: Key = (server and server.root, beginning, clock and (type(clock), clock.now()), tuple(told))
    name = str(database.url.database)
    fit = not path.exists() if path is not None else server is not None and server.is_bare(name)
    if not fit or not models.asked_again(key):
        return None
    if path is not None:
        model = models.file(key, beginning, clock)
        if model is None:
            return None
        shutil.copy(model, path)  # with its mode
    else:
        assert server is not None
        server.replace(name, models.database(server, key, beginning, clock))
    return _opened(database, clock)


def _begin(url: str, beginning: Beginning, clock: Clock | None) -> None:
    init(url, beginning, documents=MemoryStore(), clock=clock)[0].close()


def _opened(database: Database, clock: Clock | None) -> Workspace:
    """What `init` would have returned."""
    with database.snapshot() as tx:
        mode = "production" if clock is not None else "rehearsal"
        found = clock or VirtualClock(stored_clock(tx))
        campaign = assembled(tx, *choose(tx, None))
        identity = str(get_meta(tx, "identity"))
    for each in state_folder().glob(f"{identity}*"):
        each.unlink()
    workspace = make_workspace(database, campaign, found, mode, MemoryStore())
    if mode == "production":
        workspace.engine.factors()
    return workspace
