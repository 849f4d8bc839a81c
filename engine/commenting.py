"""Comments (批注) on a matter, and copies of it (抄送): words in its record that change nothing else of it."""

from collections.abc import Sequence

from engine import reasons as because
from engine.besides import may_copy
from engine.desk import Desk
from engine.errors import Forbidden, Invalid
from engine.held import Held
from engine.history import Line
from engine.notices import compose, matter_values
from engine.orders import Comment
from engine.outcome import Outcome
from engine.rows import NoticeRow
from engine.saying import says_something
from engine.urging import PRESSED

LABEL = "批注"
"""What a copy says was done."""


def comment(desk: Desk, order: Comment) -> Outcome:
    """Put words on the record of a matter; they are kept apart from it like every reason, so that they can be erased.

    Whoever sees the matter and holds a post may. Bodies in *copy_to* are told that there is a comment, and see the matter
    from then on; its own body's head and the office may send such copies. The matter's version stays: no form grows stale.
    Raises NotFound, Forbidden, or Invalid without words and for an unknown body.
    """
    held = desk.take(order.ref, order, None)
    if isinstance(held, Outcome):
        return held
    _refuse(desk, held, order)
    row, seq, recorded = held.row, held.row.seq, desk.recorded_us(held)
    bodies = sorted(set(order.copy_to))
    more = {"copied": bodies} if bodies else {}
    line = Line("comment", desk.actor, recorded, recorded, "", row.state, row.state)
    notices = _copies(desk, held, bodies, recorded)
    body = desk.enter(held, order, line, {}, version=False, more=more, notices=notices)
    held.told.update(bodies)
    held.save(desk.tx, seq)
    return desk.outcome(held, body, notices)


def _refuse(desk: Desk, held: Held, order: Comment) -> None:
    """All checks come before the first write."""
    if not desk.actor.posts:
        raise Forbidden(f"{desk.actor.login} holds no post and may not comment on {order.ref}", "forbidden")
    if not says_something(order.reason):
        raise Invalid("say what the comment is: --text", "no_text")
    unknown = sorted(set(order.copy_to) - set(desk.campaign.bodies))
    if unknown:
        raise Invalid(f"no body {unknown[0][:40]!r} in this campaign", "no_body")
    if order.copy_to and not may_copy(desk.campaign, held, desk.actor):
        message = f"{desk.actor.login} may not send copies of {order.ref}"
        raise Forbidden(message, "forbidden", [because.head_or_office()])


def _copies(desk: Desk, held: Held, bodies: Sequence[str], recorded: int) -> list[NoticeRow]:
    """A notice to the head and the liaison of each body, with the next entry of the matter."""
    row, campaign, seq = held.row, desk.campaign, held.row.seq + 1
    values = {**matter_values(campaign, held.machine, row), "label": LABEL}
    directory = desk.people.directory(desk.tx, desk.now)
    told = {login: body for body in bodies for post in PRESSED for login in directory.reach(body, [post])}
    return [
        compose(
            campaign, kind="copy", recipient=login, body=body, planned_us=recorded, now_us=recorded,
            dedup=f"{campaign.id}:{row.ref}:{seq}:copy:{login}", values=values, ref=row.ref, entry_seq=seq,
        )
        for login, body in told.items()
    ]  # fmt: skip
