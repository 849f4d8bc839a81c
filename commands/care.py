"""Looking after a database: bring it up to date, see whether everything is in order, verify its record."""

import platform
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commands.backup import COMMANDS
from commands.call import Call
from commands.group import command, group, pass_call
from commands.paper import entry

if TYPE_CHECKING:
    from workflows.workspace import Workspace

LOW_DISK_MB = 200
"""Free space below which the doctor warns. PLACEHOLDER"""


@group("db", help="数据库 · The database.")
def db_() -> None:
    """Hold the commands about the database."""


for _command in COMMANDS:
    db_.add_command(_command)


@db_.command("upgrade", help="升级到本程序的版本 · Bring the database to the schema of this program.")
@pass_call
def upgrade(call: Call) -> None:
    """Upgrade."""
    from engine.schema_version import upgrade as bring_up
    from engine.store import Database

    call.must_exist()
    database = Database(call.db)
    try:
        before, after = bring_up(database)
    finally:
        database.close()
    call.answer(
        {"before": before, "after": after}, lambda: entry(call.word("版本", "schema"), f"{before} → {after}", 12)
    )


@command(
    "doctor", help="体检：数据库、版本、积压、磁盘 · Is everything in order? Exit 8 if the database cannot be used."
)
@pass_call
def doctor_(call: Call) -> None:
    """Examine."""
    call.operator = True
    said = {**_program(), **_database(call), **_campaign(call.workspace)}

    def page() -> None:
        for name, value in said.items():
            entry(name, str(value), 24)

    call.answer(said, page)


def _program() -> dict[str, Any]:
    from commands.versions import told
    from engine.dialect import SAFE_SQLITE, sqlite_version

    version = sqlite_version()
    return {
        "duban": told(),
        "python": platform.python_version(),
        "sqlite": ".".join(map(str, version)),
        "sqlite_wal_reset_fixed": version >= SAFE_SQLITE,
    }


def _database(call: Call) -> dict[str, Any]:
    from engine.dialect import sqlite_file
    from engine.schema_version import HEAD, current

    workspace = call.workspace
    path = sqlite_file(workspace.database.url)
    free_mb = shutil.disk_usage(path.parent if path else Path.cwd()).free // 1_000_000
    return {
        "database": workspace.database.url.render_as_string(hide_password=True),
        "mode": workspace.mode,
        "schema": current(workspace.database),
        "schema_wanted": HEAD,
        "disk_free_mb": free_mb,
        "disk_low": free_mb < LOW_DISK_MB,
    }


def _campaign(workspace: "Workspace") -> dict[str, Any]:
    from engine.clock import rfc3339
    from engine.holding import held_count, standing
    from engine.publishing import get_meta
    from scheduler.turn import Turn
    from scheduler.unreached import unreachable_bodies

    owed = workspace.reader.notices(status="owed")["items"]
    dead = workspace.reader.notices(status="dead")["items"]
    following = Turn(workspace).next_at()
    with workspace.database.snapshot() as tx:
        mode, held = standing(tx, workspace.campaign).mode, held_count(tx, workspace.campaign).total()
        restored = get_meta(tx, "restored")
    return {
        "campaign": workspace.campaign.code,
        "now": rfc3339(workspace.clock.now()),
        "next_due": rfc3339(following) if following else None,
        "notices_owed": len(owed),
        "notices_failing": sum(each["attempts"] > 0 for each in owed),
        "notices_dead": len(dead),
        "unreachable_bodies": unreachable_bodies(workspace),
        "notices_held": held,
        "restored_at": restored,
        "held_mode": f"{mode['why']} {mode['since']} {mode['by']}" if mode else None,
    }
