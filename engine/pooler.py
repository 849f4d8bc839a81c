"""A session with PostgreSQL: what it is set to, also where a pooler hands each transaction to another one.

Behind a pooler (PgBouncer and its like) nothing lasts that belongs to a session: a statement prepared under a name is missing
in the next transaction, or, worse, the name means another process's statement there; what was set is gone, or is left to a
stranger. So nothing is prepared under a name, and what is set for a session is set in each transaction, for it alone.
"""

from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.pool import NullPool

from engine.errors import Invalid

LIMITS = {"idle_in_transaction_session_timeout": "15s", "lock_timeout": "10s", "statement_timeout": "60s"}
"""Set for each of our sessions, not left to the server: a half-open session would block a retry for minutes."""

OPTIONS = " ".join(
    f"-c {name}={value}"
    for name, value in (*LIMITS.items(), ("timezone", "UTC"), ("default_transaction_isolation", "read\\ committed"))
)
"""The same and what is otherwise the server's own, as a session of ours begins with it. Instants are numbers: no zone matters."""

TRANSACTION_LIMIT_MS = 60_000
"""The longest a transaction may take where the server can end it (PostgreSQL 17 and newer). PLACEHOLDER

The limit on idle sessions counts each pause for itself: a process that asks a little now and then would hold its matter
for ever.
"""

FIRST_WITH_TRANSACTION_LIMIT = 170_000
"""The first PostgreSQL that knows transaction_timeout."""

POOLED = "pooled"
"""In the query of a database's URL: ``yes`` if there is a pooler in any case, ``auto`` (as without it) if it is looked for."""

REFUSED = "unsupported startup parameter"
"""How PgBouncer refuses a session that wants settings of its own. Source: PgBouncer 1.18 and 1.24, seen."""


def told(url: URL) -> bool:
    """Whether the URL says that there is a pooler. Raises Invalid for another word than those it may say."""
    said = url.query.get(POOLED, "auto")
    if said not in ("yes", "auto"):
        raise Invalid(f"not a way to a database: {POOLED}={said}; use {POOLED}=yes or leave it away", "url")
    return said == "yes"


class Sessions:
    """The sessions with the database of one URL. *pooled*: there is a pooler, as far as the sessions so far have shown."""

    def __init__(self, url: URL) -> None:
        self.pooled = told(url)

    def engine(self, url: URL) -> Engine:
        """What opens them."""
        arguments = {
            "connect_timeout": 5, "options": OPTIONS, "application_name": "duban", "keepalives_idle": 10,
            "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 15_000, "autocommit": True,
        }  # fmt: skip
        ours = url.difference_update_query([POOLED])
        engine = create_engine(ours, paramstyle="format", poolclass=NullPool, connect_args=arguments)
        event.listen(engine, "do_connect", self._open)
        return engine

    def _open(self, dialect: Any, _: Any, words: Any, said: dict[str, Any]) -> Any:
        """Open one, as one behind a pooler if it is found to be."""
        if not self.pooled:
            try:
                return self._looked_at(dialect.connect(*words, **said))
            except dialect.loaded_dbapi.OperationalError as error:
                if REFUSED not in str(error):
                    raise
            self.pooled = True
        plain = {name: value for name, value in said.items() if name != "options"}
        return nameless(dialect.connect(*words, **plain))

    def _looked_at(self, connection: Any) -> Any:
        """A pooler tells a client another number than that of the server's process, which is not the client's own."""
        connection.autocommit = True
        ((process,),) = connection.execute("SELECT pg_backend_pid()", prepare=False).fetchall()
        if process == connection.info.backend_pid:
            return connection
        self.pooled = True
        return nameless(connection)


def nameless(connection: Any) -> Any:
    """Let neither the driver nor us (engine/postgres_hand.py) prepare anything under a name on this connection."""
    connection.prepare_threshold = None
    return connection


def is_pooled(connection: Any) -> bool:
    """Whether it was found to be behind a pooler when it was opened."""
    return connection.prepare_threshold is None


def limited(connection: Any) -> bool:
    """Whether its server can end a transaction that takes too long."""
    return bool(connection.info.server_version >= FIRST_WITH_TRANSACTION_LIMIT)


def set_in_each(connection: Any) -> list[str]:
    """What is said at the beginning of each transaction, since the session does not keep it; nothing if it does."""
    if not is_pooled(connection):
        return []
    found = [f"SET LOCAL {name} = '{value}'" for name, value in LIMITS.items()]
    return [*found, f"SET LOCAL transaction_timeout = {TRANSACTION_LIMIT_MS}"] if limited(connection) else found
