"""Vouching (确认): somebody independent says that an account is its holder's, not of whoever gave out its code.

Whoever issues a code could use it himself and be two persons from then on. So an account begun by a code of X is no second
person to X, nor to another account that X began, until Y has confirmed it, who is neither, and whose own account neither of
them began. Codes that `init` showed are of no account and need no word of anybody.
"""

from datetime import datetime
from typing import Any

from engine import credentials, known_devices, session_rows
from engine.account_record import begin_account
from engine.accounts import Accounts
from engine.clock import from_us, rfc3339, to_us
from engine.credentials import Held
from engine.errors import Forbidden, NotFound, Reason, Refused
from engine.scopes import refuse_outside
from engine.store import Tx
from engine.three import refuse_clash


class Vouching(Accounts):
    """Confirm accounts on behalf of *actor*, who holds one of the posts that approve posts."""

    def vouch(self, login: str) -> dict[str, Any]:
        """Confirm that the account of *login* is its holder's, whom the actor has met.

        Sessions end, for what they rest on is another thing now. Raises NotFound, Refused if there is nothing to confirm,
        Forbidden for who may not, or is not independent.
        """

        def work(tx: Tx, now: datetime) -> tuple[str, dict[str, Any]]:
            begin_account(tx, self.engine.campaign, login)
            held = credentials.read(tx, login)
            if held is None or held.password is None:
                raise NotFound(f"nobody has made an account of the login {login!r} his own", "no_login")
            if held.issued_by is None or held.confirmed_by is not None:
                raise Refused(f"the account of {login} needs no confirmation", "confirmed", [_nothing_to_confirm(held)])
            self._must_be_independent(held)
            credentials.confirm(tx, held, self.actor.login, to_us(now))
            session_rows.end_all(tx, login, to_us(now))
            known_devices.forget(tx, login)
            return "vouched", {"login": login, "by": self.actor.login, "begun_by": held.issued_by}

        return self._change(work, keeper=False)

    def waiting(self) -> list[dict[str, Any]]:
        """The accounts that wait to be confirmed, and whether the actor may."""
        found = []
        with self.engine.database.snapshot() as tx:
            for held, activated_at in credentials.unconfirmed(tx):
                found.append({
                    "login": held.login, "begun_by": held.issued_by, "activated_at": rfc3339(from_us(activated_at)),
                    "mine": self.may_approve() and not self._stands_behind(held),
                })  # fmt: skip
        return found

    def _must_be_independent(self, held: Held) -> None:
        refuse_outside(self.actor, "admin")
        refuse_clash(self.engine.campaign, self.actor.login, self.actor.posts)
        what = f"{self.actor.login} may not confirm the account of {held.login}"
        if not self.may_approve():
            there = ", ".join(sorted(".".join(seat) for seat in self._approvers()))
            reason = Reason("role", f"须由下列岗位之一确认：{there}", f"only for one of {there}")
            raise Forbidden(f"{what}: {reason.en}", "forbidden", [reason])
        if self._stands_behind(held):
            reason = Reason(
                "distinct", "确认人不得是账户本人、激活码发放人，其账户亦不得由发放人开立而未经确认",
                "not by its holder, nor by who gave out its code, nor by an account that one of them began and nobody confirmed",
            )  # fmt: skip
            raise Forbidden(f"{what}: {reason.en}", "same_person", [reason])

    def _stands_behind(self, held: Held) -> bool:
        """Whether the actor is not independent of the account."""
        theirs = {held.login, held.issued_by, held.activated_by} - {None}
        return not theirs.isdisjoint(self.actor.persons | {self.actor.issued_by})


def _nothing_to_confirm(held: Held) -> Reason:
    if held.confirmed_by is not None:
        return Reason("confirmed", f"已由 {held.confirmed_by} 确认", f"{held.confirmed_by} has confirmed it")
    return Reason("confirmed", "此账户无须确认", "nobody's code stands behind it")
