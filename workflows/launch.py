"""How a database begins: its schema, its mode and clock, the definitions, the campaign and the matters it opens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Literal
from zoneinfo import ZoneInfo

from engine import schema_version
from engine.campaign import Campaign
from engine.clock import Clock, SystemClock, VirtualClock, rfc3339, to_us
from engine.desk import Desk
from engine.documents import DocumentStore
from engine.errors import Conflict, Invalid, Refused
from engine.facts import read_instant
from engine.hashes import hash_name
from engine.log_entries import KEPT, note_in_log
from engine.marks import warning
from engine.notices import compose
from engine.opening import open_by_policy
from engine.orders import Do, Open
from engine.owing import owe
from engine.people import People
from engine.publishing import choose, establish, get_meta, publish, set_meta, store_campaign, stored_clock
from engine.rows import DeadlineRow, MatterRow
from engine.shapes import rule_of
from engine.store import Database, Tx
from engine.terms import end_of_day
from engine.transacting import transact
from workflows.calendars import KNOWN
from workflows.file_modes import begin_privately
from workflows.library import Shelf, read_shelf
from workflows.open_questions import open_questions, refuse_to_begin_open
from workflows.proving import refuse_unproved
from workflows.workspace import Workspace, assembled, beginner, make_workspace

LATE_LOAD_AFTER = timedelta(0)
"""A production campaign may be opened until its last day is over; after that only as a late load."""


@dataclass(frozen=True)
class Beginning:
    """How a database is begun: *rehearsal* with its clock *at*, or production, *late* if the campaign is over."""

    campaign: str = "baodi-2010"
    rehearsal: bool = False
    at: str | None = None
    late: bool = False
    channel: str | None = None
    calendar: Literal["all", "asof"] = "all"
    """``asof``: a rehearsal knows of our notices only those issued by its beginning; the others are imported."""
    unproved: bool = False
    """Take definitions without a proof: for trying out machines that are flawed on purpose."""
    hashing: Literal["sha256", "sm3"] | None = None
    """The hash function of every entry and of the log over them; chosen once, SHA-256 if nothing is said."""
    accept_open: bool = False
    """Begin a production although its file leaves questions open, see `workflows.open_questions`."""
    second: str | None = None
    """The login of a second first administrator of a production: the security administrator, with a code of his own."""


def init(
    url: str, beginning: Beginning, *, documents: DocumentStore | None = None, clock: Clock | None = None
) -> tuple[Workspace, dict[str, Any]]:
    """Create the database, publish the definitions, open the campaign's matters. Safe to repeat.

    In production *clock* stands for the machine's, if given.

    Raises Invalid (exit 7) with every problem of the files before anything is stored, with every finding if a
    definition is not proved, for a campaign that has already ended unless *late*, and for a production that leaves
    questions open unless it is to *accept* them.
    """
    shelf = read_shelf(beginning.campaign)
    if not beginning.rehearsal and not beginning.accept_open:
        refuse_to_begin_open(url, shelf)
    if not beginning.unproved:
        refuse_unproved(shelf)
    clock = _first_clock(beginning, shelf, clock or SystemClock())
    _refuse_ended(beginning, shelf, clock.now())
    database = Database(url)
    if not beginning.rehearsal:
        begin_privately(database)
    try:
        schema_version.create(database)
        schema_version.refuse_unfit(database)
        (campaign, clock, created, shown), _ = transact(
            database, partial(_establish, database, beginning, shelf, clock)
        )
        workspace = make_workspace(database, campaign, clock, _mode(beginning), documents)
        if workspace.mode == "production":
            workspace.engine.factors()  # a local database has the key of its second factors from the beginning
        opened = open_campaign(workspace)
    except BaseException:
        database.close()
        raise
    said = {
        "database": database.url.render_as_string(hide_password=True), "mode": workspace.mode, "campaign": campaign.code,
        "created": created, "opened": opened, "now": rfc3339(clock.now()), "administrator": campaign.doc.administrator,
        "open_questions": [each.as_json() for each in open_questions(shelf.campaign.source)],
    }  # fmt: skip
    return workspace, {**said, **shown}


def _no_second(campaign: Campaign) -> Refused:
    return Refused(
        f"{campaign.code} has begun already, or is a rehearsal: --second names somebody at the beginning of a production; "
        "later: duban user add, grant, code",
        "begun",
    )


def _mode(beginning: Beginning) -> str:
    return "rehearsal" if beginning.rehearsal else "production"


def _establish(
    database: Database, beginning: Beginning, shelf: Shelf, clock: Clock, tx: Tx
) -> tuple[Campaign, Clock, bool, dict[str, Any]]:
    """Write down what the database is, its definitions and its campaign; return that, its clock, whether the database was
    nothing yet (its tables may be there, if a beginning was cut off after them), and what is said of the first accounts.

    Several processes may do this at once: whoever comes second meets the first at a key, and finds all of it done.
    """
    mode, doc = _mode(beginning), shelf.campaign.doc
    channel = beginning.channel or ("console" if beginning.rehearsal else "file")
    created = get_meta(tx, "mode") is None
    establish(tx, mode, clock.now() if beginning.rehearsal else None, channel, beginning.hashing)
    if created and beginning.calendar == "asof":
        set_meta(tx, KNOWN, clock.now().astimezone(_zone(shelf)).date().isoformat())
    if beginning.rehearsal:
        clock = VirtualClock(stored_clock(tx))
    now = clock.now()  # one instant for the whole beginning: the record is held against the rows to the microsecond
    for definition in shelf.definitions.values():
        publish(tx, definition, doc.administrator, now)
    ident, new = store_campaign(tx, doc, shelf.source, shelf.campaign.digest, now)
    tx.flush()
    doc = choose(tx, doc.code)[1]
    campaign = assembled(tx, ident, doc)
    if new:
        _enter_beginning(tx, campaign, shelf, mode, now)
    return campaign, clock, created, _accounts(database, tx, campaign, beginning, now, new=new)


def _accounts(
    database: Database, tx: Tx, campaign: Campaign, beginning: Beginning, now: datetime, *, new: bool
) -> dict[str, Any]:
    """Make the first accounts of a *new* production; of one that was there, say who of them has never come in."""
    if beginning.rehearsal:
        if beginning.second is not None:
            raise _no_second(campaign)
        return {}
    from workflows.first_accounts import first_accounts, is_second, not_come_in

    people = People(campaign.doc, campaign.id, _mode(beginning))
    if new:
        return first_accounts(database, tx, campaign, people, now, beginning.second)
    if beginning.second is not None and not is_second(tx, campaign, people, beginning.second, now):
        raise _no_second(campaign)
    return {"not_come_in": not_come_in(tx, campaign, beginning.second)}


def _first_clock(beginning: Beginning, shelf: Shelf, real: Clock) -> Clock:
    if not beginning.rehearsal:
        if beginning.calendar != "all":
            raise Invalid("--calendar asof is for a rehearsal; production knows every notice there is", "calendar")
        if beginning.at is not None:
            raise Invalid("--at sets the clock of a rehearsal; a production database has the real one", "at")
        return real
    try:
        return VirtualClock(read_instant(beginning.at or shelf.campaign.doc.launched_at, _zone(shelf)))
    except ValueError:
        raise Invalid(f"not an instant: {beginning.at!r}; write 2010-11-25T15:00", "instant") from None


def _zone(shelf: Shelf) -> ZoneInfo:
    return ZoneInfo(shelf.campaign.doc.zone)


def _refuse_ended(beginning: Beginning, shelf: Shelf, now: datetime) -> None:
    doc = shelf.campaign.doc
    over = end_of_day(date.fromisoformat(doc.end), _zone(shelf))
    if not beginning.rehearsal and now >= over + LATE_LOAD_AFTER and not beginning.late:
        raise Invalid(
            f"the campaign {doc.code} ended on {doc.end}; to try it out: duban init --rehearsal, or duban rehearse; "
            "to load it all the same: --late",
            "ended",
        )


def _enter_beginning(tx: Tx, campaign: Campaign, shelf: Shelf, mode: str, now: datetime) -> None:
    """Put on record with what the campaign began: its file, its definitions, its calendar, its hash function, its *mode*."""
    said: dict[str, Any] = {
        "mode": mode,
        "campaign": shelf.campaign.digest, "calendar": campaign.work.calendar.digest,
        "hash": hash_name(campaign.log),
        "keeps": list(KEPT),
        "definitions": {f"{each.doc.kind}@{each.doc.version}": each.digest for each in shelf.definitions.values()},
    }  # fmt: skip
    left_open = len(open_questions(shelf.campaign.source)) if mode == "production" else 0
    if left_open:
        said["open_questions"] = left_open
    note_in_log(tx, campaign, beginner(), now, "configured", "init", said)


def open_campaign(workspace: Workspace, *, summary: bool = True) -> int:
    """Open the campaign's matters that are not there yet; return how many were opened now.

    With a *summary* the office is told which of their deadlines were over before.
    The campaign file calls for them, so they are opened as the system's acts; the record says who ran the command.
    """
    engine, campaign = workspace.engine, workspace.campaign
    actor = beginner()
    orders = list(_openings(campaign))

    def work(tx: Tx) -> int:
        opened = 0
        for order, then in orders:
            try:
                outcome = open_by_policy(Desk(campaign, workspace.people, tx, workspace.clock.now(), actor), order)
            except Conflict:
                continue
            opened += not outcome.replayed
            for trigger in then:
                engine.run(
                    tx, Do(ref=outcome.ref, trigger=trigger, request_id=f"campaign:{outcome.ref}:{trigger}"), actor
                )
        if opened and summary:
            _late_summary(workspace, tx)
        return opened

    return engine.in_transaction(work)


def _openings(campaign: Campaign) -> list[tuple[Open, Sequence[str]]]:
    doc = campaign.doc
    found: list[tuple[Open, Sequence[str]]] = []
    for opening in doc.opens:
        if opening.each == "roster":
            for body in doc.roster:
                title = _title(opening.title, {"body": campaign.body_name(body)})
                found.append((_open(opening.kind, body, f"{opening.kind}/{body}", title), opening.then))
            continue
        for duty in doc.duties:
            for body in duty.responsible:
                names = {"number": duty.number, "title": duty.title.zh, "body": campaign.body_name(body)}
                ref = f"{opening.kind}/{duty.number}/{body}"
                found.append((_open(opening.kind, body, ref, _title(opening.title, names)), opening.then))
    return found


def _title(template: str, names: Mapping[str, str]) -> str:
    for name, value in names.items():
        template = template.replace("{" + name + "}", value)
    return template


def _open(kind: str, body: str, ref: str, title: str) -> Open:
    return Open(kind=kind, body=body, ref=ref, title=title, request_id=f"campaign:{ref}")


def _past(campaign: Campaign, matter: MatterRow, row: DeadlineRow) -> str:
    """One line on a deadline that is past."""
    rule = rule_of(campaign, campaign.machines[matter.definition_id], row)
    return f"{matter.ref}  {rule.label.zh}{warning(rule.mark, 'zh')}  {row.last_day}"


def _late_summary(workspace: Workspace, tx: Tx) -> None:
    """One notice to the office that lists every deadline already past when its matter was opened."""
    campaign, now = workspace.campaign, workspace.clock.now()
    pairs = workspace.reader.matters(tx)
    past = [_past(campaign, matter, row) for matter, rows in pairs for row in rows if row.status == "breached"]
    if not past:
        return
    values = {"campaign": campaign.doc.name.zh, "list": "\n".join(past), "label": "", "title": campaign.doc.name.zh}
    office = campaign.parts.get("office", "")
    directory = workspace.people.directory(tx, now)
    for recipient in directory.reach(office, campaign.circle_posts.get("office", ("admin",))):
        notice = compose(
            campaign, kind="late_load", recipient=recipient, body=office, planned_us=to_us(now), now_us=to_us(now),
            dedup=f"{campaign.id}:late_load:{recipient}", values=values,
        )  # fmt: skip
        owe(tx, campaign, [notice])
