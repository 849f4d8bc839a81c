"""Notices seen before they are owed: ``notice preview``."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands.call import Call
from commands.group import pass_call
from commands.notice import notice_
from commands.paper import entry, line
from commands.reference import REF
from commands.values import TEXT

if TYPE_CHECKING:
    from workflows.preview import Shown


@notice_.command(
    "preview",
    help="预览某种通知（以库中真实事项填写，不发出） · Show a notice filled in with a real matter; nothing is owed.",
)
@click.argument("kind", type=TEXT, metavar="KIND")
@click.argument("ref", type=REF, metavar="[REF]", required=False)
@click.option("--deadline", metavar="CODE", type=TEXT, help="期限代码 · of this deadline")
@click.option("--to", "recipient", metavar="LOGIN", type=TEXT, help="收件人 · as LOGIN would get it")
@click.option(
    "--texts", "texts", metavar="FILE", type=TEXT, help="尚未生效的用语 · with texts that are not in force yet"
)
@click.option("--html", "html", metavar="FILE", type=TEXT, help="写成网页 · write it as HTML to a file")
@click.option("--eml", "eml", metavar="FILE", type=TEXT, help="写成邮件 · write it as an e-mail to a file")
@pass_call
def preview(call: Call, kind: str, ref: str | None, texts: str | None, html: str | None, eml: str | None,
            recipient: str | None, deadline: str | None) -> None:  # fmt: skip
    """Print one notice as it would be."""
    from engine.text_file import read_texts
    from workflows.campaign_texts import choices, text_files
    from workflows.preview import Wanted, preview

    campaign = call.workspace.campaign
    used = campaign.texts
    if texts is not None:
        definitions = [campaign.kind(each).definition for each in campaign.machines.newest]
        read = read_texts(text_files(Path(texts)), choices(campaign.doc, definitions, used.kinds))
        used = used.with_own({**used.own, **read})
    shown = preview(call.workspace, Wanted(kind, used, ref, deadline, recipient, call.lang, call.sight))
    written = [_write(path, content) for path, content in _files(campaign.code, shown, html, eml)]
    call.answer(_said(shown, call.lang, written), lambda: _page(call, shown, written))


def _said(shown: "Shown", lang: str, written: list[str]) -> dict[str, Any]:
    row = shown.row
    return {
        "kind": row.kind, "texts": shown.key, "own": shown.own, "ref": row.ref, "deadline": shown.deadline,
        "typical": shown.typical, "recipient": row.recipient, "body": row.body, "lang": lang, "subject": row.subject,
        "text": row.text, "files": written,
    }  # fmt: skip


def _page(call: Call, shown: "Shown", written: list[str]) -> None:
    row = shown.row
    whose = call.word("本专项行动自定", "the campaign's own") if shown.own else call.word("系统通用", "ours")
    entry(call.word("用语", "texts"), f"{shown.key}（{whose}）" if call.lang == "zh" else f"{shown.key} ({whose})", 12)
    if row.ref:
        chosen = (
            call.word("（未指定，取一个典型事项）", " (a typical one, since none was named)") if shown.typical else ""
        )
        about = f"{row.ref}  {shown.deadline or ''}".rstrip()
        entry(call.word("事项", "matter"), about + chosen, 12)
    entry(call.word("收件人", "to"), row.recipient, 12)
    entry(call.word("主题", "subject"), row.subject, 12)
    line("")
    for each in row.text.rstrip("\n").split("\n"):
        click.echo(each)
    for path in written:
        call.note(f"已写入 {path}", f"written to {path}")


def _files(campaign: str, shown: "Shown", html: str | None, eml: str | None) -> list[tuple[str, bytes]]:
    from email.policy import SMTP

    from scheduler.mail import message, page

    files = [] if html is None else [(html, page(shown.row).encode())]
    return files if eml is None else [*files, (eml, message(shown.row, campaign).as_bytes(policy=SMTP))]


def _write(path: str, content: bytes) -> str:
    """Write a file, whole or not at all. Raises Unavailable."""
    from commands.fresh_file import write_fresh

    write_fresh(path, lambda fresh: fresh.write_bytes(content), None)
    return path
