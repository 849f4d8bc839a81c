"""Checking the record of notices: the words on record are those that were sent, and nothing is called sent without its entry."""

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import bindparam, literal_column, select

from engine.campaign import Campaign
from engine.deliveries import SENT, words_of
from engine.rows import E, N, NoticeRow
from engine.shapes import at
from engine.store import Statement, Tx

ACTS = Statement(
    select(E.c.stream, E.c.seq, E.c.trigger, E.c.record)
    .where(E.c.campaign_id == bindparam("campaign_id"), E.c.kind == literal_column("'notice'"))
    .order_by(E.c.stream, E.c.seq)
)
NOTICES = Statement(select(N).where(N.c.campaign_id == bindparam("campaign_id")))


def notice_findings(tx: Tx, campaign: Campaign) -> Iterator[dict[str, Any]]:
    """Hold every notice against the chained stream of its sendings and receipts; yield what differs."""
    notices = {str(row[0]): NoticeRow(*row) for row in tx.rows(NOTICES, campaign_id=campaign.id)}
    sent: set[str] = set()
    received: set[str] = set()
    for stream, seq, trigger, record in tx.rows(ACTS, campaign_id=campaign.id):
        said = _read(record)
        if "notice" not in said:
            continue  # it speaks of several, or of none
        ident = str(said["notice"])
        notice = notices.get(ident)
        if notice is None:
            yield _finding("notice_gone", stream, seq, f"the notice {ident} that it speaks of is not there")
        elif trigger == SENT:
            sent.add(ident)
            words_in = notices.get(str(said.get("digest")), notice)
            yield from (_finding("notice_text", stream, seq, words) for words in _unlike(notice, words_in, said))
        elif trigger == "acknowledge":
            received.add(ident)
            if at(notice.acknowledged_at) != said.get("acknowledged_at"):
                words = f"the notice {ident} was acknowledged at another time than its row says"
                yield _finding("notice_row", stream, seq, words)
    for ident, notice in notices.items():
        stream = f"notices/{notice.ref or campaign.code}"
        if notice.status in ("sent", "acknowledged") and ident not in sent:
            yield _finding("notice_row", stream, None, f"the notice {ident} is called sent, and no entry says so")
        if notice.acknowledged_at is not None and ident not in received:
            yield _finding(
                "notice_row", stream, None, f"the notice {ident} is called acknowledged, and no entry says so"
            )


def _unlike(notice: NoticeRow, words_in: NoticeRow, said: dict[str, Any]) -> Iterator[str]:
    """What differs between a notice, the message *words_in* whose words went out, and what the entry says was sent."""
    if words_of(words_in) != said.get("words"):
        yield f"the text on record of the notice {notice.id} is not the text that was sent"
    for name in ("recipient", "channel"):
        if getattr(notice, name) != said.get(name):
            yield f"the {name} of the notice {notice.id} is not the one it was sent to"


def _read(record: str) -> dict[str, Any]:
    try:
        body = json.loads(record)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _finding(code: str, stream: str, seq: int | None, message: str) -> dict[str, Any]:
    return {"code": code, "stream": stream, "seq": seq, "message": message}
