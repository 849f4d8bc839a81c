"""What people do with notices: acknowledge one (签收), send a dead one again; each act on the chained record."""

from collections.abc import Callable, Mapping
from typing import Any

from engine import reasons as because
from engine.clock import to_us
from engine.digest_words import KIND as DIGEST
from engine.digests import ACKNOWLEDGE_MEMBERS, ALIGHT, MARK_MEMBERS, hold_members
from engine.errors import Forbidden, NotFound, Refused
from engine.history import Line, append, chain_at
from engine.holding import record
from engine.orders import Actor
from engine.outbox import DEAD, LOOK, MARK_ACKNOWLEDGED, MARK_AGAIN, MARK_NEEDLESS, NOTICE, STILL_OWED
from engine.put_aside import still_wanted
from engine.rows import MATTER_BY_REF, MatterRow, NoticeRow
from engine.scopes import refuse_outside
from engine.service import Engine
from engine.shapes import at, notice_json
from engine.sight import sight_of
from engine.store import Tx
from engine.urging import administers


def number_of(ident: str) -> int | None:
    """The number that *ident* says, if it can be the id of a notice."""
    sound = ident.isascii() and ident.isdigit() and len(ident) < 20 and int(ident) < 2**63
    return int(ident) if sound else None


class NoticeDesk:
    """Act on notices on behalf of *actor*."""

    def __init__(self, engine: Engine, actor: Actor) -> None:
        self.engine = engine
        refuse_outside(actor, "notices")
        self.actor = actor

    def acknowledge(self, ident: str) -> dict[str, Any]:
        """Take down that a notice was received; again, nothing changes. Raises NotFound, Forbidden, or Refused if unsent."""
        return self.engine.in_transaction(lambda tx: self.acknowledge_in(tx, ident))

    def acknowledge_in(self, tx: Tx, ident: str) -> dict[str, Any]:
        """The same inside *tx*, the caller's transaction."""
        notice = self._held(tx, ident)
        if not self._may_acknowledge(notice):
            self._refuse_unseen(tx, notice)
            raise Forbidden(
                f"{self.actor.login} may not acknowledge what was sent to {notice.recipient}",
                "forbidden",
                [because.recipient_or_office()],
            )
        if notice.acknowledged_at is not None:
            return {"notice": notice_json(notice), "replayed": True}
        if notice.status != "sent":
            raise Refused(f"the notice {ident} is {notice.status}: only what was sent is acknowledged", "not_sent")
        now_us = to_us(self.engine.clock.now())
        who = {"by": self.actor.login, "auth": self.actor.auth}
        tx.write(MARK_ACKNOWLEDGED, {"b_id": notice.id, "new_status": "acknowledged", "at": now_us, **who})
        riding = hold_members(tx, notice.id, "sent") if notice.kind == DIGEST else []
        if riding:
            tx.write(ACKNOWLEDGE_MEMBERS, {"b_digest": notice.id, "at": now_us, **who})
        for each in (notice, *riding):
            each.status, each.acknowledged_at = "acknowledged", now_us
            each.acknowledged_by, each.acknowledged_auth = self.actor.login, self.actor.auth
            said: dict[str, Any] = {"acknowledged_at": at(now_us)}
            if each is not notice:
                said["digest"] = str(notice.id)
            needless = self._spare(tx, each)
            self._record(tx, each, "acknowledge", now_us, {**said, "cancelled": needless} if needless else said)
        return {"notice": notice_json(notice), **({"members": len(riding)} if riding else {})}

    def may_acknowledge(self, ident: str) -> bool:
        """Say whether the actor may acknowledge a notice that is there."""
        number = number_of(ident)
        with self.engine.database.snapshot() as tx:
            row = None if number is None else tx.row(LOOK, campaign_id=self.engine.campaign.id, id=number)
        return row is not None and self._may_acknowledge(NoticeRow(*row))

    def _may_acknowledge(self, notice: NoticeRow) -> bool:
        mine = notice.recipient in (self.actor.login, self.actor.on_behalf_of)
        return mine or self._speaks_for(notice.body) or self._administers()

    def _spare(self, tx: Tx, notice: NoticeRow) -> list[str]:
        """Cancel the same words to the same recipient by other ways that are still owed: what was received reminds no more.

        What is just being sent goes out all the same, and the record says so.
        """
        if notice.ref is None or notice.entry_seq is None:
            return []
        same = {
            name: getattr(notice, name) for name in ("campaign_id", "ref", "recipient", "kind", "level", "entry_seq")
        }
        found = [row[0] for row in tx.rows(STILL_OWED, **same, now=to_us(self.engine.clock.now()))]
        tx.write_many(MARK_NEEDLESS, [{"b_id": ident, "new_status": "cancelled"} for ident in found])
        return [str(ident) for ident in found]

    def retry(self, ident: str) -> dict[str, Any]:
        """Owe a dead notice again, from now. Raises NotFound, Forbidden, or Refused for one that is not dead."""
        self._must_administer("send notices again")

        def work(tx: Tx) -> dict[str, Any]:
            notice = self._held(tx, ident)
            if notice.status != "dead":
                raise Refused(f"the notice {ident} is {notice.status}; only a dead one is sent again", "not_dead")
            now_us = to_us(self.engine.clock.now())
            tx.write(MARK_AGAIN, {"b_id": notice.id, "new_status": "owed", "at": now_us})
            if notice.kind == DIGEST:
                riding = hold_members(tx, notice.id, "dead")
                record(tx, self.engine.campaign, riding, Line("notice", self.actor, now_us, now_us, "retry"))
                again = {"b_digest": notice.id, "b_status": "dead", "new_status": "owed", "sent": None, "error": None}
                tx.write(MARK_MEMBERS, again)
            elif notice.digest_id is not None:
                tx.write(ALIGHT, {"b_id": notice.id})
                notice.digest_id = None
            notice.status, notice.attempts, notice.next_try_at = "owed", 0, now_us
            self._record(tx, notice, "retry", now_us, {})
            return {"notice": notice_json(notice)}

        return self._done(work)

    def dead(self) -> list[str]:
        """The ids of all dead notices."""
        with self.engine.database.snapshot() as tx:
            return [str(row[0]) for row in tx.rows(DEAD, campaign_id=self.engine.campaign.id)]

    def wanted(self, holder: str) -> list[str]:
        """The ids of the dead notices to *holder* that still matter: of open matters and clocks that run."""
        with self.engine.database.snapshot() as tx:
            return still_wanted(tx, self.engine.campaign, holder, to_us(self.engine.clock.now()))

    def _done(self, work: Callable[[Tx], dict[str, Any]]) -> dict[str, Any]:
        said = self.engine.in_transaction(work)
        if self.engine.poke is not None:
            self.engine.poke()
        return said

    def _held(self, tx: Tx, ident: str) -> NoticeRow:
        number = number_of(ident)
        row = None if number is None else tx.row(NOTICE, campaign_id=self.engine.campaign.id, id=number)
        if row is None:
            raise NotFound(f"no notice {ident!r}; duban notice list shows their ids", "no_notice")
        return NoticeRow(*row)

    def _refuse_unseen(self, tx: Tx, notice: NoticeRow) -> None:
        """Raise NotFound for a notice about a matter that the actor does not see: for him there is none."""
        campaign = self.engine.campaign
        row = tx.row(MATTER_BY_REF, campaign_id=campaign.id, ref=notice.ref) if notice.ref is not None else None
        if row is None or not sight_of(campaign, self.actor).sees(tx, MatterRow(*row)):
            raise NotFound(f"no notice {str(notice.id)!r}; duban notice list shows their ids", "no_notice")

    def _speaks_for(self, body: str) -> bool:
        return any(of == body for of, _ in self.actor.posts)

    def _administers(self) -> bool:
        return administers(self.engine.campaign, self.actor)

    def _must_administer(self, what: str) -> None:
        if not self._administers():
            raise Forbidden(f"{self.actor.login} may not {what}", "forbidden", [because.only_for_administrators()])

    def _record(self, tx: Tx, notice: NoticeRow, what: str, now_us: int, more: Mapping[str, Any]) -> None:
        """Append the act to the stream of the matter's notices."""
        campaign = self.engine.campaign
        chain = chain_at(tx, campaign.id, campaign.log, f"notices/{notice.ref or campaign.code}")
        said = {"notice": str(notice.id), "recipient": notice.recipient, **more}
        append(tx, chain, Line("notice", self.actor, now_us, now_us, trigger=what, more=said))
