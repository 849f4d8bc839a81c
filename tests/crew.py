"""Real processes that do one deed each and may be killed in it: forked, for speed, by one that has read everything."""

import importlib
import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent

PATIENCE_S = 30.0
"""How long a test waits for a process before it calls it lost."""


@dataclass(frozen=True)
class End:
    """How a process ended: its exit code, or minus the number of the signal that killed it, and what it answered."""

    code: int
    answers: list[Any]

    @property
    def answer(self) -> Any:
        """The one answer of a process that ended well."""
        assert (self.code, len(self.answers)) == (0, 1), self
        return self.answers[0]


class Crew:
    """Start deeds of this module in processes of their own and wait for their ends."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started = 0
        with (folder / "said").open("wb") as said:
            self._foreman = subprocess.Popen(
                [sys.executable, __file__],
                env={**os.environ, "PYTHONPATH": f"{HERE.parent}{os.pathsep}{HERE}"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
            )

    def start(self, deed: str, *words: Any, point: str = "", gate: str = "") -> tuple[int, Path]:
        """Start *deed*; it is killed at the fail point *point*, and begins its work once the file *gate* is there."""
        self._started += 1
        answers = self._folder / f"{self._started}.jsonl"
        answers.touch()
        order = {"deed": deed, "words": words, "point": point, "gate": gate, "answers": str(answers)}
        return self._ask(order), answers

    def end(self, started: tuple[int, Path]) -> End:
        pid, answers = started
        status = self._ask({"wait": pid})
        return End(status, [json.loads(line) for line in answers.read_text("utf-8").splitlines()])

    def do(self, deed: str, *words: Any, point: str = "") -> End:
        """Start a deed and wait for its end."""
        return self.end(self.start(deed, *words, point=point))

    def wait(self, started: tuple[int, Path], count: int) -> None:
        """Wait until a process has given so many answers."""
        end = time.monotonic() + PATIENCE_S
        while len((said := started[1].read_text("utf-8")).splitlines()) < count:
            assert time.monotonic() < end, said

    def at_once(self, deeds: list[tuple[Any, ...]], points: dict[int, str] | None = None) -> list[End]:
        """Start several, let them begin at the same moment, and wait for all."""
        gate = self._folder / f"gate-{self._started}"
        started = [
            self.start(*deed, point=(points or {}).get(number, ""), gate=str(gate)) for number, deed in enumerate(deeds)
        ]
        for each in started:
            self.wait(each, 1)
        gate.touch()
        ends = [self.end(each) for each in started]
        return [End(each.code, each.answers[1:]) for each in ends]

    def __enter__(self) -> "Crew":
        return self

    def __exit__(self, *_: object) -> None:
        self._foreman.communicate("")

    def _ask(self, order: dict[str, Any]) -> int:
        assert self._foreman.stdin is not None
        assert self._foreman.stdout is not None
        self._foreman.stdin.write(json.dumps(order) + "\n")
        self._foreman.stdin.flush()
        return int(self._foreman.stdout.readline())


def lead() -> None:
    """Take orders line by line: fork for a deed and say its process id, or wait for one and say how it ended."""
    for module in ("world", "scheduler.node", "psycopg", "pysqlite3", "cli"):
        importlib.import_module(module)
    for line in sys.stdin:
        order = json.loads(line)
        if "wait" in order:
            print(os.waitstatus_to_exitcode(os.waitpid(order["wait"], 0)[1]), flush=True)
            continue
        pid = os.fork()
        if pid == 0:
            work(order)
        print(pid, flush=True)


def work(order: dict[str, Any]) -> None:
    """Do one deed in this process, which ends with it."""
    out = os.open(order["answers"], os.O_WRONLY | os.O_APPEND)

    def answer(value: Any) -> None:
        os.write(out, (json.dumps(value, ensure_ascii=False) + "\n").encode())

    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    os.dup2(2, 1)
    code = 0
    try:
        os.environ["DUBAN_FAILPOINT"] = order["point"]
        importlib.reload(importlib.import_module("engine.failpoints"))
        if order["gate"]:
            answer("ready")
            while not Path(order["gate"]).exists():
                pass
        DEEDS[order["deed"]](answer, *order["words"])
    except BaseException:  # noqa: BLE001 - it is told to the test
        answer({"fault": traceback.format_exc()})
        code = 1
    sys.stderr.flush()
    os._exit(code)


Answer = Callable[[Any], None]


def submit(answer: Answer, url: str, ref: str, trigger: str, login: str, more: dict[str, Any]) -> None:
    """Give one order, and answer what it was answered or refused with."""
    from world import do

    from engine.errors import DubanError

    workspace = place(url)
    try:
        answer(do(workspace, ref, trigger, login, **more).as_json())
    except DubanError as error:
        answer({"refused": error.code})
    workspace.close()


def turn(answer: Answer, url: str, outbox: str) -> None:
    """One turn of the wheel; what is sent goes to files, and a line of *outbox*.log each."""
    from scheduler.turn import Turn

    workspace = place(url)
    channel = Logged(Path(outbox))
    answer(Turn(workspace, {"console": channel, "file": channel}).run())
    workspace.close()


def begin(answer: Answer, url: str, campaign: str, rehearsal: bool = True) -> None:
    """Initialise a database."""
    import world

    workspace = world.begin(url, campaign, rehearsal=rehearsal, late=not rehearsal)
    answer(len(workspace.reader.listed()["items"]))
    workspace.close()


def upgrade(answer: Answer, url: str) -> None:
    """Bring a database up to date."""
    from engine.schema_version import upgrade as bring_up
    from engine.store import Database

    database = Database(url)
    answer(bring_up(database))
    database.close()


def node(answer: Answer, url: str, outbox: str, hands: str) -> None:
    """Run the campaign by the clock of the file *hands* until SIGTERM; SIGUSR1 makes it look; answer each beat."""
    from scheduler.node import run

    workspace = place(url)
    workspace.clock = workspace.engine.clock = workspace.reader.clock = Hands(Path(hands))
    signal.signal(signal.SIGUSR1, lambda *_: workspace.engine.poke())
    channel = Logged(Path(outbox))
    run(workspace, {"console": channel, "file": channel}, told=answer)
    workspace.close()


class Hands:
    """A clock that several processes read off one file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def now(self) -> datetime:
        return datetime.fromisoformat(self._path.read_text())


def fill(answer: Answer, url: str) -> None:
    """Open matters until the disk takes no more, look at them, get room again and go on."""
    import resource

    from world import open_one

    from engine.errors import Unavailable

    workspace = place(url)
    path = Path(str(workspace.database.url.database))
    room = path.stat().st_size + 300_000
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, most))
    said: dict[str, Any] = {"done": 0}

    def one() -> bool:
        order = {"ref": f"errand/{said['done']}", "request_id": f"r-{said['done']}", "title": "长" * 400}
        return open_one(workspace, "errand", "bgs.admin", body="alpha", **order).replayed

    try:
        while said["done"] < 5000:
            one()
            said["done"] += 1
    except Unavailable as error:
        said["refused"] = error.code
    said["seen"] = len(workspace.reader.listed()["items"])
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    said["again"] = one()
    answer(said)
    workspace.close()


def hold(answer: Answer, path: str, statement: str, until: str) -> None:
    """Be another program that begins a transaction in an SQLite database and keeps it open."""
    import pysqlite3

    connection = pysqlite3.connect(path, isolation_level=None)
    connection.execute(statement)
    answer("held")
    while not Path(until).exists():
        pass
    connection.close()


def type(answer: Answer, url: str, *words: str) -> None:  # noqa: A001 - it is what is done
    """Type a command as somebody whom permissions bind, whoever runs the tests."""
    import ctypes

    from commandline import Office

    if os.geteuid() == 0:
        header, nothing = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
        if ctypes.CDLL(None, use_errno=True).capset(header, nothing) != 0:
            raise OSError(ctypes.get_errno(), "the rights of root cannot be laid down")
    ended = Office(url)(*words)
    answer({"code": ended.code, "out": ended.out, "err": ended.err})


def place(url: str) -> Any:
    from engine.documents import MemoryStore
    from workflows.workspace import open_workspace

    return open_workspace(url, documents=MemoryStore())


class Logged:
    """Files that are sent, and a line for each time that one is."""

    def __init__(self, folder: Path) -> None:
        from scheduler.channels import FileChannel

        self._files = FileChannel(folder)
        self._log = folder.with_name(folder.name + ".log")

    def send(self, notice: Any, campaign: str) -> str:
        with self._log.open("a") as log:
            log.write(f"{notice.id}\n")
        return self._files.send(notice, campaign)


DEEDS: dict[str, Callable[..., None]] = {
    each.__name__: each for each in (submit, turn, begin, upgrade, node, fill, hold, type)
}

if __name__ == "__main__":
    lead()
