"""Who asks for what is not his: counted by person and hour, and put on record at the 1st, 10th, 100th … time."""

from sqlalchemy import bindparam, insert, select, update

from engine.clock import to_us
from engine.errors import DubanError, Forbidden, NotFound, Unseen
from engine.history import Line, append, chain_at
from engine.orders import Actor
from engine.party_tables import Denial
from engine.service import Engine
from engine.store import Statement, Tx
from engine.tables import table_of

W = table_of(Denial)

HOUR_US = 3_600_000_000

_WHICH = {"campaign_id": W.c.campaign_id, "login": W.c.login, "hour": W.c.hour, "what": W.c.what}
COUNT = Statement(select(W.c.times).where(*(column == bindparam(name) for name, column in _WHICH.items())))
ADD = Statement(insert(W), [column.name for column in W.columns])
AGAIN = Statement(
    update(W)
    .where(*(column == bindparam(f"b_{name}") for name, column in _WHICH.items()))
    .values(times=bindparam("new"))
)


def kind_of(error: BaseException) -> str | None:
    """What of a refusal is counted: ``foreign`` for another's matter, ``function`` for a function one has not; else None.

    ``unknown`` is a matter that is not there: it costs the same work, or the time of an answer would tell which are.
    """
    if isinstance(error, NotFound) and error.code == "no_matter":
        return "foreign" if isinstance(error, Unseen) else "unknown"
    return (
        "function" if isinstance(error, Forbidden) and any(each.kind == "function" for each in error.reasons) else None
    )


def note_denial(engine: Engine, actor: Actor, error: DubanError) -> None:
    """Count *error* for *actor*; the entry in the stream ``denials/LOGIN`` says how often in this hour, not what was asked."""
    what = kind_of(error)
    if what is None:
        return
    now_us = to_us(engine.clock.now())
    where = {"campaign_id": engine.campaign.id, "login": actor.login, "hour": now_us // HOUR_US, "what": what}

    def work(tx: Tx) -> None:
        row = tx.row(COUNT, **where)
        times = (row[0] if row else 0) + 1
        if row is None:
            tx.write(ADD, {**where, "times": times})
        else:
            tx.write(AGAIN, {**{f"b_{name}": value for name, value in where.items()}, "new": times})
        if set(str(times)[1:]) <= {"0"} and str(times)[0] == "1":
            chain = chain_at(tx, engine.campaign.id, engine.campaign.log, f"denials/{actor.login}")
            more = {"denial": {"what": what, "times": times}}
            append(tx, chain, Line("denied", actor, now_us, now_us, trigger=what, more=more))

    engine.in_transaction(work)
