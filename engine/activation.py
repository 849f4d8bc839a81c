"""Making an account one's own: with a one-time code its holder sets a password and takes the secret of the second factor.

Nobody has a default password, and nobody but the holder ever knows the one that he sets.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine import credentials, known_devices, one_time_codes, recovery_codes, session_rows
from engine.account_record import begin_account, enter_account
from engine.admission import Admission, Proof, second_factor_needed
from engine.clock import Clock, to_us
from engine.credentials import Held
from engine.errors import Forbidden, Invalid, NotFound, Reason, Refused
from engine.factor_seal import digest_of
from engine.orders import Actor
from engine.password_rules import refuse_weak
from engine.passwords import Passwords
from engine.scopes import refuse_outside
from engine.second_factor import enrolment, new_secret
from engine.service import Engine
from engine.sessions import full_cost
from engine.store import Tx
from engine.three import refuse_unless_security

INIT = "init:"
"""How it is told of a code that `init` issued it: no account stands behind it, but the machine's own root of trust."""


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
            begin_account(tx, self.engine.campaign, login)
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
        which an account that was in use is taken over: nobody sees whether its holder did that. Whoever issued the first
        code is no second person to the account either, nor is another account that he began, until somebody else confirms
        that it is its holder's (`engine.vouching`). Raises Invalid for a weak password with nothing used up, Forbidden:
        ``bad_code``, ``throttled``.
        """
        said = refuse_weak(password, self._profile, self._words(login))
        admission = self._admission
        attempt = admission.attempt(login, address)
        stored, seal = self.passwords.hash(said), self.engine.factors()

        def work(tx: Tx) -> dict[str, Any] | Forbidden:
            now = self.clock.now()
            held = credentials.read(tx, login)
            found = one_time_codes.use(tx, login, code, now) if held and held.disabled_at is None else None
            if found is None or held is None:
                return self._bad_code(tx, login if held else None, address)
            wanted = second_factor or second_factor_needed(self.engine, tx, login)
            secret = new_secret() if wanted else None
            factor = seal.seal(tx, login, secret) if secret else None
            there = by or (found[1] if held.usable else None)
            issuer = None if found[1].startswith(INIT) else found[1]
            attempt.succeed(tx)
            credentials.activate(tx, login, stored, factor, there, issuer, to_us(now))
            self._end_all(tx, login, now)
            about = {"code_id": found[0], "issued_by": found[1], "credential": digest_of(stored), "begun_by": issuer}
            about |= {"second_factor": factor.digest if factor else None, "at_keyboard": there}
            codes = self._recovery(tx, login, secret, about, now)
            self._enter(tx, login, "activated", Actor(login, f"code:{found[0]}", key=by or ""), about)
            return self._told(login, secret, codes)

        answer = self.engine.in_transaction(work)
        if isinstance(answer, Forbidden):
            raise answer
        return answer

    def _end_all(self, tx: Tx, login: str, now: datetime) -> None:
        session_rows.end_all(tx, login, to_us(now))
        known_devices.forget(tx, login)
        recovery_codes.withdraw(tx, login, now)
        self.engine.people.revoke(tx, login, self.engine.clock.now())

    def _recovery(
        self, tx: Tx, login: str, secret: str | None, about: dict[str, Any], now: datetime
    ) -> list[str]:  # fmt: skip
        """The recovery codes that come with a new second factor; none without one. What the record says goes to *about*."""
        if secret is None:
            return []
        codes, about["recovery"] = recovery_codes.make(tx, login, now)
        return codes

    def change_password(
        self, login: str, old: str, new: str, code: str, address: str, device: str = ""
    ) -> dict[str, Any]:
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

        return self._admission.admit(Proof(login, old, code, address, device), work, aged=True)

    def enrol(self, login: str, password: str, code: str, address: str, device: str = "") -> dict[str, Any]:
        """Take a new secret of the second factor, with the password and, if there is one, a code of the old; every session ends.

        Raises Forbidden as signing in does, Unavailable without the key that seals it.
        """
        seal = self.engine.factors()

        def work(tx: Tx, held: Held, now: datetime) -> dict[str, Any]:
            secret = new_secret()
            factor = seal.seal(tx, login, secret)
            credentials.set_factor(tx, login, factor)
            session_rows.end_all(tx, login, to_us(now))
            about: dict[str, Any] = {"second_factor": factor.digest}
            codes = self._recovery(tx, login, secret, about, now)
            self._enter(tx, held.login, "second_factor", Actor(login, "password", key=held.activated_by or ""), about)
            return self._told(login, secret, codes)

        return self._admission.admit(Proof(login, password, code, address, device), work)

    def recovery_codes(self, login: str, password: str, code: str, address: str, device: str = "") -> dict[str, Any]:
        """Make a new set of recovery codes in the place of the earlier one, shown this once.

        Raises Forbidden as signing in does, Refused for who has no second factor.
        """

        def work(tx: Tx, held: Held, now: datetime) -> dict[str, Any] | Refused:
            if held.totp_secret is None:
                return no_factor(login)
            about: dict[str, Any] = {}
            codes = self._recovery(tx, login, held.totp_secret, about, now)
            self._enter(tx, held.login, "recovery_codes", Actor(login, "password", key=held.activated_by or ""), about)
            return {"login": login, "recovery_codes": codes}

        said = self._admission.admit(Proof(login, password, code, address, device), work)
        if isinstance(said, Refused):
            raise said
        return said

    @property
    def _profile(self) -> str:
        return self.engine.campaign.doc.sign_in.passwords

    def _words(self, login: str) -> list[str]:
        doc = self.engine.campaign.doc
        return [login, doc.code, "duban", "督办", doc.name.zh, *(body.code for body in doc.bodies)]

    def _enter(self, tx: Tx, login: str, what: str, actor: Actor, about: Mapping[str, Any]) -> None:
        said = {"login": login, **{name: value for name, value in about.items() if value is not None}}
        enter_account(tx, self.engine.campaign, actor, self.engine.clock.now(), what, said)

    def _bad_code(self, tx: Tx, login: str | None, address: str) -> Forbidden:
        self._admission.fail(tx, login, address, "activation_failed")
        reason = Reason("code", "激活码无效；请安全管理员重新发放", "the code is not valid; ask for a new one")
        return Forbidden(reason.en, "bad_code", [reason])

    def _told(self, login: str, secret: str | None, codes: list[str]) -> dict[str, Any]:
        if secret is None:
            return {"login": login, "totp_secret": None, "otpauth": None, "recovery_codes": []}
        issuer = f"duban {self.engine.campaign.code}"
        otpauth = enrolment(secret, login, issuer)
        return {"login": login, "totp_secret": secret, "otpauth": otpauth, "recovery_codes": codes}


def no_factor(login: str) -> Refused:
    """The answer to who wants codes for a second factor that he has not."""
    reason = Reason("second_factor", "尚未启用动态码，无须恢复码", "there is no second factor to recover")
    return Refused(f"{login}: {reason.en}", "no_second_factor", [reason])
