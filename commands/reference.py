"""References and codes as parameters, with completion from the database at hand."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from commands.call import Call
from commands.values import Text

if TYPE_CHECKING:
    from workflows.workspace import Workspace

MOST_COMPLETIONS = 200
"""More candidates help nobody at a prompt."""


class Coded(Text):
    """A text whose candidates *find* lists."""

    def __init__(self, find: "Callable[[Workspace, click.Context], list[tuple[str, str]]]") -> None:
        self._find = find

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """List the candidates that begin so; silent when there is no database."""
        call = ctx.find_object(Call)
        if call is None:
            return []
        for above in (ctx, *_parents(ctx)):
            call.set(**{name: above.params.get(name) for name in ("db", "campaign", "login", "lang")})
        try:
            found = self._find(call.workspace, ctx)
        except Exception:  # noqa: BLE001  a prompt is no place for messages
            return []
        finally:
            call.close()
        fitting = [each for each in found if each[0].startswith(incomplete)]
        return [CompletionItem(code, help=words) for code, words in fitting[:MOST_COMPLETIONS]]


def _parents(ctx: click.Context) -> list[click.Context]:
    found = []
    while ctx.parent is not None:
        ctx = ctx.parent
        found.append(ctx)
    return found


def _refs(workspace: "Workspace", _: click.Context) -> list[tuple[str, str]]:
    return workspace.reader.refs()


def _triggers(workspace: "Workspace", ctx: click.Context) -> list[tuple[str, str]]:
    ref = str(ctx.params.get("ref") or "")
    machine = workspace.campaign.kind(ref.partition("/")[0])
    return [(code, label.zh) for code, label in sorted(machine.triggers.items())]


def _bodies(workspace: "Workspace", _: click.Context) -> list[tuple[str, str]]:
    return [(code, body.name.zh) for code, body in workspace.campaign.bodies.items()]


def _kinds(workspace: "Workspace", _: click.Context) -> list[tuple[str, str]]:
    return [(kind, workspace.campaign.kind(kind).doc.label.zh) for kind in sorted(workspace.campaign.machines.newest)]


REF = Coded(_refs)
TRIGGER = Coded(_triggers)
BODY = Coded(_bodies)
KIND = Coded(_kinds)

body_option: Callable[[Any], Any] = click.option(
    "--body", metavar="CODE", type=BODY, help="单位代码 · code of the body"
)
