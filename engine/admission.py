"""Who is let in: login, password and code are compared, with one answer and one duration for every way to be wrong."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from engine import credentials, known_devices, recovery_codes, throttle
from engine.access_record import DOOR, enter_access, enter_counted
from engine.clock import Clock, from_us, rfc3339, to_us
from engine.credentials import Held
from engine.errors import DubanError, Forbidden, Reason
from engine.password_rules import PROFILES
from engine.passwords import Passwords
from engine.recovery_notice import enter_recovery
from engine.second_factor import step_of
from engine.service import Engine
from engine.store import Tx
from engine.three import office_of, three_of

T = TypeVar("T")

LONGEST_LOGIN = 64
"""Characters of a login that are looked for."""

LONGEST_TYPED = 1024
"""Characters of a password that are hashed; more is nobody's."""


def refused() -> Forbidden:
    """The one answer to a login, password or code that is wrong."""
    reason = Reason("sign_in", "登录名、口令或动态码有误", "the login, the password or the code is wrong")
    return Forbidden(reason.en, "sign_in_failed", [reason])


@dataclass
class MustWait(Forbidden):
    """Somebody has tried too often; *until* is the instant, in microseconds, from which he is listened to again."""

    until: int = 0


def must_wait(until_us: int) -> MustWait:
    """The answer to somebody who has tried too often, whether the login is anybody's or nobody's."""
    at = rfc3339(from_us(until_us))
    reason = Reason("throttled", f"尝试过多，{at} 后再试", f"too many attempts; try again after {at}")
    return MustWait(reason.en, "throttled", [reason], until=until_us)


def posts_of_administration(engine: Engine) -> frozenset[tuple[str, str]]:
    """The posts whose holders show a second factor: the office's administrator and the three."""
    three = three_of(engine.campaign)
    return frozenset({office_of(engine.campaign)}) | (three.seats() if three else frozenset())


def second_factor_needed(engine: Engine, tx: Tx, login: str) -> bool:
    """Say whether *login* must show a code that changes."""
    wanted = engine.campaign.doc.sign_in.second_factor
    if wanted != "administrators":
        return wanted == "everybody"
    return not posts_of_administration(engine).isdisjoint(engine.people.posts_of(tx, login, engine.clock.now()))


@dataclass
class Proof:
    """What somebody shows to be *login*; an empty *code* is none."""

    login: str
    password: str
    code: str
    address: str
    device: str = ""
    """What the browser keeps of earlier sign-ins, see `engine.known_devices`."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that was counted: what is known of the login, and the known browser *device* that it came from."""

    login: str
    address: str
    held: Held | None
    device: str | None

    def succeed(self, tx: Tx) -> None:
        """Take the count back: from a known browser only its own, so that who guesses elsewhere gains nothing by it."""
        if self.device is not None:
            throttle.clear_device(tx, self.device)
        else:
            throttle.clear_account(tx, self.login)


class Admission:
    """Compare what somebody shows with what is stored, count every attempt, and let work be done in his name."""

    def __init__(self, engine: Engine, clock: Clock, passwords: Passwords) -> None:
        self.engine = engine
        self.clock = clock
        self.passwords = passwords

    def admit(self, proof: Proof, work: Callable[[Tx, Held, datetime], T], *, aged: bool = False) -> T:
        """Do *work* in one transaction with the proof that *proof* is right. *aged* takes a password past its age.

        Raises Forbidden: ``sign_in_failed``, ``throttled``, ``password_aged``, ``second_factor_missing``.
        """
        attempt = self.attempt(proof.login, proof.address, proof.device)
        held = attempt.held
        stored = held.password if held is not None and held.usable else None
        typed = proof.password if len(proof.password) <= LONGEST_TYPED else ""
        right = self.passwords.fits(typed, stored)
        done = self.engine.in_transaction(lambda tx: self._conclude(tx, proof, attempt, right, aged, work))
        if isinstance(done, DubanError):
            raise done
        return done

    def attempt(self, login: str, address: str, device: str = "") -> Attempt:
        """Count an attempt before anything is compared. Raises Forbidden to wait, Unavailable without the key of its factor.

        From a browser in which the holder has signed in before neither the account nor the address waits for what others
        have tried elsewhere: only its own failures count.
        """
        now, address = self.clock.now(), address[:LONGEST_LOGIN]

        def count(tx: Tx) -> Attempt | Forbidden:
            known = credentials.read(tx, login) if _is_login(login) else None
            found = known_devices.find(tx, known.login, device) if known is not None and device else None
            if found is not None and throttle.try_device(tx, found, to_us(now)):
                return Attempt(login, address, known, found)
            until = throttle.address_waits(tx, address, to_us(now))
            if until:
                enter_counted(tx, self.engine, None, "address_throttled", now, address=address)
                return must_wait(until)
            until = throttle.try_account(tx, login if _is_login(login) else "-", to_us(now))
            if until:
                enter_counted(tx, self.engine, known.login if known else None, "locked", now, address=address)
                return must_wait(until)
            return Attempt(login, address, known, None)

        found = self.engine.in_transaction(count)
        if isinstance(found, Forbidden):
            raise found
        if found.held is not None:
            self.engine.factors().must_open(found.held.login, found.held.totp_secret)
        return found

    def _conclude(
        self, tx: Tx, proof: Proof, attempt: Attempt, right: bool, aged: bool,
        work: Callable[[Tx, Held, datetime], T],
    ) -> T | Forbidden:  # fmt: skip
        now, held = self.clock.now(), attempt.held
        again = credentials.hold(tx, held.login) if held is not None and right else None
        if again is None or held is None or again.password != held.password or not again.usable:
            return self.fail(tx, held.login if held else None, proof.address)
        missing = again.totp_secret is None and second_factor_needed(self.engine, tx, again.login)
        if again.totp_secret is not None and not self.use_code(tx, again, proof.code, now):
            return self.fail(tx, held.login, proof.address)
        if missing:
            return self._not_yet(tx, held.login, proof.address, _factor_missing(held.login))
        attempt.succeed(tx)
        if not aged and self._is_aged(again, now):
            return self._not_yet(tx, held.login, proof.address, _aged(held.login))
        return work(tx, again, now)

    def use_code(self, tx: Tx, held: Held, code: str, now: datetime) -> bool:
        """Say whether *code* is the holder's and was never used; it is used up then. *held* must be locked.

        A recovery code stands for a code of the moment once; that it did is on record, and its holder is told.
        """
        if held.totp_secret is None:
            return False
        if recovery_codes.is_one(code):
            ident = recovery_codes.use(tx, held.login, code, now)
            if ident is not None:
                enter_recovery(tx, self.engine, held, ident)
            return ident is not None
        secret = self.engine.factors().opened(held.login, held.totp_secret)
        step = step_of(secret, code, to_us(now) // 1_000_000, held.totp_step or 0)
        if step is not None:
            credentials.use_step(tx, held.login, step)
        return step is not None

    def fail(self, tx: Tx, login: str | None, address: str, what: str = "sign_in_failed") -> Forbidden:
        """Put a failure on record and return the answer to it."""
        now = self.clock.now()
        throttle.fail_address(tx, address[:LONGEST_LOGIN], to_us(now))
        if login is not None:
            enter_access(tx, self.engine, login, what, DOOR, address=address)
        else:
            enter_counted(tx, self.engine, None, what, now, address=address)
        return refused()

    def _not_yet(self, tx: Tx, login: str, address: str, answer: Forbidden) -> Forbidden:
        enter_access(tx, self.engine, login, answer.code, DOOR, address=address)
        return answer

    def _is_aged(self, held: Held, now: datetime) -> bool:
        days = PROFILES[self.engine.campaign.doc.sign_in.passwords].days
        set_at = held.password_set_at or 0
        return days is not None and now - from_us(set_at) > timedelta(days=days)


def _is_login(login: str) -> bool:
    return 0 < len(login) <= LONGEST_LOGIN and all(char.isalnum() or char in "._-@" for char in login)


def _factor_missing(login: str) -> Forbidden:
    reason = Reason(
        "second_factor",
        f"管理岗位须用动态码登录；请安全管理员重新发放激活码：duban user code {login}",
        f"a post of administration needs a second factor; ask for a new code: duban user code {login}",
    )
    return Forbidden(reason.en, "second_factor_missing", [reason])


def _aged(login: str) -> Forbidden:
    reason = Reason(
        "password_aged",
        f"口令已到更换期限；请更换：duban user password {login}",
        f"the password has reached its age; set another: duban user password {login}",
    )
    return Forbidden(reason.en, "password_aged", [reason])
