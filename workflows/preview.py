"""A notice seen before it is owed: the words in force, or others, filled in with a real matter of the database."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from engine.addressees import addressees, held_against
from engine.campaign import Campaign
from engine.clock import from_us, to_us
from engine.clock_ends import due_of
from engine.desk import Desk
from engine.errors import NotFound, Reason, Refused, Usage
from engine.held import Held, unpack
from engine.notices import matter_values
from engine.orders import SYSTEM
from engine.reading import Rows
from engine.rows import DeadlineRow, NoticeRow
from engine.rungs import Step, deadline_values, reached_by
from engine.shapes import rule_of
from engine.sheets import numbered, sheet_date
from engine.sight import Sight
from engine.store import Tx
from engine.suggest import did_you_mean
from engine.texts import Texts
from engine.urging import PRESSED
from engine.watches import WATCHED
from workflows.preview_samples import values_of_campaign
from workflows.workspace import Workspace

MISSED_AFTER = timedelta(hours=9)
"""How long after the breach a missed reminder is shown: the morning of the next day."""

URGED = {
    "zh": "请于接到本单之日起三日内，将办理进展书面报办公室。",
    "en": "Report progress in writing within three days.",
}
"""The words of an urging that is only shown. PLACEHOLDER"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be shown: *kind* with the words of *texts*, of a matter and deadline or of a typical one, to whom.

    With a *sight* only of matters that are seen by it.
    """

    kind: str
    texts: Texts
    ref: str | None = None
    deadline: str | None = None
    to: str | None = None
    lang: str = "zh"
    sight: Sight | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A notice that nobody is owed. *typical* says that nobody named the matter, *key* which words were used."""

    row: NoticeRow
    key: str
    own: bool
    deadline: str | None
    typical: bool


@dataclass(frozen=True, slots=True)
class _Found:
    """What the words are filled with, and for whom."""

    values: Mapping[str, Any]
    at: datetime
    recipients: Mapping[str, tuple[str, str]]
    matter: Held | None = None
    clock: DeadlineRow | None = None
    which: str = ""


def preview(workspace: Workspace, wanted: Wanted) -> Shown:
    """Render a notice and owe nothing. Raises NotFound for an unknown kind, matter or deadline, Refused if none fits."""
    campaign = workspace.campaign
    known = wanted.texts.kinds | {key.partition("@")[0] for key in wanted.texts.own}
    if wanted.kind not in known:
        hint = did_you_mean(wanted.kind, known)
        raise NotFound(f"no kind of notice {wanted.kind!r}", "no_notice_kind", possible=sorted(known), hint=hint)
    with workspace.database.snapshot() as tx:
        found = _found(workspace, tx, wanted)
    recipient, body, circle = _addressed(wanted, found)
    which = [each for each in (found.which, circle) if each]
    said = {"date": sheet_date(found.at.astimezone(campaign.zone).date(), wanted.lang), **found.values}
    subject, text = wanted.texts.render(wanted.kind, wanted.lang, said, which)
    key = wanted.texts.chosen(wanted.kind, wanted.lang, which)
    at, clock = to_us(found.at), found.clock
    row = NoticeRow(
        id=0, campaign_id=campaign.id, ref=found.matter.row.ref if found.matter else None,
        deadline_id=clock.id if clock else None, kind=wanted.kind, level=int(said.get("level", 0)), recipient=recipient,
        body=body, channel=campaign.channel, planned_at=at, effective_at=at, sent_at=None, acknowledged_at=None,
        status="preview", subject=subject, text=text, dedup="", entry_seq=None, attempts=0, next_try_at=at, lease_until=None,
        worker=None, last_error=None,
    )  # fmt: skip
    return Shown(row, key, key in wanted.texts.own, clock.code if clock else None, wanted.ref is None)


def _addressed(wanted: Wanted, found: _Found) -> tuple[str, str, str]:
    """Recipient, body and circle: who was named, else the first who would be told."""
    if wanted.to is not None:
        body, circle = found.recipients.get(wanted.to, (wanted.to.partition(".")[0], ""))
        return wanted.to, body, circle
    recipient, (body, circle) = next(iter(found.recipients.items()), ("–", ("", "")))
    return recipient, body, circle


def _found(workspace: Workspace, tx: Tx, wanted: Wanted) -> _Found:
    """What a notice of the kind would be about; the first that fits, of open matters before closed ones."""
    desk = Desk(workspace.campaign, workspace.people, tx, workspace.clock.now(), SYSTEM)
    rows = _rows(workspace, tx, wanted)
    fitting = {
        "handover": _of_moves, "copy": _of_moves, "urge": _of_urging, "finding": _of_findings,
    }.get(wanted.kind)  # fmt: skip
    if fitting is None and _rungs_of(desk.campaign, wanted.kind):
        fitting = _of_clocks
    if fitting is None:
        if wanted.ref or wanted.deadline:
            raise Usage(f"a notice of kind {wanted.kind} is about no single matter", "no_matter_of_its_own")
        values = values_of_campaign(desk.campaign, rows, wanted.kind, wanted.lang)
        body = str(values.pop("body_code"))
        return _Found(values, desk.now, _people(desk, body, ("admin", "liaison", "head")))
    helds = [unpack(desk.campaign, matter, clocks, desk.now) for matter, clocks in rows]
    helds.sort(key=lambda held: held.row.closed)
    found = next((each for held in helds for each in fitting(desk, held, wanted)), None)
    if found is None:
        where = wanted.ref or "the database"
        zh = f"{wanted.ref or '库中'}没有会发出此种通知的事项或期限"
        words = f"nothing in {where} would give a notice of kind {wanted.kind}"
        raise Refused(words, "nothing_fits", [Reason("none", zh, words)])
    return found


def _rows(workspace: Workspace, tx: Tx, wanted: Wanted) -> Rows:
    reader = workspace.reader if wanted.sight is None else workspace.reader.seen_by(wanted.sight)
    rows = [pair for pair in reader.matters(tx) if wanted.ref in (None, pair[0].ref)]
    if wanted.ref is not None and not rows:
        raise NotFound(f"no matter {wanted.ref!r} in {workspace.campaign.code}", "no_matter")
    codes = {row.code for _, clocks in rows for row in clocks}
    if wanted.deadline is not None and wanted.deadline not in codes:
        hint = did_you_mean(wanted.deadline, codes)
        raise NotFound(f"no deadline {wanted.deadline!r} in {wanted.ref or 'any matter'}", "no_deadline", hint=hint)
    return rows


def _rungs_of(campaign: Campaign, kind: str) -> set[tuple[str, int]]:
    """The rungs, by ladder and position, whose notices have the words *kind*."""
    return {
        (name, position)
        for name, rungs in campaign.rungs.items()
        for position, rung in enumerate(rungs)
        if (rung.text or rung.kind) == kind or (kind == "missed" and rung.kind == "reminder")
    }


def _of_clocks(desk: Desk, held: Held, wanted: Wanted) -> Iterator[_Found]:
    """The notices of the rungs of a matter's clocks, each as of the instant for which it is planned."""
    rungs, campaign = _rungs_of(desk.campaign, wanted.kind), desk.campaign
    for row in held.clocks.rows:
        if row.status in WATCHED or wanted.deadline not in (None, row.code):
            continue
        spec = rule_of(campaign, held.machine, row)
        for position, planned in held.clocks.steps(row, spec, due_of(row)):
            if (spec.ladder, position) not in rungs:
                continue
            at = planned if wanted.kind != "missed" else from_us(row.breach_at) + MISSED_AFTER
            step = Step(position, planned, campaign.rungs[spec.ladder][position])
            then = Desk(campaign, desk.people, desk.tx, at, SYSTEM)
            values = {
                **matter_values(campaign, held.machine, held.row, wanted.lang),
                **deadline_values(then, row, spec, step, wanted.lang),
            }
            yield _Found(values, at, reached_by(then, held, row, spec, [step]), held, row, step.spec.at)


def _of_moves(desk: Desk, held: Held, wanted: Wanted) -> Iterator[_Found]:
    """The hand-overs or copies that the moves of a matter's machine owe."""
    campaign, machine = desk.campaign, held.machine
    for arrow in machine.doc.transitions:
        for role in arrow.handover if wanted.kind == "handover" else arrow.copy_to:
            body = campaign.seat_body(machine, role, held.row.body, held.facts)
            if not body:
                continue
            values = matter_values(campaign, machine, held.row, wanted.lang)
            reached = desk.people.directory(desk.tx, desk.now).reach(body, campaign.seat_posts(machine, role))
            said = {**values, "label": getattr(arrow.label, wanted.lang)}
            yield _Found(said, desk.now, dict.fromkeys(reached, (body, role)), held)


def _of_urging(desk: Desk, held: Held, wanted: Wanted) -> Iterator[_Found]:
    if held.row.closed:
        return
    year = desk.now.astimezone(desk.campaign.zone).year
    values = {
        **matter_values(desk.campaign, held.machine, held.row, wanted.lang),
        "list": URGED[wanted.lang], "level": 1, "number": numbered(year, 1, wanted.lang),
    }  # fmt: skip
    now_us = held.clocks.now_us
    for body, late in addressees(desk.campaign, held.row, held.clocks.rows, now_us).items():
        against = held_against(desk.campaign, held.row, late, now_us, wanted.lang)
        values |= {"owner": desk.campaign.body_name(body, wanted.lang), "standing": against}
        yield _Found(values, desk.now, _people(desk, body, PRESSED), held)


def _of_findings(desk: Desk, held: Held, wanted: Wanted) -> Iterator[_Found]:
    for row in held.clocks.rows:
        monitor = held.machine.monitors.get(row.code)
        if monitor is None or wanted.deadline not in (None, row.code):
            continue
        began, ends = from_us(row.started_at), from_us(row.breach_at)
        values = {
            **matter_values(desk.campaign, held.machine, held.row, wanted.lang),
            "label": getattr(monitor.spec.label, wanted.lang), "basis": monitor.spec.basis, "mark": monitor.spec.mark,
            "last_day": row.last_day, "list": began.astimezone(desk.campaign.zone).strftime("%Y-%m-%d %H:%M"),
            "days_over": max((ends - began).days, 0),
        }  # fmt: skip
        seats = [
            (desk.campaign.seat_body(held.machine, each, held.row.body, held.facts), each) for each in monitor.spec.tell
        ]
        directory = desk.people.directory(desk.tx, desk.now)
        reached = {
            login: (body, circle)
            for body, circle in seats
            if body
            for login in directory.reach(body, desk.campaign.seat_posts(held.machine, circle))
        }
        yield _Found(values, ends, reached, held, row)


def _people(desk: Desk, body: str, posts: Sequence[str]) -> dict[str, tuple[str, str]]:
    directory = desk.people.directory(desk.tx, desk.now)
    kept = [post for post in posts if post in desk.people.bodies.get(body, ())] or list(posts[:1])
    return {login: (body, "") for post in kept for login in directory.reach(body, [post])}
