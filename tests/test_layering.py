"""The map of the house: who may import whom, which file owns which third party, how long a file may be."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

LAYERS = {
    "engine": {"engine"},
    "workflows": {"engine", "workflows"},
    "scheduler": {"engine", "workflows", "scheduler"},
    "web": {"engine", "workflows", "web"},
    "commands": {"engine", "workflows", "scheduler", "web", "commands", "cli"},
    "cli": {"engine", "workflows", "scheduler", "web", "commands", "cli"},
}
"""Each of our top-level names with those it may import: imports point down only."""

STORAGE = {
    f"engine/{name}"
    for name in (
        "store.py",
        "transaction.py",
        "dialect.py",
        "tables.py",
        "people_tables.py",
        "party_tables.py",
        "parties.py",
        "sight.py",
        "vault.py",
        "vault_desk.py",
        "vault_tables.py",
        "denials.py",
        "viewing.py",
        "search_tables.py",
        "particulars.py",
        "figures.py",
        "filled_posts.py",
        "kept.py",
        "several.py",
        "steady.py",
        "work.py",
        "saved_views.py",
        "access_tables.py",
        "throttle.py",
        "credentials.py",
        "session_rows.py",
        "one_time_codes.py",
        "recovery_codes.py",
        "known_devices.py",
        "tidying.py",
        "vault_keys.py",
        "campaign_proposals.py",
        "proposals.py",
        "version_tables.py",
        "schema_version.py",
        "migrations/",
        "rows.py",  # the statements of the hot path; the others hold those of their own subject
        "history.py",
        "outbox.py",
        "digests.py",
        "holding.py",
        "held_desk.py",
        "calendar_notices.py",
        "changes.py",
        "chores.py",
        "contacts.py",
        "feed_tokens.py",
        "tokens.py",
        "copying.py",
        "firing.py",
        "forecasting.py",
        "gauges.py",
        "holders.py",
        "positions.py",
        "approvals.py",
        "lookout.py",
        "delegating.py",
        "delegations.py",
        "notice_ledger.py",
        "notice_pages.py",
        "foresight.py",
        "deadline_pages.py",
        "log_search.py",
        "people.py",
        "pressing.py",
        "pulse.py",
        "published.py",
        "campaign_proposals.py",
        "proposals.py",
        "publishing.py",
        "reading.py",
        "receipts.py",
        "counterfoils.py",
        "recent.py",
        "looking_at.py",
        "boards.py",
        "lists.py",
        "list_lines.py",
        "lists_past.py",
        "two_days.py",
        "outlook.py",
        "owed_record.py",
        "migrating.py",
        "operators.py",
        "orphans.py",
        "recounting.py",
        "register.py",
        "recount_notices.py",
        "recount_preview.py",
        "scroll.py",
        "repeating.py",
        "dunning.py",
        "roster.py",
        "mirror.py",
        "mirrored_names.py",
        "mirrored_outbox.py",
        "mirrored_properties.py",
        "mirrored_streams.py",
        "stamp.py",
        "statement.py",
        "successors.py",
        "told.py",
        "log_tables.py",
        "sequencing.py",
        "bundles.py",
        "checkpoints.py",
        "log_proofs.py",
        "verify_clocks.py",
        "verifying.py",
        "verify_access.py",
        "verify_accounts.py",
        "verify_affairs.py",
        "verify_definitions.py",
        "verify_entries.py",
        "verify_matters.py",
        "verify_notices.py",
        "verify_parties.py",
        "verify_reach.py",
        "verify_seals.py",
        "verify_strays.py",
        "verify_tree.py",
        "ways.py",
        "who.py",
    )
}

OWNERS = {
    "alembic": {"engine/schema_version.py", "engine/migrations/"},
    "apprise": {"scheduler/services.py"},
    "apscheduler": {"scheduler/heart.py"},
    "chinese_calendar": {"workflows/calendars.py"},
    "click": {"cli.py", "commands/"},
    "fastapi": {"web/"},
    "cryptography": {
        "engine/hashes.py",
        "engine/signed_notes.py",
        "engine/signing_key.py",
        "engine/checkpoints.py",
        "engine/log_keys.py",
        "engine/receipts.py",
        "engine/timestamps.py",
        "engine/sealing_key.py",
        "commands/standalone/",
    },
    "icalendar": {"workflows/feed.py"},
    "jinja2": {"web/console/shell.py"},
    "loguru": {"engine/log.py"},
    "markupsafe": {"web/console/shell.py", "web/qr.py"},
    "rfc3161_client": {"engine/timestamps.py"},
    "psycopg": {"engine/dialect.py"},
    "pydantic": {
        "engine/definition_schema",
        "engine/access_schema",
        "engine/expected",
        "engine/delivery_schema",
        "engine/sign_in_schema",
        "engine/campaign_schema",
        "engine/recurrence_schema",
        "engine/scenario_schema",
        "engine/kin_schema",
        "engine/statute_schema",
        "engine/term_schema",
        "engine/standard_schema",
        "engine/text_schema",
        "engine/form_errors",
        "engine/migration_schema",
        "scheduler/channel_schema",
        "scheduler/people_schema",
        "web/api/",
    },
    "prometheus_client": {"web/api/meters.py"},
    "pwdlib": {"engine/passwords.py"},
    "pyotp": {"engine/second_factor.py"},
    "pysqlite3": {"engine/dialect.py"},
    "rich": {"cli.py", "commands/"},
    "segno": {"web/qr.py"},
    "sqlalchemy": STORAGE,
    "sqlite3": {"engine/dialect.py", "workflows/ocel_sqlite.py", "workflows/scratch.py"},  # for others; beside memory
    "sqlmodel": STORAGE,
    "starlette": {"web/"},
    "transitions": {"engine/leaps.py"},
    "uvicorn": {"web/server.py"},
    "yaml": {"engine/strictyaml.py", "engine/plain_yaml.py"},
}
"""Each third party with the beginnings of the paths that may import it; one that is not here has no owner."""

LONGEST_FILE = 300
"""Lines of a Python file. Beyond it a file has two subjects."""

NAMELESS = {"utils", "util", "helpers", "common", "base", "misc"}
"""Module names that say nothing: a function lives with its noun."""


def python_files(*tops: str) -> list[Path]:
    """List the Python files at and below *tops*, relative to the root."""
    found = [path for top in tops for path in [*ROOT.glob(f"{top}.py"), *ROOT.glob(f"{top}/**/*.py")]]
    return sorted(path.relative_to(ROOT) for path in found)


def our_files() -> list[Path]:
    """List the files that belong to a layer."""
    return python_files(*LAYERS)


def layer(path: Path) -> str:
    """Name the top-level package or module that *path* belongs to."""
    return path.parts[0].removesuffix(".py")


def imports(source: str) -> set[str]:
    """Find the top-level names that *source* imports, wherever in it the import stands."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0] if node.level == 0 else "a relative import")
    return found


def violations(path: Path, source: str) -> list[str]:
    """Say for each import in *source* at *path* that the map does not allow why not."""
    flaws = []
    for name in sorted(imports(source)):
        if name in LAYERS:
            if name not in LAYERS[layer(path)]:
                flaws.append(f"{path} imports {name}, which lies above it")
        elif name in OWNERS:
            if not any(path.as_posix().startswith(owner) for owner in OWNERS[name]):
                flaws.append(f"{path} imports {name}, which belongs to {', '.join(sorted(OWNERS[name]))}")
        elif name not in sys.stdlib_module_names:
            flaws.append(f"{path} imports {name}, which has no owner in tests/test_layering.py")
    return flaws


def test_the_map_covers_files_in_every_layer() -> None:
    assert {layer(path) for path in our_files()} == set(LAYERS)


def test_every_import_is_on_the_map() -> None:
    flaws = [flaw for path in our_files() for flaw in violations(path, (ROOT / path).read_text("utf-8"))]

    assert flaws == []


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("engine/order.py", "import workflows.baodi"),
        ("engine/order.py", "def late():\n    from scheduler import heart"),
        ("workflows/predicates.py", "from commands.matter import show"),
        ("scheduler/heart.py", "import cli"),
        ("scheduler/node.py", "from web.app import app_of"),
        ("web/app.py", "from scheduler.turn import Turn"),
        ("engine/order.py", "from sqlalchemy.orm import Session"),
        ("commands/matter.py", "import sqlite3"),
        ("engine/order.py", "import requests"),
        ("engine/order.py", "from . import machine"),
    ],
)
def test_an_import_off_the_map_is_found(path: str, source: str) -> None:
    assert len(violations(Path(path), source)) == 1


def test_an_owner_may_import_what_is_its_own() -> None:
    source = "import json\nfrom sqlalchemy import select\nfrom engine.errors import Refusal"

    assert violations(Path("engine/rows.py"), source) == []


def test_no_file_is_longer_than_300_lines() -> None:
    lengths = {
        str(path): len((ROOT / path).read_text("utf-8").splitlines())
        for path in [*our_files(), *python_files("tests", "bench")]
    }

    assert {path: lines for path, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_every_module_has_a_name_that_says_something() -> None:
    assert [str(path) for path in our_files() if NAMELESS & {*path.parts[:-1], path.stem}] == []
