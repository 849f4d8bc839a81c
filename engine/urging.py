"""Urging (催办): the office presses a body on one matter, with words; counted in the record of the body."""

from typing import Any

from engine import reasons as because
from engine.addressees import addressees, held_against
from engine.campaign import Campaign
from engine.desk import Desk
from engine.errors import Forbidden, Invalid, Refused
from engine.held import Held
from engine.history import Line
from engine.notices import compose, matter_values
from engine.orders import Actor, Urge
from engine.outbox import TIMES_URGED
from engine.outcome import Outcome
from engine.publishing import count_up
from engine.rows import NoticeRow
from engine.saying import says_something
from engine.sheets import numbered

ADMINISTRATION = ("office", "admin")
"""The part and the post that urge, and send again what could not be delivered."""

NUMBERS = "urgings:{}:{}"
"""The property that counts a campaign's sheets of urging (催办单) in a year; each has the next number."""

PRESSED = ("head", "liaison")
"""Whose desks an urging comes to: the head answers for it, the liaison does it. PLACEHOLDER"""


def administers(campaign: Campaign, actor: Actor) -> bool:
    """Say whether *actor* is an administrator of the office."""
    part, post = ADMINISTRATION
    return (campaign.parts.get(part, ""), post) in actor.posts


def urge(desk: Desk, order: Urge) -> Outcome:
    """Press whoever is late with a matter, else whom it waits for: a notice to each of its people, and an entry in its history.

    Raises Forbidden for anybody but the office, Refused for a closed matter, Invalid without words.
    """
    held = desk.take(order.ref, order, None)
    if isinstance(held, Outcome):
        return held
    words = _words(desk, order, closed=bool(held.row.closed))
    row, seq, recorded = held.row, held.row.seq, desk.recorded_us(held)
    times = desk.tx.rows(TIMES_URGED, campaign_id=desk.campaign.id, ref=row.ref)[0][0] + 1
    year = desk.now.astimezone(desk.campaign.zone).year
    number = numbered(year, count_up(desk.tx, NUMBERS.format(desk.campaign.id, year)))
    notices = _sheets(desk, held, {"list": words, "level": times, "number": number}, recorded)
    line = Line("comment", desk.actor, recorded, recorded, "urge", row.state, row.state)
    body = desk.enter(held, order, line, {}, version=False, more={"urged": times}, notices=notices)
    held.save(desk.tx, seq)
    return desk.outcome(held, body, notices)


def _sheets(desk: Desk, held: Held, said: dict[str, Any], recorded: int) -> list[NoticeRow]:
    """A sheet of urging to the people of each body that is pressed, with what is held against it."""
    campaign, row, seq = desk.campaign, held.row, held.row.seq + 1
    values = {**matter_values(campaign, held.machine, row), **said}
    directory = desk.people.directory(desk.tx, desk.now)
    people: dict[str, str] = {}
    against: dict[str, str] = {}
    for body, late in addressees(campaign, row, held.clocks.rows, held.clocks.now_us).items():
        against[body] = held_against(campaign, row, late, held.clocks.now_us)
        for login in (login for post in PRESSED for login in directory.reach(body, [post])):
            people.setdefault(login, body)
    return [
        compose(
            campaign, kind="urge", recipient=login, body=body, planned_us=recorded, now_us=recorded,
            dedup=f"{campaign.id}:{row.ref}:{seq}:urge:{login}", ref=row.ref, level=int(said["level"]), entry_seq=seq,
            values={**values, "owner": campaign.body_name(body), "standing": against[body]},
        )
        for login, body in people.items()
    ]  # fmt: skip


def _words(desk: Desk, order: Urge, *, closed: bool) -> str:
    """The words of an urging that may be; all checks come before the first write."""
    if not administers(desk.campaign, desk.actor):
        reasons = [because.only_for_administrators()]
        raise Forbidden(f"{desk.actor.login} may not urge {order.ref}", "forbidden", reasons)
    if closed:
        raise Refused(f"{order.ref} is closed; there is nothing to urge", "closed")
    words = (order.reason or "").strip()
    if not says_something(words):
        raise Invalid("say what is urged: --text", "no_text")
    return words
