"""Ways to a person: for a login or a post the channel, the address there, and the hours in which it is left in peace."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select

from engine.people_tables import Contact
from engine.store import Statement, Tx
from engine.tables import table_of

C = table_of(Contact)

OPEN_WAYS = Statement(
    select(C.c.holder, C.c.channel, C.c.address, C.c.quiet)
    .where(C.c.campaign_id == bindparam("campaign_id"), C.c.ended_at.is_(None))
    .order_by(C.c.holder, C.c.set_at, C.c.id)
)


@dataclass(frozen=True, slots=True)
class Way:
    """How one holder is reached: *quiet* is ``HH:MM-HH:MM`` in the campaign's zone, or empty."""

    channel: str
    address: str
    quiet: str

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
        ways: dict[str, list[Way]] = {}
        for holder, *way in tx.rows(OPEN_WAYS, campaign_id=campaign_id):
            ways.setdefault(holder, []).append(Way(*way))
        tx.memo["ways"] = ways
    found: Mapping[str, Sequence[Way]] = tx.memo["ways"]
    return found
