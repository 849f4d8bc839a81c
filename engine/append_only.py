"""What the databases themselves keep to: history is append-only, and every new entry waits for its place in the log."""

SQLITE_APPEND_ONLY = tuple(
    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
    f"BEGIN SELECT RAISE(ABORT, 'history is append-only'); END"
    for table in ("entry", "firing")
    for verb in ("UPDATE", "DELETE")
)
POSTGRES_APPEND_ONLY = (
    "CREATE FUNCTION duban_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$BEGIN RAISE EXCEPTION 'history is append-only'; END$$",
    *(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION duban_append_only()"
        for table in ("entry", "firing")
    ),
)


def append_only(dialect: str) -> tuple[str, ...]:
    """The statements that make the history append-only in the database itself."""
    return SQLITE_APPEND_ONLY if dialect == "sqlite" else POSTGRES_APPEND_ONLY


_KEPT = ("log_leaf", "log_node", "log_checkpoint")

SQLITE_LOG = (
    "CREATE TRIGGER entry_pending AFTER INSERT ON entry BEGIN INSERT INTO log_pending (campaign_id, stream, seq, hash) "
    "VALUES (NEW.campaign_id, NEW.stream, NEW.seq, NEW.hash); END",
    *(
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, 'history is append-only'); END"
        for table in _KEPT
        for verb in ("UPDATE", "DELETE")
    ),
)
POSTGRES_LOG = (
    "CREATE FUNCTION duban_pending() RETURNS trigger LANGUAGE plpgsql AS "
    "$$BEGIN INSERT INTO log_pending (campaign_id, stream, seq, hash) "
    "SELECT campaign_id, stream, seq, hash FROM made; RETURN NULL; END$$",
    "CREATE TRIGGER entry_pending AFTER INSERT ON entry REFERENCING NEW TABLE AS made "
    "FOR EACH STATEMENT EXECUTE FUNCTION duban_pending()",
    *(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION duban_append_only()"
        for table in _KEPT
    ),
)


def log_rules(dialect: str) -> tuple[str, ...]:
    """The statements that let the database itself note every new entry for the log, whoever writes it."""
    return SQLITE_LOG if dialect == "sqlite" else POSTGRES_LOG
