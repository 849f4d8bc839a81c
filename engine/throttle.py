"""Throttling: how often an account or an address may be tried, counted in the database for every node and the command line."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import bindparam, delete, insert, select, update

from engine.access_tables import Throttle
from engine.neighbourhoods import neighbourhood
from engine.store import Statement, Tx
from engine.tables import table_of

H = table_of(Throttle)

FREE_FAILURES = 5
"""Failures of one account before it has to wait. Source: OWASP ASVS 5.0, 6.1.1 and 6.3.1; the figure is ours. PLACEHOLDER"""

LONGEST_WAIT_MIN = 15
"""Minutes that an account waits at most, so that nobody can lock another out for good. PLACEHOLDER"""

PER_ADDRESS = 20
"""Failures from one address in a minute; who proves himself is not counted, however many share the address. PLACEHOLDER"""

PER_DEVICE = 5
"""Failures from a browser that is known; after them it is any other, until the day is over. PLACEHOLDER"""

MINUTE_US = 60_000_000
TELLING_US = 15 * MINUTE_US
"""What an attacker can repeat at will is entered once in this time, with how often it happened. PLACEHOLDER"""

KEPT_US = int(timedelta(days=1) / timedelta(microseconds=1))
"""How long a counter is kept after its last use: logins that nobody has are tried without end."""

ROW = Statement(select(H.c.count, H.c.since, H.c.until).where(H.c.subject == bindparam("subject")), lock="lock_matter")
ADD = Statement(insert(H), [column.name for column in H.columns])
SET = Statement(
    update(H)
    .where(H.c.subject == bindparam("b_subject"))
    .values(count=bindparam("count"), since=bindparam("since"), until=bindparam("until"))
)
FORGET = Statement(delete(H).where(H.c.subject == bindparam("b_subject")))
FORGET_OLD = Statement(delete(H).where(~H.c.subject.like("tally/%"), H.c.since < bindparam("b_before")))


@dataclass(slots=True)
class Count:
    """One counter, locked until the transaction ends."""

    subject: str
    count: int
    since: int
    until: int
    there: bool

    def save(self, tx: Tx) -> None:
        """Write the counter back."""
        values = {"count": self.count, "since": self.since, "until": self.until}
        if self.there:
            tx.write(SET, {"b_subject": self.subject, **values})
        else:
            tx.write(ADD, {"subject": self.subject, **values})
        tx.flush()
        self.there = True


def counter(tx: Tx, subject: str, now_us: int) -> Count:
    """The counter of *subject*, a fresh one if there is none. Two who make it at once meet at its key."""
    row = tx.row(ROW, subject=subject)
    return Count(subject, row[0], row[1], row[2], True) if row else Count(subject, 0, now_us, 0, False)


def wait_after(failures: int) -> int:
    """Microseconds to wait after so many failures: none, then 1, 2, 4 … minutes, never more than the longest."""
    if failures < FREE_FAILURES:
        return 0
    return min(1 << min(failures - FREE_FAILURES, 10), LONGEST_WAIT_MIN) * MINUTE_US


def try_account(tx: Tx, login: str, now_us: int) -> int:
    """Count an attempt on *login* as failed until it succeeds; return 0, or until when it has to wait and is not tried.

    It is counted before the password is compared: of many at the same moment no more than the free ones are compared.
    """
    found = counter(tx, f"account/{login}", now_us)
    if now_us < found.until <= now_us + LONGEST_WAIT_MIN * MINUTE_US:  # a later one is of a clock that was set back
        return found.until
    found.count += 1
    found.since, found.until = now_us, now_us + wait_after(found.count)
    found.save(tx)
    return 0


def clear_account(tx: Tx, login: str) -> None:
    """Forget the failures of *login*: it has proved itself."""
    tx.write(FORGET, {"b_subject": f"account/{login}"})


def address_waits(tx: Tx, address: str, now_us: int) -> int:
    """Until when *address* has to wait after its failures of this minute; 0 if it is listened to."""
    row = tx.row(ROW, subject=f"address/{neighbourhood(address)}")
    if row is None or not row[1] <= now_us < row[1] + MINUTE_US or row[0] < PER_ADDRESS:
        return 0
    return int(row[1]) + MINUTE_US


def fail_address(tx: Tx, address: str, now_us: int) -> None:
    """Count a failure from *address*."""
    found = counter(tx, f"address/{neighbourhood(address)}", now_us)
    if now_us - found.since >= MINUTE_US or now_us < found.since:
        found.count, found.since = 0, now_us
        tx.write(FORGET_OLD, {"b_before": now_us - KEPT_US})
    found.count += 1
    found.save(tx)


def try_device(tx: Tx, ident: str, now_us: int) -> bool:
    """Count an attempt from a known browser as failed until it succeeds; say whether it is still listened to as one."""
    found = counter(tx, f"device/{ident}", now_us)
    if found.count >= PER_DEVICE:
        return False
    found.count += 1
    found.since = now_us
    found.save(tx)
    return True


def clear_device(tx: Tx, ident: str) -> None:
    """Forget the failures from a known browser: its holder has proved himself there."""
    tx.write(FORGET, {"b_subject": f"device/{ident}"})


def tally(tx: Tx, subject: str, now_us: int) -> int:
    """How often *subject* has happened since it was last told, if it is time to tell it again; else 0."""
    found = counter(tx, f"tally/{subject}", now_us)
    found.count += 1
    told = found.count if now_us >= found.until or now_us < found.since else 0
    if told:
        found.count, found.since, found.until = 0, now_us, now_us + TELLING_US
    found.save(tx)
    return told
