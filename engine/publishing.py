"""What a database holds of definitions and campaigns: published once, identified by their hash, never changed."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import bindparam, func, insert, select, update

from engine.access_schema import AccessDoc
from engine.campaign import Campaign, Machines, parts_of
from engine.campaign_schema import CampaignDoc
from engine.clock import from_us, rfc3339, to_us
from engine.definition import Definition, restore_definition
from engine.errors import Conflict, Unavailable, Usage
from engine.hashes import NAMES, SM3_MARK
from engine.ids import new_id
from engine.machine import Compiled
from engine.standards import Standards
from engine.store import Database, Statement, Tx
from engine.tables import CampaignRow, DefinitionVersion, Meta, table_of
from engine.texts import Texts
from engine.version_tables import CampaignVersion
from engine.workdays import WorkCalendar

V, C, K, F = (table_of(model) for model in (DefinitionVersion, CampaignRow, Meta, CampaignVersion))

FIND_VERSION = Statement(
    select(V.c.id, V.c.digest).where(V.c.kind == bindparam("kind"), V.c.version == bindparam("version"))
)
ADD_VERSION = Statement(insert(V), [column.name for column in V.columns])
FIND_CAMPAIGN = Statement(select(C.c.id, C.c.digest, C.c.doc).where(C.c.code == bindparam("code")))
ADD_CAMPAIGN = Statement(insert(C), [column.name for column in C.columns])
CAMPAIGNS = Statement(select(C.c.id, C.c.code, C.c.doc).order_by(C.c.code))
VERSIONS = Statement(select(V.c.id, V.c.kind, V.c.version, V.c.digest, V.c.doc))
FIND_EARLIER = Statement(
    select(F.c.number).where(F.c.campaign_id == bindparam("campaign_id"), F.c.digest == bindparam("digest"))
)
LAST_VERSION = Statement(select(func.max(F.c.number)).where(F.c.campaign_id == bindparam("campaign_id")))
ADD_EARLIER = Statement(insert(F), [column.name for column in F.columns])
WHOLE_CAMPAIGN = Statement(select(C.c.doc, C.c.source, C.c.digest, C.c.opened_at).where(C.c.id == bindparam("id")))
SET_CAMPAIGN = Statement(
    update(C).where(C.c.id == bindparam("b_id")).values({name: bindparam(name) for name in ("doc", "source", "digest")})
)
GET_META = Statement(select(K.c.value).where(K.c.key == bindparam("key")))
LOCK_META = Statement(select(K.c.value).where(K.c.key == bindparam("key")), lock="lock_matter")
ADD_META = Statement(insert(K), ["key", "value"])
SET_META = Statement(update(K).where(K.c.key == bindparam("b_key")).values(value=bindparam("value")))


def get_meta(tx: Tx, key: str) -> str | None:
    """What the database says of itself under *key*."""
    if tx.mirror is not None:
        found: str | None = tx.mirror.properties.get(tx, key)
        return found
    row = tx.row(GET_META, key=key)
    return str(row[0]) if row else None


def hold_meta(tx: Tx, key: str) -> str | None:
    """The same, locked until the end of the transaction: whoever changes it besides is waited for."""
    if tx.mirror is not None:
        return get_meta(tx, key)
    row = tx.row(LOCK_META, key=key)
    return str(row[0]) if row else None


def unwritable(database: Database) -> Unavailable | None:
    """Why nothing can be written into the database, if so: it was made read-only, is a standby, or lacks rights or disk."""
    try:
        with database.tx() as tx:
            tx.write(SET_META, {"b_key": "", "value": ""})  # there is none of that name: nothing changes
    except Unavailable as error:
        return None if error.code == "locked" else error  # somebody else writes just now
    return None


def log_of(tx: Tx, code: str) -> str:
    """The name of a campaign's log: the database's identity and the campaign, and by which function it is hashed."""
    return f"{get_meta(tx, 'identity')}/{code}" + (SM3_MARK if get_meta(tx, "hash") == "sm3" else "")


def set_meta(tx: Tx, key: str, value: str) -> None:
    """Set one property of the database; what the transaction has read of them is of yesterday then."""
    tx.memo.pop("state", None)
    if get_meta(tx, key) is None:
        tx.write(ADD_META, {"key": key, "value": value})
    else:
        tx.write(SET_META, {"b_key": key, "value": value})


def count_up(tx: Tx, key: str) -> int:
    """The next number of *key*, from 1, its own for whoever asks: the last is locked until the end of the transaction."""
    last = hold_meta(tx, key)
    number = int(last) + 1 if last is not None else 1
    set_meta(tx, key, str(number))
    return number


def establish(tx: Tx, mode: str, clock: datetime | None, channel: str, hashing: str | None = None) -> None:
    """Make a new database what it is for ever: identity, mode, hash function, a rehearsal's clock. Raises Conflict if it is another."""
    was = get_meta(tx, "mode")
    if was is None:
        set_meta(tx, "identity", secrets.token_hex(8))
        set_meta(tx, "mode", mode)
        set_meta(tx, "channel", channel)
        set_meta(tx, "hash", hashing or NAMES[0])
        if clock is not None:
            set_meta(tx, "clock", rfc3339(clock))
    elif was != mode:
        raise Conflict(f"this database is a {was} database for ever; use another --db for {mode}", "mode")
    elif hashing not in (None, get_meta(tx, "hash") or NAMES[0]):
        raise Conflict(f"this database was begun with another hash function than {hashing}, for ever", "hash")


def stored_clock(tx: Tx) -> datetime:
    """The virtual instant at which a rehearsal stands."""
    return datetime.fromisoformat(get_meta(tx, "clock") or rfc3339(from_us(0)))


def forward_clock(tx: Tx, at: datetime) -> datetime:
    """Move the virtual clock of all to *at* unless it stands later already; return where it stands, locked until the end."""
    stood = hold_meta(tx, "clock")
    stands = max(at, datetime.fromisoformat(stood)) if stood is not None else at
    set_meta(tx, "clock", rfc3339(stands))
    return stands


def publish(tx: Tx, definition: Definition, by: str, now: datetime) -> int:
    """Publish a definition and return its id; the same content again is no change. Raises Conflict for other content."""
    doc = definition.doc
    found = tx.row(FIND_VERSION, kind=doc.kind, version=doc.version)
    if found is not None:
        if found[1] != definition.digest:
            raise published_otherwise(definition, found[1])
        return int(found[0])
    ident = new_id()
    values = {
        "id": ident, "kind": doc.kind, "version": doc.version, "digest": definition.digest,
        "doc": doc.model_dump_json(by_alias=True, exclude_defaults=True), "source": definition.text,
        "published_at": to_us(now), "published_by": by,
    }  # fmt: skip
    tx.write(ADD_VERSION, values)
    return ident


def published_otherwise(definition: Definition, digest: str) -> Conflict:
    """The refusal of other content under a version that is out: what is there, and how the change gets in all the same."""
    doc, next_one = definition.doc, definition.doc.version + 1
    return Conflict(
        f"{doc.kind}@{doc.version} is already published here with other content ({digest[:12]}…, the file has "
        f"{definition.digest[:12]}…); what is published never changes: give the change a new version",
        "published",
        hint=f"raise `version:` in the definition to {next_one} (and in the campaign file), then: duban campaign publish FILE, "
        f"duban campaign amend FILE for new matters, duban campaign migrate {doc.kind} --to {next_one} for those that are open",
    )


def store_campaign(tx: Tx, doc: CampaignDoc, source: str, digest: str, now: datetime) -> tuple[int, bool]:
    """Store a campaign; return its id and whether it is new. Raises Conflict if it is there with other content.

    A file that was amended since is known too: what is stored then stays as it is.
    """
    found = tx.row(FIND_CAMPAIGN, code=doc.code)
    if found is not None:
        if found[1] != digest and not tx.row(FIND_EARLIER, campaign_id=found[0], digest=digest):
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


def replace_campaign(
    tx: Tx, ident: int, doc: CampaignDoc, source: str, digest: str, by: tuple[str, str], now: datetime
) -> int:
    """Put another file in the place of a campaign's, keeping every earlier one; return the number of the new version.

    *by* are who amends and who approves. Two at once meet at the version's key, and one tries again.
    """
    last = tx.row(LAST_VERSION, campaign_id=ident)
    number = last[0] if last and last[0] else 0
    if not number:
        first = tx.rows(WHOLE_CAMPAIGN, id=ident)[0]
        number = 1
        _keep_version(tx, ident, number, first[:3], first[3], ("init", None))
    text = doc.model_dump_json(by_alias=True, exclude_defaults=True)
    _keep_version(tx, ident, number + 1, (text, source, digest), to_us(now), by)
    tx.write(SET_CAMPAIGN, {"b_id": ident, "doc": text, "source": source, "digest": digest})
    return number + 1


def _keep_version(
    tx: Tx, ident: int, number: int, content: Sequence[str], at_us: int, by: tuple[str, str | None]
) -> None:
    doc, source, digest = content
    values = {
        "campaign_id": ident, "number": number, "doc": doc, "source": source, "digest": digest, "stored_at": at_us,
        "stored_by": by[0], "approved_by": by[1],
    }  # fmt: skip
    tx.write(ADD_EARLIER, values)


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
    access: AccessDoc | None = None,
) -> Campaign:
    """Make a stored campaign ready to run, with every definition version its matters may follow.

    *calendars* are those of earlier times, by the beginning of their digest; *access* says who sees what.
    """
    parts = parts_of(doc)
    stored: dict[int, tuple[str, str]] = {}
    newest: dict[str, int] = {}
    for version_id, kind, version, digest, definition in tx.rows(VERSIONS):
        stored[version_id] = (definition, digest)
        if kind in doc.definitions and doc.definitions[kind].version == version:
            newest[kind] = version_id
    vaulted = [ident for ident, (text, _) in stored.items() if '"vault":true' in text]
    log = log_of(tx, doc.code)
    return Campaign(
        ident,
        doc,
        Machines(
            MachineMaker(stored, parts), newest, {digest: ident for ident, (_, digest) in stored.items()}, vaulted
        ),
        calendar,
        texts,
        log,
        get_meta(tx, "channel") or "file",
        standards,
        calendars,
        get_meta(tx, "stamp") or "0",
        access,
    )


class MachineMaker:
    """Compile a stored definition for the parts of a campaign."""

    def __init__(self, stored: Mapping[int, tuple[str, str]], parts: Mapping[str, str]) -> None:
        self._stored = stored
        self._parts = parts

    def __call__(self, ident: int) -> Compiled:
        if ident not in self._stored:
            raise Unavailable("a version was published while this was looked at; look again", "stale")
        doc, digest = self._stored[ident]
        return Compiled(restore_definition(doc, digest), ident, self._parts)
