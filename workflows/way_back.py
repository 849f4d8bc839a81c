"""The way back in for an office whose administrators' tokens have all run out: by whoever operates the database server."""

import os
from typing import Any

from engine.accounts import ADMINISTRATION
from engine.clock import rfc3339, to_us
from engine.errors import Forbidden, Refused
from engine.history import Line, append, chain_at
from engine.notices import compose
from engine.operators import able, operator_of
from engine.orders import Actor
from engine.owing import owe
from engine.store import Tx
from engine.tokens import token_said
from workflows.workspace import Workspace, os_name

RESET_DAYS = 1
"""Life of a token made so, in days: long enough to make a proper one with it. PLACEHOLDER"""

TOLD = (("leading_group", ("chair", "head")), ("office", ("admin",)))
"""The parts and posts that are told of it. Our design: whoever opens a door by force is seen by those inside."""


def reset_token(workspace: Workspace, login: str) -> dict[str, Any]:
    """Make a token for an administrator of the office without anybody's token; it stands in clear in the answer only.

    Only for the database role that owns the tables, only while no administrator has a token that holds, and told to the
    leading group and the office. Raises Refused with the other way there is, Forbidden, NotFound.
    """
    if workspace.mode == "rehearsal":
        raise Refused("a rehearsal believes every login; it has no tokens to reset", "no_reset")
    if workspace.database.wire.name == "sqlite":
        raise Refused(
            "the owner of a local database needs no token", "no_reset", hint=f"as its owner: duban user token {login}"
        )
    return workspace.engine.in_transaction(lambda tx: _reset(workspace, tx, login))


def _reset(workspace: Workspace, tx: Tx, login: str) -> dict[str, Any]:
    campaign, now, people = workspace.campaign, workspace.clock.now(), workspace.people
    role = operator_of(workspace.database, tx)
    if role is None:
        raise Forbidden("only the database role that owns the tables may reset a token", "no_operator")
    part, post = ADMINISTRATION
    body = campaign.parts[part]
    if (body, post) not in people.known(tx, login, "looked up", now).posts:
        raise Forbidden(
            f"{login} is no administrator of the office; an administrator makes their token: duban user token {login}",
            "no_administrator",
        )
    helpers = able(tx, campaign.id, body, post, now)
    if helpers:
        raise Refused(
            f"{', '.join(helpers)} has a token that holds and can make one: duban user token {login}", "not_locked_out"
        )
    people.revoke(tx, login, now)
    by = Actor("operator", f"operator:{role}:{os.getuid()}:{os_name()}", key=f"operator:{role}")
    secret, ident, expires_at = people.token(tx, login, RESET_DAYS, now, issued_by=by.person)
    said = token_said(login, ident, expires_at, secret, None, by.person)
    line = Line("account", by, to_us(now), to_us(now), trigger="token_reset", more={"account": said})
    append(tx, chain_at(tx, campaign.id, campaign.log, f"authz/{login}"), line)
    _tell(workspace, tx, login, ident)
    return {"login": login, "token_id": ident, "expires_at": rfc3339(expires_at), "token": secret}


def _tell(workspace: Workspace, tx: Tx, login: str, ident: str) -> None:
    campaign, now = workspace.campaign, workspace.clock.now()
    directory = workspace.people.directory(tx, now)
    reached: dict[str, str] = {}
    for part, posts in TOLD:
        body = campaign.parts.get(part)
        for recipient in directory.reach(body, posts) if body else ():
            reached.setdefault(recipient, body or "")
    values = {"campaign": campaign.doc.name.zh, "title": campaign.doc.name.zh, "label": login, "list": ident}
    owe(
        tx,
        campaign,
        [
            compose(
                campaign, kind="token_reset", recipient=recipient, body=body, planned_us=to_us(now), now_us=to_us(now),
                dedup=f"{campaign.id}:token_reset:{ident}:{recipient}", values={**values, "owner": campaign.body_name(body)},
            )
            for recipient, body in reached.items()
        ],
    )  # fmt: skip
