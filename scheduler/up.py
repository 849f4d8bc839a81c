"""The rehearsal shown live: the campaign at a multiple of real time, paced by the heart, stopped and taken up at will."""

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Literal

from engine.dialect import parse_url, sqlite_file
from engine.errors import Invalid
from engine.facts import read_instant
from engine.transacting import transact
from scheduler.heart import Heart
from scheduler.ledger import Ledger
from scheduler.node import signals
from scheduler.performance import DAY_S, Performance
from scheduler.playbill import Playbill, read_playbill, take_over
from scheduler.rehearse import end_of, stage_of
from scheduler.telling import Echo, Lang, Telling
from workflows import launch
from workflows.workspace import Workspace

REHEARSAL_DB = "sqlite:///var/rehearsal.db"
"""The database of ``up`` unless another is named; never the office's own."""

WHOLE_S = 300.0
"""Seconds that the whole campaign takes at the speed we choose: about five minutes."""

Serve = Callable[[Workspace, Performance | None], AbstractContextManager[str]]
"""Whatever serves a rehearsal to browsers: it is given the workspace and what plays in it, and gives its address."""


@contextmanager
def nothing_served(_workspace: Workspace, _performance: Performance | None) -> Iterator[str]:
    """Serve nothing."""
    yield ""


class Showing:
    """A rehearsal database that is shown: opened, played from where it stands, and summed up."""

    def __init__(
        self, workspace: Workspace, url: str, echo: Echo, program: str, lang: Lang = "zh", serve: Serve = nothing_served
    ) -> None:
        self.lang: Lang = lang
        self.serve = serve
        self.workspace = workspace
        self.url = url
        self.echo = echo
        self.program = program

    def play(self, people: str, seed: int | None, cases: int | None, end: datetime, speed: float | None) -> bool:
        """Show what is left up to *end*; return whether it came to its end. Raises Conflict for other people."""
        workspace = self.workspace
        if workspace.clock.now() >= end:
            self._say(
                f"这场推演已演到 {self._local()}（{self.url}）。",
                f"This rehearsal has been played up to {self._local()} ({self.url}).",
            )
            with self.serve(workspace, None) as address:
                self._sum_up()
                self._linger(address)
            return True
        bill = self.begin(people, seed, cases)
        self._greet(bill)
        stage = stage_of(workspace, bill.people, bill.seed, bill.cases, Telling(workspace, self.echo, self.lang), bill)
        performance = Performance(stage, end, self._days_per_s(end, speed))
        with self.serve(workspace, performance) as address:
            _perform(performance)
            if not performance.finished:
                self._stopped(performance.superseded)
                return False
            self._sum_up()
            self._linger(address)
        return True

    def begin(self, people: str, seed: int | None, cases: int | None) -> Playbill:
        """Go on with the performance from now on; of two that begin at one moment the later. Raises Conflict for other people."""
        player = secrets.token_hex(8)
        return transact(self.workspace.database, lambda tx: take_over(tx, people, seed, cases, player))[0]

    def _linger(self, address: str) -> None:
        """Go on serving what has been played, until a signal ends it; nothing is served without an *address*."""
        if not address:
            return
        over = threading.Event()
        self._say(f"控制台仍在 {address}，Ctrl-C 停止。", f"The console is still at {address}; Ctrl-C ends it.", "bold")
        with signals(over):
            over.wait()

    def _days_per_s(self, end: datetime, speed: float | None) -> float:
        if speed is not None:
            return max(speed, 0.0)
        launched = self.workspace.campaign.launched_at
        return (end - launched).total_seconds() / DAY_S / WHOLE_S

    def _local(self) -> str:
        return self.workspace.clock.now().astimezone(self.workspace.campaign.zone).strftime("%Y-%m-%d %H:%M")

    def _say(self, zh: str, en: str, style: str = "") -> None:
        self.echo(zh if self.lang == "zh" else en, style)

    def _greet(self, bill: Playbill) -> None:
        name, at = self.workspace.campaign.doc.name, self._local()
        self._say(f"推演：{name.zh}", f"Rehearsal: {name.en}", "bold")
        self._say(
            f"{'接着演' if bill.orders else '开演'}：{at}，人员模型 {bill.people}，种子 {bill.seed}，案件 {bill.cases}；"
            f"数据库 {self.url}",
            f"{'Goes on' if bill.orders else 'Begins'}: {at}, people {bill.people}, seed {bill.seed}, cases {bill.cases}; "
            f"database {self.url}",
        )
        self._say(
            "每行：时间  类别  单位  编号  动作 → 新状态。办理是有人办了一件事，提醒、催办、升级是系统到点自动发出的通知。",
            "Each line: time, what, body, reference, act → new state. act: somebody did something; remind, urge, escal.: "
            "notices sent when their time came, in Chinese as their recipients get them.",
        )
        self._say("Ctrl-C 停止，再次运行接着演。", "Ctrl-C stops; run it again and it goes on.")
        self.echo("")

    def _stopped(self, superseded: bool) -> None:
        if superseded:
            self._say(
                f"另一个 up 已接着演这个数据库（{self.url}），本进程到此为止。",
                f"Another up goes on with this database ({self.url}); this one ends here.",
            )
        else:
            self._say(
                f"已停在 {self._local()}，一切都已存好；再次运行即从这里继续。",
                f"Stopped at {self._local()}, and all is kept; run it again and it goes on from here.",
            )

    def _sum_up(self) -> None:
        """The summary, and what to try next."""
        workspace = self.workspace
        with workspace.database.snapshot() as tx:
            bill = read_playbill(tx) or Playbill("nobody", 1, 0)
        about = {"campaign": workspace.campaign.code, "people": bill.people, "seed": bill.seed, "cases": bill.cases}
        pages = Ledger(workspace)
        summary, _ = pages.draw(about, (bill.orders, bill.refused), workspace.clock.now())
        self.echo("")
        for line in pages.page(summary, self.lang).splitlines():
            self.echo(line, "bold" if line.startswith("#") else "")
        self.echo("")
        self._propose("department_task" in summary["totals"]["matters"])

    def _propose(self, tasks: bool) -> None:
        """What to try next, and how to begin anew."""
        self._say("接下来可以试试：", "What to try next:", "bold")
        task = f"department_task/{self.workspace.campaign.doc.roster[0]}"
        for words in ("board", "list --light red", *((f"show {task}", f"history {task}") if tasks else ())):
            self.echo(f"  {self.program} --db {self.url} {words}")
        self.echo(f"  {self.program} rehearse --people nobody")
        if sqlite_file(self.workspace.database.url) is not None:
            remove = f"rm -r {self.url.removeprefix('sqlite:///')}*"
            self._say(f"重新开始：{remove}  然后再运行。", f"To begin anew: {remove}  and run it again.")


def up(
    url: str = REHEARSAL_DB,
    speed: float | None = None,
    seed: int | None = None,
    cases: int | None = None,
    until: str | None = None,
    *,
    echo: Echo,
    people: str = "typical",
    campaign: str = "baodi-2010",
    at: str | None = None,
    calendar: Literal["all", "asof"] = "all",
    program: str = "duban",
    lang: Lang = "zh",
    serve: Serve = nothing_served,
) -> bool:
    """Show the rehearsal of *url* from where it stands; return whether it came to its end.

    *speed* is in days of the campaign a second, 0 as fast as possible, None about five minutes for the whole. Without
    *seed* and *cases* it goes on with those it was begun with, at first 1 and 60. *at* is where a new one begins.
    *program* is what the reader types to call us, *lang* the language in which it is told. *serve* shows the rehearsal to
    browsers meanwhile, and afterwards until a signal ends it.
    """
    workspace = _open(url, campaign, at, calendar)
    try:
        end = end_of(workspace, _instant(workspace, until) if until else None)
        return Showing(workspace, url, echo, program, lang, serve).play(people, seed, cases, end, speed)
    finally:
        workspace.close()


def _instant(workspace: Workspace, until: str) -> datetime:
    try:
        return read_instant(until, workspace.campaign.zone)
    except ValueError:
        raise Invalid(f"--until: not an instant: {until!r}; write 2010-12-10 or 2010-12-10T09:00", "instant") from None


def _open(url: str, campaign: str, at: str | None, calendar: Literal["all", "asof"]) -> Workspace:
    path = sqlite_file(parse_url(url))
    if path is not None:
        Path(path.parent).mkdir(parents=True, exist_ok=True)
    workspace, _ = launch.init(url, launch.Beginning(campaign, rehearsal=True, at=at, calendar=calendar))
    return workspace


def _perform(performance: Performance) -> None:
    heart = Heart(performance.beat, sweep_s=3600.0)
    performance.poke, performance.late_s = heart.poke, heart.late_s
    with signals(performance.over):
        heart.start()
        try:
            performance.over.wait()
        finally:
            heart.stop()
    if performance.failed is not None:
        raise performance.failed
