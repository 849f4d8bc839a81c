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


def kinds_known(call: Call, _: click.Context) -> list[tuple[str, str]]:
    """Name the kinds of matter of the campaign at hand, with their labels."""
    return [
        (kind, call.workspace.campaign.kind(kind).doc.label.zh)
        for kind in sorted(call.workspace.campaign.machines.newest)
    ]


def _states(call: Call, ctx: click.Context) -> list[tuple[str, str]]:
    """States and stages of the kind that was named before, else of every kind."""
    campaign, named = call.workspace.campaign, ctx.params.get("kind")
    found: dict[str, str] = {}
    for kind in [str(named)] if named else sorted(campaign.machines.newest):
        tree = campaign.kind(kind).tree
        for code in [*tree.stages, *tree.leaves]:
            found.setdefault(code, tree.labels[code].zh)
    return list(found.items())


def _deadlines(call: Call, ctx: click.Context) -> list[tuple[str, str]]:
    machine = call.workspace.campaign.kind(str(ctx.params.get("name") or "").partition("/")[0])
    return [(code, each.label.zh) for code, each in machine.doc.deadlines.items()]


REF = Coded(_refs)
TRIGGER = Coded(_triggers)
BODY = Coded(_bodies)
KIND = Coded(kinds_known)
STATE = Coded(_states)
DEADLINE = Coded(_deadlines)

body_option: Callable[[Any], Any] = click.option(
    "--body", metavar="CODE", type=BODY, help="单位代码 · code of the body"
)
