"""The first accounts of a production: its administrator, and a second person from the first post on, each with a code of his own."""

import os
from datetime import datetime

from engine import credentials, one_time_codes
from engine.account_record import enter_account
from engine.activation import INIT
from engine.campaign import Campaign
from engine.dialect import sqlite_file
from engine.errors import Conflict, Forbidden, Invalid
from engine.people import TOKEN_DAYS, People
from engine.store import Database, Tx
from engine.three import security_of
from engine.tokens import token_said
from workflows.workspace import beginner

Seat = tuple[str, str]


def first_accounts(
    database: Database, tx: Tx, campaign: Campaign, people: People, now: datetime, second: str | None
) -> dict[str, str]:
    """The administrator's account of a production campaign, without any password, and that of the *second* if one is named.

    The second is the security administrator, who keeps the accounts from then on: what he proposes the administrator
    approves, so that two act from the first post on. Each gets a one-time code, returned to be shown this once; where there
    is no local file, whose owner acts under it, the administrator's first token too. Somebody who has an account already, by
    another campaign of the database, gets the post here and nothing to show: their own holds. Raises Conflict for one that is
    disabled, Invalid for a second who is none.
    """
    login = campaign.doc.administrator
    body, _, post = login.partition(".")
    by = f"{INIT}{os.getuid()}"
    shown = {}
    code = _first(tx, campaign, people, login, (body, post), by, now)
    if code is not None:
        shown["administrator_code"] = code
    if second is not None:
        shown |= _second(tx, campaign, people, second, by, now)
    if code is not None and sqlite_file(database.url) is None:
        by = f"os:{os.getuid()}"
        secret, ident, expires_at = people.token(tx, login, TOKEN_DAYS, now, issued_by=by)
        enter_account(tx, campaign, beginner(), now, "token", token_said(login, ident, expires_at, secret, None, by))
        shown["administrator_token"] = secret
    return shown


def _second(tx: Tx, campaign: Campaign, people: People, login: str, by: str, now: datetime) -> dict[str, str]:
    if login == campaign.doc.administrator:
        raise Invalid(f"--second: {login} is the first administrator; name another person", "second")
    seat = security_of(campaign)
    code = _first(tx, campaign, people, login, seat, by, now)
    return {"second": login, "second_post": ".".join(seat), **({"second_code": code} if code is not None else {})}


def _first(
    tx: Tx, campaign: Campaign, people: People, login: str, seat: Seat, by: str, now: datetime
) -> str | None:  # fmt: skip
    """Make an account with a post; return its code, None for somebody whose account was there."""
    actor, known = beginner(), people.exists(tx, login)
    if known:
        _refuse_disabled(people, tx, login, now)
    else:
        people.add(tx, login, login, now)
        enter_account(tx, campaign, actor, now, "add", {"login": login}, {"name": login})
        tx.flush()
    people.grant(tx, login, *seat, actor.login, now)
    enter_account(tx, campaign, actor, now, "grant", {"login": login, "grant": ".".join(seat)})
    if known:
        return None
    code, about = one_time_codes.make(tx, login, by, now)
    enter_account(tx, campaign, actor, now, "code", about)
    return code


def _refuse_disabled(people: People, tx: Tx, login: str, now: datetime) -> None:
    try:
        people.known(tx, login, "init", now)
    except Forbidden:
        raise Conflict(
            f"{login} is an account of this database that was disabled; name another administrator in the campaign file",
            "login_disabled",
        ) from None


def is_second(tx: Tx, campaign: Campaign, people: People, login: str, now: datetime) -> bool:
    """Whether *login* is the second first administrator that this production began with: then it may be said again."""
    if login == campaign.doc.administrator or not people.exists(tx, login):
        return False
    return security_of(campaign) in people.known(tx, login, "init", now).posts


def not_come_in(tx: Tx, campaign: Campaign, second: str | None) -> list[str]:
    """Those of the first accounts that were never made their holder's own: whoever was to see the code may never have."""
    logins = [campaign.doc.administrator, *([second] if second is not None else [])]
    return [each for each in logins if (held := credentials.read(tx, each)) is None or held.password is None]
