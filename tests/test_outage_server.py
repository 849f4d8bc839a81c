"""A PostgreSQL server in trouble: one clear line, nothing half done, and the same process works again afterwards."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pgtemp
import psycopg
import pytest
from commandline import SMALL, Office
from world import SILENT, again, begin, do, everything, fire, flaws, open_one, sql

from engine import dialect, pooler
from engine.errors import Unavailable
from engine.store import Tx
from scheduler.node import heart_of
from workflows.workspace import Workspace


@pytest.fixture
def place(pg_url: str) -> Iterator[Workspace]:
    workspace = begin(pg_url)
    yield workspace
    workspace.close()


def url_of(workspace: Workspace) -> str:
    return workspace.database.url.render_as_string(hide_password=False)


@contextmanager
def outside(workspace: Workspace) -> Iterator["psycopg.Connection[Any]"]:
    """A session of the server's administrator in the same database."""
    with psycopg.connect(url_of(workspace).replace("+psycopg", ""), autocommit=True) as connection:
        yield connection


def take(workspace: Workspace) -> bool:
    return do(workspace, "errand/alpha", "take", "alpha.liaison", request_id="r-1").replayed


def refused(workspace: Workspace) -> Unavailable:
    with pytest.raises(Unavailable) as caught:
        take(workspace)
    assert "\n" not in str(caught.value)
    return caught.value


OURS = "from pg_stat_activity where application_name = 'duban' and datname = current_database()"


def cut_off(workspace: Workspace) -> None:
    """End every session of ours on the server, and wait until they are gone."""
    with outside(workspace) as server:
        server.execute(f"select pg_terminate_backend(pid) {OURS}")
        _until_gone(server)


def _until_gone(server: "psycopg.Connection[Any]") -> None:
    """Wait until no session of ours is left in the database, for a minute at most."""
    for _ in range(6_000):
        if server.execute(f"select count(*) {OURS}").fetchone() == (0,):
            return
        server.execute("select pg_sleep(0.01)")
    raise AssertionError("our sessions do not end")


def test_a_connection_cut_between_two_orders_is_not_noticed(place: Workspace) -> None:
    open_one(place, "errand", "bgs.admin", body="alpha", ref="errand/one")

    cut_off(place)

    assert take(place) is False
    assert flaws(place) == []


@pytest.mark.parametrize("where", ["before_the_first_write", "after_the_first_write"])
def test_a_connection_cut_in_the_middle_of_an_order_leaves_nothing_of_it(
    where: str, place: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, run = everything(place), place.engine.run

    def cut(tx: Tx, order: Any, actor: Any) -> Any:
        if where == "before_the_first_write":
            tx.select(dialect_probe())
            cut_off(place)
            return run(tx, order, actor)
        outcome = run(tx, order, actor)
        tx.flush()
        cut_off(place)
        return outcome

    monkeypatch.setattr(place.engine, "run", cut)
    assert refused(place).code == "database"
    monkeypatch.setattr(place.engine, "run", run)

    assert everything(place) == before
    assert take(place) is False
    assert flaws(place) == []


def dialect_probe() -> Any:
    from sqlalchemy import literal, select

    return select(literal(1))


@pytest.mark.parametrize("limit", ["lock_timeout", "statement_timeout"])
def test_a_matter_that_somebody_holds_for_long_is_told_and_can_be_acted_on_afterwards(
    limit: str, place: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pooler, "OPTIONS", f"-c {limit}=50ms")
    impatient, before = again(place), everything(place)
    with outside(place) as server, server.transaction():
        server.execute("select * from matter for update")
        error = refused(impatient)
        fired = fire(impatient, "2010-11-05T10:00")
        assert impatient.reader.show("errand/alpha")["state"] == "todo"

    assert (error.code, error.exit_code) == ("locked", 8)
    assert fired == 0, "what is locked is passed over and stays due"
    assert {name: rows for name, rows in everything(place).items() if name != "meta"} == {
        name: rows for name, rows in before.items() if name != "meta"
    }
    assert take(impatient) is False
    assert fire(impatient, "2010-11-05T10:00") == 2
    assert flaws(place) == []
    impatient.close()


def test_a_transaction_that_does_not_end_is_ended_by_the_server_and_told(
    place: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialect, "TRANSACTION_LIMIT_MS", 300)
    sleepy = again(place)
    run = sleepy.engine.run

    def sleep(tx: Tx, order: Any, actor: Any) -> Any:
        outcome = run(tx, order, actor)
        tx.flush()
        with outside(place) as server:
            _until_gone(server)
        return outcome

    place.database.close()
    monkeypatch.setattr(sleepy.engine, "run", sleep)
    assert refused(sleepy).code == "database"
    monkeypatch.setattr(sleepy.engine, "run", run)

    assert take(sleepy) is False
    assert flaws(sleepy) == []
    sleepy.close()


def test_a_database_that_may_only_be_read_is_told_and_can_be_looked_at(place: Workspace) -> None:
    name = place.database.url.database
    with outside(place) as server:
        server.execute(f'alter database "{name}" set default_transaction_read_only = on'.encode())
    place.database.close()
    office = Office(url_of(place))

    said = office("--json", "--as", "alpha.liaison", "do", "errand/alpha", "take")
    seen = office("show", "errand/alpha")
    examined = office("--json", "doctor")

    assert (said.code, said.json["error"]["code"]) == (8, "readonly")
    assert seen.code == 0, seen.err
    assert (examined.code, examined.json["writable"], examined.json["campaign"]) == (8, False, "small-2010")
    assert "数据库只读" in examined.err


def test_a_role_without_rights_is_told_what_it_lacks(place: Workspace) -> None:
    with outside(place) as server:
        server.execute("create role guest login")
        try:
            said = Office(url_of(place).replace("postgres@", "guest@"))("--json", "list").politely()
        finally:
            server.execute("drop role guest")

    assert (said.code, said.json["error"]["code"]) == (8, "rights")
    assert "permission denied" in said.json["error"]["message"]


class Server:
    """A PostgreSQL that a test may stop and start."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.options = pgtemp.as_server(root)
        binaries = pgtemp.runnable(pgtemp.find_binaries(), root)
        initdb = [binaries / "initdb", "-D", root / "data", "-U", "postgres", "-A", "trust", "--no-sync"]
        subprocess.run([*initdb, "--locale=C.UTF-8"], check=True, stdout=subprocess.DEVNULL, **self.options)
        self._control = [binaries / "pg_ctl", "-D", root / "data", "-w", "-l", root / "log", "-s"]
        given = {**pgtemp.SETTINGS, "synchronous_commit": "on"}  # what was answered must be in the log when it crashes
        settings = " ".join(f"-c {name}={value}" for name, value in given.items())
        self._given = ["-o", f"-k {root} {settings}"]
        self.url = f"postgresql://postgres@/postgres?host={root}"

    def start(self) -> None:
        subprocess.run([*self._control, *self._given, "start"], check=True, **self.options)

    def stop(self) -> None:
        """Stop it as a crash would."""
        subprocess.run([*self._control, "-m", "immediate", "stop"], check=True, **self.options)


@pytest.fixture
def server() -> Iterator[Server]:
    import shutil
    import tempfile

    root = Path(tempfile.mkdtemp(prefix="duban-pg-"))
    found = Server(root)
    found.start()
    yield found
    found.stop()
    shutil.rmtree(root)


def test_a_server_that_goes_down_and_comes_back_costs_nothing_that_was_answered(server: Server) -> None:
    workspace = begin(server.url)
    beats: list[dict[str, Any]] = []
    node = heart_of(workspace, SILENT, beats.append)
    open_one(workspace, "errand", "bgs.admin", body="alpha", ref="errand/answered")
    office = Office(server.url)

    server.stop()

    for _ in range(2):
        assert (refused(workspace).code, refused(workspace).exit_code) == ("database", 8)
    said = office("--as", "alpha.liaison", "do", "errand/alpha", "take").politely()
    assert (said.code, len(said.err.splitlines())) == (8, 2)
    assert office("init", "--campaign", SMALL, "--rehearsal").politely().code == 8
    assert node._beat() == 5.0, "the node stays and looks again"
    assert beats == []

    server.start()

    assert take(workspace) is False
    assert workspace.reader.show("errand/answered")["state"] == "todo"
    assert node._beat() is None
    assert len(beats) == 1
    assert flaws(workspace) == []
    assert sql(workspace.database, "select count(*) from entry where request_id = 'r-1'") == [(1,)]
    workspace.close()
