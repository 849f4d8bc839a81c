"""The calendar feed of one person, for whoever holds its secret address: his bodies' deadlines, as he sees them."""

from engine.deadline_pages import owned_matters
from engine.feed_tokens import feed_holder
from workflows.feed import feed
from workflows.workspace import Workspace


def feed_of(workspace: Workspace, secret: str, lang: str = "zh") -> bytes:
    """Write the feed that *secret* shows. Raises Forbidden for a secret that is none, or none any more."""
    with workspace.database.snapshot() as tx:
        login = feed_holder(workspace.engine, tx, secret)
    holder = workspace.holder(login)
    seats = {*holder.posts, *(seat for each in workspace.deputies(holder).values() for seat in each.posts)}
    owners, now = {body for body, _ in seats}, workspace.clock.now()
    reader = workspace.reader.seen_by(workspace.sight(holder))
    with workspace.database.snapshot() as tx:
        matters = owned_matters(tx, reader, owners, now)
    return feed(workspace.campaign, matters, owners, now, lang)
