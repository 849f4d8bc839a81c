"""Checking the record of notices: the words on record are those that went out, and nothing is called sent without its entry."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from engine.campaign import Campaign
from engine.clock import to_us
from engine.deliveries import SENT, words_of
from engine.log_entries import log_story
from engine.owed_record import OWED
from engine.privacy_record import privacy_story
from engine.rows import N, NoticeRow
from engine.shapes import at
from engine.store import IDS, Statement, Tx
from engine.verify_fates import AGAIN, BENT, Fate, fates_of, flaws_of_notice
from engine.verify_findings import Findings
from engine.verify_matters import Lines
from engine.verify_older import passed_on_before, sent_again_before
from engine.verify_pages import Named

REFS_AT_ONCE = 100
"""Matters whose notices are read at once where nothing of them is on record."""

CALLED_SENT = ("sent", "acknowledged")

BY_IDS = Statement(select(N).where(N.c.id.in_(IDS)))
OF_REFS = Named(lambda refs: select(N).where(N.c.campaign_id == bindparam("campaign_id"), N.c.ref.in_(refs)))
OF_NONE = Statement(select(N).where(N.c.campaign_id == bindparam("campaign_id"), N.c.ref.is_(None)).order_by(N.c.id))
REFS = Statement(select(N.c.ref).where(N.c.campaign_id == bindparam("campaign_id")).distinct())

Bodies = list[Mapping[str, Any]]

SAYS = {"kind", "trigger", "recorded_at", "seq"}
"""What every entry says; what is none any more is found where the chains are checked."""


@dataclass(frozen=True, slots=True)
class Told:
    """All that is on record about the notices of one matter, or of the campaign: its acts, what else was owed, what came of it."""

    acts: Lines
    owed: Lines
    came: Lines

    def owing(self) -> Bodies:
        """What was owed, and nothing else of the acts."""
        return [*({"kind": "moved", OWED: body[OWED]} for body, _, _ in self.acts if OWED in body), *_sound(self.owed)]

    def after(self) -> Bodies:
        """What came of it."""
        return _sound(self.came)


def _sound(lines: Lines) -> Bodies:
    return [body for body, _, _ in lines if body.keys() >= SAYS]


class NoticeCheck:
    """Hold every notice against what its acts owed and the chained stream of its sendings and receipts."""

    def __init__(self, tx: Tx, campaign: Campaign, found: Findings) -> None:
        self.tx, self.campaign, self.found = tx, campaign, found
        self._strict = "owed" in log_story(tx, campaign).kept
        self._erased = privacy_story(tx, campaign).notices
        self.notices = 0
        self.older = 0
        self._bent: set[str] = set()

    def without(self, refs: Collection[str]) -> None:
        """Name what is called sent, or owed, without any record: all notices but those of *refs*, which have some."""
        there = [ref for (ref,) in self.tx.rows(REFS, campaign_id=self.campaign.id)]
        strange = [ref for ref in there if (ref or self.campaign.code) not in refs]
        for first in range(0, len(strange), REFS_AT_ONCE):
            some = strange[first : first + REFS_AT_ONCE]
            for notice in self._rows([ref for ref in some if ref is not None], none=None in some):
                stream = f"notices/{notice.ref or self.campaign.code}"
                self._unsaid(notice, stream, {}, set())
                self._judge(notice, stream, None, {})

    def check(self, told: Mapping[str, Told]) -> None:
        """Compare the notices of these matters, by their references, with all that is on record about them."""
        self._bent.clear()
        came = {ref: each.after() for ref, each in told.items()}
        notices = self._notices(came)
        of: dict[str, list[NoticeRow]] = {}
        for notice in notices.values():
            of.setdefault(notice.ref or self.campaign.code, []).append(notice)
        for ref, each in told.items():
            self._stream(f"notices/{ref}", came[ref], each.owing(), notices, of.get(ref, []))

    def _rows(self, refs: Sequence[str], *, none: bool) -> list[NoticeRow]:
        rows = OF_REFS.rows(self.tx, refs, campaign_id=self.campaign.id)
        more = self.tx.rows(OF_NONE, campaign_id=self.campaign.id) if none else []
        return [NoticeRow(*row) for row in (*rows, *more)]

    def _notices(self, came: Mapping[str, Bodies]) -> dict[str, NoticeRow]:
        """The notices of these matters, and those whose words went out in their place, by their ids as text."""
        rows = self._rows(sorted(came), none=self.campaign.code in came)
        found = {str(row.id): row for row in rows}
        said = {str(body["digest"]) for bodies in came.values() for body in bodies if "digest" in body}
        said = (said | {str(each.digest_id) for each in found.values() if each.digest_id is not None}) - found.keys()
        more = self.tx.among(BY_IDS, sorted(int(ident) for ident in said if ident.isdecimal())) if said else []
        return {**found, **{str(row[0]): NoticeRow(*row) for row in more}}

    def _stream(
        self, stream: str, bodies: Bodies, owed: Bodies, notices: Mapping[str, NoticeRow], own: Iterable[NoticeRow]
    ) -> None:
        sent: dict[str, str] = {}
        received: set[str] = set()
        for body in bodies:
            if "notice" in body:  # else it speaks of several, or of none
                self._entry(stream, body, notices, sent, received)
        fates = fates_of([*owed, *bodies])
        for ident, fate in sorted(fates.items()):
            if fate.mark is not None and ident not in notices:
                self.found.add("notice_gone", f"the notice {ident} was owed, and is not there", stream)
        own = tuple(own)
        for heir, seq, heirs in passed_on_before(bodies, notices, own, fates):
            self.older += heirs is not None
            if heirs is None:
                self.found.add("notice_gone", f"what was passed on to {heir} is not there", stream, seq)
        for notice in own:
            self._unsaid(notice, stream, sent, received)
            self._judge(notice, stream, fates.get(str(notice.id)), notices)

    def _entry(
        self,
        stream: str,
        body: Mapping[str, Any],
        notices: Mapping[str, NoticeRow],
        sent: dict[str, str],
        received: set[str],
    ) -> None:
        """Hold one entry about one notice against its row; note what was sent and received."""
        ident = str(body["notice"])
        notice = notices.get(ident)
        if notice is None:
            self.found.add("notice_gone", f"the notice {ident} that it speaks of is not there", stream, body["seq"])
        elif body["trigger"] == SENT:
            self.notices += 1
            sent[ident] = body["recorded_at"]
            words_in = notices.get(str(body.get("digest")), notice)
            erased = self._erased.get(str(words_in.id))
            for words in _unlike(notice, words_in, body if erased is None else {**body, "words": erased[1]}):
                self._bent.add(ident)
                self.found.add("notice_text", words, stream, body["seq"])
        elif body["trigger"] == "acknowledge":
            received.add(ident)
            if at(notice.acknowledged_at) != body.get("acknowledged_at"):
                words = f"the notice {ident} was acknowledged at another time than its row says"
                self.found.add("notice_row", words, stream, body["seq"])

    def _judge(self, notice: NoticeRow, stream: str, fate: Fate | None, notices: Mapping[str, NoticeRow]) -> None:
        digest = notices.get(str(notice.digest_id)) if notice.digest_id is not None else None
        if fate is not None and fate.mark is not None and str(notice.id) in self._erased:
            fate.mark = self._erased[str(notice.id)][0]
        for words in flaws_of_notice(notice, fate, digest, strict=self._strict):
            if words == BENT and str(notice.id) in self._bent:
                continue  # found already, with what was sent
            if words == AGAIN and fate is not None and sent_again_before(self.tx, self.campaign, notice, fate, digest):
                self.older += 1
                continue
            self.found.add("notice_row", f"the notice {notice.id}: {words}", stream)

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
