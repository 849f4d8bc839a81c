"""What the office does with what is held: hold more, release it merged, or drop it; each act on the record with its reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, bindparam, literal_column, select, update

from engine import reasons as because
from engine.clock import from_us, to_us
from engine.digests import particulars, ride, same_way
from engine.errors import Forbidden, Invalid, NotFound, Refused
from engine.history import Line, append, chain_at
from engine.holding import begin_mode, end_mode, hold_stale, put_aside, record, standing
from engine.orders import Actor
from engine.outbox import OWED
from engine.owing import free_us, known_ways
from engine.rows import N, NoticeRow
from engine.saying import says_something
from engine.scopes import refuse_outside
from engine.service import Engine
from engine.shapes import notice_json
from engine.store import IDS, Statement, Tx
from engine.urging import administers

AGAIN = Statement(
    update(N)
    .where(N.c.id == bindparam("b_id"), N.c.status == literal_column("'held'"))
    .values(
        status=literal_column("'owed'"), next_try_at=bindparam("at"), effective_at=bindparam("at"), attempts=0,
        released_at=bindparam("released"),
    )
)  # fmt: skip
BY_IDENT = Statement(select(N).where(N.c.id.in_(IDS)).order_by(N.c.id), lock="lock_matter")
GOES = Statement(
    update(N)
    .where(N.c.id == bindparam("b_id"))
    .values(next_try_at=bindparam("at"), effective_at=bindparam("at"), released_at=bindparam("released"))
)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which held notices: by their ids, or those of a recipient or a body, or all of them."""

    idents: tuple[str, ...] = ()
    recipient: str | None = None
    body: str | None = None
    everything: bool = False

    def __post_init__(self) -> None:
        said = [bool(self.idents), self.recipient is not None or self.body is not None, self.everything]
        if sum(said) != 1:
            raise Invalid("say which: ids, or --recipient and/or --body, or --all", "which")


class HeldDesk:
    """Act on held notices on behalf of *actor*, an administrator of the office. Raises Forbidden for anybody else."""

    def __init__(self, engine: Engine, actor: Actor) -> None:
        self.engine = engine
        refuse_outside(actor, "notices")
        self.actor = actor
        self.campaign = engine.campaign
        if not administers(engine.campaign, actor):
            raise Forbidden(
                f"{actor.login} may not decide on what is held", "forbidden", [because.only_for_administrators()]
            )

    def hold(self, choice: Choice, reason: str, kind: str) -> dict[str, Any]:
        """Hold owed notices, or with *everything* whatever is due now or falls due until all is released."""
        _must_say_why(reason)

        def work(tx: Tx) -> dict[str, Any]:
            now_us = to_us(self.engine.clock.now())
            if choice.everything:
                if standing(tx, self.campaign).mode is not None:
                    raise Refused("held mode is on already; duban notice release --all ends it", "held_mode")
                mode = begin_mode(tx, self.campaign, self.actor.login, "ordered", now_us)
                self._note(tx, "hold_all", now_us, reason)
                tx.flush()
                return {"held": hold_stale(tx, self.campaign, now_us, kind), "mode": mode["since"]}
            found = self._chosen(tx, choice, OWED, "owed")
            leased = [each for each in found if each.lease_until is not None and each.lease_until > now_us]
            if leased or any(each.digest_id for each in found):
                raise Refused("some of it is being sent just now; look again in a minute", "under_way")
            put_aside(tx, self.campaign, found, self.actor, now_us, {"why": "ordered"}, {"reason": reason})
            return {"held": len(found), "items": _shown(found, "held")}

        return self._done(work)

    def release(self, choice: Choice, reason: str = "") -> dict[str, Any]:
        """Owe held notices again: merged into one message for each recipient and channel, in the office's hours.

        To release all of them ends held mode.
        """

        def work(tx: Tx) -> dict[str, Any]:
            now_us = to_us(self.engine.clock.now())
            mode = standing(tx, self.campaign).mode
            found = self._chosen(
                tx, choice, N.c.status == literal_column("'held'"), "held", may_be_none=mode is not None
            )
            messages = self._send_on_its_way(tx, found, now_us)
            record(tx, self.campaign, found, self._line("release", now_us, reason))
            if choice.everything and mode is not None:
                end_mode(tx, self.campaign)
                self._note(tx, "release_all", now_us, reason)
            return {
                "released": len(found), "messages": messages, "items": _shown(found, "owed"),
                "mode_ended": bool(choice.everything and mode is not None),
            }  # fmt: skip

        return self._done(work)

    def drop(self, choice: Choice, reason: str) -> dict[str, Any]:
        """Cancel held notices: they never go out, and the record says who decided it and why."""
        _must_say_why(reason)

        def work(tx: Tx) -> dict[str, Any]:
            now_us = to_us(self.engine.clock.now())
            found = self._chosen(tx, choice, N.c.status == literal_column("'held'"), "held")
            put_aside(tx, self.campaign, found, self.actor, now_us, {}, {"reason": reason}, status="cancelled")
            return {"dropped": len(found), "items": _shown(found, "cancelled")}

        return self._done(work)

    def _send_on_its_way(self, tx: Tx, found: Sequence[NoticeRow], now_us: int) -> int:
        """Merge what goes one way to one recipient; return how many messages that makes."""
        self.engine.people.directory(tx, from_us(now_us))
        groups = same_way(tx, self.campaign, found)
        free: dict[int, int] = {}
        for group in groups:
            ways = known_ways(tx, self.campaign, group[0])
            way = next((way for way in ways if way.channel == group[0].channel), None)
            free |= {each.id: free_us(self.campaign, now_us, way) for each in group}
        tx.write_many(AGAIN, [{"b_id": each.id, "at": free[each.id], "released": now_us} for each in found])
        together = [[each.id for each in group] for group in groups if len(group) > 1]
        digests = []
        for riding in particulars(tx, self.campaign, together):
            (digest,) = ride(tx, self.campaign, [riding], now_us)
            digests.append({"b_id": digest.id, "at": free[riding[0].notice.id], "released": now_us})
        tx.write_many(GOES, digests)
        return len(digests) + sum(len(group) == 1 for group in groups)

    def _chosen(
        self, tx: Tx, choice: Choice, fits: ColumnElement[bool], status: str, *, may_be_none: bool = False
    ) -> list[NoticeRow]:
        """The notices that are meant, locked in the order of their ids. Raises NotFound, or Refused for one that is not so."""
        idents = sorted({_number(each) for each in choice.idents})
        if idents:
            rows = tx.among(BY_IDENT, idents)
        else:
            where = [N.c.campaign_id == self.campaign.id, fits]
            where += [N.c.recipient == choice.recipient] * (choice.recipient is not None)
            where += [N.c.body == choice.body] * (choice.body is not None)
            rows = tx.rows(Statement(select(N).where(*where).order_by(N.c.id), lock="lock_matter"))
        found = [notice for row in rows if (notice := NoticeRow(*row)).campaign_id == self.campaign.id]
        missing = set(idents) - {each.id for each in found}
        if missing:
            raise NotFound(f"no notice {min(missing)}; duban notice list shows their ids", "no_notice")
        other = next((each for each in found if each.status != status), None)
        if other is not None:
            raise Refused(f"the notice {other.id} is {other.status}, not {status}", f"not_{status}")
        if not found and not may_be_none:
            raise Refused(f"nothing that fits is {status}", f"nothing_{status}")
        return found

    def _line(self, what: str, now_us: int, reason: str) -> Line:
        private = {"reason": reason} if reason else None
        return Line("notice", self.actor, now_us, now_us, what, private=private)

    def _note(self, tx: Tx, what: str, now_us: int, reason: str) -> None:
        """Put an act on the whole campaign on the stream of its own notices."""
        chain = chain_at(tx, self.campaign.id, self.campaign.log, f"notices/{self.campaign.code}")
        append(tx, chain, self._line(what, now_us, reason))

    def _done(self, work: Any) -> dict[str, Any]:
        said: dict[str, Any] = self.engine.in_transaction(work)
        if self.engine.poke is not None:
            self.engine.poke()
        return said


def _must_say_why(reason: str) -> None:
    if not says_something(reason):
        raise Invalid("say why: --reason", "no_reason")


def _number(ident: str) -> int:
    if ident.isascii() and ident.isdigit() and len(ident) < 20 and int(ident) < 2**63:
        return int(ident)
    raise NotFound(f"no notice {ident!r}; duban notice list shows their ids", "no_notice")


def _shown(found: Sequence[NoticeRow], status: str) -> list[dict[str, Any]]:
    return [{**notice_json(each), "status": status} for each in found]
