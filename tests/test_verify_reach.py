"""Who stands in for whom, how people are reached and whose feed is shown is held against the record, row by row."""

from datetime import datetime, timedelta

import world
from production import admin, hire, producing
from test_delegations import delegate
from test_log_subjects import codes

from engine.contacts import Contacts
from engine.delegating import Delegations
from engine.feed_tokens import FeedTokens
from workflows.workspace import Workspace


class Ticking:
    """A clock that is never read twice with the same answer, as the real one."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        self._at += timedelta(microseconds=7)
        return self._at


def lived(workspace: Workspace) -> None:
    """Delegations made and ended, an address changed and dropped, a feed shown and taken back."""
    engine, office = workspace.engine, workspace.actor("bgs.admin")
    delegate(workspace, "alpha.liaison", "beta.head")
    Delegations(engine, office).end("alpha.liaison", "beta.head")
    delegate(workspace, "alpha.liaison", "beta.head")
    delegate(workspace, "alpha.head", "beta.liaison")
    contacts = Contacts(engine, office)
    for minute, address in enumerate(("a@example.org", "b@example.org"), 1):
        contacts.set("alpha.head", "console", address, "22:00-07:00", 2)
        world.set_clock(workspace, f"2010-11-01T09:0{minute}")
    contacts.set("beta.head", "console", "c@example.org")
    contacts.drop("beta.head", "console")
    contacts.set("beta", "console", "desk@example.org")
    feeds = FeedTokens(engine, office)
    for login in ("alpha.head", "alpha.head", "beta.head"):
        feeds.make(login)
    feeds.revoke("beta.head")


WITHIN = "authz/alpha.liaison"

EDITS = [
    ("update delegation set delegate = 'gamma.head' where ended_at is null", ("delegation_differs", WITHIN)),
    ("update delegation set valid_to = valid_to + 1", ("delegation_differs", WITHIN)),
    ("update delegation set ended_at = null", ("delegation_differs", WITHIN)),
    ("update delegation set made_at = made_at - 3600000000", ("delegation_differs", WITHIN)),
    ("update delegation set made_by = 'alpha.liaison'", ("delegation_differs", WITHIN)),
    ("update delegation set reason = '回避'", ("delegation_differs", WITHIN)),
    ("delete from delegation where delegator = 'alpha.head'", ("delegation_differs", "authz/alpha.head")),
    (
        "insert into delegation select -id, campaign_id, 'beta.head', delegate, body, post, valid_from, valid_to, "
        "reason, made_by, made_at, ended_at from delegation where delegator = 'alpha.head'",
        ("delegation_differs", "authz/beta.head"),
    ),
    (
        "update contact set address = 'x@example.org' where ended_at is null",
        ("contact_differs", "contacts/alpha.head"),
    ),
    ("update contact set rank = 3 where rank = 2", ("contact_differs", "contacts/alpha.head")),
    ("update contact set quiet = '' where quiet != ''", ("contact_differs", "contacts/alpha.head")),
    ("update contact set ended_at = null where holder = 'beta.head'", ("contact_differs", "contacts/beta.head")),
    ("delete from contact where holder = 'beta'", ("contact_differs", "contacts/beta")),
    ("update feed_token set hash = 'ab'", ("feed_token_differs", "authz/alpha.head")),
    (
        "update feed_token set login = 'beta.liaison' where login = 'beta.head'",
        ("feed_token_differs", "authz/beta.head"),
    ),
    ("update feed_token set revoked_at = null where login = 'beta.head'", ("feed_token_differs", "authz/beta.head")),
    ("delete from feed_token where revoked_at is null", ("feed_token_differs", "authz/alpha.head")),
]


def test_whoever_edits_these_tables_behind_the_programs_back_is_found(workspace: Workspace) -> None:
    lived(workspace)

    assert codes(workspace) == set()
    missed = {
        statement: codes(workspace, statement) for statement, found in EDITS if found not in codes(workspace, statement)
    }
    assert missed == {}


def test_a_clock_that_goes_on_accuses_nobody(db_url: str) -> None:
    with producing(db_url) as office:
        started = office.clock.now()
        office.engine.clock = Ticking(started)
        hire(office, "li.ming", "alpha.head")
        hire(office, "wang.fang", "beta.head")
        desk = Delegations(office.engine, admin(office).actor)
        desk.make("li.ming", "wang.fang", started, started + timedelta(days=9), "出差")
        desk.end("li.ming", "wang.fang")
        reach = {code for code, _ in codes(office)}

    assert "delegation_differs" not in reach


def test_an_address_that_is_gone_is_missed_where_it_stood_and_accuses_no_contact(workspace: Workspace) -> None:
    lived(workspace)

    erased = (
        "delete from entry_private where stream = 'contacts/beta'",
        "update contact set address = '' where holder = 'beta'",
    )
    gone = ("private_gone", "contacts/beta")
    assert codes(workspace, *erased) == {gone}
    rank = "update contact set rank = 4 where holder = 'beta'"
    assert codes(workspace, *erased, rank) == {gone, ("contact_differs", "contacts/beta")}


def test_nothing_is_older_than_a_log_whose_beginning_is_on_record(workspace: Workspace) -> None:
    lived(workspace)
    old = "update contact set set_at = 1 where holder = 'beta'"

    assert codes(workspace, old) == {("contact_differs", "contacts/beta")}
    assert codes(workspace, "update log_state set since = 9000000000000000", old) == {
        ("contact_differs", "contacts/beta")
    }
