"""References and codes as parameters, with completion from the database at hand."""

from collections.abc import Callable
from typing import Any

import click
from click.shell_completion import CompletionItem

from commands.call import Call
from commands.values import Text

MOST_COMPLETIONS = 200
"""More candidates help nobody at a prompt."""


class Coded(Text):
    """A text whose candidates *find* lists."""

    def __init__(self, find: "Callable[[Call, click.Context], list[tuple[str, str]]]") -> None:
        self._find = find

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """List the candidates that begin so; silent when there is no database."""
        call = ctx.find_object(Call)
        if call is None:
            return []
        for above in (ctx, *_parents(ctx)):
            call.set(**{name: above.params.get(name) for name in ("db", "campaign", "login", "lang", "token_file")})
        try:
            found = self._find(call, ctx)
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


def _refs(call: Call, _: click.Context) -> list[tuple[str, str]]:
    return call.reader.refs()


def _triggers(call: Call, ctx: click.Context) -> list[tuple[str, str]]:
    ref = str(ctx.params.get("ref") or "")
    machine = call.workspace.campaign.kind(ref.partition("/")[0])
    return [(code, label.zh) for code, label in sorted(machine.triggers.items())]


def _bodies(call: Call, _: click.Context) -> list[tuple[str, str]]:
    return [(code, body.name.zh) for code, body in call.workspace.campaign.bodies.items()]


def _kinds(call: Call, _: click.Context) -> list[tuple[str, str]]:
    return [
        (kind, call.workspace.campaign.kind(kind).doc.label.zh)
        for kind in sorted(call.workspace.campaign.machines.newest)
    ]


REF = Coded(_refs)
TRIGGER = Coded(_triggers)
BODY = Coded(_bodies)
KIND = Coded(_kinds)

body_option: Callable[[Any], Any] = click.option(
    "--body", metavar="CODE", type=BODY, help="单位代码 · code of the body"
)
