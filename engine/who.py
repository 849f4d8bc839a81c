"""The stamp of who is who: whatever changes persons, posts, delegations or contacts moves it in its own transaction."""

from sqlalchemy import text

from engine.statement import Statement

WHO = "who"
"""The property of the database that every change of who is who moves."""

MOVE_WHO = Statement(
    text("INSERT INTO meta (key, value) VALUES (:key, :value) ON CONFLICT (key) DO UPDATE SET value = excluded.value")
)
