"""Accounts: persons and their posts, changed only by who keeps the accounts, each change on the chained record.

In production a post is given by two: one proposes, another approves, neither by a credential that the other had in hand,
nor the one who gets it. Only the owner of a local database gives alone, recorded as such, and whoever keeps the accounts
as long as nobody else there is could approve.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from engine import credentials, known_devices, one_time_codes, proposals, session_rows
from engine.account_record import begin_account
from engine.account_record import enter_account as enter_account  # noqa: PLC0414 - handed on
from engine.campaign import Campaign
from engine.clock import from_us, to_us
from engine.errors import Forbidden, NotFound, Reason, Refused
from engine.orders import Actor
from engine.people import DISABLE, holders
from engine.reasons import in_own_name_only, only_for_administrators, only_one_left
from engine.scopes import refuse_outside
from engine.service import Engine
from engine.store import Tx
from engine.three import ADMINISTRATION as ADMINISTRATION  # noqa: PLC0414 - handed on
from engine.three import is_owner, office_of, refuse_clash, refuse_unless_security, security_of, three_of

APPROVERS = (("leading_group", "chair"), ("leading_group", "head"), ("office", "admin"))
"""The parts and posts that approve a post for somebody, besides another security administrator. Our choice."""


def refuse_unless_administrator(parts: Mapping[str, str], actor: Actor, what: str) -> None:
    """Raise Forbidden unless *actor* administers the office; *parts* are the campaign's."""
    refuse_outside(actor, "admin")
    part, post = ADMINISTRATION
    if (parts.get(part), post) not in actor.posts:
        raise Forbidden(f"{actor.login} may not {what}", "forbidden", [only_for_administrators()])


def kept_posts(campaign: Campaign) -> frozenset[tuple[str, str]]:
    """The posts whose last holder stays: the office's administrator and the three."""
    three = three_of(campaign)
    return frozenset({office_of(campaign)}) | (three.seats() if three else frozenset())


class Accounts:
    """Change the accounts of a database on behalf of *actor*."""

    def __init__(self, engine: Engine, actor: Actor) -> None:
        self.engine = engine
        self.actor = actor

    def add(self, login: str, name: str) -> dict[str, Any]:
        """Add a person. Raises Forbidden, Invalid for a bad login, Conflict for a taken one."""

        def work(tx: Tx, now: datetime) -> tuple[str, dict[str, Any]]:
            self.engine.people.add(tx, login, name, now)
            return "add", {"login": login}

        return self._change(work, {"name": name})

    def grant(
        self, login: str, body: str, post: str, until: datetime | None = None, approver: Actor | None = None
    ) -> dict[str, Any]:
        """Give a person a post at a body, from now, to *until* if given; without a second person it is proposed only.

        What nobody has approved is entered as given *alone*. Raises NotFound, Invalid, Forbidden: ``three`` for a post that
        excludes one held, ``same_person`` for an approver who is none.
        """

        return self._change(lambda tx, now: self.giving(tx, now, login, (body, post), until, approver))

    def giving(
        self, tx: Tx, now: datetime, login: str, seat: tuple[str, str], until: datetime | None, approver: Actor | None
    ) -> tuple[str, dict[str, Any]]:
        """The same inside *tx*, by who was found to keep the accounts: what was done, to be entered, and what is said of it."""
        begin_account(tx, self.engine.campaign, login)
        body, post = seat
        said: dict[str, Any] = {"login": login, "grant": f"{body}.{post}"}
        said |= {"until": until.isoformat()} if until else {}
        self._must_go_together(tx, login, seat, now)
        self.engine.people.must_be_grantable(tx, login, body, post, now, until)
        if approver is not None:
            self._must_be_second(approver, self.actor.trace, login)
            said["approved_by"] = {"login": approver.login, "person": approver.person, "auth": approver.auth}
        elif self._needs_second(tx, login, now):
            ident = proposals.propose(tx, self.engine.campaign.id, self.actor, login, seat, until, now)
            return "grant_proposed", {**said, "proposal": ident}
        else:
            said["alone"] = True
        self.engine.people.grant(tx, login, body, post, self.actor.login, now, until)
        return "grant", said

    def approve(self, ident: str) -> dict[str, Any]:
        """Give the post that somebody else proposed. Raises NotFound, Refused if it is decided, Forbidden as `grant` does."""

        def work(tx: Tx, now: datetime) -> tuple[str, dict[str, Any]]:
            row = self._proposal(tx, ident)
            login, body, post = row["login"], row["body"], row["post"]
            until = from_us(row["valid_to"]) if row["valid_to"] is not None else None
            begin_account(tx, self.engine.campaign, login)
            self._must_be_second(self.actor, row["proposed_persons"], login)
            self._must_go_together(tx, login, (body, post), now)
            self.engine.people.grant(tx, login, body, post, self.actor.login, now, until)
            proposals.decide(tx, row["id"], "approved", self.actor.login, now)
            said = {"login": login, "grant": f"{body}.{post}", "proposal": ident, "proposed_by": row["proposed_by"]}
            return "grant", {**said, "until": until.isoformat()} if until else said

        return self._change(work, keeper=False)

    def decline(self, ident: str) -> dict[str, Any]:
        """Put a proposal aside: by who could approve it, or who made it."""

        def work(tx: Tx, now: datetime) -> tuple[str, dict[str, Any]]:
            row = self._proposal(tx, ident)
            if row["proposed_by"] != self.actor.login:
                self._must_be_second(self.actor, "", "")
            proposals.decide(tx, row["id"], "declined", self.actor.login, now)
            return "grant_declined", {
                "login": row["login"], "grant": f"{row['body']}.{row['post']}", "proposal": ident,
            }  # fmt: skip

        return self._change(work, keeper=False)

    def proposals(self) -> list[dict[str, Any]]:
        """Every proposal with how it stands."""
        with self.engine.database.snapshot() as tx:
            return [proposals.as_json(row) for row in proposals.every(tx, self.engine.campaign.id)]

    def revoke(self, login: str, body: str, post: str) -> dict[str, Any]:
        """Take a post back, effective with the next request of anybody.

        Raises NotFound if it is not held, Refused for the last holder of a post of administration.
        """

        def work(tx: Tx, now: datetime) -> tuple[str, dict[str, Any]]:
            begin_account(tx, self.engine.campaign, login)
            if (body, post) not in self.engine.people.posts_of(tx, login, now):
                raise NotFound(f"{login} does not hold {body}.{post}", "not_held")
            self._keep_one(tx, login, now, frozenset({(body, post)}))
            proposals.take_back(tx, self.engine.campaign.id, login, body, post, now)
            return "revoke", {"login": login, "grant": f"{body}.{post}"}

        return self._change(work)

    def disable(self, login: str) -> dict[str, Any]:
        """Disable a person, end every session, revoke every token and code; effective with the next request of anybody.

        Raises NotFound, or Refused for the last holder of a post of administration: nobody could take it over after that.
        """

        def work(tx: Tx, now: datetime) -> tuple[str, dict[str, Any]]:
            begin_account(tx, self.engine.campaign, login)
            self._keep_one(tx, login, now, kept_posts(self.engine.campaign))
            self.engine.people.disable(tx, login, now)
            one_time_codes.withdraw(tx, login, now)
            session_rows.end_all(tx, login, to_us(now))
            known_devices.forget(tx, login)
            return "disable", {"login": login, "disabled": True}

        return self._change(work)

    def enable(self, login: str) -> dict[str, Any]:
        """Let a disabled person in again, with the posts that did not end meanwhile; tokens and codes stay revoked.

        Raises NotFound for nobody's login, Refused for who is not disabled.
        """

        def work(tx: Tx, now: datetime) -> tuple[str, dict[str, Any]]:  # noqa: ARG001
            begin_account(tx, self.engine.campaign, login)
            held = credentials.read(tx, login)
            if held is None:
                raise NotFound(f"nobody has the login {login!r}", "no_login")
            if held.disabled_at is None:
                raise Refused(f"{login} is not disabled", "not_disabled")
            tx.write(DISABLE, {"b_login": login, "at": None})
            return "enable", {"login": login, "disabled": False}

        return self._change(work)

    def may_approve(self) -> bool:
        """Whether proposals are shown to the actor for approval."""
        return self.actor.on_behalf_of is None and not self._approvers().isdisjoint(self.actor.posts)

    def _proposal(self, tx: Tx, ident: str) -> dict[str, Any]:
        row = proposals.one(tx, self.engine.campaign.id, ident)
        if row is None:
            raise NotFound(f"there is no proposal {ident!r}; see duban user proposals", "no_proposal")
        if row["status"] != "open":
            raise Refused(f"the proposal {ident} is {row['status']} already, by {row['decided_by']}", "decided")
        return row

    def _must_go_together(self, tx: Tx, login: str, seat: tuple[str, str], now: datetime) -> None:
        held = self.engine.people.posts_of(tx, login, now)
        refuse_clash(self.engine.campaign, login, held | {seat})

    def _needs_second(self, tx: Tx, grantee: str, now: datetime) -> bool:
        """Whether another must approve: in production, unless the owner acts, or nobody else there is could."""
        if self.engine.people.mode == "rehearsal" or is_owner(self.actor):
            return False
        others = {login for seat in self._approvers() for login in holders(self.engine.people, tx, seat, now)}
        for login in others - {self.actor.login, grantee}:
            held = credentials.read(tx, login)
            if held is not None and held.usable and not self._began(held):
                return True
        return False

    def _began(self, held: credentials.Held) -> bool:
        """Whether the actor, or who began his account, could sit behind this one."""
        behind = {held.activated_by, held.issued_by} - {None}
        return not behind.isdisjoint(self.actor.persons | {self.actor.issued_by})

    def _approvers(self) -> frozenset[tuple[str, str]]:
        campaign = self.engine.campaign
        named = {(campaign.parts[part], post) for part, post in APPROVERS if part in campaign.parts}
        return frozenset(named | {security_of(campaign)})

    def _must_be_second(self, approver: Actor, proposed_by: str, grantee: str) -> None:
        refuse_outside(approver, "admin")
        refuse_clash(self.engine.campaign, approver.login, approver.posts)
        what = f"{approver.login} may not approve this"
        if approver.on_behalf_of is not None or self._approvers().isdisjoint(approver.posts):
            there = ", ".join(sorted(".".join(seat) for seat in self._approvers()))
            reason = Reason("role", f"须由下列岗位之一批准：{there}", f"only for one of {there}")
            raise Forbidden(f"{what}: {reason.en}", "forbidden", [reason])
        if approver.one_with(proposed_by) or grantee in approver.persons:
            reason = Reason(
                "distinct",
                "批准人不得为提出人、被授予人；其凭证由提出人发放的，须先经他人确认（duban user vouch）",
                "not by who proposed it, nor who gets it, nor by an account that one of them began, until another confirms it "
                "(duban user vouch)",
            )
            raise Forbidden(f"{what}: {reason.en}", "same_person", [reason])

    def _keep_one(self, tx: Tx, login: str, now: datetime, wanted: frozenset[tuple[str, str]]) -> None:
        """Raise Refused if nobody but *login* holds one of the *wanted* posts of administration for good."""
        for _, post in sorted(wanted & kept_posts(self.engine.campaign)):
            body = self.engine.people.last_of(tx, post, login, now)
            if body is not None:
                raise Refused(
                    f"{login} is the only one who holds {body}.{post} for good",
                    "last_administrator",
                    [only_one_left(body, post)],
                )

    def _change(
        self,
        work: Callable[[Tx, datetime], tuple[str, dict[str, Any]]],
        private: Mapping[str, str] | None = None,
        *,
        keeper: bool = True,
    ) -> dict[str, Any]:
        """Do *work* and enter what it says was done; *keeper* if only who keeps the accounts may."""
        campaign, now = self.engine.campaign, self.engine.clock.now()
        refuse_outside(self.actor, "admin")
        if self.actor.on_behalf_of is not None:
            raise Forbidden(
                f"{self.actor.login} may not change accounts for {self.actor.on_behalf_of}",
                "chained",
                [in_own_name_only()],
            )

        def carry_out(tx: Tx) -> dict[str, Any]:
            if keeper:
                refuse_unless_security(self.engine, tx, self.actor, "change accounts")
            what, said = work(tx, now)
            enter_account(tx, campaign, self.actor, now, what, said, private)
            return said

        return self.engine.in_transaction(carry_out)
