"""The floor: hand-written SQL on the raw driver for the rows of one advance, with values made beforehand.

No machine, no guard, no JSON, no hash: the text of the entry, the hash and the notice are copies of real ones.
What is left is what any program must do to put the same rows into the same tables.
"""

import contextlib
import itertools
import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bench.laps import REMARK, Run, Share
from engine.dialect import parse_url, sqlite3
from engine.orders import Do
from workflows.workspace import open_workspace

MATTER = (
    "SELECT id, campaign_id, definition_id, kind, ref, year, number, body, title, parent_id, state, stage, closed, "
    "version, seq, head, data, opened_at, updated_at FROM matter WHERE campaign_id = ? AND ref = ?"
)
DEADLINES = (
    "SELECT id, campaign_id, definition_id, matter_id, code, owner_body, status, started_at, armed_at, last_day, "
    "breach_at, yellow_at, provisional, paused_at, stopped_at, breached_at, extensions, epoch, rung, next_fire_at, "
    "moves, opened_seq, closed_seq, counted FROM deadline WHERE matter_id = "
    "(SELECT id FROM matter WHERE campaign_id = ? AND ref = ?) AND stopped_at IS NULL AND code >= ''"
)
"""The clocks that run, by their narrow index, as the engine reads them."""

MOVE = (
    "UPDATE matter SET state = ?, stage = ?, closed = ?, version = ?, seq = ?, head = ?, data = ?, updated_at = ?, "
    "red_at = ?, yellow_at = ?, due_at = ?, awaits = ? WHERE id = ? AND seq = ?"
)
ENTER = (
    "INSERT INTO entry (campaign_id, stream, seq, kind, trigger, src, dst, actor, occurred_at, recorded_at, request_id, "
    "request_mark, record, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
STOP = (
    "UPDATE deadline SET status = ?, started_at = ?, armed_at = ?, last_day = ?, breach_at = ?, yellow_at = ?, "
    "provisional = ?, paused_at = ?, stopped_at = ?, breached_at = ?, extensions = ?, epoch = ?, rung = ?, "
    "next_fire_at = ?, moves = ?, closed_seq = ?, counted = ? WHERE id = ?"
)
START = (
    "INSERT INTO deadline (id, campaign_id, definition_id, matter_id, code, owner_body, status, started_at, armed_at, "
    "last_day, breach_at, yellow_at, provisional, paused_at, stopped_at, breached_at, extensions, epoch, rung, "
    "next_fire_at, moves, opened_seq, closed_seq, counted) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
OWE = (
    "INSERT INTO notice (id, campaign_id, ref, deadline_id, kind, level, recipient, body, channel, planned_at, "
    "effective_at, sent_at, acknowledged_at, status, subject, text, dedup, entry_seq, attempts, next_try_at, "
    "lease_until, worker, last_error, urgent, digest_id, items, released_at, acknowledged_by, acknowledged_auth) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
DESCRIBE = "UPDATE particulars SET words = ?, personal = ?, marks = ? WHERE matter_id = ?"
WRITES = (MOVE, DESCRIBE, ENTER, STOP, START, OWE)
CTE = (
    f"WITH moved AS ({MOVE} RETURNING 1), described AS ({DESCRIBE}), entered AS ({ENTER}), stopped AS ({STOP}), "
    f"started AS ({START}), owed AS ({OWE}) SELECT count(*) FROM moved"
)

SQLITE_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "cache_size=-16000", "busy_timeout=10000")

CAMPAIGN_ID = "SELECT id FROM campaign"


@dataclass(frozen=True)
class Pattern:
    """The rows of one real advance, as tuples in the order of the tables' columns.

    *outlook* are the last four of the matter, *said* what is put down of it for searching.
    """

    entry: tuple[Any, ...]
    deadline: tuple[Any, ...]
    notice: tuple[Any, ...]
    outlook: tuple[Any, ...]
    said: tuple[Any, ...]


def patterns(url: str, ref: str) -> dict[str, Pattern]:
    """Make one lap with *ref* through the engine and copy the rows it left, by trigger."""
    workspace = open_workspace(url)
    found = {}
    for trigger in ("go", "come_back"):
        order = Do(ref=ref, trigger=trigger, facts={"remark": REMARK})
        outcome = workspace.engine.execute(order, workspace.actor("alpha.liaison"))
        with workspace.database.snapshot() as tx:
            from sqlalchemy import text

            stream, seq = f"matter/{ref}", outcome.matter.seq
            entry = tx.select(text(f"SELECT * FROM entry WHERE stream = '{stream}' AND seq = {seq}"))
            deadline = tx.select(
                text(f"SELECT * FROM deadline WHERE opened_seq = {seq} AND matter_id = {outcome.matter.id}")
            )
            notice = tx.select(text(f"SELECT * FROM notice WHERE ref = '{ref}' AND entry_seq = {seq}"))
            outlook = tx.select(
                text(f"SELECT red_at, yellow_at, due_at, awaits FROM matter WHERE id = {outcome.matter.id}")
            )
            said = tx.select(
                text(f"SELECT words, personal, marks FROM particulars WHERE matter_id = {outcome.matter.id}")
            )
        found[trigger] = Pattern(*(tuple(rows[0]) for rows in (entry, deadline, notice, outlook, said)))
    workspace.close()
    return found


class Writer:
    """The six rows of an advance, from the rows that were read and the pattern."""

    def __init__(self, found: dict[str, Pattern], share: Share) -> None:
        self._patterns = found
        self._share = share
        self._ids = itertools.count(secrets.randbits(40) << 22)
        self._done = 0

    def next(self) -> tuple[str, str]:
        ref, trigger = self._share.step(self._done)
        self._done += 1
        return ref, trigger

    def values(
        self, ref: str, trigger: str, matter: Sequence[Any], clocks: Sequence[Sequence[Any]]
    ) -> list[tuple[Any, ...]]:
        pattern, seq, ids = self._patterns[trigger], matter[14] + 1, self._ids
        entry, clock, notice = pattern.entry, pattern.deadline, pattern.notice
        old = next(row for row in clocks if row[14] is None)
        now, state = entry[9], entry[6]
        return [
            (state, state, 0, matter[13] + 1, seq, entry[13], matter[16], now, *pattern.outlook, matter[0], matter[14]),
            (*pattern.said, matter[0]),
            (matter[1], "matter/" + ref, seq, *entry[3:]),
            ("met", *old[7:14], now, old[15], old[16], old[17], old[18], None, old[20], seq, old[23], old[0]),
            (next(ids), matter[1], matter[2], matter[0], *clock[4:21], seq, None, clock[23]),
            (next(ids), matter[1], ref, *notice[3:16], f"{ref}:{seq}:{notice[6]}", seq, *notice[18:]),
        ]


@dataclass(frozen=True)
class SqliteFloor:
    """Hand-written statements on `sqlite3`; *gate* is a fair queue of threads, free when there is only one."""

    url: str
    found: dict[str, Pattern]
    bulk: int = 1

    def open(self) -> Any:
        return threading.Lock()

    def worker(self, gate: Any, share: Share) -> Run:
        connection = sqlite3.connect(parse_url(self.url).database, isolation_level=None, check_same_thread=False)
        for pragma in SQLITE_PRAGMAS:
            connection.execute("PRAGMA " + pragma)
        campaign = connection.execute(CAMPAIGN_ID).fetchone()[0]
        writer = Writer(self.found, share)

        def run(times: int) -> None:
            for _ in range(times // self.bulk):
                with gate:
                    connection.execute("BEGIN IMMEDIATE")
                    for _ in range(self.bulk):
                        ref, trigger = writer.next()
                        matter = connection.execute(MATTER, (campaign, ref)).fetchone()
                        clocks = connection.execute(DEADLINES, (campaign, ref)).fetchall()
                        for sql, row in zip(WRITES, writer.values(ref, trigger, matter, clocks), strict=True):
                            connection.execute(sql, row)
                    connection.execute("COMMIT")

        return run


@dataclass(frozen=True)
class PostgresFloor:
    """Hand-written statements on psycopg, sent one after the other; or *cte*: one statement, one round trip, no read."""

    url: str
    found: dict[str, Pattern]
    bulk: int = 1
    cte: bool = False

    def open(self) -> Any:
        return contextlib.nullcontext()

    def worker(self, _: Any, share: Share) -> Run:
        import psycopg

        url = parse_url(self.url)
        connection = psycopg.connect(host=str(url.query["host"]), user="postgres", dbname=url.database, autocommit=True)
        campaign = connection.execute(CAMPAIGN_ID).fetchone()[0]  # type: ignore[index]
        writer = Writer(self.found, share)
        return (
            self._in_one(connection, campaign, writer) if self.cte else self._one_by_one(connection, campaign, writer)
        )

    def _one_by_one(self, connection: Any, campaign: int, writer: Writer) -> Run:
        lock, clock, *writes = (sql.replace("?", "%s") for sql in (MATTER + " FOR NO KEY UPDATE", DEADLINES, *WRITES))

        def run(times: int) -> None:
            for _ in range(times // self.bulk):
                connection.execute("BEGIN")
                for _ in range(self.bulk):
                    ref, trigger = writer.next()
                    matter = connection.execute(lock, (campaign, ref)).fetchone()
                    clocks = connection.execute(clock, (campaign, ref)).fetchall()
                    for sql, row in zip(writes, writer.values(ref, trigger, matter, clocks), strict=True):
                        connection.execute(sql, row)
                connection.execute("COMMIT")

        return run

    def _in_one(self, connection: Any, campaign: int, writer: Writer) -> Run:
        matters: dict[str, list[Any]] = {}
        clocks: dict[str, tuple[Any, ...]] = {}
        sql = CTE.replace("?", "%s")
        read, read_clocks = (text.replace("?", "%s") for text in (MATTER, DEADLINES))

        def prepare(ref: str) -> None:
            matters[ref] = list(connection.execute(read, (campaign, ref)).fetchone())
            (clocks[ref],) = connection.execute(read_clocks, (campaign, ref)).fetchall()

        for number in range(writer._share.matters):  # what a program that has just read them would know
            prepare(writer._share.step(number)[0])

        def run(times: int) -> None:
            for _ in range(times):
                ref, trigger = writer.next()
                rows = writer.values(ref, trigger, matters[ref], [clocks[ref]])
                connection.execute(sql, [value for row in rows for value in row])
                matters[ref][13:15] = rows[0][3:5]
                clocks[ref] = rows[4]

        return run


Floor = Callable[..., Any]
