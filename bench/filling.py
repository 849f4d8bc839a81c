"""A campaign of very many matters: a real one played to its middle by typical people, then copied in a few statements."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from bench.places import ROOT
from engine.outlook import NEVER
from engine.store import Database

DAY = 86_400_000_000

TOLD = 8
"""Of so many copies one has its notices and its history too."""

KINDS = "('case', 'penalty', 'lead')"
"""What is copied: what a campaign has many of."""

PAST = f"((k % 30) * {DAY})"
"""Microseconds by which a copy is older."""

MATTER = (
    "INSERT INTO matter SELECT -(o.rank + k * {many}), m.campaign_id, definition_id, kind, ref || '-' || k, NULL, NULL, "
    "body, title, NULL, state, stage, closed, version, seq, head, data, opened_at - {past}, updated_at, "
    "CASE WHEN red_at >= {never} THEN red_at ELSE red_at - {past} END, "
    "CASE WHEN yellow_at >= {never} THEN yellow_at ELSE yellow_at - {past} END, due_at - {past}, awaits "
    "FROM copy CROSS JOIN origin o JOIN matter m ON m.id = o.id ORDER BY 1"
)
DEADLINE = (
    "INSERT INTO deadline SELECT -(c.rank + k * {clocks}), d.campaign_id, definition_id, "
    "-(o.rank + k * {many}), code, owner_body, CASE WHEN status = 'running' AND breach_at - {past} <= {now} "
    "THEN 'breached' ELSE status END, started_at - {past}, armed_at, last_day, breach_at - {past}, "
    "yellow_at - {past}, provisional, paused_at, stopped_at, "
    "CASE WHEN status = 'running' AND breach_at - {past} <= {now} THEN breach_at - {past} ELSE breached_at END, "
    "extensions, epoch, rung, NULL, moves, "
    "opened_seq, closed_seq, counted "
    "FROM copy CROSS JOIN clock c JOIN deadline d ON d.id = c.id JOIN origin o ON o.id = d.matter_id ORDER BY 1"
)
ABOUT = (
    "INSERT INTO particulars SELECT -(o.rank + k * {many}), p.campaign_id, words, personal, marks "
    "FROM copy CROSS JOIN origin o JOIN particulars p ON p.matter_id = o.id ORDER BY 1"
)
AMOUNT = (
    "INSERT INTO amount SELECT -(o.rank + k * {many}), a.campaign_id, fact, value + k "
    "FROM copy CROSS JOIN origin o JOIN amount a ON a.matter_id = o.id ORDER BY 1"
)
PARTY = (
    "INSERT INTO party (matter_id, body, campaign_id) SELECT -(o.rank + k * {many}), body, campaign_id "
    "FROM copy CROSS JOIN origin o JOIN party a ON a.matter_id = o.id ORDER BY 1"
)
ENTRY = (
    "INSERT INTO entry SELECT e.campaign_id, e.stream || '-' || k, e.seq, e.kind, e.trigger, e.src, e.dst, e.actor, "
    "e.occurred_at - {past}, e.recorded_at - {past}, NULL, NULL, e.record, e.hash "
    "FROM copy CROSS JOIN origin o JOIN matter m ON m.id = o.id JOIN entry e ON e.campaign_id = m.campaign_id "
    "AND e.stream IN ('matter/' || m.ref, 'notices/' || m.ref) WHERE k % {told} = 0"
)
NOTICES = (
    "status", "acknowledged_at", "id", "ref", "dedup", "deadline_id", "digest_id", "effective_at", "planned_at", "sent_at",
)  # fmt: skip
NOTICE = (
    "INSERT INTO notice ({columns}, status, acknowledged_at, id, ref, dedup, deadline_id, digest_id, effective_at, "
    "planned_at, sent_at) SELECT {read}, "
    "CASE WHEN k % 160 = 0 AND w.rank % 50 = 0 THEN 'dead' WHEN k % 80 = 0 THEN n.status ELSE 'acknowledged' END, "
    "n.sent_at, -(w.rank + k * {notices}), n.ref || '-' || k, n.dedup || '-' || k, "
    "NULL, NULL, n.effective_at - {past}, n.planned_at - {past}, n.sent_at - {past} "
    "FROM copy CROSS JOIN word w JOIN notice n ON n.id = w.id WHERE k % {told} = 0 ORDER BY -(w.rank + k * {notices})"
)

ASIDE = (
    f"CREATE TABLE origin AS SELECT id, row_number() OVER (ORDER BY id) AS rank FROM matter WHERE kind IN {KINDS}",
    "CREATE TABLE clock AS SELECT d.id, row_number() OVER (ORDER BY d.id) AS rank FROM deadline d JOIN origin o "
    "ON o.id = d.matter_id",
    "CREATE TABLE word AS SELECT n.id, row_number() OVER (ORDER BY n.id) AS rank FROM notice n JOIN matter m "
    "ON m.ref = n.ref JOIN origin o ON o.id = m.id",
)
COPIES = (
    "CREATE TABLE copy AS WITH RECURSIVE c(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM c WHERE k < {copies}) "
    "SELECT k FROM c"
)


def played(url: str, cases: int) -> None:
    """Play the campaign to its middle with typical people, and serve nothing meanwhile."""
    play = ["up", "--no-web", "--speed", "0", "--cases", str(cases), "--until", "2011-01-20"]
    for arguments in (["init", "--rehearsal"], play):
        command = [sys.executable, str(ROOT / "cli.py"), "--db", url, *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "DUBAN_STATE": "/tmp"})


def fill(url: str, matters: int, cases: int) -> None:
    """Copy what was played until there are *matters* of them. The copies' entries have no place in the log."""
    played(url, cases)
    database = Database(url)
    with database.glance() as connection:
        sqlite = connection.dialect.name == "sqlite"
        if sqlite:
            connection.exec_driver_sql("PRAGMA synchronous=OFF")
            connection.exec_driver_sql("PRAGMA cache_size=-200000")
        with unguarded(connection, sqlite=sqlite):
            copied(connection, matters)
        connection.commit()
        connection.exec_driver_sql("ANALYZE")
        connection.commit()
        if sqlite:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def copied(connection: Connection, matters: int) -> None:
    """Write the copies, one statement a table."""
    for statement in ASIDE:
        connection.exec_driver_sql(statement)
    for name in ("origin", "clock", "word"):
        connection.exec_driver_sql(f"CREATE UNIQUE INDEX ix_bench_{name} ON {name} (id)")
    many, clocks, notices = (
        connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one() for name in ("origin", "clock", "word")
    )
    connection.exec_driver_sql(COPIES.format(copies=max(1, matters // many)))
    from engine.rows import N

    now = connection.exec_driver_sql("SELECT max(recorded_at) FROM entry").scalar_one()
    columns = [each.name for each in N.c if each.name not in NOTICES]
    said = {
        "many": many, "clocks": clocks, "notices": notices, "past": PAST, "never": NEVER, "now": now, "told": TOLD,
        "columns": ", ".join(columns), "read": ", ".join(f"n.{each}" for each in columns),
    }  # fmt: skip
    for sql in (MATTER, DEADLINE, ABOUT, AMOUNT, PARTY, ENTRY, NOTICE):
        connection.exec_driver_sql(
            sql.format(**said).replace("%", "%%" if connection.dialect.name != "sqlite" else "%")
        )


@contextmanager
def unguarded(connection: Connection, *, sqlite: bool) -> Iterator[None]:
    """Let entries come without a place that waits in the log."""
    name = "entry_pending"
    if not sqlite:
        connection.exec_driver_sql(f"ALTER TABLE entry DISABLE TRIGGER {name}")
        yield
        connection.exec_driver_sql(f"ALTER TABLE entry ENABLE TRIGGER {name}")
        return
    made = connection.exec_driver_sql(f"SELECT sql FROM sqlite_master WHERE name = '{name}'").scalar_one()
    connection.exec_driver_sql(f"DROP TRIGGER {name}")
    yield
    connection.exec_driver_sql(made)
