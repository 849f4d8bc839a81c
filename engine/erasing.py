"""Erasing the personal data of one matter: values and salts go everywhere at once, an entry in each stream says which."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select, update

from engine.campaign import Campaign
from engine.clock import to_us
from engine.erased_texts import Blots, blot_notices, blot_views
from engine.erased_words import Needles
from engine.erasing_plan import FREE, TITLE, Place, planned
from engine.erasure_grounds import ERASED_MARK
from engine.held import Held
from engine.history import Line, P, append, chain_at, chain_of
from engine.in_hand import hold
from engine.orders import Actor
from engine.rows import A, M
from engine.store import Statement, Tx
from engine.tables import table_of
from engine.vault import STAND_IN, is_secret
from engine.vault_tables import VaultItem, VaultRequest

Q, VI = table_of(VaultRequest), table_of(VaultItem)

KIND = "erased"
"""The kind of an entry that says what was erased of its own stream."""

_OURS = P.c.campaign_id == bindparam("campaign_id")
FORGET = Statement(
    delete(P).where(
        P.c.campaign_id == bindparam("b_campaign_id"), P.c.stream == bindparam("b_stream"),
        P.c.seq == bindparam("b_seq"), P.c.field == bindparam("b_field"),
    )
)  # fmt: skip
SET_TITLE = Statement(update(M).where(M.c.id == bindparam("b_id")).values(title=bindparam("title")))
SET_NAME = Statement(
    update(A)
    .where(A.c.matter_id == bindparam("b_matter_id"), A.c.seq == bindparam("b_seq"), A.c.kind == bindparam("b_kind"))
    .values(name=bindparam("name"))
)
DROP_ITEM = Statement(
    delete(VI).where(VI.c.campaign_id == bindparam("b_campaign_id"), VI.c.name == bindparam("b_name"))
)
PURPOSES = Statement(
    select(Q.c.id, Q.c.purpose).where(Q.c.campaign_id == bindparam("campaign_id"), Q.c.ref == bindparam("ref"))
)
SET_PURPOSE = Statement(update(Q).where(Q.c.id == bindparam("b_id")).values(purpose=bindparam("purpose")))

TABLES = (
    "entry_private", "matter", "particulars", "attachment", "notice", "saved_view", "vault_item", "vault_request", "person",
    "contact", "login_session", "delegation",
)  # fmt: skip
"""The tables from which something is taken: after that their files are written anew (`engine.store.Database.scrub`)."""


@dataclass(frozen=True, slots=True)
class Why:
    """Why something is erased: the request, its ground, who asked.

    *about* are the numbers of all entries of the campaign's stream about the same matter or account: requests, decisions, holds.
    *text* is erased wherever it stands, but for the places and notices to *spare*. *places* and *notices* are what an earlier
    erasure took, which is done again. *papers* are the hashes of the documents whose bytes are destroyed.
    """

    request: str
    ground: str
    basis: str
    asked_by: str
    about: frozenset[int]
    text: str | None = None
    places: frozenset[Place] = frozenset()
    notices: frozenset[str] = frozenset()
    spare: frozenset[Place] = frozenset()
    spare_notices: frozenset[str] = frozenset()
    papers: tuple[str, ...] = ()


@dataclass(slots=True)
class Gone:
    """What was erased: fields by stream and entry, the marks of notices that were changed, and texts changed besides."""

    streams: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    notices: dict[str, list[str]] = field(default_factory=dict)
    besides: int = 0

    @property
    def values(self) -> int:
        """How many values went."""
        return sum(len(names) for seqs in self.streams.values() for names in seqs.values())


def erase_matter(
    tx: Tx, campaign: Campaign, actor: Actor, now: datetime, ref: str, fields: Sequence[str], why: Why
) -> Gone:
    """Erase *fields* of the matter *ref*: the values in all its entries, in its row, in notices and saved views.

    A text of the matter in which an erased fact stands goes with it. Whoever calls has asked whether it may be.
    Raises Refused while a message that holds it is being sent.
    """
    held, _ = hold(tx, campaign, ref, now)
    plan = planned(tx, campaign, held, fields, why.text, why.about, why.spare)
    values, needles, chosen = plan.values, plan.needles, plan.chosen | (why.places & plan.values.keys())
    before, titled = held.row.title, any(place[2] == TITLE for place in chosen)
    gone = Gone(streams=by_stream(chosen))
    _take_from_row(tx, held, chosen, values)
    title = (
        _new_title(held, needles, whole=TITLE in fields or any(p[2] == TITLE for p in why.places)) if titled else None
    )
    _forget(tx, campaign, chosen)
    blots = Blots(needles, before if titled else None, why.notices, why.spare_notices)
    gone.notices = blot_notices(tx, campaign, held.row, blots, to_us(now))
    gone.besides = blot_views(tx, campaign, needles) + _blot_purposes(tx, campaign, held, chosen, needles)
    _enter(tx, campaign, actor, held, gone, why, title, to_us(now))
    return gone


def by_stream(chosen: Iterable[Place]) -> dict[str, dict[str, list[str]]]:
    """The fields of these places by stream and entry, as an entry says them."""
    found: dict[str, dict[str, list[str]]] = {}
    for stream, seq, name in sorted(chosen):
        found.setdefault(stream, {}).setdefault(str(seq), []).append(name)
    return found


def _forget(tx: Tx, campaign: Campaign, chosen: Iterable[Place]) -> None:
    tx.write_many(
        FORGET,
        [
            {"b_campaign_id": campaign.id, "b_stream": stream, "b_seq": seq, "b_field": name}
            for stream, seq, name in sorted(chosen)
        ],
    )


def _take_from_row(tx: Tx, held: Held, chosen: Iterable[Place], values: Mapping[Place, Any]) -> None:
    """Take facts and names of documents from the matter's row, identities from the vault, names from attachments."""
    own = f"matter/{held.row.ref}"
    facts = {name[5:] for stream, _, name in chosen if stream == own and name.startswith("fact:")}
    held.read = None  # what is searched is put down anew, whatever went
    for name in facts:
        held.facts.pop(name, None)
    held.marks.erased = sorted({*held.marks.erased, *facts})
    for stream, seq, name in sorted(chosen):
        if stream == own and name.startswith("name:"):
            kind = name[5:]
            tx.write(SET_NAME, {"b_matter_id": held.row.id, "b_seq": seq, "b_kind": kind, "name": ERASED_MARK})
            if kind in held.documents and held.documents[kind][1] == values[stream, seq, name]:
                held.documents[kind][1] = None
    for place in chosen:
        if (
            place[2].startswith("fact:")
            and is_secret(held.machine, place[2][5:])
            and STAND_IN.fullmatch(str(values[place]))
        ):
            tx.write(DROP_ITEM, {"b_campaign_id": held.row.campaign_id, "b_name": values[place]})


def _new_title(held: Held, needles: Needles, *, whole: bool) -> str:
    """The title without what is erased; all of it if it was named itself, or would say it still."""
    return ERASED_MARK if whole else needles.blotted(held.row.title)


def _blot_purposes(tx: Tx, campaign: Campaign, held: Held, chosen: set[Place], needles: Needles) -> int:
    stream, count = f"vault/{held.row.ref}", 0
    if not any(place[0] == stream for place in chosen):
        return 0
    whole = any(place[2] in FREE for place in chosen if place[0] == stream)
    for ident, purpose in tx.rows(PURPOSES, campaign_id=campaign.id, ref=held.row.ref):
        if whole or needles.within(purpose):
            tx.write(SET_PURPOSE, {"b_id": ident, "purpose": ERASED_MARK})
            count += 1
    return count


def _enter(
    tx: Tx, campaign: Campaign, actor: Actor, held: Held, gone: Gone, why: Why, title: str | None, now_us: int
) -> None:
    """Append to each stream what went from it, and write the matter's row."""
    for stream, seqs in sorted(gone.streams.items()):
        if stream != f"matter/{held.row.ref}":
            chain = chain_at(tx, campaign.id, campaign.log, stream)
            append(tx, chain, Line(KIND, actor, now_us, now_us, more={KIND: said_erased(why, seqs)}))
    row = held.row
    before, at = row.seq, max(now_us, row.updated_at)
    row.version += 1
    own = said_erased(why, gone.streams.get(f"matter/{row.ref}", {}))
    more = {
        "version": row.version, "definition": held.machine.definition.digest,
        KIND: {**own, "papers": list(why.papers)} if why.papers else own,
    }  # fmt: skip
    chain = chain_of(row, campaign.log)
    private = {TITLE: title} if title is not None else None
    append(tx, chain, Line(KIND, actor, at, at, "", row.state, row.state, private=private, more=more))
    row.seq, row.head, row.updated_at = chain.seq, chain.head, at
    if title is not None:
        row.title = title
        tx.write(SET_TITLE, {"b_id": row.id, "title": title})
    held.save(tx, before)


def said_erased(why: Why, fields: Mapping[str, list[str]]) -> dict[str, Any]:
    """What an entry says of erasing: on whose request, on which ground, and which fields of which entries; never a value."""
    return {
        "request": why.request, "ground": why.ground, "basis": why.basis, "asked_by": why.asked_by,
        "fields": {seq: list(names) for seq, names in fields.items()},
    }  # fmt: skip
