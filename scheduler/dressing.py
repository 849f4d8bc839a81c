"""What a message carries beside its words: the link that says “received”, documents of its matter, the deadline's date."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import timedelta

from engine.ack_links import MOST_NOTICES, Links
from engine.clock import from_us
from engine.digest_words import KIND as DIGEST
from engine.digests import members
from engine.errors import NotFound
from engine.held import Held
from engine.in_hand import look
from engine.orders import Document
from engine.rows import DeadlineRow, NoticeRow
from engine.shapes import rule_of
from engine.store import Tx
from engine.told import notices_by_id
from engine.watches import WATCHED
from scheduler.channels import Channel
from scheduler.enclosing import Enclosure, enclosed
from scheduler.outgoing import Outgoing
from workflows.feed import calendar_of
from workflows.workspace import Workspace

CARRY = frozenset({"smtp", "file"})
"""The types of channel that can carry files."""


class Dresser:
    """Add to the notices of a workspace what they carry."""

    def __init__(self, workspace: Workspace, links: Links | None) -> None:
        self.workspace = workspace
        self.links = links

    def dress(self, notice: NoticeRow, *, carries: bool, of: Sequence[NoticeRow] = ()) -> NoticeRow:
        """The notice with its link and, by a channel that *carries* files, with its enclosures.

        A message of several notices is dressed with all *of* them, and its link acknowledges them all; what is dressed
        already stays as it is.
        """
        if isinstance(notice, Outgoing):
            return notice
        with self.workspace.database.snapshot() as tx:
            stored = notices_by_id(tx, self.workspace.campaign.id, [notice.id])
            files, missing = self._files(tx, stored[0]) if carries and stored else ((), ())
        if not (stored or of):  # a trial message is nobody's notice
            return notice
        known = {each.name: getattr(notice, each.name) for each in fields(NoticeRow)}
        link = self.link(of or stored)
        until = self._until(max(of or stored, key=lambda each: each.effective_at)) if link else ""
        return Outgoing(**known, link=link, link_until=until, enclosures=files, missing=missing)

    def link(self, notices: Sequence[NoticeRow]) -> str:
        """The one link for a message of several *notices*, or of one.

        They are as the database has them: with the recipient's login, not with an address. Empty where the channels file
        gives no address, or if they are more than one link is for (`MOST_NOTICES`).
        """
        if self.links is None or not 0 < len(notices) <= MOST_NOTICES:
            return ""
        since = max(notice.effective_at for notice in notices)
        return self.links.url([(notice.id, notice.recipient) for notice in notices], from_us(since))

    def _until(self, notice: NoticeRow) -> str:
        days = timedelta(days=self.links.days if self.links else 0)
        return (from_us(notice.effective_at) + days).astimezone(self.workspace.campaign.zone).strftime("%Y-%m-%d %H:%M")

    def _files(self, tx: Tx, notice: NoticeRow) -> tuple[Sequence[Enclosure], Sequence[str]]:
        """What the notice carries, or what all that ride in it carry together: a document once, the dates in one file."""
        riding = members(tx, notice.id, "owed") if notice.kind == DIGEST else [notice]
        matters: dict[str, Held | None] = {}
        wanted: dict[str, Document] = {}
        dates: dict[int, tuple[Held, DeadlineRow]] = {}
        for each in riding:
            if each.ref is not None and each.ref not in matters:
                matters[each.ref] = self._matter(tx, each.ref)
            held = matters.get(each.ref or "")
            if held is not None:
                wanted |= {paper.sha256: paper for paper in self._papers(held, each) if paper.sha256 not in wanted}
                dates |= {row.id: (held, row) for row in held.clocks.rows if row.id == each.deadline_id}
        files, missing = enclosed(self.workspace.documents, list(wanted.values()))
        written = calendar_of(self.workspace.campaign, list(dates.values()))
        name = "deadlines.ics" if notice.kind == DIGEST else "deadline.ics"
        return [*files, *([Enclosure(name, "text/calendar", written, kept=False)] if written else [])], missing

    def _matter(self, tx: Tx, ref: str) -> Held | None:
        try:
            return look(tx, self.workspace.campaign, ref, self.workspace.clock.now())
        except NotFound:
            return None

    def _papers(self, held: Held, notice: NoticeRow) -> list[Document]:
        return [
            Document(kind, name, sha256, size)
            for kind in self._attached(held, notice)
            if kind in held.documents
            for sha256, name, size in [held.documents[kind]]
        ]

    def _attached(self, held: Held, notice: NoticeRow) -> Sequence[str]:
        """The kinds of document that the words of the notice enclose: those of its rung or circle, or of its kind.

        The circle is known by its body: what one post of a body gets enclosed may come to another post of it.
        """
        campaign, machine = self.workspace.campaign, held.machine
        row = next((row for row in held.clocks.rows if row.id == notice.deadline_id), None)
        kind, which = notice.kind, list[str]()
        if row is not None and row.status not in WATCHED:
            rungs = campaign.rungs[rule_of(campaign, machine, row).ladder]
            rung = rungs[notice.level] if notice.level < len(rungs) else None
            rung = rung if rung is not None and rung.kind == notice.kind else None  # a repetition counts otherwise
            kind, which = (rung.text or kind, [rung.at]) if rung else (kind, which)
            which += ["owner", "head"] if notice.body == row.owner_body else []
        seats = [*machine.doc.roles, *campaign.circles]
        which += [each for each in seats if campaign.seat_body(machine, each, held.row.body, held.facts) == notice.body]
        return campaign.texts.attached(kind, which)


class Dressed:
    """A channel whose notices go out with what they carry."""

    def __init__(self, inner: Channel, dresser: Dresser, *, carries: bool) -> None:
        self.inner = inner
        self._dresser = dresser
        self._carries = carries

    def send(self, notice: NoticeRow, campaign: str) -> str:
        going = self._dresser.dress(notice, carries=self._carries)
        answer = self.inner.send(going, campaign)
        files = going.enclosures if isinstance(going, Outgoing) else ()
        sent = [f"{each.name} {hashlib.sha256(each.content).hexdigest()[:16]}" for each in files if each.kept]
        return f"{answer}; enclosed: {', '.join(sent)}" if sent else answer


def dressed(
    workspace: Workspace, channels: Mapping[str, Channel], types: Mapping[str, str], links: Links | None
) -> dict[str, Channel]:
    """The *channels*, by code, each dressing what it sends as its type can bear; those of no named type are left as they are."""
    dresser = Dresser(workspace, links)
    made: dict[int, Channel] = {}
    for code, channel in channels.items():
        kind = types.get(code, "console")
        if kind != "console":
            made.setdefault(id(channel), Dressed(channel, dresser, carries=kind in CARRY))
    return {code: made.get(id(channel), channel) for code, channel in channels.items()}
