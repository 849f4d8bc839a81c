"""What one actor sees of a campaign and which functions he may use: one policy for command line, pages and interface."""

from collections.abc import Collection, Iterable, Mapping
from copy import copy
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, false, or_, select, true, union_all

from engine.access_schema import SeesSpec
from engine.campaign import Campaign
from engine.errors import Forbidden, NotFound, Reason, Unseen
from engine.machine import Compiled
from engine.masking import masked_facts
from engine.orders import Actor
from engine.parties import EVERYBODY, X
from engine.rows import M, MatterRow
from engine.store import Statement, Tx

MOST = 4_000
"""Sights that a campaign keeps, some kilobytes each. PLACEHOLDER"""

ACCOUNTS = frozenset({"accounts", "grants"})
"""The functions of whoever keeps the accounts, see `engine.three.keeps_accounts`."""

AT_ONCE = 500
"""Matters asked for in one statement: below every database's limit on parameters."""


PLACE = Statement(
    select(M.c.id, M.c.kind, M.c.body).where(M.c.campaign_id == bindparam("campaign_id"), M.c.ref == bindparam("ref"))
)


class Place(NamedTuple):
    """Where a matter belongs: all that need be known of it to say whether somebody sees it."""

    id: int
    kind: str
    body: str


class Sight:
    """What the holder of *posts* (body and post, all that are valid now) sees and may use. What nothing grants is denied."""

    def __init__(self, campaign: Campaign, posts: Iterable[tuple[str, str]], login: str = "") -> None:
        access = campaign.access
        self.campaign = campaign
        self.login = login
        self.posts = frozenset(posts)
        self.bodies = frozenset(body for body, _ in self.posts)
        self.classes = frozenset(code for seat in self.posts for code in access.classes(*seat))
        specs = [(body, spec) for body, post in self.posts for spec in access.specs(body, post)]
        self.functions = frozenset(name for _, spec in specs for name in access.functions(spec))
        self._grants = [(body, grant) for body, spec in specs for grant in spec.sees]
        self.everything = any(grant.see == "all" and not grant.kinds for _, grant in self._grants)
        self.plainly = any(g.see == "all" and not g.kinds and not g.masked for _, g in self._grants)
        self._masks = any(grant.masked for _, grant in self._grants)

    def keeping_accounts(self, keeps: bool) -> "Sight":
        """The same, with the accounts or without: whose they are follows from who is there, which the policy does not know."""
        found = copy(self)
        found.functions = self.functions | ACCOUNTS if keeps else self.functions - ACCOUNTS
        return found

    def may(self, function: str) -> bool:
        """Say whether the actor may use *function* (a name of `engine.access_schema.Function`)."""
        return function in self.functions

    def require(self, function: str, zh: str, en: str) -> None:
        """Raise Forbidden unless the actor may use *function*; *zh* and *en* say what was asked."""
        if not self.may(function):
            reason = Reason("function", f"所任职务没有“{zh}”的权限", f"no post held gives the right to {en}")
            raise Forbidden(f"{self.login or 'nobody'} may not {en}: {reason.en}", "forbidden", [reason])

    def condition(self, *, few: bool = False) -> ColumnElement[bool]:
        """The matters that are seen, as a condition on their table `engine.rows.M`; *few* if it is asked of a few of them."""
        return self._any(self._grants, everything=self.everything, few=few)

    def condition_unmasked(self, *, few: bool = False) -> ColumnElement[bool]:
        """The matters whose personal facts are seen too; what is searched in such facts is narrowed by it."""
        return self._any([each for each in self._grants if not each[1].masked], everything=self.plainly, few=few)

    def _any(self, grants: list[tuple[str, SeesSpec]], *, everything: bool, few: bool) -> ColumnElement[bool]:
        if everything:
            return true()
        whole = [tuple(grant.kinds) for _, grant in grants if grant.see == "all"]
        found: list[ColumnElement[bool]] = [M.c.kind.in_(sorted(kinds)) for kinds in dict.fromkeys(whole)]
        for kinds in sorted({tuple(grant.kinds) for _, grant in grants if grant.see != "all"}):
            near = [(body, grant.see) for body, grant in grants if grant.see != "all" and tuple(grant.kinds) == kinds]
            bodies = {see: {EVERYBODY, *(body for body, each in near if each == see)} for see in {s for _, s in near}}
            if few:
                fits = or_(*(self._touches(see, bodies[see]) for see in sorted(bodies)))
            else:
                ways = [self._reached(see, bodies[see]) for see in sorted(bodies)]
                fits = (M.c.id + 0).in_(union_all(*ways) if len(ways) > 1 else ways[0]).is_(true())
            found.append(and_(fits, M.c.kind.in_(sorted(kinds))) if kinds else fits)
        return or_(*found) if found else false()

    def _reached(self, see: str, bodies: set[str]) -> Select[Any]:
        """The ids of the matters that are seen by being a party, or from those matters.

        A body may see very many: they are gathered once, from narrow indexes, and looked up while the matters are gone
        through along an index of theirs. The sums keep the database from reading the wide row of each instead, and that it is
        asked whether they are TRUE keeps PostgreSQL from joining pair by pair.
        """
        mine = select(X.c.matter_id).where(X.c.campaign_id == self.campaign.id, X.c.body.in_(sorted(bodies)))
        if see == "party":
            return mine
        near = M.alias("near")
        if see == "children":
            return select(near.c.id).where(near.c.parent_id.is_not(None), (near.c.parent_id + 0).in_(mine))
        return select(near.c.parent_id).where(near.c.parent_id.is_not(None), (near.c.id + 0).in_(mine))

    def _touches(self, see: str, bodies: set[str]) -> ColumnElement[bool]:
        """The same, asked of each matter by itself."""
        party = select(X.c.matter_id).where(X.c.body.in_(sorted(bodies)))
        if see == "party":
            return party.where(X.c.matter_id == M.c.id).exists()
        if see == "children":
            return party.where(X.c.matter_id == M.c.parent_id).exists()
        near = M.alias("near")
        mine = party.where(X.c.matter_id == near.c.id, near.c.parent_id == M.c.id)
        return mine.correlate(M).exists()

    @cached_property
    def _looks(self) -> Statement:
        """Looks whether one matter is seen."""
        return Statement(select(M.c.id).where(M.c.id == bindparam("ident", None), self.condition(few=True)))

    def sees(self, tx: Tx, row: MatterRow, parties: Collection[str] = ()) -> bool:
        """Say whether the actor sees the matter; *parties* are the bodies that are known to be parties to it, if any."""
        if self.everything or self._own(row) or (parties and self._by_party(row, parties)):
            return True
        return bool(tx.rows(self._looks, ident=row.id))

    def _by_party(self, row: MatterRow, parties: Collection[str]) -> bool:
        """Say whether being a party, which is known of *parties*, lets the actor see the matter: a query less."""
        return any(
            grant.see == "party"
            and (body in parties or EVERYBODY in parties)
            and (not grant.kinds or row.kind in grant.kinds)
            for body, grant in self._grants
        )

    def _own(self, row: MatterRow | Place) -> bool:
        """Say whether the matter belongs to the actor's own body, whoever else is a party: the common case, without a query."""
        own, kind = row.body, row.kind
        for body, grant in self._grants:  # asked with every order, and a generator takes twice the time
            if body == own and grant.see == "party" and not grant.masked and (not grant.kinds or kind in grant.kinds):
                return True
        return False

    def masks(self, tx: Tx, row: MatterRow) -> bool:
        """Say whether the personal facts of a matter that is seen are hidden."""
        return bool(self.masked(tx, [row]))

    def masked(self, tx: Tx, matters: Iterable[MatterRow]) -> set[int]:
        """The ids of those of *matters* whose personal facts are hidden."""
        if not self._masks or self.plainly:
            return set()
        doubtful = {row.id for row in matters if not self._own(row)}
        if not doubtful or all(grant.masked for _, grant in self._grants):
            return doubtful
        some, plain = sorted(doubtful), set[int]()
        for at in range(0, len(some), AT_ONCE):
            seen = select(M.c.id).where(M.c.id.in_(some[at : at + AT_ONCE]), self.condition_unmasked(few=True))
            plain |= {ident for (ident,) in tx.select(seen)}
        return doubtful - plain

    def must_see(self, tx: Tx, row: MatterRow, parties: Collection[str] = ()) -> None:
        """Raise NotFound for a matter that is not seen, as for one that does not exist."""
        if not self.sees(tx, row, parties):
            raise Unseen(f"no matter {row.ref!r} in {self.campaign.code}", "no_matter")

    def must_be_there(self, tx: Tx, ref: str) -> None:
        """Raise NotFound for the matter *ref* that is not there or not seen; nothing of it is locked, or read but its place.

        Where a matter belongs is remembered, so that whoever sees it as his own is asked nothing, and so are the parties to a
        matter that was saved in this transaction.
        """
        if self.everything:
            return
        places = self.campaign.places
        known = places.get(ref)
        if known is not None and self._own(known):
            return
        saved = tx.kept.get((self.campaign.id, ref))
        if saved is not None and self._by_party(saved.row, saved.parties):
            return
        rows = tx.rows(PLACE, campaign_id=self.campaign.id, ref=ref)
        place = Place(*rows[0]) if rows else None
        self.must_find(tx, ref, place)
        if place is not None:
            if len(places) >= MOST:
                places.clear()
            places[ref] = place

    def must_find(self, tx: Tx, ref: str, row: MatterRow | Place | None) -> None:
        """The same for the matter *ref*, whose *row* may not be there: both are asked the same, so that neither takes longer."""
        if row is not None and (self.everything or self._own(row)):
            return
        if not tx.rows(self._looks, ident=row.id if row is not None else 0):
            found = NotFound if row is None else Unseen
            raise found(f"no matter {ref!r} in {self.campaign.code}", "no_matter")

    def facts(self, machine: Compiled, facts: Mapping[str, Any], *, masked: bool) -> dict[str, Any]:
        """*facts* of a matter, the personal ones hidden where it is *masked*."""
        return masked_facts(machine, facts) if masked else dict(facts)


def sight_of(campaign: Campaign, actor: Actor, *more: Actor) -> Sight:
    """The sight of *actor*, with that of those for whom he stands in, *more*; worked out once for the campaign as it is."""
    posts = actor.posts.union(*(each.posts for each in more)) if more else actor.posts
    key = posts, actor.login
    found: Sight | None = campaign.sights.get(key)
    if found is None:
        if len(campaign.sights) >= MOST:
            campaign.sights.clear()
        found = campaign.sights[key] = Sight(campaign, posts, actor.login)
    return found
