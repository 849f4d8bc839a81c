"""Erasures after which the database's files were not written anew yet: what was erased may still stand in free pages."""

from sqlalchemy import bindparam, func, select

from engine.campaign import Campaign
from engine.canonical import parsed
from engine.history import E
from engine.orders import Actor
from engine.privacy_record import note_scrubbed, privacy_stream
from engine.service import Engine
from engine.store import Statement, Tx

_HERE = (E.c.campaign_id == bindparam("campaign_id")) & (E.c.stream == bindparam("stream"))
SCRUBBED = Statement(select(E.c.record).where(_HERE, E.c.trigger == "scrub").order_by(E.c.seq.desc()).limit(1))
ERASED = Statement(select(func.count()).where(_HERE, E.c.trigger == "erase", E.c.seq > bindparam("upto")))
LAST = Statement(select(func.max(E.c.seq)).where(_HERE))


def unscrubbed(tx: Tx, campaign: Campaign) -> int:
    """How many erasures of a campaign are done whose values may still stand in the database's files."""
    where = {"campaign_id": campaign.id, "stream": privacy_stream(campaign.code)}
    rows = tx.rows(SCRUBBED, **where)
    upto = int(parsed(rows[0][0])["privacy"]["upto"]) if rows else 0
    return int(tx.rows(ERASED, **where, upto=upto)[0][0])


def scrub_and_note(engine: Engine, actor: Actor, tables: tuple[str, ...], papers_left: int = 0) -> bool:
    """Write the files anew and put that on record, up to the erasures that were done before; False if a reader hindered it.

    While *papers_left* documents are to be destroyed still, it is not put on record, so that it is owed.

    Raises Unavailable.
    """
    campaign = engine.campaign
    where = {"campaign_id": campaign.id, "stream": privacy_stream(campaign.code)}
    with engine.database.snapshot() as tx:
        upto = tx.rows(LAST, **where)[0][0] or 0
        owed = unscrubbed(tx, campaign)
    if not engine.database.scrub(tables):
        return False
    if owed and not papers_left:
        engine.in_transaction(lambda tx: note_scrubbed(tx, campaign, actor, engine.clock.now(), upto))
    return True
