"""Making and ending delegations: by whoever is away or an administrator of the office, each on the chained record."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from engine import reasons as because
from engine.account_record import begin_account
from engine.clock import from_us, rfc3339, to_us
from engine.delegations import D, deputies
from engine.errors import Conflict, Forbidden, Invalid, NotFound, Reason
from engine.history import Line, append, chain_at
from engine.ids import new_id
from engine.orders import Actor
from engine.saying import says_something
from engine.scopes import refuse_outside
from engine.service import Engine
from engine.store import Statement, Tx
from engine.urging import administers

ADD = Statement(insert(D), [column.name for column in D.columns])
END = Statement(update(D).where(D.c.id == bindparam("b_id")).values(ended_at=bindparam("at")))
ALL = Statement(select(D).where(D.c.campaign_id == bindparam("campaign_id")).order_by(D.c.valid_from, D.c.id))

LONGEST_REASON = 2000
"""Characters of the reason of a delegation. PLACEHOLDER"""

LONGEST = timedelta(days=366)
"""How long somebody stands in at most; a slip in the year is longer. PLACEHOLDER"""

Seat = tuple[str, str]


def _refusal(message: str, code: str, zh: str, en: str) -> Forbidden:
    return Forbidden(f"{message}: {en}", code, [Reason("delegation", zh, en)])


class Delegations:
    """Change delegations as *actor*, who acts in his own name."""

    def __init__(self, engine: Engine, actor: Actor) -> None:
        self.engine = engine
        self.actor = actor

    def make(
        self, login: str, to: str, since: datetime, until: datetime, reason: str, body: str | None = None,
        post: str | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """Let *to* stand in for *login* from *since* to *until*, at one post of a body or at all that *login* holds.

        Raises Forbidden with the reason, Invalid for dates or words that are none, NotFound for nobody's login, Conflict
        if it stands already.
        """
        now = self.engine.clock.now()
        self._must_be_sound(since, until, reason, now)
        self._must_be_a_time(since, until, now)
        self._must_be_ours(login, to)

        def work(tx: Tx) -> dict[str, Any]:
            seats = self._seats(tx, login, to, body, post, now)
            self._refuse_overlap(tx, login, to, seats, since, until)
            for at in seats:
                tx.write(ADD, self._row(login, to, at, since, until, reason, now))
            posts = [".".join(each) for each in seats]
            return {"delegator": login, "delegate": to, "posts": posts, "from": rfc3339(since), "until": rfc3339(until)}

        return self._change(login, "delegate", reason, now, work)

    def end(self, login: str, to: str, body: str | None = None, post: str | None = None) -> dict[str, Any]:
        """End what *to* stands in for *login*, from now. Raises NotFound if he does not, Forbidden for anybody else."""
        now = self.engine.clock.now()
        if self.actor.login != to:
            self._must_be_ours(login, to)

        def work(tx: Tx) -> dict[str, Any]:
            found = [
                each
                for each in self._rows(tx)
                if (each["delegator"], each["delegate"]) == (login, to)
                and each["ended_at"] is None
                and each["valid_to"] > to_us(now)
                and body in (None, each["body"])
                and post in (None, each["post"])
            ]
            if not found:
                raise NotFound(f"{to} does not stand in for {login} there; see duban user delegations", "no_delegation")
            for each in found:
                tx.write(END, {"b_id": each["id"], "at": to_us(now)})
            posts = [f"{each['body']}.{each['post']}" for each in found]
            return {"delegator": login, "delegate": to, "posts": posts, "ended_at": rfc3339(now)}

        return self._change(login, "undelegate", None, now, work)

    def listed(self) -> list[dict[str, Any]]:
        """Every delegation with how it stands: all for the office, one's own for everybody else."""
        now = self.engine.clock.now()
        with self.engine.database.snapshot() as tx:
            rows = self._rows(tx)
            force = {
                (each.delegator, each.delegate, each.body, each.post) for each in self.engine.people.standing(tx, now)
            }
        everything = administers(self.engine.campaign, self.actor)
        mine = [each for each in rows if everything or self.actor.login in (each["delegator"], each["delegate"])]
        return [_json(each, _status(each, to_us(now), force)) for each in mine]

    def _must_be_sound(self, since: datetime, until: datetime, reason: str, now: datetime) -> None:
        if not says_something(reason) or len(reason) > LONGEST_REASON or not reason.replace("\n", " ").isprintable():
            raise Invalid(f"say why, in at most {LONGEST_REASON} characters: --reason", "reason")
        if until <= since:
            raise Invalid(f"it ends ({rfc3339(until)}) before it begins ({rfc3339(since)})", "until_before_from")
        if until <= now:
            raise Invalid(f"its last day is past: {rfc3339(until)} (now {rfc3339(now)})", "until_past")

    def _must_be_a_time(self, since: datetime, until: datetime, now: datetime) -> None:
        today = now.astimezone(self.engine.campaign.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        if since < today:
            raise Invalid(
                f"its first day is past: {rfc3339(since)} (now {rfc3339(now)}); nobody stood in then", "from_past"
            )
        if until - max(since, today) > LONGEST:
            raise Invalid(
                f"{rfc3339(until)} is more than {LONGEST.days} days later: who is away for good gives up the post",
                "too_long",
            )

    def _must_be_ours(self, login: str, to: str) -> None:
        what = f"{self.actor.login} may not delegate from {login} to {to}"
        if self.actor.on_behalf_of is not None:
            raise _refusal(what, "chained", "受托人不得转委托", "who stands in passes nothing on")
        if login == to:
            raise _refusal(what, "to_oneself", "不得委托给本人", "nobody stands in for himself")
        if self.actor.login != login and not administers(self.engine.campaign, self.actor):
            raise Forbidden(what, "forbidden", [because.self_or_administrator()])
        if self.actor.login == to:
            raise _refusal(
                what, "to_oneself", "管理员不得指定本人代行他人岗位", "nobody puts himself in another's place"
            )

    def _seats(self, tx: Tx, login: str, to: str, body: str | None, post: str | None, now: datetime) -> list[Seat]:
        """The posts that are given: all that fit *body* and *post*, and *login* must hold them himself."""
        people = self.engine.people
        for each in (login, to):
            if not people.exists(tx, each):
                raise NotFound(f"nobody has the login {each!r}", "no_login")
        held = people.posts_of(tx, login, now)
        what = f"{login} cannot let {to} stand in"
        seats = sorted(at for at in held if body in (None, at[0]) and post in (None, at[1]))
        if not seats:
            wanted = ".".join(each or "*" for each in (body, post))
            given = deputies(Actor(login, ""), people.standing(tx, now))
            if any(body in (None, at[0]) and post in (None, at[1]) for each in given.values() for at in each.posts):
                raise _refusal(
                    what, "chained", "受托人不得转委托", f"{login} only stands in at {wanted} and passes nothing on"
                )
            have = ", ".join(".".join(at) for at in sorted(held)) or "none"
            zh = f"委托人不担任 {wanted}；现任：{have}"
            raise _refusal(what, "not_held", zh, f"{login} does not hold {wanted}; it holds: {have}")
        own = people.posts_of(tx, to, now)
        if not own:
            raise _refusal(
                what, "no_post", "受托人须在本专项行动中任职且未停用", f"{to} holds no post here, or is disabled"
            )
        self._refuse_across(what, {body for body, _ in seats}, {body for body, _ in own})
        return seats

    def _refuse_across(self, what: str, given: set[str], own: set[str]) -> None:
        """Raise Forbidden for powers that would leave their body: of organs never, of others by the office's word only."""
        access = self.engine.campaign.access
        away = given - own
        if away and any(access.is_closed(body) for body in away | own):
            raise _refusal(
                what, "closed_organ", "公安机关、检察院、法院、监察机关的岗位只能由本机关人员代行，其人员亦不得代行其他单位岗位",
                "posts of police, procuratorate, court and supervisor are stood in for by their own people only, who stand in "
                "for nobody outside",
            )  # fmt: skip
        if away and not administers(self.engine.campaign, self.actor):
            raise _refusal(
                what, "other_body", "委托其他单位人员代行，须由办公室管理员办理",
                "that somebody of another body stands in is for an administrator of the office to say",
            )  # fmt: skip

    def _refuse_overlap(
        self, tx: Tx, login: str, to: str, seats: Iterable[Seat], since: datetime, until: datetime
    ) -> None:
        wanted = set(seats)
        for each in self._rows(tx):
            same = (each["delegator"], each["delegate"]) == (login, to) and (each["body"], each["post"]) in wanted
            apart = each["valid_to"] <= to_us(since) or each["valid_from"] >= to_us(until)
            if same and each["ended_at"] is None and not apart:
                raise Conflict(
                    f"{to} stands in for {login} at {each['body']}.{each['post']} from {rfc3339(from_us(each['valid_from']))} "
                    f"to {rfc3339(from_us(each['valid_to']))} already; end that first: duban user undelegate",
                    "delegated_already",
                )

    def _row(
        self, login: str, to: str, seat: Seat, since: datetime, until: datetime, reason: str, now: datetime
    ) -> dict[str, Any]:
        return {
            "id": new_id(), "campaign_id": self.engine.campaign.id, "delegator": login, "delegate": to, "body": seat[0],
            "post": seat[1], "valid_from": to_us(since), "valid_to": to_us(until), "reason": reason.strip(),
            "made_by": self.actor.login, "made_at": to_us(now), "ended_at": None,
        }  # fmt: skip

    def _rows(self, tx: Tx) -> list[dict[str, Any]]:
        names = [column.name for column in D.columns]
        found = tx.rows(ALL, campaign_id=self.engine.campaign.id)
        return [dict(zip(names, row, strict=True)) for row in found]

    def _change(
        self, login: str, what: str, reason: str | None, now: datetime, work: Callable[[Tx], dict[str, Any]]
    ) -> dict[str, Any]:
        refuse_outside(self.actor, "admin")
        campaign, now_us = self.engine.campaign, to_us(now)

        def carry_out(tx: Tx) -> dict[str, Any]:
            begin_account(tx, campaign, login)
            said = work(tx)
            line = Line("account", self.actor, now_us, now_us, trigger=what, more={"account": said})
            line.private = {"reason": reason} if reason else None
            append(tx, chain_at(tx, campaign.id, campaign.log, f"authz/{login}"), line)
            return said

        return self.engine.in_transaction(carry_out)


def _status(row: dict[str, Any], now_us: int, force: set[tuple[str, str, str, str]]) -> str:
    """How a delegation stands: ``ended`` by somebody, ``over``, ``to_come``, ``in_force``, or ``void`` (a post was lost)."""
    if row["ended_at"] is not None:
        return "ended"
    if row["valid_to"] <= now_us:
        return "over"
    if row["valid_from"] > now_us:
        return "to_come"
    return "in_force" if (row["delegator"], row["delegate"], row["body"], row["post"]) in force else "void"


def _json(row: dict[str, Any], status: str) -> dict[str, Any]:
    return {
        "delegator": row["delegator"], "delegate": row["delegate"], "body": row["body"], "post": row["post"],
        "from": rfc3339(from_us(row["valid_from"])), "until": rfc3339(from_us(row["valid_to"])), "status": status,
        "reason": row["reason"], "made_by": row["made_by"],
    }  # fmt: skip
