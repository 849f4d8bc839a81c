"""The key that seals second factors."""

from pathlib import Path

import click

from commands.call import Call
from commands.group import group, pass_call
from commands.second import approved
from commands.values import TEXT


@group(
    "key",
    help="动态码的密钥（DUBAN_FACTOR_KEY，或本地库旁的文件） · The key that seals second factors, beside a local database.",
)
def key_() -> None:
    """Hold the commands of the key."""


@key_.command("new", help="生成密钥文件 FILE，只有所有者可读 · Make a key in FILE, readable by its owner alone.")
@click.argument("file", type=TEXT, metavar="FILE")
@pass_call
def key_new(call: Call, file: str) -> None:
    """Make a key; it stays away from the backups of the database."""
    from commands.key_change import tell_new
    from engine.factor_seal import PURPOSE
    from engine.sealing_key import name_of, new_key, new_key_file

    key = new_key()
    new_key_file(Path(file), key)
    apart = "请另行备份，不得与数据库备份放在一处：", "Back it up, and not beside the backups of the database: "
    tell_new(call, name_of(PURPOSE, key), "DUBAN_FACTOR_KEY", file, apart)


@key_.command(
    "rotate",
    help="更换密钥并重新加密（两人，可中断续办） · Change the key and seal everything anew: by two persons; it may be cut off.",
)
@approved
@pass_call
def key_rotate(call: Call, approver: str | None, token_file: str | None) -> None:
    """Change the key."""
    from commands.key_change import change
    from engine.factor_keys import kept_by
    from workflows.factor_key import factor_file

    workspace = call.workspace
    change(call, kept_by(workspace.engine.factors), factor_file(workspace.database), approver, token_file)
