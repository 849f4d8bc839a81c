"""Beginning and running: ``init``, ``up`` and ``run``."""

import os
import shutil
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from commands.call import Call
from commands.group import command, pass_call
from commands.paper import entry, line
from commands.running import run_and_listen
from commands.values import TEXT, given_text
from workflows.words import MODES

if TYPE_CHECKING:
    from scheduler.telling import Echo

FIRST = "baodi-2010"
"""The campaign that is opened if none is named."""


NEXT = {
    "rehearsal": ("duban board", "duban list", "duban can REF", "duban clock advance --to INSTANT"),
    "production": ("duban user add LOGIN", "duban run"),
}
"""What is done next with a new database of each kind."""


def _beginning(function: Any) -> Any:
    """Add the options of a beginning to a command."""
    for option in reversed(
        (
            click.option(
                "--campaign", "chosen", metavar="NAME|FILE", type=TEXT, help="专项行动 · campaign [baodi-2010]"
            ),
            click.option("--rehearsal", is_flag=True, help="推演库（永远是推演库） · a rehearsal database, for ever"),
            click.option(
                "--at", metavar="INSTANT", type=TEXT, help="推演起始时间 · where the rehearsal's clock starts"
            ),
            click.option("--late", is_flag=True, help="行动已结束仍要建库 · load a campaign that is over"),
            click.option(
                "--accept-open",
                is_flag=True,
                help="文件中尚有待定事项（# OPEN、旧文件引文）仍要建正式库 · begin a production whose file leaves questions open",
            ),
            click.option(
                "--calendar",
                type=click.Choice(["all", "asof"]),
                help="推演只知起始日前公布的放假安排 · asof: only the holiday notices issued by then [all]",
            ),
            click.option("--channel", type=click.Choice(["console", "file"]), help="通知渠道 · where notices go"),
        )
    ):
        function = option(function)
    return function


@command(
    "init",
    help="建库、发布流程、开立事项；可重复执行 · Create the database, open the campaign's matters. Safe to repeat.",
)
@_beginning
@click.option(
    "--hash",
    "hashing",
    type=click.Choice(["sha256", "sm3"]),
    help="日志的杂凑算法，建库时定，不能再改 · hash function of the log, chosen for ever [sha256]",
)
@click.option(
    "--second", metavar="LOGIN", type=TEXT,
    help="第二名首任管理员（安全管理员），另发一个激活码 · a second first administrator, with a code of his own",
)  # fmt: skip
@pass_call
def init_(call: Call, **options: Any) -> None:
    """Print what was begun."""
    said = _begin(call, **options)

    def page() -> None:
        _page(call, said)
        _tell_of_lost_codes(call, said)
        following = NEXT[said["mode"]]
        call.note(f"接下来：{'；'.join(following)}", f"next: {'; '.join(following)}")

    call.answer(said, page)


def _begin(
    call: Call,
    chosen: str | None,
    rehearsal: bool,
    at: str | None,
    late: bool,
    accept_open: bool,
    channel: str | None,
    calendar: Literal["all", "asof"] | None,
    hashing: Literal["sha256", "sm3"] | None = None,
    second: str | None = None,
) -> dict[str, Any]:
    from workflows.launch import Beginning, init

    for option, text in (("--campaign", chosen), ("--at", at)):
        if text is not None:
            given_text(text, option)
    name = chosen or call.campaign or FIRST
    beginning = Beginning(
        name, rehearsal, at, late, channel, calendar or "all", hashing=hashing, accept_open=accept_open, second=second
    )
    workspace, said = init(call.db, beginning)
    call.use(workspace)
    warn_of_open(call, name, len(said["open_questions"]))
    said["unreachable_bodies"] = warn_of_unreachable(call)
    return said


def warn_of_open(call: Call, name: str, count: int) -> None:
    """Say on stderr that the campaign file leaves questions open, and what lists them."""
    if count:
        call.note(
            f"专项行动文件尚有 {count} 处待定（# OPEN、旧文件引文）；逐条列出：duban campaign check {name}",
            f"the campaign file leaves {count} places open (# OPEN, quotes of the old document); "
            f"to list them: duban campaign check {name}",
        )


def warn_of_unreachable(call: Call) -> list[str]:
    """Name the bodies whom no notice would reach, on stderr; return their codes."""
    from scheduler.unreached import unreachable_bodies

    lost = unreachable_bodies(call.workspace)
    if lost:
        said = [f"{code} {call.workspace.campaign.body_name(code, call.lang)}" for code in lost]
        names = call.word("、", ", ").join(said)
        call.note(
            f"以下单位无人任职，也无联系方式，通知无法送达：{names}；请 duban user grant 或 duban contact set 单位代码",
            f"nobody holds a post and there is no contact, so no notice reaches: {names}; "
            "do: duban user grant, or duban contact set BODY",
        )
    return lost


def _page(call: Call, said: dict[str, Any]) -> None:
    from commands.paper import local

    line(call.word("已就绪", "ready") if said["created"] else call.word("已在，无须重建", "was there already"))
    entry(call.word("数据库", "database"), said["database"], 16)
    entry(call.word("性质", "mode"), call.word(*MODES[said["mode"]]), 16)
    entry(call.word("专项行动", "campaign"), f"{said['campaign']}  {call.label(call.workspace.campaign.doc.name)}", 16)
    entry(call.word("新开事项", "matters opened"), str(said["opened"]), 16)
    entry(call.word("时钟", "clock"), local(said["now"], call.zone), 16)
    entry(call.word("管理员", "administrator"), said["administrator"], 16)
    if "administrator_code" in said:
        entry(call.word("激活码", "code"), said["administrator_code"], 16)
    if "second" in said:
        entry(call.word("安全管理员", "security"), f"{said['second']}  {said['second_post']}", 16)
    if "second_code" in said:
        entry(call.word("激活码", "code"), said["second_code"], 16)
    if "administrator_code" in said:
        call.note(
            "激活码只显示这一次，各由本人在自己的浏览器 /activate（或 duban user activate 登录名）使用",
            "each code is shown this once, and used by its own holder in his own browser: /activate, or duban user activate LOGIN",
        )
    if "administrator_code" in said and "second" not in said:
        call.note(
            "只有一名管理员时，岗位由其一人授予；要从一开始就两人相互制约：init --second 登录名",
            "as long as there is one administrator he gives posts alone; for two persons from the beginning: init --second LOGIN",
        )
    if "administrator_token" in said:
        entry(call.word("令牌", "token"), said["administrator_token"], 16)
        call.note(
            "令牌只显示这一次；请存入仅本人可读的文件",
            "the token is shown this once; keep it in a file only its owner can read",
        )


def _tell_of_lost_codes(call: Call, said: dict[str, Any]) -> None:
    """Say how whoever was to see a code gets another, where the first may have been lost with the beginning that made it."""
    waiting = said.get("not_come_in", ())
    if not waiting:
        return
    ways = [f"duban user code {login}" for login in waiting]
    if call.workspace.database.wire.name != "sqlite":
        ways.insert(0, f"duban user token {said['administrator']} --reset")
    call.note(
        f"{'、'.join(waiting)} 尚未激活账户；如首次建库所示激活码、令牌已遗失：{'；'.join(ways)}",
        f"never activated: {', '.join(waiting)}; if the code or token that the first init showed is lost: {'; '.join(ways)}",
    )


def _running(function: Any) -> Any:
    function = click.option(
        "--listen", metavar="HOST:PORT", type=TEXT,
        help="控制台、签收链接的监听地址（TLS 由前置代理负责） · where to serve the console and links; TLS is the proxy's",
    )(function)  # fmt: skip
    function = click.option("--no-scheduler", is_flag=True, help="不计时 · without the scheduler")(function)
    return click.option("--no-web", is_flag=True, help="不开控制台 · without the console")(function)


@command(
    "up",
    help="看一场推演（默认 var/rehearsal.db），或对 --db 建库并运行 · Show the rehearsal, or initialise --db and run it.",
)
@_beginning
@_running
@click.option(
    "--speed",
    type=click.FloatRange(0),
    help="每秒演几天，0 为最快 · days a second, 0 as fast as possible [about five minutes in all]",
)
@click.option("--seed", type=int, help="随机种子 · seed of the people [1, then as begun]")
@click.option("--cases", type=click.IntRange(0, 10_000), help="案件数 · cases that arrive [60, then as begun]")
@click.option("--until", metavar="INSTANT", type=TEXT, help="演到何时 · until when")
@pass_call
def up_(call: Call, no_web: bool, no_scheduler: bool, listen: str | None, **options: Any) -> None:
    """Show the rehearsal, or begin the office's own database and run it."""
    from engine.errors import Usage

    pace = {name: options.pop(name) for name in ("speed", "seed", "cases", "until")}
    call.operator = True
    if _is_rehearsal(call, options):
        if no_web and listen is not None:
            raise Usage("--no-web and --listen say opposite things", "both")
        _show(call, options, pace, listen, no_web=no_web)
        return
    if not call.has_database() or any(options.values()):
        said = _begin(call, **options)
        if not call.json:
            _page(call, said)
    run_and_listen(call, listen, no_web=no_web, no_scheduler=no_scheduler)


def _is_rehearsal(call: Call, options: dict[str, Any]) -> bool:
    if not call.named_database or options["rehearsal"]:
        return True
    return call.has_database() and call.workspace.mode == "rehearsal"


def _show(call: Call, options: dict[str, Any], pace: dict[str, Any], listen: str | None, *, no_web: bool) -> None:
    """Show the rehearsal; what is told goes to stdout, or with --json to stderr."""
    from commands.serving import showing
    from scheduler.up import REHEARSAL_DB, nothing_served, up

    if not no_web:
        from engine.log import start_log

        start_log(level="ERROR")
    call.close()
    url = call.db if call.named_database else REHEARSAL_DB
    campaign = options["chosen"] or call.campaign or FIRST
    about = {
        "campaign": campaign,
        "at": options["at"],
        "calendar": options["calendar"] or "all",
        "program": _program(),
        "lang": call.lang,
        "serve": nothing_served if no_web else partial(showing, call, listen),
    }
    done = up(url, echo=_echo(call), **about, **pace)
    if call.json:
        call.write_json({"database": url, "finished": done})


def _echo(call: Call) -> "Echo":
    """How a line of the showing is shown: in its look on a terminal, plain when piped or to stderr."""
    from commands.paper import on_terminal

    styled = on_terminal() and not call.json

    def echo(text: str, style: str = "") -> None:
        if style and styled:
            line(text, style)
        else:
            call.tell(text)

    return echo


def _program() -> str:
    """What a reader types here to call us: who started us through ``dev`` has no ``duban`` on the path."""
    beside = Path(sys.executable).with_name("duban")
    if shutil.which("duban") or not beside.exists():
        return "duban"
    return os.path.relpath(beside) if beside.is_relative_to(Path.cwd()) else str(beside)


@command("run", help="运行：到期提醒、督办、发送 · Run: what is due falls due, what is owed is sent. Ctrl-C ends it.")
@_running
@pass_call
def run_(call: Call, no_web: bool, no_scheduler: bool, listen: str | None) -> None:
    """Run until interrupted."""
    call.operator = True
    run_and_listen(call, listen, no_web=no_web, no_scheduler=no_scheduler)
