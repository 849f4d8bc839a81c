"""The rehearsal shown live: the campaign at a multiple of real time, paced by the heart, stopped and taken up at will."""

import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from engine.clock import rfc3339
from engine.dialect import parse_url, sqlite_file
from engine.facts import read_instant
from engine.publishing import get_meta, set_meta
from scheduler.heart import Heart
from scheduler.ledger import Ledger
from scheduler.node import signals
from scheduler.rehearse import Stage, end_of, stage_of
from scheduler.telling import Telling
from workflows import launch
from workflows.workspace import Workspace

REHEARSAL_DB = "sqlite:///var/rehearsal.db"
"""The database of ``up`` unless another is named; never the office's own."""

WHOLE_S = 300.0
"""Seconds that the whole campaign takes at the speed we choose: about five minutes."""

DAY_S = 86_400.0

Echo = Callable[[str], None]


class Performance:
    """One showing: each beat does the next event and says how long to wait for the one after it."""

    def __init__(self, stage: Stage, end: datetime, days_per_s: float) -> None:
        self.stage = stage
        self.end = end
        self.days_per_s = days_per_s
        self.over = threading.Event()
        self.finished = False
        self.failed: BaseException | None = None

    def beat(self) -> float | None:
        """Do what comes next; as fast as possible if no speed is set."""
        try:
            return self._beat()
        except BaseException as error:
            self.failed = error
            self.over.set()
            raise

    def _beat(self) -> float | None:
        while not self.over.is_set():
            at = self.stage.next_at()
            if at is None or at > self.end:
                self._finish()
                return None
            now = self.stage.workspace.clock.now()
            self.stage.step(max(at, now))
            following = self.stage.next_at()
            if following is not None and self.days_per_s:
                wait = (following - self.stage.workspace.clock.now()).total_seconds() / DAY_S / self.days_per_s
                if wait > 0:
                    return wait
        return None

    def _finish(self) -> None:
        self.stage.turn.run()
        with self.stage.workspace.database.tx() as tx:
            self.stage.workspace.move_clock(tx, max(self.end, self.stage.workspace.clock.now()))
            set_meta(tx, "finished", "yes")
        self.finished = True
        self.over.set()


def up(
    url: str = REHEARSAL_DB,
    speed: float | None = None,
    seed: int = 1,
    cases: int = 60,
    until: str | None = None,
    echo: Echo = print,
    people: str = "typical",
    campaign: str = "baodi-2010",
) -> bool:
    """Show the rehearsal of *url* from where it stands; return whether it came to its end.

    *speed* is in days of the campaign a second, 0 as fast as possible, None about five minutes for the whole.
    """
    workspace = _open(url, campaign)
    try:
        end = end_of(workspace, read_instant(until, workspace.campaign.zone) if until else None)
        if _finished(workspace):
            echo(f"这场推演已经演完（{url}）。")
            _closing(workspace, url, seed, cases, echo)
            return True
        _greet(workspace, url, echo)
        stage = stage_of(workspace, people, seed, cases, Telling(workspace, echo))
        done = _perform(Performance(stage, end, _speed(workspace, end, speed)))
        if done:
            _closing(workspace, url, seed, cases, echo, stage)
        else:
            local = workspace.clock.now().astimezone(workspace.campaign.zone).strftime("%Y-%m-%d %H:%M")
            echo(f"已停在 {local}，一切都已存好；再次运行即从这里继续。")
        return done
    finally:
        workspace.close()


def _open(url: str, campaign: str) -> Workspace:
    path = sqlite_file(parse_url(url))
    if path is not None:
        Path(path.parent).mkdir(parents=True, exist_ok=True)
    workspace, _ = launch.init(url, launch.Beginning(campaign, rehearsal=True))
    return workspace


def _finished(workspace: Workspace) -> bool:
    with workspace.database.snapshot() as tx:
        return get_meta(tx, "finished") is not None


def _speed(workspace: Workspace, end: datetime, speed: float | None) -> float:
    if speed is not None:
        return max(speed, 0.0)
    launched = read_instant(workspace.campaign.doc.launched_at, workspace.campaign.zone)
    return (end - launched).total_seconds() / DAY_S / WHOLE_S


def _perform(performance: Performance) -> bool:
    heart = Heart(performance.beat, sweep_s=3600.0)
    with signals(performance.over):
        heart.start()
        try:
            performance.over.wait()
        finally:
            heart.stop()
    if performance.failed is not None:
        raise performance.failed
    return performance.finished


def _greet(workspace: Workspace, url: str, echo: Echo) -> None:
    local = workspace.clock.now().astimezone(workspace.campaign.zone).strftime("%Y-%m-%d %H:%M")
    echo(f"推演：{workspace.campaign.doc.name.zh}")
    echo(f"数据库 {url}，时钟 {local}（{rfc3339(workspace.clock.now())}）；Ctrl-C 停止，再次运行继续。")


def _closing(workspace: Workspace, url: str, seed: int, cases: int, echo: Echo, stage: Stage | None = None) -> None:
    """The summary, and what to try next."""
    stage = stage or stage_of(workspace, "nobody", seed, cases)
    pages = Ledger(workspace)
    summary, _ = pages.draw({"campaign": workspace.campaign.code, "people": "typical", "seed": seed, "cases": cases},
                            stage.player, workspace.clock.now())  # fmt: skip
    echo("")
    for line in pages.page(summary).splitlines():
        echo(line)
    echo("")
    echo("接下来可以试试：")
    for words in ("board", "list --kind case", "history department_task/wujia", "show department_task/wujia"):
        echo(f"  duban --db {url} {words}")
    echo("  duban rehearse --people nobody")
    path = sqlite_file(workspace.database.url)
    if path is not None:
        echo(f"重新开始：删除 {url.removeprefix('sqlite:///')} 后再运行。")
