"""Making a key that seals, and changing it: two persons at one keyboard, each with a fresh proof."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from commands.call import Call, read_token
from commands.paper import entry, line
from commands.second import second_person

if TYPE_CHECKING:
    from engine.key_rotation import Kept
    from engine.orders import Actor


def change(call: Call, kept: "Kept", path: Path | None, approver: str | None, token_file: str | None) -> None:
    """Change the key in *path* and tell what became of it. Raises Forbidden, Usage, Unavailable."""
    from engine.errors import Unavailable
    from engine.key_rotation import rotate

    actor, what = call.actor(), call.word("更换密钥", "changing a key")
    second = second_person(call, approver, token_file, what)
    if path is None:
        raise Unavailable("no file of the key is named here, so there is nothing to change", "key_file")
    _must_be_fresh(call, actor, call.token())
    _must_be_fresh(call, second, read_token(token_file) if token_file is not None else None)
    said = rotate(call.workspace.engine, kept, path, actor, second)
    call.answer(said, lambda: _page(call, said))


def tell_new(call: Call, name: str, variable: str, file: str, apart: tuple[str, str]) -> None:
    """Tell of the new key *name* in *file*, which *variable* is to name; *apart* says where its copy is not to lie."""

    def page() -> None:
        entry(call.word("密钥", "key"), f"{file}  {name}", 12)
        line(call.word(*apart) + f"{variable}={file}")

    call.answer({"file": file, "key": name}, page)


def _must_be_fresh(call: Call, actor: "Actor", secret: str | None) -> None:
    """Raise Forbidden in production for anybody but the owner at his keyboard and whoever has just signed in."""
    from engine.errors import Forbidden, Reason
    from engine.step_up import refuse_stale
    from engine.three import is_owner

    if call.workspace.mode == "rehearsal" or is_owner(actor):
        return
    sessions = call.workspace.sessions
    if secret is None or not secret.startswith("ds_"):
        reason = Reason(
            "step_up",
            "更换密钥须由本人刚刚登录，不能凭令牌：duban login",
            "a key is changed by who has just signed in, not by a token: duban login",
        )
        raise Forbidden(f"{actor.login}: {reason.en}", "step_up", [reason])
    refuse_stale(sessions.resolve(secret), sessions.clock.now(), "key_change")


def _page(call: Call, said: dict[str, Any]) -> None:
    line(
        call.word("密钥已更换", "the key is changed")
        + (call.word("（接续上次）", " (gone on with)") if said["resumed"] else "")
    )
    entry(call.word("密钥", "key"), f"{said['file']}  {said['key']}", 16)
    entry(call.word("重新加密", "sealed anew"), str(said["sealed"]), 16)
    for each in said["put_aside"]:
        entry(call.word("旧密钥", "old key"), each, 16)
    line(call.word(
        "请把新密钥文件送到其他节点并另行备份；旧密钥只用于恢复以前的备份，不再需要时销毁。",
        "Bring the new file to the other nodes and back it up apart. The old key is for backups of before; destroy it when no "
        "backup needs it.",
    ))  # fmt: skip
