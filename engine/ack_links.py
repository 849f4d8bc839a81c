"""Links that say “received” (签收): signed, for one recipient's notices, and good for nothing else."""

import base64
import hashlib
import hmac
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.clock import from_us, to_us

VERSION = 1
"""The form of a token; another form is another version."""

MAC_BYTES = 16
"""The first half of the HMAC-SHA-256 is kept. Source: RFC 2104, section 5, not less than half of it."""

MOST_NOTICES = 64
"""Notices that one link acknowledges: the address stays under a thousand characters."""

LONGEST_TOKEN = 900
"""Characters beyond which a token is not looked at."""

SHORTEST_KEY = 16
"""Bytes of the key under which tokens are signed; `head -c 32 /dev/urandom | base64` makes a good one."""

DAYS = 30
"""How long a link is good if the channels file does not say. PLACEHOLDER"""

_HEAD = struct.Struct(">BIQ")
"""Version, minute of expiry since 1970, and the recipient's mark."""

_MINUTE_US = 60_000_000


@dataclass(frozen=True, slots=True)
class Claim:
    """What a sound token says: which notices, until when, and the mark of who they were addressed to."""

    notices: tuple[int, ...]
    expires_at: datetime
    mark: int


class Links:
    """Make and read the links of one campaign of one database (*log*), under *base*, signed with *key*."""

    def __init__(self, base: str, key: bytes, log: str, days: int = DAYS) -> None:
        if len(key) < SHORTEST_KEY:
            raise ValueError(f"a key for links has at least {SHORTEST_KEY} bytes")
        self.base = base.rstrip("/")
        self.days = days
        self._key = key
        self._log = log

    def url(self, notices: Sequence[tuple[int, str]], since: datetime) -> str:
        """The link that acknowledges *notices* (id, recipient), good for `days` from *since*.

        The notices are those of one message. Raises ValueError for none, or for more than MOST_NOTICES.
        """
        return f"{self.base}/ack/{self.token(notices, since + timedelta(days=self.days))}"

    def token(self, notices: Sequence[tuple[int, str]], expires_at: datetime) -> str:
        """The token alone. Raises ValueError like `url`."""
        if not 0 < len(notices) <= MOST_NOTICES:
            raise ValueError(f"a link is for 1 to {MOST_NOTICES} notices, not {len(notices)}")
        minute = to_us(expires_at) // _MINUTE_US
        said = _HEAD.pack(VERSION, minute, mark_of([recipient for _, recipient in notices]))
        said += b"".join(ident.to_bytes(8, "big") for ident, _ in notices)
        return base64.urlsafe_b64encode(said + self._mac(said)).rstrip(b"=").decode()

    def read(self, token: str) -> Claim | None:
        """What *token* claims; None for one that is not ours, whatever is wrong with it."""
        raw = _bytes_of(token)
        said, mac = raw[:-MAC_BYTES], raw[-MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(said)) or len(said) < _HEAD.size + 8:
            return None
        version, minute, mark = _HEAD.unpack_from(said)
        rest = said[_HEAD.size :]
        if version != VERSION or len(rest) % 8:
            return None
        idents = tuple(int.from_bytes(rest[at : at + 8], "big") for at in range(0, len(rest), 8))
        return Claim(idents, from_us(minute * _MINUTE_US), mark)

    def _mac(self, said: bytes) -> bytes:
        """Sign for this database and campaign, and for this use of the key alone."""
        context = b"duban-ack\0" + self._log.encode() + b"\0"
        return hmac.new(self._key, context + said, hashlib.sha256).digest()[:MAC_BYTES]


def mark_of(recipients: Sequence[str]) -> int:
    """A mark of to whom the notices are addressed, so that a link dies when one is addressed to somebody else."""
    return int.from_bytes(hashlib.sha256("\n".join(recipients).encode()).digest()[:8], "big")


def _bytes_of(token: str) -> bytes:
    """The bytes of a token, empty if it is none; only the one way of writing them counts."""
    if not token.isascii() or len(token) > LONGEST_TOKEN:
        return b""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        return b""
    return raw if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() == token else b""
