"""What a database holds of definitions and campaigns: published once, identified by their hash, never changed."""

import secrets
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update

from engine.campaign import Campaign, Machines, parts_of
from engine.campaign_schema import CampaignDoc
from engine.clock import from_us, rfc3339, to_us
from engine.definition import Definition, restore_definition
from engine.errors import Conflict, Unavailable, Usage
from engine.ids import new_id
from engine.machine import Compiled
from engine.standards import Standards
from engine.store import Statement, Tx
from engine.tables import CampaignRow, DefinitionVersion, Meta, table_of
from engine.texts import Texts
from engine.workdays import WorkCalendar

V, C, K = table_of(DefinitionVersion), table_of(CampaignRow), table_of(Meta)

FIND_VERSION = Statement(
    select(V.c.id, V.c.digest).where(V.c.kind == bindparam("kind"), V.c.version == bindparam("version"))
)
ADD_VERSION = Statement(insert(V), [column.name for column in V.columns])
FIND_CAMPAIGN = Statement(select(C.c.id, C.c.digest, C.c.doc).where(C.c.code == bindparam("code")))
ADD_CAMPAIGN = Statement(insert(C), [column.name for column in C.columns])
CAMPAIGNS = Statement(select(C.c.id, C.c.code, C.c.doc).order_by(C.c.code))
VERSIONS = Statement(select(V.c.id, V.c.kind, V.c.version, V.c.digest, V.c.doc))
GET_META = Statement(select(K.c.value).where(K.c.key == bindparam("key")))
LOCK_META = Statement(select(K.c.value).where(K.c.key == bindparam("key")), lock="lock_matter")
ADD_META = Statement(insert(K), ["key", "value"])
SET_META = Statement(update(K).where(K.c.key == bindparam("b_key")).values(value=bindparam("value")))


def get_meta(tx: Tx, key: str) -> str | None:
    """What the database says of itself under *key*."""
    row = tx.row(GET_META, key=key)
    return str(row[0]) if row else None


def set_meta(tx: Tx, key: str, value: str) -> None:
    """Set one property of the database."""
    if get_meta(tx, key) is None:
        tx.write(ADD_META, {"key": key, "value": value})
    else:
        tx.write(SET_META, {"b_key": key, "value": value})


def establish(tx: Tx, mode: str, clock: datetime | None, channel: str) -> None:
    """Make a new database what it is for ever: its identity, its mode, and a rehearsal's clock. Raises Conflict if it is another."""
    was = get_meta(tx, "mode")
    if was is None:
        set_meta(tx, "identity", secrets.token_hex(8))
        set_meta(tx, "mode", mode)
        set_meta(tx, "channel", channel)
        if clock is not None:
            set_meta(tx, "clock", rfc3339(clock))
    elif was != mode:
        raise Conflict(f"this database is a {was} database for ever; use another --db for {mode}", "mode")


def stored_clock(tx: Tx) -> datetime:
    """The virtual instant at which a rehearsal stands."""
    return datetime.fromisoformat(get_meta(tx, "clock") or rfc3339(from_us(0)))


def forward_clock(tx: Tx, at: datetime) -> datetime:
    """Move the virtual clock of all to *at* unless it stands later already; return where it stands, locked until the end."""
    row = tx.row(LOCK_META, key="clock")
    stands = max(at, datetime.fromisoformat(row[0])) if row else at
    set_meta(tx, "clock", rfc3339(stands))
    return stands


def publish(tx: Tx, definition: Definition, by: str, now: datetime) -> int:
    """Publish a definition and return its id; the same content again is no change. Raises Conflict for other content."""
    doc = definition.doc
    found = tx.row(FIND_VERSION, kind=doc.kind, version=doc.version)
    if found is not None:
        if found[1] != definition.digest:
            raise Conflict(
                f"{doc.kind}@{doc.version} is already published with other content; give the change a new version",
                "published",
            )
        return int(found[0])
    ident = new_id()
    values = {
        "id": ident, "kind": doc.kind, "version": doc.version, "digest": definition.digest,
        "doc": doc.model_dump_json(by_alias=True, exclude_defaults=True), "source": definition.text,
        "published_at": to_us(now), "published_by": by,
    }  # fmt: skip
    tx.write(ADD_VERSION, values)
    return ident


def store_campaign(tx: Tx, doc: CampaignDoc, source: str, digest: str, now: datetime) -> tuple[int, bool]:
    """Store a campaign; return its id and whether it is new. Raises Conflict if it is there with other content."""
    found = tx.row(FIND_CAMPAIGN, code=doc.code)
    if found is not None:
        if found[1] != digest:
            raise Conflict(
                f"the campaign {doc.code} is already open with other content; give the new one a code of its own, "
                "or change the open one: duban campaign amend FILE",
                "campaign",
            )
        return int(found[0]), False
    ident = new_id()
    values = {
        "id": ident, "code": doc.code, "doc": doc.model_dump_json(by_alias=True, exclude_defaults=True), "source": source,
        "digest": digest, "opened_at": to_us(now),
    }  # fmt: skip
    tx.write(ADD_CAMPAIGN, values)
    return ident, True


def choose(tx: Tx, code: str | None) -> tuple[int, CampaignDoc]:
    """The campaign *code*, or the only one. Raises Usage if it must be named, Unavailable if there is none."""
    rows = tx.rows(CAMPAIGNS)
    if not rows:
        raise Unavailable("no campaign is open in this database; do: duban init", "not_initialised")
    codes = [row[1] for row in rows]
    if code is None and len(rows) > 1:
        raise Usage(f"which campaign? say --campaign with one of: {', '.join(codes)}", "no_campaign")
    wanted = code if code is not None else codes[0]
    if wanted not in codes:
        raise Usage(f"no campaign {wanted!r} in this database; there are: {', '.join(codes)}", "no_campaign")
    row = rows[codes.index(wanted)]
    return int(row[0]), CampaignDoc.model_validate_json(row[2])


def open_campaigns(tx: Tx) -> list[tuple[int, str]]:
    """Every campaign of the database, by id and code."""
    return [(int(row[0]), str(row[1])) for row in tx.rows(CAMPAIGNS)]


def assemble(
    tx: Tx,
    ident: int,
    doc: CampaignDoc,
    calendar: WorkCalendar,
    texts: Texts,
    calendars: Mapping[str, WorkCalendar] | None = None,
    standards: Standards | None = None,
) -> Campaign:
    """Make a stored campaign ready to run, with every definition version its matters may follow.

    *calendars* are those of earlier times, by the beginning of their digest.
    """
    parts = parts_of(doc)
    stored: dict[int, tuple[str, str]] = {}
    newest: dict[str, int] = {}
    for version_id, kind, version, digest, definition in tx.rows(VERSIONS):
        stored[version_id] = (definition, digest)
        if kind in doc.definitions and doc.definitions[kind].version == version:
            newest[kind] = version_id
    log = f"{get_meta(tx, 'identity')}/{doc.code}"
    return Campaign(
        ident,
        doc,
        Machines(MachineMaker(stored, parts), newest),
        calendar,
        texts,
        log,
        get_meta(tx, "channel") or "file",
        standards,
        calendars,
        get_meta(tx, "stamp") or "0",
    )


class MachineMaker:
    """Compile a stored definition for the parts of a campaign."""

    def __init__(self, stored: Mapping[int, tuple[str, str]], parts: Mapping[str, str]) -> None:
        self._stored = stored
        self._parts = parts

    def __call__(self, ident: int) -> Compiled:
        doc, digest = self._stored[ident]
        return Compiled(restore_definition(doc, digest), ident, self._parts)
