"""The second factor: codes of six digits that change every half minute (TOTP, RFC 6238), each good for one use."""

import hmac

import pyotp

STEP_S = 30
"""Seconds a code lasts. Source: RFC 6238, section 5.2."""

DRIFT = 1
"""Steps before and after the present one that count too: clocks of telephones differ. Source: RFC 6238, section 5.2."""


def new_secret() -> str:
    """A secret of 160 bits in base 32, to be shown to its holder once."""
    return pyotp.random_base32()


def enrolment(secret: str, login: str, issuer: str) -> str:
    """The address (otpauth://) that an authenticator reads from a picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=issuer)


def code_at(secret: str, now_s: int) -> str:
    """The code of the moment; for tests and for an authenticator of one's own."""
    return pyotp.TOTP(secret).at(now_s)


def step_of(secret: str, code: str, now_s: int, after: int) -> int | None:
    """The step whose code this is, if it is later than *after*, the last one used; else None. Takes equally long always.

    A last one that lies in the future is of a clock that was set back: it must not keep its holder out until then.
    """
    after = 0 if after > now_s // STEP_S + DRIFT else after
    said = code.strip().replace(" ", "").encode("utf-8", "replace")
    found = None
    for step in range(now_s // STEP_S - DRIFT, now_s // STEP_S + DRIFT + 1):
        right = hmac.compare_digest(pyotp.TOTP(secret).at(step * STEP_S).encode(), said)
        if right and step > after:
            found = step
    return found
