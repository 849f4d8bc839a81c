"""Reading who reported: asked for with a purpose, approved by a second person, for a while only, each step on record."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from engine.clock import rfc3339, to_us
from engine.errors import Forbidden, Invalid, NotFound, Reason, Refused
from engine.facts import MAX_TEXT
from engine.held import Held
from engine.history import Line, append, chain_at
from engine.ids import new_id
from engine.in_hand import look
from engine.notice_desk import number_of
from engine.orders import Actor, hands
from engine.saying import says_something
from engine.service import Engine
from engine.shapes import at
from engine.sight import Sight
from engine.store import Statement, Tx
from engine.tables import table_of
from engine.vault import STAND_IN, is_secret
from engine.vault_tables import VaultRequest

VR = table_of(VaultRequest)

OPEN_FOR = timedelta(hours=24)
"""How long an approval holds. PLACEHOLDER"""

REQUEST = Statement(
    select(VR).where(VR.c.campaign_id == bindparam("campaign_id"), VR.c.id == bindparam("id")), lock="lock_matter"
)
REQUESTS = Statement(select(VR).where(VR.c.campaign_id == bindparam("campaign_id")).order_by(VR.c.asked_at, VR.c.id))
ADD = Statement(insert(VR), [column.name for column in VR.columns])
APPROVE = Statement(
    update(VR)
    .where(VR.c.id == bindparam("b_id"))
    .values({name: bindparam(name) for name in ("approved_by", "approved_at", "ends_at")})
)
READ = Statement(update(VR).where(VR.c.id == bindparam("b_id")).values(readings=bindparam("readings")))


@dataclass(slots=True)
class Request:
    """A request's row; field order is the table's column order."""

    id: int
    campaign_id: int
    ref: str
    name: str
    purpose: str
    asked_by: str
    asked_trace: str
    asked_at: int
    approved_by: str | None
    approved_at: int | None
    ends_at: int | None
    readings: int

    def as_json(self, now_us: int) -> dict[str, Any]:
        """The request as it is listed: never what lies behind the stand-in."""
        status = "asked" if self.ends_at is None else "open" if now_us < self.ends_at else "ended"
        return {
            "id": str(self.id), "ref": self.ref, "reporter": self.name, "purpose": self.purpose, "status": status,
            "asked_by": self.asked_by, "asked_at": at(self.asked_at), "approved_by": self.approved_by,
            "approved_at": at(self.approved_at), "ends_at": at(self.ends_at), "readings": self.readings,
        }  # fmt: skip


class VaultDesk:
    """Ask, approve and read on behalf of *actor*, who sees by *sight*. *step_up* is called before anything is read."""

    def __init__(
        self, engine: Engine, actor: Actor, sight: Sight, step_up: Callable[[Actor], None] | None = None
    ) -> None:
        self.engine = engine
        self.actor = actor
        self.sight = sight
        self.step_up = step_up

    def ask(self, ref: str, purpose: str) -> dict[str, Any]:
        """Ask to read who reported the matter *ref*. Raises NotFound, Forbidden, Refused if nobody is kept, Invalid."""
        if not says_something(purpose) or len(purpose.strip()) > MAX_TEXT:
            raise Invalid("say for which purpose it must be known who reported", "purpose")

        def work(tx: Tx, now: datetime) -> Request:
            held = self._seen(tx, ref)
            self.sight.require("vault_ask", "申请查看举报人", "ask who reported")
            made = Request(
                new_id(), self.engine.campaign.id, ref, self._stand_in(held), purpose.strip(), self.actor.login,
                self.actor.trace, to_us(now), None, None, None, 0,
            )  # fmt: skip
            tx.put(ADD, [made])
            self._enter(tx, made, "request", now, {"purpose": made.purpose})
            return made

        return self._done(work)

    def approve(self, ident: str) -> dict[str, Any]:
        """Approve a request: the head of the body that keeps the matter, who is not who asks. Raises Forbidden, Refused."""

        def work(tx: Tx, now: datetime) -> Request:
            found = self._request(tx, ident)
            held = self._seen(tx, found.ref, keeper=True)
            self.sight.require("vault_approve", "批准查看举报人", "approve that it is read who reported")
            self._refuse_unfit(found, held)
            if found.approved_at is not None:
                raise Refused(f"the request {ident} is approved already", "approved")
            found.approved_by, found.approved_at = self.actor.login, to_us(now)
            found.ends_at = to_us(now + OPEN_FOR)
            said = {name: getattr(found, name) for name in ("approved_by", "approved_at", "ends_at")}
            tx.write(APPROVE, {"b_id": found.id, **said})
            self._enter(tx, found, "approve", now, {})
            return found

        return self._done(work)

    def reveal(self, ident: str) -> dict[str, Any]:
        """Who reported, for who asked, while the approval holds. Raises NotFound, Forbidden, Refused, Unavailable."""
        if self.step_up is not None:
            self.step_up(self.actor)
        opened: list[str] = []

        def work(tx: Tx, now: datetime) -> Request:
            opened.clear()
            found = self._request(tx, ident)
            self._seen(tx, found.ref)
            self.sight.require("vault_ask", "查看举报人", "read who reported")
            if self.actor.login != found.asked_by or self.actor.on_behalf_of is not None:
                reason = Reason("person", "只有申请人本人可以查看", "only who asked may read it, in his own name")
                raise Forbidden(f"{self.actor.login} did not make the request {ident}", "forbidden", [reason])
            if found.ends_at is None:
                raise Refused(f"the request {ident} is not approved yet", "not_approved")
            if to_us(now) >= found.ends_at:
                raise Refused(f"the approval of {ident} ended at {at(found.ends_at)}; ask again", "approval_ended")
            opened.append(self.engine.vault().opened(tx, self.engine.campaign, found.name))
            found.readings += 1
            tx.write(READ, {"b_id": found.id, "readings": found.readings})
            self._enter(tx, found, "reveal", now, {})
            return found

        said = self._done(work)
        return {**said, "identity": opened[0], "read_by": self.actor.login, "read_at": rfc3339(self.engine.clock.now())}

    def listed(self) -> dict[str, Any]:
        """The requests, approvals and counts of readings: all for who reviews them, else one's own and one's body's."""
        now_us = to_us(self.engine.clock.now())
        with self.engine.database.snapshot() as tx:
            found = [Request(*row) for row in tx.rows(REQUESTS, campaign_id=self.engine.campaign.id)]
            if not self.sight.may("vault_list"):
                found = [each for each in found if self._mine(tx, each)]
        return {"items": [each.as_json(now_us) for each in found]}

    def _mine(self, tx: Tx, request: Request) -> bool:
        if request.asked_by == self.actor.login:
            return True
        return self.sight.may("vault_approve") and self._keeps(self._held(tx, request.ref))

    def _held(self, tx: Tx, ref: str) -> Held:
        return look(tx, self.engine.campaign, ref, self.engine.clock.now())

    def _seen(self, tx: Tx, ref: str, *, keeper: bool = False) -> Held:
        """The matter, if the actor sees it. Raises NotFound."""
        held = self._held(tx, ref)
        if not (keeper and self._keeps(held)):
            self.sight.must_see(tx, held.row)
        return held

    def _keeps(self, held: Held) -> bool:
        """Say whether the actor heads the body that keeps who reported: the one the matter was opened for."""
        return (held.row.body, "head") in self.actor.posts

    def _stand_in(self, held: Held) -> str:
        names = [held.facts[name] for name in held.facts if is_secret(held.machine, name)]
        found = [name for name in names if isinstance(name, str) and STAND_IN.fullmatch(name)]
        if not found:
            raise Refused(f"the vault keeps nobody for {held.row.ref}", "nobody_kept")
        return found[0]

    def _request(self, tx: Tx, ident: str) -> Request:
        number = number_of(ident)
        row = None if number is None else tx.row(REQUEST, campaign_id=self.engine.campaign.id, id=number)
        if row is None:
            raise NotFound(f"no request {ident!r} in the vault; duban vault list shows them", "no_request")
        return Request(*row)

    def _refuse_unfit(self, request: Request, held: Held) -> None:
        if not self._keeps(held):
            reason = Reason("role", "须由保管单位负责人批准", "only for the head of the body that keeps it")
            raise Forbidden(f"{self.actor.login} does not head {held.row.body}", "forbidden", [reason])
        if self.actor.one_with(hands(request.asked_trace, request.asked_by)):
            reason = Reason("distinct", "批准人不得是申请人本人", "whoever asks does not approve")
            raise Forbidden(f"{self.actor.login} asked himself: another approves", "forbidden", [reason])

    def _enter(self, tx: Tx, request: Request, what: str, now: datetime, private: dict[str, Any]) -> None:
        """Append the step to the stream of the matter's vault; the purpose is a commitment, the identity stands nowhere."""
        campaign, now_us = self.engine.campaign, to_us(now)
        chain = chain_at(tx, campaign.id, campaign.log, f"vault/{request.ref}")
        said: dict[str, Any] = {"request": str(request.id), "reporter": request.name, "readings": request.readings}
        if request.ends_at is not None:
            said["ends_at"] = at(request.ends_at)
        append(
            tx, chain, Line("vault", self.actor, now_us, now_us, trigger=what, private=private, more={"vault": said})
        )

    def _done(self, work: Callable[[Tx, datetime], Request]) -> dict[str, Any]:
        now = self.engine.clock.now()
        found = self.engine.in_transaction(lambda tx: work(tx, now))
        return {"request": found.as_json(to_us(now))}
