"""Texts outside the record in which an erased value stands: notices, and the searches that somebody keeps."""

import json
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, bindparam, or_, select, update

from engine.campaign import Campaign
from engine.deliveries import words_of
from engine.erased_words import Needles
from engine.erasure_grounds import ERASED_MARK
from engine.errors import Refused
from engine.owed_record import mark_of_notice
from engine.rows import MatterRow, N, NoticeRow
from engine.search_tables import SavedView
from engine.store import Statement, Tx
from engine.tables import table_of

W = table_of(SavedView)

OF_MATTER = Statement(
    select(N).where(N.c.campaign_id == bindparam("campaign_id"), N.c.ref == bindparam("ref")).order_by(N.c.id),
    lock="lock_matter",
)
SET_WORDS = Statement(
    update(N)
    .where(N.c.id == bindparam("b_id"))
    .values({name: bindparam(name) for name in ("subject", "text", "items")})
)
VIEWS = Statement(select(W.c.id, W.c.name, W.c.filter).where(W.c.campaign_id == bindparam("campaign_id")))
SET_VIEW = Statement(
    update(W).where(W.c.id == bindparam("b_id")).values(name=bindparam("name"), filter=bindparam("filter"))
)


@dataclass(frozen=True, slots=True)
class Blots:
    """What is taken out of notices: *needles* wherever they stand, the *title* if it was changed, all words of the *whole* ones.

    Those to *spare* are left as they are.
    """

    needles: Needles
    title: str | None
    whole: frozenset[str]
    spare: frozenset[str] = frozenset()


def _deep(value: Any, needles: Needles) -> Any:
    if isinstance(value, str):
        return needles.blotted(value)
    if isinstance(value, list):
        return [_deep(each, needles) for each in value]
    if isinstance(value, dict):
        return {name: _deep(each, needles) for name, each in value.items()}
    return value


def touched_notices(tx: Tx, campaign: Campaign, matter: MatterRow, blots: Blots) -> list[tuple[NoticeRow, NoticeRow]]:
    """The notices about a matter, the messages they rode in, and those that name it by its title, that would be changed.

    Each as it is, and as it would be.
    """
    needles, whole, title = blots.needles, blots.whole, blots.title
    if not needles and not whole:
        return []
    found = [NoticeRow(*row) for row in tx.rows(OF_MATTER, campaign_id=campaign.id, ref=matter.ref)]
    digests = sorted({each.digest_id for each in found if each.digest_id is not None})
    conditions: list[ColumnElement[bool]] = [N.c.id.in_(digests)] if digests else []
    if whole:
        conditions.append(N.c.id.in_(sorted(map(int, whole))))
    if title is not None:
        conditions += [column.contains(title, autoescape=True) for column in (N.c.subject, N.c.text)]
    if conditions:
        more = select(N).where(N.c.campaign_id == campaign.id, N.c.ref.is_(None), or_(*conditions))
        found += [NoticeRow(*row) for row in tx.select(more)]
    pairs = ((row, _clean(row, blots)) for row in found if str(row.id) not in blots.spare)
    return [(row, clean) for row, clean in pairs if clean != row]


def _clean(row: NoticeRow, blots: Blots) -> NoticeRow:
    needles, items = blots.needles, row.items
    if items is not None:
        items = json.dumps(_deep(json.loads(items), needles), ensure_ascii=False)
    clean = replace(row, subject=needles.blotted(row.subject), text=needles.blotted(row.text), items=items)
    if str(row.id) in blots.whole and clean == row:
        return replace(row, subject=ERASED_MARK, text=ERASED_MARK)
    return clean


def blot_notices(tx: Tx, campaign: Campaign, matter: MatterRow, blots: Blots, now_us: int) -> dict[str, list[str]]:
    """Take something out of those notices.

    Return the marks of those that were changed: of the whole notice, and of the words that it has now.
    Raises Refused while one of them is being sent.
    """
    marks: dict[str, list[str]] = {}
    for row, clean in touched_notices(tx, campaign, matter, blots):
        if row.status == "owed" and row.lease_until is not None and row.lease_until > now_us:
            raise Refused(
                f"a message about {matter.ref} is being sent at this moment; try again in a minute", "being_sent"
            )
        tx.write(SET_WORDS, {"b_id": row.id, "subject": clean.subject, "text": clean.text, "items": clean.items})
        marks[str(row.id)] = [mark_of_notice(clean), words_of(clean)]
    return marks


def blot_views(tx: Tx, campaign: Campaign, needles: Needles) -> int:
    """Take *needles* out of the words that people search for and out of the names of these searches; return from how many.

    The codes of a filter are left alone: a name that is spelt like one of them is none there.
    """
    count = 0
    for ident, name, text in tx.rows(VIEWS, campaign_id=campaign.id) if needles else ():
        said = json.loads(text)
        clean = {**said, "text": needles.blotted(said["text"])} if said.get("text") else said
        called = name if needles.blotted(name) == name else f"{ERASED_MARK}{ident}"
        if (called, clean) != (name, said):
            tx.write(SET_VIEW, {"b_id": ident, "name": called, "filter": json.dumps(clean, ensure_ascii=False)})
            count += 1
    return count
