"""Reading as somebody sees it: one matter, the conditions on lists, and what is masked, all by one sight."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Self

from sqlalchemy import ColumnElement, and_, false, or_, select

from engine.campaign import Campaign
from engine.clock import Clock
from engine.held import Held
from engine.in_hand import look
from engine.rows import MATTER_BY_REF, M, MatterRow, N
from engine.sight import Sight
from engine.store import Database, Tx

AT_ONCE = 500
"""References asked for in one statement: below every database's limit on parameters."""


class View:
    """One campaign of one database as somebody sees it by his *sight*; without one the machinery sees all of it."""

    def __init__(self, database: Database, campaign: Campaign, clock: Clock, sight: Sight | None = None) -> None:
        self.database = database
        self.campaign = campaign
        self.clock = clock
        self.sight = sight

    def seen_by(self, sight: Sight) -> Self:
        """The same for somebody who sees no more than *sight*."""
        return type(self)(self.database, self.campaign, self.clock, sight)

    def look(self, tx: Tx, ref: str, now: datetime | None = None) -> Held:
        """Read a matter. Raises NotFound for one that is not there, or that the reader does not see."""
        if self.sight is not None and not self.sight.everything:
            rows = tx.rows(MATTER_BY_REF, campaign_id=self.campaign.id, ref=ref)
            self.sight.must_find(tx, ref, MatterRow(*rows[0]) if rows else None)
        return look(tx, self.campaign, ref, now or self.clock.now())

    def within(self, *, few: bool = False) -> tuple[ColumnElement[bool], ...]:
        """The conditions on matters by which a list is narrowed to what the reader sees; *few* if it is asked of a few."""
        whole = self.sight is None or self.sight.everything
        return () if whole or self.sight is None else (self.sight.condition(few=few),)

    def seen(self, more: ColumnElement[bool] | None = None) -> ColumnElement[bool] | None:
        """The same as one condition, narrowed by *more*; None if all is seen."""
        found = [*self.within(), *([] if more is None else [more])]
        return and_(*found) if found else None

    def among(self, tx: Tx, refs: Collection[str]) -> set[str]:
        """Those of *refs* whose matters the reader sees."""
        found: set[str] = set()
        some = sorted(refs)
        for at in range(0, len(some), AT_ONCE):
            named = M.c.ref.in_(some[at : at + AT_ONCE])
            rows = tx.select(select(M.c.ref).where(M.c.campaign_id == self.campaign.id, named, *self.within(few=True)))
            found |= {row[0] for row in rows}
        return found

    def masks(self, tx: Tx, matter: MatterRow) -> bool:
        """Say whether the reader sees the matter without its personal facts."""
        return self.sight is not None and self.sight.masks(tx, matter)

    def hidden(self, tx: Tx, matters: Iterable[MatterRow]) -> set[int]:
        """The ids of those of *matters* whose personal facts the reader does not see."""
        return set() if self.sight is None else self.sight.masked(tx, matters)

    def searched(self) -> ColumnElement[bool] | bool:
        """Where words are looked for in personal facts: in the matters in which somebody sees them; the machinery asks for none."""
        return False if self.sight is None else self.sight.condition_unmasked()

    def notices_within(self, *, few: bool = False) -> tuple[ColumnElement[bool], ...]:
        """The conditions on notices: those to the reader and his bodies, and all about matters that he sees.

        *few* if they are looked at one by one, until a page is full.
        """
        if self.sight is None or self.sight.everything:
            return ()
        refs = select(M.c.ref).where(M.c.campaign_id == self.campaign.id, *self.within(few=few))
        about = refs.where(M.c.ref == N.c.ref).correlate(N).exists() if few else N.c.ref.in_(refs)
        mine = N.c.body.in_(sorted(self.sight.bodies)) if self.sight.functions else false()
        return (or_(N.c.recipient == self.sight.login, mine, about),)
