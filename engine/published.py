"""What is published, and what lives on it: every version of every kind, with the matters that follow each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, func, select

from engine.campaign import Campaign
from engine.campaign_schema import CampaignDoc
from engine.clock import stamp, to_us
from engine.definition import Definition
from engine.errors import NotFound
from engine.history import Line, append, chain_at, read_stream
from engine.orders import Actor
from engine.outlook import NARROW
from engine.publishing import FIND_VERSION, WHOLE_CAMPAIGN, publish
from engine.rows import M
from engine.steady import steady
from engine.store import Statement, Tx
from engine.tables import DefinitionVersion, table_of
from engine.version_tables import CampaignVersion

V, F = table_of(DefinitionVersion), table_of(CampaignVersion)

EVERY_VERSION = Statement(
    select(V.c.id, V.c.kind, V.c.version, V.c.digest, V.c.published_at, V.c.published_by).order_by(
        V.c.kind, V.c.version
    )
)
EVERY_FILE = Statement(
    select(F.c.number, F.c.digest, F.c.stored_at, F.c.stored_by, F.c.approved_by)
    .where(F.c.campaign_id == bindparam("campaign_id"))
    .order_by(F.c.number)
)


ONE_FILE = Statement(
    select(F.c.doc, F.c.digest).where(F.c.campaign_id == bindparam("campaign_id"), F.c.number == bindparam("number"))
)

SOURCE = Statement(
    select(F.c.source).where(F.c.campaign_id == bindparam("campaign_id"), F.c.number == bindparam("number"))
)
VERSION_SOURCE = Statement(select(V.c.source).where(V.c.kind == bindparam("kind"), V.c.version == bindparam("version")))


@dataclass(frozen=True, slots=True)
class Version:
    """One published version; *live* are the matters of the campaign that follow it and are not at an end, *ended* the others.

    *opens* says that the campaign's new matters follow it.
    """

    id: int
    kind: str
    version: int
    digest: str
    published_at: str
    published_by: str
    approved_by: str | None
    live: int
    ended: int
    opens: bool

    def as_json(self) -> dict[str, Any]:
        """The version as the contract has it."""
        names = ("kind", "version", "published_at", "published_by", "approved_by", "live", "ended", "opens")
        return {**{name: getattr(self, name) for name in names}, "hash": self.digest}


def versions(tx: Tx, campaign: Campaign, kind: str | None = None) -> list[Version]:
    """Every published version of *kind*, or of every kind, oldest first."""
    rows = [row for row in tx.rows(EVERY_VERSION) if kind in (None, row[1])]
    live: dict[int, int] = {}
    ended: dict[int, int] = {}
    population = select(M.c.definition_id, M.c.state, func.count()).where(M.c.campaign_id == campaign.id, NARROW)
    for ident, state, count in steady(tx, campaign, population.group_by(M.c.definition_id, M.c.state)):
        counts = ended if campaign.machines[ident].tree.leaves[state].final else live
        counts[ident] = counts.get(ident, 0) + count
    approved = {name: by for each in {row[1] for row in rows} for name, by in _approvals(tx, campaign, each).items()}
    return [
        Version(
            ident, name, number, digest, stamp(at), by, approved.get(f"{name}@{number}"), live.get(ident, 0),
            ended.get(ident, 0), campaign.machines.newest.get(name) == ident,
        )
        for ident, name, number, digest, at, by in rows
    ]  # fmt: skip


def _approvals(tx: Tx, campaign: Campaign, kind: str) -> Mapping[str, str | None]:
    lines = read_stream(tx, campaign.id, stream_of_kind(kind))
    return {body["trigger"]: body.get("approved_by") for body, _, _ in lines if body["kind"] == "published"}


def publish_approved(
    tx: Tx, campaign: Campaign, definition: Definition, actor: Actor, approver: Actor, now: datetime
) -> bool:
    """Publish a definition with its entry in the stream of its kind; return whether it is new. Raises Conflict."""
    doc = definition.doc
    if tx.row(FIND_VERSION, kind=doc.kind, version=doc.version) is not None:
        publish(tx, definition, actor.login, now)
        return False
    publish(tx, definition, actor.login, now)
    line = Line("published", actor, to_us(now), to_us(now), trigger=f"{doc.kind}@{doc.version}")
    line.more = {"digest": definition.digest, "approved_by": approver.login, "approved_auth": approver.auth}
    append(tx, chain_at(tx, campaign.id, campaign.log, stream_of_kind(doc.kind)), line)
    return True


def stream_of_kind(kind: str) -> str:
    """The stream of what becomes of a kind's definition: published, migrated."""
    return f"definition/{kind}"


def files(tx: Tx, campaign: Campaign, digest: str) -> list[dict[str, Any]]:
    """Every version of the campaign's own file; the only one of a campaign that was never amended is known by *digest*."""
    rows = tx.rows(EVERY_FILE, campaign_id=campaign.id)
    if not rows:
        return [{"number": 1, "hash": digest, "stored_at": None, "stored_by": "init", "approved_by": None}]
    return [
        {"number": number, "hash": digest, "stored_at": stamp(at), "stored_by": by, "approved_by": approver}
        for number, digest, at, by, approver in rows
    ]


def campaign_file(tx: Tx, campaign: Campaign, number: int) -> tuple[CampaignDoc, str]:
    """One version of the campaign's own file, with its digest. Raises NotFound."""
    row = tx.row(ONE_FILE, campaign_id=campaign.id, number=number)
    if row is not None:
        return CampaignDoc.model_validate_json(row[0]), str(row[1])
    raise NotFound(f"no version {number} of {campaign.code} is kept; see: duban campaign versions", "no_version")


def stored_source(tx: Tx, campaign: Campaign, number: int | None = None) -> str:
    """The text of the campaign's file: the one in force, or that of an earlier version. Raises NotFound."""
    if number is None:
        return str(tx.rows(WHOLE_CAMPAIGN, id=campaign.id)[0][1])
    row = tx.row(SOURCE, campaign_id=campaign.id, number=number)
    if row is None and number == 1:
        return stored_source(tx, campaign)
    if row is None:
        raise NotFound(f"no version {number} of {campaign.code} is kept; see: duban campaign versions", "no_version")
    return str(row[0])


def definition_source(tx: Tx, kind: str, version: int) -> str | None:
    """The text of a published definition's file; None if it is not published."""
    row = tx.row(VERSION_SOURCE, kind=kind, version=version)
    return str(row[0]) if row else None


def live_on(campaign: Campaign, ident: int) -> ColumnElement[bool]:
    """The live matters that follow the version *ident*, as a condition on their rows."""
    leaves = campaign.machines[ident].tree.leaves.items()
    ends = [code for code, leaf in leaves if leaf.final]
    return and_(NARROW, M.c.definition_id == ident, M.c.state.not_in(ends))
