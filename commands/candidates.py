"""What a shell may offer where a parameter says by its metavar what it takes."""

from collections.abc import Callable, Mapping

import click
from click.shell_completion import CompletionItem

from commands.call import Call
from commands.reference import Coded, kinds_known

LEADS_TO_FILES = {"FILE", "DIR", "FILE.jsonl", "BUNDLE", "CAMPAIGN", "OLD", "NEW"}
"""The metavars where a path may stand."""


def _kinds(call: Call, ctx: click.Context) -> list[tuple[str, str]]:
    """The kinds of the campaign at hand; where there is none, those that come with duban."""
    from engine.errors import DubanError
    from workflows.library import definition_kinds

    try:
        return kinds_known(call, ctx)
    except DubanError:
        return [(kind, "") for kind in definition_kinds()]


def _logins(call: Call, _: click.Context) -> list[tuple[str, str]]:
    """The logins that a rehearsal believes; in production nobody is told who there is."""
    return [(login, "") for login in sorted(call.workspace.people.rehearsal)]


def _campaigns(_: Call, __: click.Context) -> list[tuple[str, str]]:
    from workflows.library import campaign_names

    return [(name, "") for name in campaign_names()]


def _axes(call: Call, _: click.Context) -> list[tuple[str, str]]:
    from engine.figures import Figures

    workspace = call.workspace
    axes = Figures(workspace.database, workspace.campaign, workspace.reader.clock, call.reader.seen()).axes()
    return [(axis, label["zh"]) for axis, label in axes.items()]


def _posts(call: Call, ctx: click.Context) -> list[tuple[str, str]]:
    """The posts of the body that was named before, else of every body."""
    bodies = call.workspace.campaign.bodies
    named = ctx.params.get("body")
    wanted = [bodies[str(named)]] if named else bodies.values()
    return [(post, "") for post in sorted({post for body in wanted for post in body.posts})]


NAMED: Mapping[str, Callable[[Call, click.Context], list[tuple[str, str]]]] = {
    "KIND": _kinds, "LOGIN": _logins, "NAME": _campaigns, "CAMPAIGN": _campaigns, "OLD": _campaigns,
    "NEW": _campaigns, "AXIS": _axes, "POST": _posts,
}  # fmt: skip
"""What a metavar stands for. A NAME is a campaign's only beside a FILE: alone it is what a person or a filter is called."""


def fitting(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """List the candidates of *param*; files where a path may stand and nothing that is known begins so."""
    words = [word.strip("[].") for word in (param.metavar or "").split("|")]
    found: list[CompletionItem] = []
    for word in words:
        if word in NAMED and (word != "NAME" or len(words) > 1):
            found += Coded(NAMED[word]).shell_complete(ctx, param, incomplete)
    if not found and not LEADS_TO_FILES.isdisjoint(words):
        return [CompletionItem(incomplete, type="dir" if words == ["DIR"] else "file")]
    return found
