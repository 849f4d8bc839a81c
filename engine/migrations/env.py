"""Alembic's way in: migrations run on the connection that the store hands over, in its transaction."""

from typing import Any, Literal

from alembic import context
from sqlmodel import SQLModel

from engine import log_tables, party_tables, people_tables, tables, vault_tables

KNOWN = (tables.Matter, people_tables.Person, log_tables.LogLeaf, party_tables.Party, vault_tables.VaultItem)
"""The tables are known to the metadata only once their module is read."""


def render_item(kind: str, item: Any, _autogen: Any) -> str | Literal[False]:
    """Write our instant type as what it is in the database."""
    return "sa.BigInteger()" if kind == "type" and isinstance(item, tables.Instant) else False


def run() -> None:
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        render_item=render_item,
        compare_type=True,
        transactional_ddl=False,
    )
    context.run_migrations()


run()
