"""Several processes verify a record as one does: nothing is found less, nothing more, and in the same order."""

import contextlib
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import world
from attackers import Attacker
from commandline import Office
from pgtemp import PgTemp
from test_attacks import ATTACKS, REF, begun

from engine import verify_pages
from engine.errors import Unavailable
from engine.log_guard import LogGuard
from engine.verify_pages import Part
from engine.verify_sharing import Checked, Sharing
from engine.verifying import Scope
from workflows import verification, verify_helping
from workflows.verification import verified
from workflows.verify_helping import HelperProcess, processes_for
from workflows.workspace import Workspace, open_workspace


@pytest.fixture(autouse=True)
def in_small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """There are many parts to share, however small the record is."""
    monkeypatch.setattr(verify_pages, "SIZE", 4)


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[Part]:
    """The parts that helpers were given: at least one, before the process itself begins with the others."""
    parts: list[Part] = []
    begun_one = threading.Event()
    check, run = HelperProcess.check, Sharing.run

    def noted(helper: HelperProcess, part: Part) -> Checked:
        parts.append(part)
        begun_one.set()
        return check(helper, part)

    def patient(sharing: Sharing, *said: Any) -> Any:
        if sharing._threads:
            begun_one.wait(60)
        return run(sharing, *said)

    monkeypatch.setattr(HelperProcess, "check", noted)
    monkeypatch.setattr(Sharing, "run", patient)
    return parts


class Copies:
    """A log that has lived, and as many copies of it as there are attacks."""

    def __init__(self, url: str, server: PgTemp | None, folder: Path) -> None:
        self._url, self._server, self._folder = url, server, folder

    @contextlib.contextmanager
    def one(self) -> Iterator[Workspace]:
        with contextlib.ExitStack() as stack:
            url = f"sqlite:///{self._folder / 'copy.db'}"
            if self._server is not None:
                url = stack.enter_context(self._server.database(self._url.partition("?")[0].rpartition("/")[2]))
            else:
                shutil.copyfile(self._url.removeprefix("sqlite:///"), self._folder / "copy.db")
            workspace = open_workspace(url)
            stack.callback(workspace.close)
            yield workspace


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def copies(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copies]:
    folder = tmp_path_factory.mktemp("shared")
    with contextlib.ExitStack() as stack:
        server: PgTemp | None = request.getfixturevalue("pg_server") if request.param == "postgresql" else None
        url = stack.enter_context(server.database()) if server else f"sqlite:///{folder / 'duban.db'}"
        for office in begun(url, folder):
            assert office.receipts
        yield Copies(url, server, folder)


@pytest.fixture
def lived(copies: Copies) -> Iterator[Workspace]:
    with copies.one() as workspace:
        yield workspace


def forge_notice(hand: Attacker) -> None:
    hand.sql("update notice set text = 'x' where id = (select max(id) from notice)")


def forge_private(hand: Attacker) -> None:
    hand.sql("update entry_private set value = '\"李某\"' where field = 'fact:reporter'")


SHARED = {
    name: (attack, level)
    for level, names in {
        "naive": ("edit row", "delete a whole matter", "append with an old date"),
        "smart": ("edit the state only", "swap the streams of two matters"),
    }.items()
    for name, (attack, *_) in ATTACKS.items()
    if name in names
} | {"forge a notice": (forge_notice, "naive"), "forge a private value": (forge_private, "naive")}


@pytest.mark.parametrize("name", SHARED)
def test_two_processes_find_what_one_finds(name: str, lived: Workspace, taken: list[Part]) -> None:
    attack, level = SHARED[name]
    with lived.database.tx() as tx:
        hand = Attacker(lived, tx, level, None)
        attack(hand)
        hand.finish()
    scope = Scope(timed=True)

    alone = verified(lived, scope)
    shared = verified(lived, scope, 2)

    assert alone["count"] and shared == alone
    assert taken


def test_two_processes_accuse_nobody_while_the_office_works(lived: Workspace, taken: list[Part]) -> None:
    over, sizes = threading.Event(), list[int]()

    def work() -> None:
        with contextlib.closing(world.again(lived)) as desk:
            desk.engine.guard = LogGuard(desk.database, lambda: desk.campaign)
            for size in range(1000):
                if over.is_set():
                    break
                world.correct(desk, REF, "alpha.head", reason="更正", size=size)
                sizes.append(size)

    clerk = threading.Thread(target=work)
    clerk.start()
    try:
        said = [verified(lived, Scope(), 2) for _ in range(2)]
    finally:
        over.set()
        clerk.join()

    assert sizes and [each["count"] for each in said] == [0, 0], [each["findings"] for each in said]
    assert said[0]["entries"] <= said[1]["entries"]
    assert taken


def test_a_helper_that_is_killed_leaves_nothing_verified(lived: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = list[Any]()
    monkeypatch.setattr(verification, "keep_check", lambda *said: kept.append(said))

    def killed(helper: HelperProcess, _: Any) -> None:
        helper.process.send_signal(signal.SIGKILL)
        helper.process.wait()

    monkeypatch.setattr(HelperProcess, "begin", killed)

    with pytest.raises(Unavailable, match=r"ended before its work was done \(-9\): nothing is verified") as refused:
        verified(lived, Scope(), 2)

    assert refused.value.code == "helper" and "未核验" in refused.value.in_chinese
    assert "--processes 1" in refused.value.advice("zh")
    assert kept == []


def test_a_helper_that_fails_says_why(lived: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HelperProcess, "join", lambda helper, _: helper._say({"nothing": "known"}))

    with pytest.raises(Unavailable, match="the second process could not verify: KeyError"):
        verified(lived, Scope(), 2)


def test_who_interrupts_ends_the_helpers_too(lived: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    begun_ones = list[subprocess.Popen[bytes]]()
    ready = HelperProcess.ready

    def noted(helper: HelperProcess) -> None:
        begun_ones.append(helper.process)
        ready(helper)

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(HelperProcess, "ready", noted)
    monkeypatch.setattr(Sharing, "run", interrupted)

    with pytest.raises(KeyboardInterrupt):
        verified(lived, Scope(), 3)

    assert [each.poll() is not None for each in begun_ones] == [True, True]


def test_a_helper_is_gone_when_nobody_speaks_to_it_any_more(lived: Workspace) -> None:
    helper = HelperProcess(lived)
    helper.ready()

    assert helper.process.stdin is not None
    helper.process.stdin.close()

    assert helper.process.wait(timeout=60) == 0
    helper.end()


def test_only_a_large_record_is_shared_without_being_asked(lived: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify_helping, "processors", lambda: 8)
    whole = Scope()

    assert processes_for(lived, whole, None) == 1
    assert processes_for(lived, whole, 3) == 3
    assert processes_for(lived, Scope(matter=REF), 3) == 1
    monkeypatch.setattr(verify_helping, "LARGE", 10)
    assert processes_for(lived, whole, None) == 2
    assert processes_for(lived, whole, 1) == 1
    monkeypatch.setattr(verify_helping, "processors", lambda: 1)
    assert processes_for(lived, whole, None) == 1


def test_the_command_answers_the_same_however_many_processes_it_takes(lived: Workspace) -> None:
    office = Office(lived.database.url.render_as_string(hide_password=False))

    assert office.json("audit", "verify", "--full", "--processes", "2") == office.json("audit", "verify")
    assert [office("audit", "verify", "--processes", number).code for number in ("0", "17", "x")] == [2, 2, 2]
