"""Erasing what is personal of an account: its holder's name, addresses, where he signed in from. The login itself stays."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, or_, select, update

from engine.access_tables import LoginSession
from engine.campaign import Campaign
from engine.canonical import canonical
from engine.clock import from_us, to_us
from engine.contacts import END
from engine.delegations import D
from engine.erased_words import Needles
from engine.erasing import FORGET, KIND, Gone, Why, by_stream, said_erased
from engine.erasing_plan import SHORTEST, Place, held_values, with_text
from engine.erasure_grounds import ERASED_MARK, KEPT_BY_LAW
from engine.errors import NotFound, Reason, Refused
from engine.history import Line, P, append, chain_at
from engine.orders import Actor
from engine.people import P as PEOPLE
from engine.privacy_record import privacy_stream
from engine.publishing import log_of
from engine.retention import ACCOUNT_DAYS
from engine.store import Statement, Tx
from engine.tables import CampaignRow, table_of
from engine.ways import C

if TYPE_CHECKING:
    from engine.service import Engine

L, K = table_of(LoginSession), table_of(CampaignRow)

PERSON = Statement(
    select(PEOPLE.c.name, PEOPLE.c.disabled_at).where(PEOPLE.c.login == bindparam("login")), lock="lock_matter"
)
SET_NAME = Statement(update(PEOPLE).where(PEOPLE.c.login == bindparam("b_login")).values(name=bindparam("name")))
CONTACTS = Statement(
    select(C.c.channel, C.c.address, C.c.ended_at).where(
        C.c.campaign_id == bindparam("campaign_id"), C.c.holder == bindparam("login")
    )
)
SET_ADDRESS = Statement(
    update(C)
    .where(C.c.campaign_id == bindparam("b_campaign_id"), C.c.holder == bindparam("b_login"))
    .values(address=bindparam("address"))
)
SET_SESSIONS = Statement(update(L).where(L.c.login == bindparam("b_login")).values(address=bindparam("address")))
SET_REASONS = Statement(
    update(D)
    .where(D.c.campaign_id == bindparam("b_campaign_id"), D.c.delegator == bindparam("b_login"))
    .values(reason=bindparam("reason"))
)
BOOKS = Statement(select(K.c.id, K.c.code).order_by(K.c.id))

KEPT = Reason("kept_by_law", KEPT_BY_LAW.zh, KEPT_BY_LAW.en)


def refuse_kept_person(engine: "Engine", tx: Tx, login: str, now: datetime) -> None:
    """Raise NotFound for nobody's login, Refused while the account is used, its logs must be kept, or nothing is left."""
    row = tx.row(PERSON, login=login)
    if row is None:
        raise NotFound(f"nobody has the login {login!r}", "no_login")
    name, disabled = row
    if disabled is None:
        raise Refused(f"{login} is not disabled: its holder acts under his name", "still_used", [KEPT])
    first = from_us(disabled) + timedelta(days=ACCOUNT_DAYS)
    if now < first:
        day = first.astimezone(engine.campaign.zone).date()
        reason = Reason(
            "retention",
            f"停用后{ACCOUNT_DAYS}日内须留存网络日志（《网络安全法》），至{day}",
            f"logs are kept for {ACCOUNT_DAYS} days after disabling (Cybersecurity Law), until {day}",
        )
        raise Refused(f"{login} is to be kept until {day}", "retention", [reason, KEPT])
    if name == ERASED_MARK:
        raise Refused(f"nothing of it is held of {login}", "nothing_held")


@dataclass(frozen=True, slots=True)
class Book:
    """The record of one campaign of the database: an account is one for all of them."""

    id: int
    log: str


def erase_person(tx: Tx, campaign: Campaign, actor: Actor, now: datetime, login: str, why: Why) -> Gone:
    """Erase the name, the addresses and the places of signing in of *login*; whoever calls has asked whether it may be.

    They go from the records of all campaigns of the database, each of which says so; what is returned is of this one.
    """
    now_us, gone = to_us(now), Gone()
    named = [str(name) for name, _ in tx.rows(PERSON, login=login)]
    for book in (Book(ident, log_of(tx, code)) for ident, code in tx.rows(BOOKS)):
        ours = book.id == campaign.id
        contacts = tx.rows(CONTACTS, campaign_id=book.id, login=login)
        addresses = {address for _, address, _ in contacts}
        notes = _notes(tx, campaign, why, [*named, *addresses]) if ours else set()
        streams = by_stream({*_places(tx, book, login, addresses), *notes})
        _end_ways(tx, book, actor, login, now_us, [channel for channel, _, ended in contacts if ended is None])
        tx.write(SET_ADDRESS, {"b_campaign_id": book.id, "b_login": login, "address": ERASED_MARK})
        tx.write(SET_REASONS, {"b_campaign_id": book.id, "b_login": login, "reason": ERASED_MARK})
        _enter(tx, book, actor, now_us, {**({f"authz/{login}": {}} if ours else {}), **streams}, why)
        if ours:
            gone.streams = streams
        else:
            gone.besides += sum(len(names) for seqs in streams.values() for names in seqs.values())
    tx.write(SET_NAME, {"b_login": login, "name": ERASED_MARK})
    tx.write(SET_SESSIONS, {"b_login": login, "address": ERASED_MARK})
    return gone


def _enter(
    tx: Tx, book: Book, actor: Actor, now_us: int, streams: Mapping[str, dict[str, list[str]]], why: Why
) -> None:
    """Take the values away, and append to each stream what went from it."""
    for stream, seqs in sorted(streams.items()):
        for seq, names in seqs.items():
            for name in names:
                where = {"b_campaign_id": book.id, "b_stream": stream, "b_seq": int(seq), "b_field": name}
                tx.write(FORGET, where)
        chain = chain_at(tx, book.id, book.log, stream)
        append(tx, chain, Line(KIND, actor, now_us, now_us, more={KIND: said_erased(why, seqs)}))


def _places(tx: Tx, book: Book, login: str, addresses: set[str]) -> list[Place]:
    """Where something personal of *login* stands: all of its own streams, and its addresses where messages went to them."""
    own = P.c.stream.in_([f"{of}/{login}" for of in ("authz", "access", "contacts")])
    sent = (
        P.c.stream.startswith("notices/") & (P.c.field == "address") & P.c.value.in_([canonical(x) for x in addresses])
    )
    found = select(P.c.stream, P.c.seq, P.c.field).where(
        P.c.campaign_id == book.id, or_(own, sent) if addresses else own
    )
    return [(stream, seq, name) for stream, seq, name in tx.select(found)]


def _notes(tx: Tx, campaign: Campaign, why: Why, texts: Iterable[str]) -> set[Place]:
    """Where what was asked and decided about the account names its holder."""
    said = held_values(tx, campaign, [privacy_stream(campaign.code)])
    about = {place: text for place, text in said.items() if place[1] in why.about}
    return with_text(about, Needles([each for each in texts if len(each) >= SHORTEST]))


def _end_ways(tx: Tx, book: Book, actor: Actor, login: str, now_us: int, channels: list[str]) -> None:
    """End the ways to the person that are open, each by an entry of its own."""
    for channel in sorted(channels):
        tx.write(END, {"b_campaign_id": book.id, "b_holder": login, "b_channel": channel, "at": now_us})
        said = {"holder": login, "channel": channel, "dropped": True}
        chain = chain_at(tx, book.id, book.log, f"contacts/{login}")
        append(tx, chain, Line("account", actor, now_us, now_us, trigger="contact_drop", more={"contact": said}))
