"""The command line: one entry, the global options, and a table of where each command lives."""

import gc
from typing import Any

import click

from commands.call import Call
from commands.group import LazyGroup, fitting, pass_call
from commands.margin import forgive

COMMANDS = {
    "init": ("commands.begin", "建库、发布流程、启动专项行动 · create the database and open the campaign"),
    "up": ("commands.begin", "建库并运行 · initialise, then run"),
    "run": ("commands.begin", "运行：计时、提醒、督办 · let time pass: reminders, escalations"),
    "rehearse": ("commands.rehearse", "推演整个专项行动 · rehearse a whole campaign on a virtual clock"),
    "open": ("commands.order", "开立事项 · open a matter"),
    "do": ("commands.order", "办理一个动作 · fire a trigger"),
    "can": ("commands.order", "我现在可以办什么 · what I may do now, and why not the rest"),
    "alike": ("commands.alike", "可能系同一事实的事项 · what may be about the same facts"),
    "correct": ("commands.order", "留痕更正 · correct facts, on the record"),
    "attach": ("commands.order", "补充材料 · bring documents without a move"),
    "comment": ("commands.order", "批注、抄送 · put words on the record, with copies"),
    "apply": ("commands.apply", "批量办理 JSON Lines 指令 · carry out many orders from a file"),
    "show": ("commands.look", "查看一个事项 · show a matter"),
    "list": ("commands.look", "列出事项 · list matters"),
    "search": ("commands.find", "查找事项 · find matters by words"),
    "work": ("commands.find", "我的待办 · what waits for me"),
    "view": ("commands.find", "自存筛选 · filters that I keep"),
    "history": ("commands.look", "查看留痕 · the history of a matter"),
    "board": ("commands.look", "进度总览 · stage and light of every body"),
    "deadline": ("commands.deadline", "期限：列表、说明、延期、中止 · deadlines: list, explain, extend, pause"),
    "notice": (
        "commands.preview",
        "通知：台账、预告、签收、催办、重发、暂缓 · notices: ledger, forecast, receipts, urging, retry, hold",
    ),
    "monitor": ("commands.monitor", "监测：应办未办 · monitors: what did not happen"),
    "report": ("commands.report", "报告：统计、两日对比、何人知情 · reports: figures, two days compared, who knew"),
    "campaign": (
        "commands.campaign",
        "专项行动：检查、起草、对比、发布、调整 · campaigns: check, draft, compare, publish, amend",
    ),
    "law": ("commands.law", "立案追诉标准：查看、检查 · prosecution standards: show, check"),
    "calendar": ("commands.calendar", "工作日历 · working days"),
    "clock": ("commands.time", "推演时钟 · the clock of a rehearsal"),
    "scheduler": ("commands.time", "计时一轮 · let what is due fall due"),
    "vault": ("commands.vault", "举报人保密库：申请、批准、查看 · who reported: ask, approve, reveal"),
    "privacy": ("commands.privacy_care", "个人信息：查询、依法删除 · personal data: what is held, erasing by law"),
    "user": ("commands.user", "人员、岗位、登录、令牌、委托 · people, posts, sign-in, tokens, delegations"),
    "login": ("commands.signing", "登录 · sign in"),
    "contact": ("commands.contact", "联系方式 · how people and posts are reached"),
    "db": ("commands.care", "数据库升级、备份、恢复 · upgrade, back up, restore"),
    "doctor": ("commands.care", "体检 · is everything in order?"),
    "audit": ("commands.audit", "核验、封存、证明 · verify, seal and prove the record"),
    "export": ("commands.export", "导出：期限日历、事件日志 · export: calendar feed, event logs"),
    "completion": ("commands.completion", "命令补全脚本 · a script for the shell's completion"),
}
"""Each command with the module that is imported when it is called, and its line in the help."""


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from commands.versions import told

        click.echo(told())
        ctx.exit()


@click.group(
    cls=LazyGroup,
    table=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="全局选项写在命令之前 · Global options stand before the command: duban --as gongan.head do REF TRIGGER",
)
@click.option("--db", metavar="URL", help="数据库 · database [DUBAN_DB; sqlite:///duban.db]")
@click.option("--campaign", metavar="CODE", help="专项行动代码 · campaign [DUBAN_CAMPAIGN; 唯一者 · the only one]")
@click.option("--as", "login", metavar="LOGIN", shell_complete=fitting, help="以谁的名义 · who acts [DUBAN_AS]")
@click.option(
    "--token-file",
    metavar="FILE",
    shell_complete=fitting,
    help="令牌文件 · file with a personal token [DUBAN_TOKEN_FILE]",
)
@click.option("--lang", type=click.Choice(["zh", "en"]), help="文字 · language of texts [DUBAN_LANG; zh]")
@click.option("--json", "json", is_flag=True, help="标准输出只有 JSON · stdout is JSON and nothing else")
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="版本 · version")
@pass_call
def duban(call: Call, **options: Any) -> None:
    """督办：把专项行动当作看得见的状态机来运行 · runs special campaigns as explicit state machines."""
    call.set(**options)


GARBAGE = (20_000, 20, 20)
"""Objects made before the collector looks at the young ones, and how often the older ones follow. PLACEHOLDER

By itself Python looks after 700: while a campaign is read or played, that is hundreds of looks at what all stays.
"""


def main() -> None:
    """Run the command line and leave with the exit code of the contract."""
    gc.set_threshold(*GARBAGE)
    forgive()
    duban()


if __name__ == "__main__":
    main()
