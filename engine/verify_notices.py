"""Checking the record of notices: the words on record are those that went out, and nothing is called sent without its entry."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists, func, literal_column, or_, select

from engine.campaign import Campaign
from engine.clock import to_us
from engine.deliveries import SENT, words_of
from engine.rows import E, N, NoticeRow
from engine.shapes import at
from engine.store import IDS, Statement, Tx
from engine.verify_findings import Findings

AT_ONCE = 2000
"""Entries of whole streams that are held before the notices are read and compared."""

CALLED_SENT = ("sent", "acknowledged")

BY_IDS = Statement(select(N).where(N.c.id.in_(IDS)))
WITHOUT = Statement(
    select(N).where(
        N.c.campaign_id == bindparam("campaign_id"),
        or_(*(N.c.status == literal_column(f"'{each}'") for each in CALLED_SENT), N.c.acknowledged_at.is_not(None)),
        ~exists().where(
            E.c.campaign_id == N.c.campaign_id,
            E.c.stream == "notices/" + func.coalesce(N.c.ref, bindparam("code")),
            E.c.seq == 1,
        ),
    )
)
"""What is called sent or acknowledged and belongs to a stream that is not there at all."""

Bodies = list[Mapping[str, Any]]


class NoticeCheck:
    """Hold every notice against the chained stream of its sendings and receipts, some streams at a time."""

    def __init__(self, tx: Tx, campaign: Campaign, found: Findings) -> None:
        self.tx, self.campaign, self.found = tx, campaign, found
        self.notices = 0
        self._held: dict[str, Bodies] = {}
        self._lines = 0

    def take(self, stream: str, bodies: Bodies) -> None:
        """Take the whole stream of the notices of a matter, or of the campaign."""
        self._held[stream] = bodies
        self._lines += len(bodies)
        if self._lines >= AT_ONCE:
            self.flush()

    def finish(self, *, all_of_them: bool) -> None:
        """Compare the rest; if these were all, name what is called sent without any record."""
        self.flush()
        for row in self.tx.rows(WITHOUT, campaign_id=self.campaign.id, code=self.campaign.code) if all_of_them else ():
            notice = NoticeRow(*row)
            self._unsaid(notice, f"notices/{notice.ref or self.campaign.code}", {}, set())

    def flush(self) -> None:
        """Compare what was taken."""
        held, self._held, self._lines = self._held, {}, 0
        if held:
            notices = self._notices(held)
            for stream, bodies in held.items():
                self._stream(stream, bodies, notices)

    def _notices(self, held: Mapping[str, Bodies]) -> dict[str, NoticeRow]:
        """The notices of these streams, and those whose words went out in their place, by their ids as text."""
        refs = sorted(stream.removeprefix("notices/") for stream in held)
        own = or_(N.c.ref.in_(refs), N.c.ref.is_(None)) if self.campaign.code in refs else N.c.ref.in_(refs)
        rows = self.tx.select(select(N).where(N.c.campaign_id == self.campaign.id, own))
        found = {str(row[0]): NoticeRow(*row) for row in rows}
        said = {str(body["digest"]) for bodies in held.values() for body in bodies if "digest" in body} - found.keys()
        more = self.tx.among(BY_IDS, sorted(int(ident) for ident in said if ident.isdecimal())) if said else []
        return {**found, **{str(row[0]): NoticeRow(*row) for row in more}}

    def _stream(self, stream: str, bodies: Bodies, notices: Mapping[str, NoticeRow]) -> None:
        sent: dict[str, str] = {}
        received: set[str] = set()
        for body in bodies:
            if "notice" not in body:
                continue  # it speaks of several, or of none
            ident = str(body["notice"])
            notice = notices.get(ident)
            if notice is None:
                self.found.add("notice_gone", f"the notice {ident} that it speaks of is not there", stream, body["seq"])
            elif body["trigger"] == SENT:
                self.notices += 1
                sent[ident] = body["recorded_at"]
                for words in _unlike(notice, notices.get(str(body.get("digest")), notice), body):
                    self.found.add("notice_text", words, stream, body["seq"])
            elif body["trigger"] == "acknowledge":
                received.add(ident)
                if at(notice.acknowledged_at) != body.get("acknowledged_at"):
                    words = f"the notice {ident} was acknowledged at another time than its row says"
                    self.found.add("notice_row", words, stream, body["seq"])
        ref = stream.removeprefix("notices/")
        for notice in notices.values():
            if (notice.ref or self.campaign.code) == ref:
                self._unsaid(notice, stream, sent, received)

    def _unsaid(self, notice: NoticeRow, stream: str, sent: Mapping[str, str], received: set[str]) -> None:
        ident = str(notice.id)
        if notice.sent_at is not None and ident in sent and _after(notice.sent_at, sent[ident]):
            self.found.add("notice_row", f"the notice {ident} was sent at another time than its row says", stream)
        if notice.status in CALLED_SENT and ident not in sent:
            self.found.add("notice_row", f"the notice {ident} is called sent, and no entry says so", stream)
        if notice.acknowledged_at is not None and ident not in received:
            self.found.add("notice_row", f"the notice {ident} is called acknowledged, and no entry says so", stream)


def _after(sent_us: int, recorded_at: str) -> bool:
    """Whether a sending cannot be what was put on record then: both are written at one instant."""
    return sent_us != to_us(datetime.fromisoformat(recorded_at))


def _unlike(notice: NoticeRow, words_in: NoticeRow, said: Mapping[str, Any]) -> Iterator[str]:
    """What differs between a notice, the message *words_in* whose words went out, and what the entry says was sent."""
    if words_of(words_in) != said.get("words"):
        yield f"the text on record of the notice {notice.id} is not the text that was sent"
    for name in ("recipient", "channel"):
        if getattr(notice, name) != said.get(name):
            yield f"the {name} of the notice {notice.id} is not the one it was sent to"
