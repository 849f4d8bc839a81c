"""``audit key``: the log's key, in a file of its own: make it, show it, change it."""

from typing import TYPE_CHECKING, Any

import click

from commands.call import Call
from commands.group import group, pass_call
from commands.paper import entry, line
from commands.values import TEXT

if TYPE_CHECKING:
    from pathlib import Path


@group("key", help="日志的签名密钥 · The key that signs the log; it never lies in the database.")
def key_() -> None:
    """Hold the commands about the key."""


def key_file(call: Call) -> "Path":
    """Where the key of the database lies."""
    from engine.publishing import get_meta
    from engine.signing_key import key_path

    with call.workspace.database.snapshot() as tx:
        return key_path(get_meta(tx, "identity") or "")


@key_.command(
    "new", help="制作签名密钥，存入仅本人可读的文件 · Make the key, in a file that only its owner can read (DUBAN_KEY)."
)
@pass_call
def new(call: Call) -> None:
    """Make the key and put it on record in every campaign."""
    from engine.log_keys import begin_key

    workspace = call.workspace
    path = key_file(call)
    said = begin_key(workspace.engine, call.actor(), path)
    _told(call, said)
    call.note(
        "请把 vkey 交给核验者和见证人；私钥请另行备份，不要与数据库备份放在一起",
        "give the vkey to whoever verifies and to the witnesses; back the key up, but not beside the database",
    )


@key_.command("show", help="显示公钥（vkey） · Show the public key, as verifiers and witnesses need it.")
@click.option(
    "--policy", metavar="FILE", type=TEXT,
    help="写成策略文件，供 audit verify --policy 使用 · write the file that pins the key, for audit verify --policy",
)  # fmt: skip
@pass_call
def show(call: Call, policy: str | None) -> None:
    """Show the public key, and write the policy that pins it."""
    from engine.log_keys import shown_key

    call.operator = True
    said = shown_key(call.workspace.engine, key_file(call))
    if policy is not None:
        from commands.fresh_file import write_fresh, write_pieces

        words = f"log {said['vkey']}\nquorum none\n"
        write_fresh(policy, write_pieces([words]), call.workspace.database)
        said = {**said, "policy": policy}
    _told(call, said)


@key_.command(
    "rotate",
    help="更换签名密钥，由新旧两把密钥共同签名 · Change the key: an entry signed by both the old and the new one.",
)
@pass_call
def rotate(call: Call) -> None:
    """Change the key."""
    from engine.log_keys import rotate_key

    _told(call, rotate_key(call.workspace.engine, call.actor(), key_file(call)))


def _told(call: Call, said: dict[str, Any]) -> None:
    def page() -> None:
        line(said["vkey"])
        entry(call.word("日志", "log"), said["origin"], 12)
        entry(call.word("钥文件", "key file"), said["file"], 12)
        if "policy" in said:
            entry(call.word("策略文件", "policy"), said["policy"], 12)
        if said.get("replaces"):
            entry(call.word("旧钥", "replaces"), said["replaces"], 12)

    call.answer(said, page)
