"""A database older than the log: its entries get their places after the upgrade, and nobody is accused."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import world
from production import hire, producing
from test_log import flaws, sequenced

from engine.schema_version import HEAD, current, upgrade
from engine.tokens import token_said
from engine.verifying import Scope, verify
from workflows import first_accounts, launch
from workflows.workspace import Workspace

TABLES = (
    "log_pending",
    "log_leaf",
    "log_node",
    "log_state",
    "log_checkpoint",
    "party",
    "vault_item",
    "vault_request",
    "denial",
)
OLDER = (
    "DROP INDEX ix_matter_outlook",
    "DROP INDEX ix_matter_board",
    "DROP INDEX ix_matter_updated",
    "CREATE INDEX ix_matter_body ON matter (campaign_id, body)",
    *(f"ALTER TABLE matter DROP COLUMN {name}" for name in ("red_at", "yellow_at", "due_at", "awaits")),
    "DROP INDEX ix_deadline_owner",
    "DROP INDEX ix_notice_unread",
    *(
        f"DROP INDEX {name}"
        for name in ("ix_deadline_open", "ix_deadline_late", "ix_notice_held", "ix_notice_dead", "ix_notice_urge")
    ),
    "DROP TABLE saved_view",
    "DROP TABLE proposal",
    "DROP TABLE particulars",
    "DROP TABLE amount",
)
BEFORE_RECOVERY = (
    "DROP TABLE recovery_code",
    "DROP TABLE known_device",
    *(
        f"ALTER TABLE credential DROP COLUMN {name}"
        for name in ("totp_digest", "issued_by", "confirmed_by", "confirmed_at")
    ),
)
"""What takes the codes that recover, and what came with them, out of the tables again."""

LATER = ("credential", "one_time_code", "login_session", "throttle", "grant_proposal", "recovery_code", "known_device")
"""Tables of a later release."""


@pytest.fixture
def old(db_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """A production as the release before the log left it: no table of it, no entry of its own, an account not entered."""
    monkeypatch.setattr(world, "copied", lambda *_: None)  # what others began had the log
    monkeypatch.setattr(launch, "note_in_log", lambda *_: None)
    monkeypatch.setattr(first_accounts, "token_said", lambda *said: token_said(*said[:4], None, None))
    with producing(db_url) as office:
        hire(office, "li.ming", "alpha.head")
        with office.database.tx() as tx:
            office.people.token(tx, "li.ming", 90, office.clock.now())
        gone = [f"DROP TABLE {table}" for table in (*TABLES, *LATER)]
        gone += [f"ALTER TABLE access_token DROP COLUMN {name}" for name in ("scope", "issued_by", "last_used_at")]
        if office.database.wire.name == "sqlite":
            gone.insert(0, "DROP TRIGGER entry_pending")
        else:
            gone[:0] = ["DROP TRIGGER entry_pending ON entry", "DROP FUNCTION duban_pending"]
        gone += OLDER
        for statement in (*gone, "UPDATE alembic_version SET version_num = '0006'"):
            world.sql(office.database, statement)
        yield office


def test_what_was_entered_before_the_log_gets_its_place(old: Workspace, tmp_path: Path) -> None:
    count = len(world.sql(old.database, "select 1 from entry"))

    assert upgrade(old.database) == ("0006", HEAD)

    assert current(old.database) == HEAD
    assert sequenced(old) == count
    assert flaws(old) == []
    with old.database.snapshot() as tx:
        said = verify(tx, old.campaign, Scope(timed=True))
    assert said["findings"] == []
    assert "older_accounts" in {each["code"] for each in said["reservations"]}
    hire(old, "wang.fang", "beta.head")
    sequenced(old)
    assert flaws(old) == []
