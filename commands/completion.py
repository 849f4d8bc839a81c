"""Completion for shells: the script that asks us for candidates."""

import click

from commands.call import Call
from commands.group import COMPLETE_VAR, command


@command(
    "completion", help='打印补全脚本，例：eval "$(duban completion bash)" · Print the completion script of a shell.'
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion_(ctx: click.Context, shell: str) -> None:
    """Print the script."""
    from click.shell_completion import get_completion_class

    from engine.errors import Unavailable

    kind = get_completion_class(shell)
    assert kind is not None
    root = ctx.find_root()
    try:
        script = kind(root.command, {}, root.info_name or "duban", COMPLETE_VAR).source()
    except RuntimeError as error:
        raise Unavailable(f"{shell}: {error}", "shell") from None
    call = ctx.find_object(Call)
    assert call is not None
    call.answer({"shell": shell, "script": script}, lambda: click.echo(script))
