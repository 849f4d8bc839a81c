"""The secrets of second factors, sealed under a key outside the database: who reads the database alone can sign in as nobody."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from engine import credentials
from engine.credentials import Factor
from engine.errors import Unavailable
from engine.present_key import refuse_other_key
from engine.sealing_key import Ring
from engine.store import Tx

PURPOSE = "second factor"
"""What its keys are for, in their names."""

CURRENT = "factor_key"
"""The property of the database that names the key which seals since it was changed for another."""

MARK = "sealed1."
"""How a sealed secret begins; then the name of its key, a point, and what is sealed. Anything else is a secret in clear."""

HINT = (
    "bring its file back from its backup (DUBAN_FACTOR_KEY, or beside the database); if it is lost: duban user key new FILE, "
    "and a new one-time code for everybody with a second factor"
)


def digest_of(stored: str | None) -> str | None:
    """What the record says of a stored password or secret, so that another one put there is found."""
    return hashlib.sha256(stored.encode()).hexdigest() if stored else None


def is_sealed(stored: str) -> bool:
    """Say whether a stored secret is sealed."""
    return stored.startswith(MARK)


def key_of(stored: str) -> str:
    """The name of the key that sealed it; empty for one in clear."""
    return stored.removeprefix(MARK).partition(".")[0] if is_sealed(stored) else ""


def known_as(stored: str | None, digest: str | None) -> str | None:
    """By which digest a stored secret is held against the record: that of a secret in clear is its own, whatever is said."""
    return digest if stored is None or is_sealed(stored) else digest_of(stored)


@dataclass(frozen=True)
class FactorSeal:
    """Seals and opens the secrets. A secret in clear, of an earlier release, opens without a key."""

    ring: Ring = field(
        default_factory=lambda: Ring(PURPOSE, missing="no key of the second factor is at hand", hint=HINT)
    )

    def seal(self, tx: Tx, login: str, secret: str) -> Factor:
        """The secret as it is stored, bound to its login. Raises Unavailable without a key, or if it was changed for another."""
        refuse_other_key(tx, self.ring, CURRENT)
        sealed = self.ring.seal(secret, _about(login))
        return Factor(f"{MARK}{self.ring.name()}.{sealed}", str(digest_of(secret)))

    def opened(self, login: str, stored: str) -> str:
        """The secret. Raises Unavailable if its key is not here, or it was changed."""
        if not is_sealed(stored):
            return stored
        name, _, sealed = stored.removeprefix(MARK).partition(".")
        found = self.ring.opened(sealed, _about(login), name)
        if found is None:
            raise Unavailable(
                f"the second factor of {login} cannot be opened: sealed with the key {name[:16]}, or changed",
                "second_factor_sealed", hint=HINT,
            )  # fmt: skip
        return found

    def must_open(self, login: str, stored: str | None) -> None:
        """Raise Unavailable if the secret cannot be opened here."""
        if stored is not None:
            self.opened(login, stored)


def _about(login: str) -> bytes:
    return f"duban second factor/v1\0{login}".encode()


def seal_all(tx: Tx, seal: FactorSeal, most: int) -> int:
    """Seal with the present key what is in clear or sealed with another, *most* at once; return how many were."""
    current = seal.ring.name()
    others = [each for each in credentials.factors(tx) if key_of(each[1]) != current][:most]
    for login, stored in others:
        credentials.reseal(tx, login, stored, seal.seal(tx, login, seal.opened(login, stored)).sealed)
    return len(others)


def count_outdated(tx: Tx, seal: Callable[[], FactorSeal]) -> int:
    """How many second factors are not sealed with the present key; *seal* is asked for only if there are any at all."""
    found = credentials.factors(tx)
    if not found:
        return 0
    current = seal().ring.name()
    return sum(key_of(stored) != current for _, stored in found)


def count_sealed(tx: Tx) -> tuple[int, int]:
    """How many second factors are sealed, and how many stand in clear."""
    found = [is_sealed(stored) for _, stored in credentials.factors(tx)]
    return sum(found), len(found) - sum(found)
