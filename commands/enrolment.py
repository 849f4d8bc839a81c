"""Many persons at once, from a table."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands.call import Call
from commands.fresh_proof import prove_again
from commands.group import command, pass_call
from commands.paper import line
from commands.second import approved
from commands.values import TEXT

if TYPE_CHECKING:
    from engine.enrolling import Enrolment


@command(
    "import",
    help="由表格批量新增人员、岗位、联系方式：有一处错误即全部不办，逐行报错；--template 打印样表 · Many persons, posts and "
    "contacts from a table (CSV, UTF-8 or GB18030): all of it, or nothing and every mistake with its line; --template prints one.",
)
@click.argument("file", type=TEXT, metavar="[FILE]", required=False)
@click.option("--template", is_flag=True, help="打印样表 · print a table to fill in")
@click.option("--dry-run", is_flag=True, help="只检查，不写入 · check all of it and store nothing")
@approved
@pass_call
def import_(
    call: Call, file: str | None, template: bool, dry_run: bool, approver: str | None, token_file: str | None
) -> None:
    """Enrol everybody on a roll."""
    from engine.errors import Usage

    if template == (file is not None):
        raise Usage("user import FILE, or user import --template", "import")
    if file is None:
        from workflows.staff_roll import template as sample

        text = sample(call.workspace.campaign, call.lang)
        call.answer({"template": text}, lambda: click.echo(text, nl=False))
        _channels(call)
        return
    prove_again(call, "grant")
    done = _enrolled(call, Path(file), approver, token_file, dry=dry_run)
    call.answer({"file": file, "dry_run": dry_run, **done.as_json()}, lambda: _page(call, done, dry=dry_run))


def _channels(call: Call) -> None:
    from scheduler.turn import channels_of

    there = ", ".join(sorted(channels_of(call.workspace)))
    call.note(f"可用渠道：{there}；其余各列可空", f"channels: {there}; every column but the login may be empty")


def _enrolled(call: Call, path: Path, approver: str | None, token_file: str | None, *, dry: bool) -> "Enrolment":
    from commands.values import instant
    from engine.enrolling import Enroller
    from engine.errors import Invalid
    from scheduler.addresses import refuse_unusable
    from workflows.staff_roll import LONGEST, read_roll

    workspace = call.workspace
    try:
        with path.open("rb") as there:
            content = there.read(LONGEST + 1)
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror or error}", "file") from None
    lines, problems = read_roll(path, content, workspace.campaign, lambda text, what: instant(text, call.zone, what))
    enroller = Enroller(
        workspace.engine, call.actor(), call.approver(approver, token_file),
        lambda channel, address: refuse_unusable(workspace, channel, address),
    )  # fmt: skip
    return enroller.enrol(str(path), lines, problems, dry=dry)


def _page(call: Call, done: "Enrolment", *, dry: bool) -> None:
    said: Any = (
        (len(done.added), "新增人员", "persons added"), (len(done.granted), "授予岗位", "posts given"),
        (len(done.proposed), "待批准岗位", "posts proposed"), (len(done.contacts), "设定联系方式", "contacts set"),
        (done.already, "此前已有", "there before"),
    )  # fmt: skip
    told = call.word("，", ", ").join(call.word(f"{zh}{count}", f"{count} {en}") for count, zh, en in said if count)
    if dry:
        line(call.word(f"检查无误，未写入：{told}", f"no mistake, nothing stored: {told}"))
        return
    line(told)
    if done.proposed:
        call.note("待另一人批准：duban user proposals", "another person approves: duban user proposals")
    if done.added and call.workspace.mode == "production":
        call.note("各人激活码：duban user code 登录名", "their codes: duban user code LOGIN")
