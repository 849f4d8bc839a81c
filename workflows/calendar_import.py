"""Taking over a notice of holidays: first what it would change, then all dates that hang on it counted again, once."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.accounts import refuse_unless_administrator
from engine.calendar_notices import notice_json, store_notice
from engine.campaign import Campaign
from engine.clock import to_us
from engine.desk import Desk
from engine.errors import Invalid, NotFound, Problem
from engine.history import Line, append, chain_at
from engine.orders import SYSTEM, Actor
from engine.publishing import choose, open_campaigns
from engine.recount_notices import reached_by
from engine.recount_preview import Change, preview
from engine.recounting import Recounting, order_recounting, settle
from engine.stamp import move_stamp, must_be_current, state_of
from engine.store import Tx
from engine.suggest import did_you_mean
from engine.workdays import YearNotice
from workflows.calendar_ics import read_ics
from workflows.calendars import notice_names, read_notice, shipped_notice
from workflows.workspace import Workspace, assembled


@dataclass(frozen=True)
class Plan:
    """What a notice, or another file of the campaign, would change; *known*: nothing, it is in force already."""

    known: bool
    changes: list[Change]
    told: dict[str, int]

    def counts_otherwise(self) -> bool:
        """Say whether any date or mark changes, not only reminders."""
        return any(each.moves or each.was_provisional != each.provisional for each in self.changes)

    def as_json(self) -> dict[str, Any]:
        """The plan as the contract has it: each deadline, then how many of what."""
        dates = [each for each in self.changes if not each.watch]
        return {
            "changes": [each.as_json() for each in self.changes],
            "recipients": [{"recipient": who, "dates": count} for who, count in self.told.items()],
            "counts": {
                "deadlines": len(dates),
                "moved": sum(each.moves for each in dates),
                "watches": len(self.changes) - len(dates),
                "confirmed": sum(each.was_provisional and not each.provisional for each in dates),
                "provisional": sum(each.provisional for each in dates),
                "over": sum(each.over for each in dates),
                "reminders_gained": sum(len(each.gained) for each in dates),
                "reminders_lost": sum(len(each.lost) for each in dates),
                "recipients": len(self.told),
            },
        }


LARGEST_SENT = 48 * 1024
"""Bytes of a notice that is sent; the largest of ours has a twentieth. PLACEHOLDER"""


def read_sent(name: str, content: bytes) -> YearNotice:
    """Read a notice that somebody has sent, as .ics or YAML by its *name*. Raises Invalid with every mistake."""
    if not content:
        raise Invalid("choose a file", "no_file")
    if len(content) > LARGEST_SENT:
        raise Invalid(f"the file is larger than {LARGEST_SENT // 1024} KB", "too_large")
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        said = Problem(name, 0, 0, "encoding", "this is no text in UTF-8", zh="不是 UTF-8 文本")
        raise Invalid(str(said), "encoding", problems=[said]) from None
    return read_ics(content, name) if name.lower().endswith(".ics") else read_notice(content, name)


def read_calendar(name: str) -> YearNotice:
    """Read a notice: a YAML file, an ``.ics`` file, or one of ours by its name. Raises NotFound, Invalid with every flaw."""
    if name in notice_names():
        return shipped_notice(name)
    path = Path(name)
    if not path.is_file():
        known = ", ".join(notice_names())
        hint = did_you_mean(name, notice_names())
        raise NotFound(f"no calendar {name!r}: neither one of ours ({known}) nor a file", "no_calendar", hint=hint)
    try:
        content = path.read_bytes()
    except OSError as error:
        problems = [Problem(name, 0, 0, "unreadable", str(error.strerror))]
        raise Invalid(f"{name}: cannot be read: {error.strerror}", "unreadable", problems=problems) from None
    return read_ics(content, name) if path.suffix.lower() == ".ics" else read_notice(content, name)


def plan_import(workspace: Workspace, notice: YearNotice) -> Plan:
    """Say what taking over *notice* would change; nothing is stored. Raises Invalid for one that is not issued yet."""
    _refuse_unissued(workspace, notice)
    with workspace.database.snapshot() as tx:
        ident, doc = choose(tx, workspace.campaign.code)
        in_force = _in_force(workspace.campaign, notice)
        found = plan(workspace, tx, assembled(tx, ident, doc, *(() if in_force else (notice,))))
        return Plan(True, [], {}) if in_force and not found.counts_otherwise() else found


def plan(workspace: Workspace, tx: Tx, after: Campaign, ladders: tuple[str, ...] = ()) -> Plan:
    """Say what working with the campaign *after* would change."""
    desk = Desk(workspace.campaign, workspace.people, tx, workspace.clock.now(), SYSTEM)
    changes = preview(desk, after, ladders)
    return Plan(False, changes, reached_by(desk, [each.date for each in changes if each.moves and not each.watch]))


def import_calendar(workspace: Workspace, notice: YearNotice, actor: Actor) -> bool:
    """Take over *notice* and count again what hangs on it; return whether it is new. Raises Forbidden, Invalid.

    A notice in force changes nothing, unless it came with a newer duban and dates were counted without it; what an
    interrupted import left undone is done.
    """
    _refuse_unissued(workspace, notice)
    new = workspace.engine.in_transaction(lambda tx: _store(workspace, tx, notice, actor))
    workspace.look_again()
    settle(workspace.engine)
    return new


def _store(workspace: Workspace, tx: Tx, notice: YearNotice, actor: Actor) -> bool:
    campaign, now = workspace.campaign, workspace.clock.now()
    refuse_unless_administrator(campaign.parts, actor, "import a calendar")
    must_be_current(campaign, tx.fetch(state_of(campaign))[0])
    stored = not _in_force(campaign, notice)
    if stored:
        store_notice(tx, notice, actor.login, now)
    elif not plan(workspace, tx, campaign).counts_otherwise():
        return False
    stamp = move_stamp(tx)
    cause = f"{notice.source}（{notice.year}年放假安排）"
    ordered = Recounting(f"calendar:{stamp}", cause, actor.login, actor.auth, actor.key, to_us(now))
    for campaign_id, code in open_campaigns(tx):
        order_recounting(tx, [campaign_id], ordered)
        chain = chain_at(tx, campaign_id, campaign.log.replace(campaign.code, code), f"campaign/{code}")
        line = Line("calendar", actor, to_us(now), to_us(now), trigger=ordered.name)
        line.more = {"text": cause, "notice": notice_json(notice), "stored": stored}
        append(tx, chain, line)
    return True


def _in_force(campaign: Campaign, notice: YearNotice) -> bool:
    return campaign.work.calendar.years.get(notice.year) == notice


def _refuse_unissued(workspace: Workspace, notice: YearNotice) -> None:
    today = workspace.clock.now().astimezone(workspace.campaign.zone).date()
    if notice.issued_on is not None and notice.issued_on > today:
        raise Invalid(f"{notice.source} was issued on {notice.issued_on}; today is {today}", "not_issued")
