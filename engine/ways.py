"""Ways to a person: for a login or a post the channel, the address there, and the hours in which it is left in peace."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select

from engine.people_tables import Contact
from engine.roster import known
from engine.store import Statement, Tx
from engine.tables import table_of

C = table_of(Contact)

OPEN_WAYS = Statement(
    select(C.c.holder, C.c.channel, C.c.address, C.c.quiet, C.c.rank)
    .where(C.c.campaign_id == bindparam("campaign_id"), C.c.ended_at.is_(None))
    .order_by(C.c.holder, C.c.rank, C.c.set_at, C.c.id)
)


@dataclass(frozen=True, slots=True)
class Way:
    """How one holder is reached: *quiet* is ``HH:MM-HH:MM`` in the campaign's zone, or empty."""

    channel: str
    address: str
    quiet: str
    rank: int = 1
    """In which place it is tried: all of the first rank at once, a later one when the earlier have failed for good."""

    def free_at(self, at: datetime, zone: ZoneInfo) -> datetime:
        """The first instant from *at* on that lies outside the quiet hours."""
        if not self.quiet:
            return at
        first, last = (time.fromisoformat(each) for each in self.quiet.split("-"))
        local = at.astimezone(zone)
        now = local.time().replace(second=0, microsecond=0)
        inside = first <= now < last if first < last else now >= first or now < last
        if not inside:
            return at
        day = local.date() + timedelta(days=now >= last)
        return datetime.combine(day, last, zone).astimezone(at.tzinfo)


def ways_of(tx: Tx, campaign_id: int) -> Mapping[str, Sequence[Way]]:
    """How everybody is reached now, the first named way first; read once a transaction."""
    if "ways" not in tx.memo:
        tx.memo["ways"] = known(tx, "ways", campaign_id, lambda: _read(tx, campaign_id))
    found: Mapping[str, Sequence[Way]] = tx.memo["ways"]
    return found


def _read(tx: Tx, campaign_id: int) -> dict[str, list[Way]]:
    ways: dict[str, list[Way]] = {}
    for holder, *way in tx.rows(OPEN_WAYS, campaign_id=campaign_id):
        ways.setdefault(holder, []).append(Way(*way))
    return ways


def ways_to(ways: Mapping[str, Sequence[Way]], recipient: str, body: str, posts: Iterable[str]) -> Sequence[Way]:
    """How *recipient* is reached: by his own ways, else those of a post that he holds at *body*, else the body's duty desk.

    Whose login is an address itself is reached there over the usual channel, and needs no desk.
    """
    if ways.get(recipient):
        return ways[recipient]
    for post in posts:
        if ways.get(f"{body}.{post}"):
            return ways[f"{body}.{post}"]
    return () if "@" in recipient else ways.get(body, ())


def next_rank(ways: Sequence[Way], after: int = 0) -> list[Way]:
    """The ways of the first rank beyond *after*; none if there is no further one."""
    rest = [way for way in ways if way.rank > after]
    return [way for way in rest if way.rank == rest[0].rank]
