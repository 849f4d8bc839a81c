"""Where is measured: a folder that disappears, and a PostgreSQL of our own that really waits for the disk."""

import os
import shutil
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "tests"))

import pgtemp  # noqa: E402 - it stands among the tests

DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "max_wal_size": "4GB"}
"""The tests' server forgets; what is measured here must survive a power cut."""


@contextmanager
def folder() -> Iterator[Path]:
    """Give a folder on the disk that ``TMPDIR`` names, and delete it afterwards."""
    path = Path(tempfile.mkdtemp(prefix="duban-bench-"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


class Server:
    """A running PostgreSQL with databases of our own."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def new_url(self) -> str:
        """Create a database and give its URL."""
        return self._create("template0")

    def copy_of(self, url: str) -> str:
        """Copy a database to which nobody is connected, and give the copy's URL."""
        return self._create(url.partition("@/")[2].partition("?")[0])

    def _create(self, template: str) -> str:
        import psycopg

        name = f"b_{uuid.uuid4().hex}"
        with psycopg.connect(host=str(self._root), user="postgres", autocommit=True) as connection:
            connection.execute(f'create database "{name}" template "{template}"'.encode())
        return f"postgresql+psycopg://postgres@/{name}?host={self._root}"


@contextmanager
def server() -> Iterator[Server]:
    """Run a PostgreSQL for the time of the measurement."""
    pgtemp.SETTINGS.update(DURABLE)
    root = Path(tempfile.mkdtemp(prefix="duban-bench-pg-"))
    try:
        with pgtemp.serving(root):
            yield Server(root)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def flush_ms(path: Path, times: int = 200) -> float:
    """Milliseconds that one flush of a small write to the disk takes there; it decides what any commit costs."""
    spent = []
    with (path / "flush").open("wb", buffering=0) as file:
        for _ in range(times):
            file.write(b"x" * 4096)
            begun = time.perf_counter()
            os.fdatasync(file.fileno())
            spent.append(time.perf_counter() - begun)
    return median(spent) * 1000
