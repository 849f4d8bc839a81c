"""The version of the database: made at once when new, brought up by migrations when old, refused when it does not fit."""

from glob import escape
from pathlib import Path

from sqlalchemy import inspect, text
from sqlmodel import SQLModel

from engine import (
    access_tables,
    log_tables,
    party_tables,
    people_tables,
    search_tables,
    tables,
    vault_tables,
    version_tables,
)
from engine.append_only import append_only, log_rules
from engine.errors import Unavailable
from engine.store import Database

HEAD = "0014"
"""The schema this program serves; a test holds it against the newest migration."""

MIGRATIONS = Path(__file__).parent / "migrations"

KNOWN = (
    tables.Matter,
    people_tables.Person,
    version_tables.CampaignVersion,
    log_tables.LogLeaf,
    party_tables.Party,
    vault_tables.VaultItem,
    search_tables.Amount,
    access_tables.Credential,
)
"""The tables are known to the metadata only once their module is read."""


def create(database: Database) -> bool:
    """Create all tables of a new database in one transaction; return False if there already are some."""
    with database.schema() as connection:
        if inspect(connection).has_table("alembic_version"):
            return False
        SQLModel.metadata.create_all(connection)
        for statement in (*append_only(database.wire.name), *log_rules(database.wire.name)):
            connection.execute(text(statement))
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": HEAD})
    return True


FOR_LOOKING = (
    "ix_matter_board", "ix_matter_updated", "ix_matter_outlook", "ix_entry_at", "ix_deadline_owner", "ix_notice_unread",
    "ix_attachment_matter", "ix_party_body", "ix_amount_value", "ix_deadline_open", "ix_deadline_late", "ix_notice_dead",
    "ix_notice_urge",
)  # fmt: skip
"""Indexes that serve lists, boards and searches, not the moving of anything; each write to their tables pays for them."""

FOR_ASKING = ("ix_notice_todo", "ix_deadline_due", "ix_matter_parent", "ix_notice_digest")
"""Indexes for what a process alone with its database knows without asking: what is due, owed, and whose child."""

FOR_PLAYING = (
    "CREATE INDEX ix_deadline_breached ON deadline (campaign_id) WHERE stopped_at IS NULL AND status = 'breached'",
)
"""An index for what a rehearsal looks at again on each of its days, and a real database once a day."""


def strip(database: Database) -> None:
    """Leave away the indexes that only people's looking needs, and asking: for a database in memory that nobody looks at."""
    with database.schema() as connection:
        for name in (*FOR_LOOKING, *FOR_ASKING):
            connection.execute(text(f"DROP INDEX {name}"))
        for statement in FOR_PLAYING:
            connection.execute(text(statement))


def current(database: Database) -> str | None:
    """The schema version of the database; None if it was never initialised."""
    with database.glance() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        row = connection.execute(text("SELECT version_num FROM alembic_version")).first()
        return str(row[0]) if row else None


def refuse_unfit(database: Database) -> None:
    """Raise Unavailable, saying what to do, unless the database has exactly the schema this program serves."""
    version = current(database)
    if version is None:
        raise Unavailable("this database was not initialised; do: duban init", "not_initialised")
    if version == HEAD:
        return
    if version < HEAD:
        raise Unavailable(
            f"the database is at schema {version}, this program needs {HEAD}; do: duban db upgrade", "schema_old"
        )
    raise Unavailable(
        f"the database is at schema {version}, newer than this program ({HEAD}); use the newer duban", "schema_new"
    )


def upgrade(database: Database) -> tuple[str | None, str]:
    """Bring the database to the schema of this program; return the versions before and after."""
    before = current(database)
    if before is None:
        raise Unavailable("this database was not initialised; do: duban init", "not_initialised")
    if before > HEAD:
        refuse_unfit(database)
    if before != HEAD:
        if not any((MIGRATIONS / "versions").glob(f"{escape(before)}_*.py")):
            raise Unavailable(
                f"the database is at schema {before}, from which this program knows no way; restore a backup of a released "
                "version",
                "schema_unknown",
            )
        _run_migrations(database)
    return before, HEAD


def _run_migrations(database: Database) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.schema() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
