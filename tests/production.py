"""A campaign in production, with a clock that a test can set and people who show tokens."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from world import begin, papers

from engine.accounts import Accounts
from engine.errors import DubanError
from engine.orders import Actor, Do
from engine.tokens import Tokens
from workflows.workspace import Workspace


class Watch:
    """A production's clock that a test can set."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def later(self, **by: float) -> None:
        self.at += timedelta(**by)


TUESDAY = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
"""Ten o'clock in Tianjin: whatever day the tests run on, a production of theirs begins on this one."""


@contextmanager
def producing(url: str, campaign: str = "small", at: datetime = TUESDAY) -> Iterator[Workspace]:
    """Begin *campaign* in production; its clock stands *at* an instant until a test sets it."""
    workspace = begin(url, campaign, rehearsal=False, late=True, clock=Watch(at))
    yield workspace
    workspace.close()


def watch(office: Workspace) -> Watch:
    assert isinstance(office.clock, Watch)
    return office.clock


def morning(office: Workspace, days: int = 0) -> datetime:
    """Ten o'clock of the first working day after so many days: in the hours in which notices go out."""
    zone, calendar = office.campaign.zone, office.campaign.work.calendar
    day = calendar.roll(office.clock.now().astimezone(zone).date() + timedelta(days=days))
    return datetime.combine(day, time(10), zone).astimezone(UTC)


def admin(office: Workspace) -> Accounts:
    """The desk of the administrator, who owns the database: what he gives needs nobody else."""
    owner = Actor("bgs.admin", "owner:0:tests", frozenset({("bgs", "admin")}), key="os:0")
    return Accounts(office.engine, owner)


def own_token(office: Workspace, login: str, days: int = 90, scope: frozenset[str] | None = None) -> str:
    """A token that its owner made, signed in."""
    return str(Tokens(office.engine, Actor(login, "session:tests")).make(login, days, scope)["token"])


def hire(office: Workspace, login: str, *posts: str, **until: Any) -> str:
    """Add a person with posts like ``alpha.head``; return their token."""
    desk = admin(office)
    desk.add(login, login)
    for post in posts:
        desk.grant(login, *post.split("."), **until)
    return own_token(office, login)


def refusal(work: Any) -> DubanError:
    with pytest.raises(DubanError) as caught:
        work()
    return caught.value


def act(office: Workspace, actor: Actor, ref: str, trigger: str, docs: str = "", **facts: Any) -> str:
    order = Do(ref=ref, trigger=trigger, documents=papers(office, docs), facts=facts)
    return office.engine.execute(order, actor).matter.state
