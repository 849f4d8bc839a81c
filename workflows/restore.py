"""A backup becomes a new database: checked, verified, and in held mode, for it cannot know what was sent after it was made."""

import os
from pathlib import Path
from typing import Any

from engine import schema_version
from engine.clock import rfc3339, to_us
from engine.copying import contents, must_be_new, pour, sound
from engine.dialect import parse_url, sqlite_file
from engine.documents import FileStore
from engine.errors import Conflict, Invalid, VerificationFailed
from engine.history import Line, append, chain_at
from engine.holding import begin_mode
from engine.orders import Actor
from engine.private_files import give_name
from engine.publishing import set_meta
from engine.store import Database
from engine.verifying import verify
from workflows.backup import DATABASE, DOCUMENTS, unpacked, workplace
from workflows.workspace import Workspace, documents_folder, open_workspace, os_name

RESTORED = "restored"
"""The property by which a database knows that it was restored, from what, when and by whom."""


def restore(source: Path, url: str) -> dict[str, Any]:
    """Make a new database at *url* of the backup *source*; return what was found in it.

    Everything is checked before anything is made: the file against its manifest, the database by SQLite's quick check,
    the record by ``audit verify``. Raises Conflict for a database that is there, Invalid for a damaged file,
    VerificationFailed for a record that does not hold.
    """
    if not source.is_file():
        raise Invalid(f"no such file: {source}", "no_file")
    file = sqlite_file(parse_url(url))
    _must_be_free(url, file)
    parent = file.parent if file is not None else source.absolute().parent
    with workplace(parent, ".duban-restore-") as place:
        manifest = unpacked(source, place)
        copy = place / DATABASE
        said = sound(copy)
        if said != "ok":
            raise Invalid(f"{source} is damaged: its database is not sound: {said}", "damaged")
        _bring_up(copy)
        counts = [_prove_and_mark(copy, code, source, manifest) for code in _codes(copy)]
        _put_in_place(place, url, file)
    return {
        "database": url_shown(url), "made_at": manifest["made_at"], "mode": manifest["mode"], "held_mode": True,
        "missing": manifest["missing"], "campaigns": counts, "documents": len(manifest["files"]) - 1,
    }  # fmt: skip


def url_shown(url: str) -> str:
    """A URL without its password."""
    return parse_url(url).render_as_string(hide_password=True)


def _must_be_free(url: str, file: Path | None) -> None:
    if file is not None:
        if not file.parent.is_dir():
            raise Invalid(f"no such folder: {file.parent}", "no_folder")
        beside = [file, *(file.with_name(file.name + end) for end in ("-wal", "-shm", "-journal"))]
        there = next((each for each in beside if os.path.lexists(each)), None)
        if there is not None:
            raise Conflict(
                f"{there} is there already; a backup is restored into a new database: name another --db",
                "database_exists",
            )
        return
    database = Database(url)
    if database.in_memory:
        raise Invalid("a database in memory keeps nothing; name a file: sqlite:///new.db", "in_memory")
    try:
        must_be_new(database)
    finally:
        database.close()


def _bring_up(copy: Path) -> None:
    database = Database(f"sqlite:///{copy}")
    try:
        schema_version.upgrade(database)
    finally:
        database.close()


def _codes(copy: Path) -> list[str]:
    return [each["code"] for each in contents(copy)["campaigns"]]


def _prove_and_mark(copy: Path, code: str, source: Path, manifest: dict[str, Any]) -> dict[str, Any]:
    """Verify one campaign's record, then note in it that it was restored; return what was counted."""
    workspace = open_workspace(f"sqlite:///{copy}", code, documents=FileStore(copy.with_name("documents")))
    try:
        with workspace.database.snapshot() as tx:
            found = verify(tx, workspace.campaign)
        if not found["ok"]:
            first = found["findings"][0]
            raise VerificationFailed(
                f"the record in {source} does not hold: {first['code']} in {first['stream']}: {first['message']} "
                f"({len(found['findings'])} findings)",
                "findings",
            )
        _mark(workspace, manifest)
    finally:
        workspace.close()
    return {"code": code, **{name: found[name] for name in ("streams", "entries", "matters")}}


def _mark(workspace: Workspace, manifest: dict[str, Any]) -> None:
    """Put the campaign into held mode and on record that it was restored, by whom and from what."""
    campaign, now = workspace.campaign, workspace.clock.now()
    actor = Actor("system", f"restore:{os.getuid()}:{os_name()}", key="system")
    more = {
        "text": f"由备份恢复（{manifest['made_at']}）", "backup": next(
            each["sha256"] for each in manifest["files"] if each["name"] == DATABASE
        ), "made_at": manifest["made_at"],
    }  # fmt: skip
    with workspace.database.tx() as tx:
        begin_mode(tx, campaign, os_name(), RESTORED, to_us(now))
        set_meta(tx, RESTORED, rfc3339(now))
        chain = chain_at(tx, campaign.id, campaign.log, f"campaign/{campaign.code}")
        append(tx, chain, Line("comment", actor, to_us(now), to_us(now), trigger=RESTORED, more=more))


def _put_in_place(place: Path, url: str, file: Path | None) -> None:
    """Documents first, under their hashes, then the database: before it is there nothing has been restored."""
    database = Database(url)
    try:
        store = FileStore(documents_folder(database))
        for each in sorted((place / DOCUMENTS).iterdir()):
            store.put(each.read_bytes())
        if file is None:
            pour(place / DATABASE, database)
    finally:
        database.close()
    if file is not None:
        _link(place / DATABASE, file)


def _link(copy: Path, file: Path) -> None:
    """Give the database its name, once it is on the disk."""
    copy.chmod(0o600)
    with copy.open("rb") as written:
        os.fsync(written.fileno())
    try:
        give_name(copy, file)
    except FileExistsError:
        raise Conflict(f"{file} has come to be there meanwhile; nothing was restored", "database_exists") from None
