"""The token of a calendar feed: made, shown once, taken back."""

import click

from commands.call import Call
from commands.group import command, pass_call
from commands.paper import line
from commands.values import TEXT


@command(
    "feed-token",
    help="期限日历的令牌：只显示一次，只能看，不能办 · The token of LOGIN's calendar feed: it shows, lets nobody act.",
)
@click.argument("login", type=TEXT, metavar="LOGIN")
@click.option("--revoke", is_flag=True, help="收回，立即失效 · take it back, at once")
@pass_call
def feed_token(call: Call, login: str, revoke: bool) -> None:
    """Make the token of a feed, or take it back."""
    from engine.feed_tokens import FeedTokens

    desk = FeedTokens(call.workspace.engine, call.actor())
    if revoke:
        said = desk.revoke(login)
        call.answer(
            said, lambda: line(call.word(f"已收回 {login} 的日历令牌", f"the feed token of {login} is taken back"))
        )
        return
    said = desk.make(login)

    def page() -> None:
        line(said["token"])
        call.note("只显示这一次；此前的已失效", "shown this once; an earlier one is not valid any more")

    call.answer(said, page)
