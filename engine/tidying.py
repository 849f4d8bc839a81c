"""What is over is put away: ended sessions, used codes, old counts, browsers not seen again. What is on the record stays there.

Done any number of times it is the same; who does it twice at once deletes nothing twice.
"""

from collections.abc import Iterable

from sqlalchemy import bindparam, delete, or_, select

from engine.access_tables import KnownDevice, LoginSession, OneTimeCode, RecoveryCode, Throttle
from engine.rows import A, E
from engine.store import Statement, Tx
from engine.tables import table_of

L, O, R, K, H = (table_of(model) for model in (LoginSession, OneTimeCode, RecoveryCode, KnownDevice, Throttle))  # noqa: E741

DAY_US = 86_400_000_000
KEPT_US = 30 * DAY_US
"""How long what is over can still be looked at in its table. PLACEHOLDER"""

DEVICE_US = 180 * DAY_US
"""After how long a browser that nobody uses is forgotten: as long as its cookie lives. PLACEHOLDER"""

OVER = (
    Statement(delete(L).where(or_(L.c.ended_at < bindparam("b_before"), L.c.created_at < bindparam("b_before")))),
    Statement(
        delete(O).where(
            or_(
                O.c.used_at < bindparam("b_before"),
                O.c.revoked_at < bindparam("b_before"),
                O.c.expires_at < bindparam("b_before"),
            )
        )
    ),
    Statement(delete(R).where(or_(R.c.used_at < bindparam("b_before"), R.c.revoked_at < bindparam("b_before")))),
)
COUNTS = Statement(
    delete(H).where(
        H.c.since < bindparam("b_before"), H.c.until < bindparam("b_before"),
        or_(~H.c.subject.like("tally/%"), H.c.count == 0),
    )
)  # fmt: skip
"""Old counts; of what was not told yet the count stays."""

DEVICES = Statement(delete(K).where(K.c.seen_at < bindparam("b_before")))

NAMED = Statement(select(A.c.sha256).distinct())
SAID = Statement(select(E.c.seq).where(E.c.record.contains(bindparam("sha256"))).limit(1))

AT_ONCE = 50
"""Documents that are looked for in the whole record in one go. PLACEHOLDER"""


def put_away(tx: Tx, now_us: int) -> None:
    """Delete the rows of what is long over; *now_us* is the machine's time, as sessions have it."""
    for statement in OVER:
        tx.write(statement, {"b_before": now_us - KEPT_US})
    tx.write(COUNTS, {"b_before": now_us - DAY_US})
    tx.write(DEVICES, {"b_before": now_us - DEVICE_US})


def unnamed(tx: Tx, there: Iterable[str]) -> list[str]:
    """Those documents of *there*, at most `AT_ONCE`, that no matter and no entry of any campaign names."""
    named = {sha256 for (sha256,) in tx.rows(NAMED)}
    doubtful = sorted(set(there) - named)[:AT_ONCE]
    return [sha256 for sha256 in doubtful if tx.row(SAID, sha256=sha256) is None]
