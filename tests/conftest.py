"""What every test may ask for: a database of its own on SQLite, on PostgreSQL, or on both in turn.

PostgreSQL comes with the tests and starts when the first of them asks for it. No test is ever skipped for
want of it; with CI=true a skipped test, or a whole run that never asked, is a failure.
"""

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import kept_proofs
import parts
import pytest
import world
from parts import pytest_runtest_protocol as pytest_runtest_protocol  # noqa: PLC0414 - a hook
from pgtemp import PgTemp

from engine.sealing_key import new_key_file
from workflows.workspace import Workspace

if TYPE_CHECKING:
    from visitor import Visitor

hypothesis.settings.register_profile("duban", deadline=None, print_blob=True)
hypothesis.settings.load_profile("duban")

KEPT = ("DUBAN_TEST_", "DUBAN_CHROMIUM")
"""What the tests are told by whoever runs them."""

for name in [name for name in os.environ if name.startswith("DUBAN_") and not name.startswith(KEPT)]:
    del os.environ[name]  # the settings of whoever runs the tests are not theirs

SERVED = pytest.StashKey[bool]()
"""Set once PostgreSQL has served this session."""


@pytest.fixture(scope="session")
def pg_server(pytestconfig: pytest.Config) -> Iterator[PgTemp]:
    """Run PostgreSQL from the first test that asks for it to the end."""
    server = PgTemp()
    pytestconfig.stash[SERVED] = True
    if parts.is_part():
        parts.mark(parts.POSTGRESQL)
    yield server
    server.close()


@pytest.fixture
def pg_url(pg_server: PgTemp) -> Iterator[str]:
    """Give the URL of a fresh PostgreSQL database."""
    with pg_server.database() as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """Give the URL of an SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'duban.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def db_url(request: pytest.FixtureRequest) -> str:
    """Give the URL of a fresh database, on each system in turn."""
    url: str = request.getfixturevalue({"sqlite": "sqlite_url", "postgresql": "pg_url"}[request.param])
    return url


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Spare every later search for garbage all that was read in until now, which stays to the end."""
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say why a run that looks green is not."""
    for reason in shortcomings(terminalreporter, config):
        terminalreporter.write_line(f"FAILED: {reason}", red=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run on the build machine that left something out."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and shortcomings(reporter, session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def shortcomings(reporter: pytest.TerminalReporter, config: pytest.Config) -> list[str]:
    """List what a run with CI=true was to do and did not."""
    if os.environ.get("CI") != "true" or config.option.collectonly:
        return []
    whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    whole = whole and not (config.option.keyword or config.option.markexpr or parts.is_part())  # of those, `dev` asks
    skipped = len(reporter.stats.get("skipped", []))
    return ["no test ran on PostgreSQL"] * (whole and SERVED not in config.stash) + [
        f"{skipped} tests were skipped, here all must run"
    ] * bool(skipped)


@pytest.fixture(scope="session", autouse=True)
def nobodys_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what nodes remember of their logs, and keys that nobody named, out of the tester's own folders."""
    folder = tmp_path_factory.mktemp("state")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DUBAN_STATE", str(folder / "sealed"))
        key = folder / "factor.key"
        new_key_file(key)
        patch.setenv("DUBAN_FACTOR_KEY", str(key))
        patch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
        for name in ("DUBAN_ANCHORS", "DUBAN_KEY", "DUBAN_TSA"):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(scope="session", autouse=True)
def kept_proofs_for_commands() -> Iterator[None]:
    """Let what is not a test of the prover meet each proof once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("engine.proof.prove", kept_proofs.prove)
        yield


@pytest.fixture
def workspace(db_url: str) -> Iterator[Workspace]:
    """Give a rehearsal of the small campaign, on each system in turn."""
    found = world.begin(db_url)
    yield found
    found.close()


@pytest.fixture
def site(workspace: Workspace) -> Iterator[str]:
    """Serve the console of the small campaign."""
    from visitor import visiting

    with visiting(workspace) as found:
        yield found.site.geturl()


@pytest.fixture
def visitor(office: Workspace) -> "Iterator[Visitor]":
    """Give a browser without a screen before the console of a module's own *office*."""
    from visitor import visiting

    with visiting(office) as found:
        yield found


@pytest.fixture
def rich(db_url: str) -> Iterator[Workspace]:
    """Give a rehearsal of the campaign whose machine does everything, on each system in turn."""
    found = world.begin(db_url, "rich")
    yield found
    found.close()


@pytest.fixture
def baodi(db_url: str) -> Iterator[Workspace]:
    """Give a rehearsal of the campaign of 2010 that stands on 1 December, on each system in turn."""
    found = world.begin(db_url, "baodi-2010", at="2010-12-01T09:00")
    yield found
    found.close()
