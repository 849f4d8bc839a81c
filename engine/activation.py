"""Making an account one's own: with a one-time code its holder sets a password and takes the secret of the second factor.

Nobody has a default password, and nobody but the holder ever knows the one that he sets.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine import credentials, one_time_codes, session_rows, throttle
from engine.access_record import DOOR, enter_access, enter_counted
from engine.accounts import enter_account
from engine.admission import Admission, Proof, second_factor_needed
from engine.clock import Clock, to_us
from engine.credentials import Held
from engine.errors import Forbidden, Invalid, NotFound, Reason
from engine.orders import Actor
from engine.password_rules import refuse_weak
from engine.passwords import Passwords
from engine.scopes import refuse_outside
from engine.second_factor import enrolment, new_secret
from engine.service import Engine
from engine.sessions import full_cost
from engine.store import Tx
from engine.three import refuse_unless_security


def digest_of(stored: str | None) -> str | None:
    """What the record says of a stored password or secret, so that another one put there is found."""
    return hashlib.sha256(stored.encode()).hexdigest() if stored else None


class Activation:
    """Issue codes, activate accounts, change passwords and second factors; *clock* is the machine's."""

    def __init__(self, engine: Engine, clock: Clock, passwords: Passwords | None = None) -> None:
        self.engine = engine
        self.clock = clock
        self.passwords = passwords or full_cost()

    @property
    def _admission(self) -> Admission:
        return Admission(self.engine, self.clock, self.passwords)

    def issue(self, actor: Actor, login: str) -> dict[str, Any]:
        """Make a one-time code for *login*; an earlier one ends. The answer is the only place where it stands in clear.

        Raises Forbidden for anybody but who keeps the accounts, NotFound for nobody's login or a disabled one.
        """
        refuse_outside(actor, "admin")
        made: list[str] = []

        def work(tx: Tx) -> dict[str, Any]:
            made.clear()
            refuse_unless_security(self.engine, tx, actor, "issue codes")
            held = credentials.read(tx, login)
            if held is None or held.disabled_at is not None:
                raise NotFound(f"nobody has the login {login!r}, or it is disabled", "no_login")
            code, said = one_time_codes.make(tx, login, actor.person, self.clock.now())
            made.append(code)
            enter_account(tx, self.engine.campaign, actor, self.engine.clock.now(), "code", said)
            return said

        said = self.engine.in_transaction(work)
        return {**{name: value for name, value in said.items() if name != "hash"}, "code": made[0]}

    def activate(
        self, login: str, code: str, password: str, address: str, *, second_factor: bool = False, by: str | None = None
    ) -> dict[str, Any]:
        """Make *login* one's own; return the secret of the second factor, if there is one, this once only.

        Every session, token and other code of the account ends. *by* is the human at the keyboard, where another one than
        the holder is known to be there: separation of duties takes both for one. So it does with whoever issued the code by
        which an account that was in use is taken over: nobody sees whether its holder did that. A code of somebody else ends
        it. Raises Invalid for a weak password with nothing used up, Forbidden: ``bad_code``, ``throttled``.
        """
        said = refuse_weak(password, self._profile, self._words(login))
        self._admission.attempt(login, address)
        stored = self.passwords.hash(said)

        def work(tx: Tx) -> dict[str, Any] | Forbidden:
            now = self.clock.now()
            held = credentials.read(tx, login)
            found = one_time_codes.use(tx, login, code, now) if held and held.disabled_at is None else None
            if found is None:
                return self._bad_code(tx, login if held else None, address, now)
            secret = new_secret() if second_factor or second_factor_needed(self.engine, tx, login) else None
            there = by or (found[1] if held is not None and held.usable else None)
            throttle.clear_account(tx, login)
            credentials.activate(tx, login, stored, secret, there, to_us(now))
            session_rows.end_all(tx, login, to_us(now))
            self.engine.people.revoke(tx, login, self.engine.clock.now())
            about = {"code_id": found[0], "issued_by": found[1], "credential": digest_of(stored)}
            about |= {"second_factor": digest_of(secret), "at_keyboard": there}
            self._enter(tx, login, "activated", Actor(login, f"code:{found[0]}", key=by or ""), about)
            return self._told(login, secret)

        answer = self.engine.in_transaction(work)
        if isinstance(answer, Forbidden):
            raise answer
        return answer

    def change_password(self, login: str, old: str, new: str, code: str, address: str) -> dict[str, Any]:
        """Set another password, also in the place of one past its age; every session ends.

        Raises Invalid for a weak one or the old one again, Forbidden as signing in does.
        """
        said = refuse_weak(new, self._profile, self._words(login))
        if said == old:
            raise Invalid(
                "the new password is the old one", "password",
                [Reason("password", "新口令不得与原口令相同", "the new password is the old one")],
            )  # fmt: skip
        stored = self.passwords.hash(said)

        def work(tx: Tx, held: Held, now: datetime) -> dict[str, Any]:
            credentials.set_password(tx, login, stored, to_us(now))
            session_rows.end_all(tx, login, to_us(now))
            about = {"credential": digest_of(stored)}
            self._enter(tx, held.login, "password", Actor(login, "password", key=held.activated_by or ""), about)
            return {"login": login, "password_changed": True}

        return self._admission.admit(Proof(login, old, code, address), work, aged=True)

    def enrol(self, login: str, password: str, code: str, address: str) -> dict[str, Any]:
        """Take a new secret of the second factor, with the password and, if there is one, a code of the old; every session ends.

        Raises Forbidden as signing in does.
        """

        def work(tx: Tx, held: Held, now: datetime) -> dict[str, Any]:
            secret = new_secret()
            credentials.set_totp(tx, login, secret)
            session_rows.end_all(tx, login, to_us(now))
            about = {"second_factor": digest_of(secret)}
            self._enter(tx, held.login, "second_factor", Actor(login, "password", key=held.activated_by or ""), about)
            return self._told(login, secret)

        return self._admission.admit(Proof(login, password, code, address), work)

    @property
    def _profile(self) -> str:
        return self.engine.campaign.doc.sign_in.passwords

    def _words(self, login: str) -> list[str]:
        doc = self.engine.campaign.doc
        return [login, doc.code, "duban", "督办", doc.name.zh, *(body.code for body in doc.bodies)]

    def _enter(self, tx: Tx, login: str, what: str, actor: Actor, about: Mapping[str, Any]) -> None:
        said = {"login": login, **{name: value for name, value in about.items() if value is not None}}
        enter_account(tx, self.engine.campaign, actor, self.engine.clock.now(), what, said)

    def _bad_code(self, tx: Tx, login: str | None, address: str, now: datetime) -> Forbidden:
        if login is not None:
            enter_access(tx, self.engine, login, "activation_failed", DOOR, address=address)
        else:
            enter_counted(tx, self.engine, None, "activation_failed", now, address=address)
        reason = Reason("code", "激活码无效；请安全管理员重新发放", "the code is not valid; ask for a new one")
        return Forbidden(reason.en, "bad_code", [reason])

    def _told(self, login: str, secret: str | None) -> dict[str, Any]:
        if secret is None:
            return {"login": login, "totp_secret": None, "otpauth": None}
        issuer = f"duban {self.engine.campaign.code}"
        return {"login": login, "totp_secret": secret, "otpauth": enrolment(secret, login, issuer)}
