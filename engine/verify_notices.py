"""Checking the record of notices: the words on record are those that went out, and nothing is called sent without its entry."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, or_, select

from engine.campaign import Campaign
from engine.clock import to_us
from engine.deliveries import SENT, words_of
from engine.log_entries import log_story
from engine.owed_record import OWED
from engine.rows import E, N, NoticeRow
from engine.shapes import at
from engine.store import IDS, Statement, Tx
from engine.verify_fates import AGAIN, BENT, Fate, fates_of, flaws_of_notice
from engine.verify_findings import Findings
from engine.verify_older import passed_on_before, sent_again_before

AT_ONCE = 2000
"""Entries of whole streams that are held before the notices are read and compared."""

REFS_AT_ONCE = 100
"""Matters whose notices are read at once where nothing of them is on record."""

CALLED_SENT = ("sent", "acknowledged")

BY_IDS = Statement(select(N).where(N.c.id.in_(IDS)))
OWES = f'"{OWED}":[['
"""How the text of an entry looks where it says which notices it owes."""

OWING = f"%{OWES}%"
"""The same, for the database to find it by."""

LIST = json.JSONDecoder()

REFS = Statement(select(N.c.ref).where(N.c.campaign_id == bindparam("campaign_id")).distinct())

Bodies = list[Mapping[str, Any]]


class NoticeCheck:
    """Hold every notice against the chained stream of its sendings and receipts, some streams at a time."""

    def __init__(self, tx: Tx, campaign: Campaign, found: Findings) -> None:
        self.tx, self.campaign, self.found = tx, campaign, found
        self._strict = "owed" in log_story(tx, campaign).kept
        self.notices = 0
        self._held: dict[str, Bodies | None] = {}
        self._done: set[str] = set()
        self._acts: dict[str, int] = {}
        self._bent: set[str] = set()
        self._lines = 0
        self._older = 0

    def acted(self, stream: str, lines: Iterable[tuple[Mapping[str, Any], Any, Any]]) -> None:
        """Note how many entries of the whole stream of a matter say that they owed anything."""
        self._acts[stream.removeprefix("matter/")] = sum(OWED in body for body, _, _ in lines)

    def take(self, stream: str, bodies: Bodies) -> None:
        """Take the whole stream of the notices of a matter, or of the campaign; what says that they were owed is read with it."""
        of, _, ref = stream.partition("/")
        if of == OWED and ref in self._done:
            return
        self._done.add(ref)
        self._held[f"notices/{ref}"] = None if of == OWED else bodies
        self._lines += 1 + len(bodies) + self._acts.get(ref, 0)
        if self._lines >= AT_ONCE:
            self.flush()

    def finish(self, *, all_of_them: bool) -> None:
        """Compare the rest; if these were all, name what is called sent without any record."""
        for ref, owing in self._acts.items():
            if owing:
                self.take(f"{OWED}/{ref}", [])  # unless it was: of what was only owed there may be no stream
        self.flush()
        for notice in self._without() if all_of_them else ():
            stream = f"notices/{notice.ref or self.campaign.code}"
            self._unsaid(notice, stream, {}, set())
            self._judge(notice, stream, None, {})
        if self._older:
            self.found.reserve(
                "older_notices",
                f"{self._older} notices passed on, or sent again within a message, were entered in the form used before: held against "
                "what they came from, but not by which way they go until they are sent",
            )

    def _without(self) -> Iterator[NoticeRow]:
        """What belongs to a stream that is not there at all, by the streams that were taken: no server plans that well."""
        refs = [ref for (ref,) in self.tx.rows(REFS, campaign_id=self.campaign.id)]
        strange = [ref for ref in refs if (ref or self.campaign.code) not in self._done]
        for first in range(0, len(strange), REFS_AT_ONCE):
            some = strange[first : first + REFS_AT_ONCE]
            named = N.c.ref.in_([ref for ref in some if ref is not None])
            which = or_(named, N.c.ref.is_(None)) if None in some else named
            rows = self.tx.select(select(N).where(N.c.campaign_id == self.campaign.id, which).order_by(N.c.id))
            yield from (NoticeRow(*row) for row in rows)

    def flush(self) -> None:
        """Compare what was taken."""
        taken, self._held, self._lines = self._held, {}, 0
        if taken:
            missing = self._read(stream for stream, bodies in taken.items() if bodies is None)
            held = {stream: missing.get(stream, []) if bodies is None else bodies for stream, bodies in taken.items()}
            refs = [stream.removeprefix("notices/") for stream in held]
            acts = self._owing(f"matter/{ref}" for ref in refs if self._acts.get(ref, 1))
            owed = self._read(f"{OWED}/{ref}" for ref in refs)
            notices = self._notices(held)
            of: dict[str, list[NoticeRow]] = {}
            for notice in notices.values():
                of.setdefault(notice.ref or self.campaign.code, []).append(notice)
            for ref, (stream, bodies) in zip(refs, held.items(), strict=True):
                before = [*acts.get(f"matter/{ref}", []), *owed.get(f"{OWED}/{ref}", [])]
                self._stream(stream, bodies, before, notices, of.get(ref, []))

    def _owing(self, streams: Iterable[str]) -> dict[str, Bodies]:
        """What the entries of these streams say that they owe, and nothing else of them: text of persons cannot look so.

        Where an entry says so in two places, which no program writes, all of it is read.
        """
        wanted = sorted(streams)
        found: dict[str, Bodies] = {}
        for stream, record in self._records(wanted, E.c.record.like(OWING)) if wanted else ():
            said, _, after = record.partition(OWES)
            try:
                owed = (
                    json.loads(record).get(OWED)
                    if OWES in after
                    else LIST.raw_decode(record, len(said) + len(OWES) - 2)[0]
                )
            except (ValueError, AttributeError):
                continue
            found.setdefault(stream, []).append({"kind": "moved", OWED: owed})
        return found

    def _read(self, streams: Iterable[str]) -> dict[str, Bodies]:
        """The entries of these streams; what is no entry any more is found where the chains are checked."""
        wanted = sorted(streams)
        found: dict[str, Bodies] = {}
        for stream, record in self._records(wanted) if wanted else ():
            try:
                body = json.loads(record)
            except ValueError:
                continue
            if isinstance(body, dict) and {"kind", "trigger", "recorded_at"} <= body.keys():
                found.setdefault(stream, []).append(body)
        return found

    def _records(self, streams: list[str], *which: ColumnElement[bool]) -> Iterator[tuple[str, str]]:
        where = E.c.campaign_id == self.campaign.id, E.c.stream.in_(streams), *which
        rows = select(E.c.stream, E.c.record).where(*where).order_by(E.c.stream, E.c.seq)
        yield from self.tx.select(rows)

    def _notices(self, held: Mapping[str, Bodies]) -> dict[str, NoticeRow]:
        """The notices of these streams, and those whose words went out in their place, by their ids as text."""
        refs = sorted(stream.removeprefix("notices/") for stream in held)
        own = or_(N.c.ref.in_(refs), N.c.ref.is_(None)) if self.campaign.code in refs else N.c.ref.in_(refs)
        rows = self.tx.select(select(N).where(N.c.campaign_id == self.campaign.id, own))
        found = {str(row[0]): NoticeRow(*row) for row in rows}
        said = {str(body["digest"]) for bodies in held.values() for body in bodies if "digest" in body}
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
            self._older += heirs is not None
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
            for words in _unlike(notice, notices.get(str(body.get("digest")), notice), body):
                self._bent.add(ident)
                self.found.add("notice_text", words, stream, body["seq"])
        elif body["trigger"] == "acknowledge":
            received.add(ident)
            if at(notice.acknowledged_at) != body.get("acknowledged_at"):
                words = f"the notice {ident} was acknowledged at another time than its row says"
                self.found.add("notice_row", words, stream, body["seq"])

    def _judge(self, notice: NoticeRow, stream: str, fate: Fate | None, notices: Mapping[str, NoticeRow]) -> None:
        digest = notices.get(str(notice.digest_id)) if notice.digest_id is not None else None
        for words in flaws_of_notice(notice, fate, digest, strict=self._strict):
            if words == BENT and str(notice.id) in self._bent:
                continue  # found already, with what was sent
            if words == AGAIN and fate is not None and sent_again_before(self.tx, self.campaign, notice, fate, digest):
                self._older += 1
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
