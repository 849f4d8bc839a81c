"""Reading the record on and on: the entries of many streams, a page at a time, in the room of one page."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, tuple_

from engine.clock import to_us
from engine.history import FOREVER, E
from engine.store import Database, Statement

PAGE = 2_000
"""Entries read at once: some megabytes, and a transaction of some milliseconds. PLACEHOLDER"""

ON = Statement(
    select(E.c.stream, E.c.seq, E.c.record)
    .where(
        E.c.campaign_id == bindparam("campaign_id"),
        tuple_(E.c.stream, E.c.seq) > tuple_(bindparam("stream"), bindparam("seq")),
        E.c.stream.like(bindparam("like")),
        E.c.recorded_at <= bindparam("until"),
    )
    .order_by(E.c.stream, E.c.seq)
    .limit(bindparam("page"))
)


def read_on(
    database: Database, campaign_id: int, beginning: str, until: datetime | None = None, page: int = PAGE
) -> Iterator[dict[str, Any]]:
    """Yield the bodies of all entries whose stream starts with *beginning*, stream by stream, each oldest first.

    What is recorded after *until* is left out. Nothing is ever changed in a stream, so each page may have a transaction of
    its own: a long reading holds nothing up. Private values are not given.
    """
    upto = to_us(until) if until is not None else FOREVER
    stream, seq = "", 0
    while True:
        with database.snapshot() as tx:
            rows = tx.rows(
                ON, campaign_id=campaign_id, stream=stream, seq=seq, like=beginning + "%", until=upto, page=page
            )
        for row in rows:
            if row[0].startswith(beginning):  # for LIKE an underscore is any sign, and for SQLite A is a
                yield json.loads(row[2])
        if len(rows) < page:
            return
        stream, seq = rows[-1][0], rows[-1][1]
