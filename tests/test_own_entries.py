"""One's own entries: found again at every look, while only what is new in the log is looked through for them."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from world import do, local, open_one, set_clock

from engine import own_entries
from engine.clock import to_us
from engine.log_search import WantedEntries, found_entries
from engine.orders import Actor
from engine.own_entries import own_page
from engine.sequencing import sequence
from engine.store import Tx
from workflows.workspace import Workspace

ME = Actor("alpha.liaison", "tests", frozenset({("alpha", "liaison")}))

LONG_AGO = timedelta(days=3000)


def sequenced(office: Workspace) -> int:
    campaign = office.campaign
    return sequence(office.database, campaign.id, campaign.log, to_us(office.clock.now()), 500)


def page(
    office: Workspace, limit: int = 50, cursor: str | None = None, until: datetime | None = None, login: str = ME.login
) -> dict[str, Any]:
    """A page, after it was held against the one that is found by looking through the whole log."""
    sight = office.sight(ME)
    view, since = office.reader.seen_by(sight), office.clock.now() - LONG_AGO
    wanted = WantedEntries(actor=login, since=since, until=until)
    mine, theirs = (find(view, sight, wanted, limit, cursor) for find in (own_page, found_entries))
    assert (mine["items"], mine["waiting"], mine["next"]) == (theirs["items"], theirs["waiting"], theirs["next"])
    return mine


def acted(office: Workspace, times: int) -> None:
    for _ in range(times):
        do(office, open_one(office, "errand", ME.login).ref, "take", ME.login)


def test_what_is_remembered_is_what_the_log_has(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    rows = Tx.rows

    def spy(tx: Tx, statement: Any, **params: Any) -> list[Any]:
        if statement is own_entries.NEW:
            looked.append(params["low"])
        return rows(tx, statement, **params)

    monkeypatch.setattr(Tx, "rows", spy)
    assert page(workspace)["items"] == []
    acted(workspace, 2)
    assert len(page(workspace)["waiting"]) == 4, "what has no place in the log yet is there, too"
    first = sequenced(workspace)
    assert [len(page(workspace)["items"]) for _ in range(2)] == [4, 4]
    acted(workspace, 1)
    more = sequenced(workspace)

    assert len(page(workspace)["items"]) == 6
    assert looked[-3:] == [0, first, first] and first and more
    assert looked.count(0) == len(looked) - 2, "each part of the log was looked through once"


def test_pages_go_on_and_days_are_kept(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    acted(workspace, 2)
    middle = local("2010-11-01T11:00")
    set_clock(workspace, "2010-11-01T12:00")
    acted(workspace, 1)
    sequenced(workspace)

    some = page(workspace, 4)
    rest = page(workspace, 4, some["next"])
    assert [len(each["items"]) for each in (some, rest)] == [4, 2] and rest["next"] is None
    assert len(page(workspace, until=middle)["items"]) == 4

    monkeypatch.setattr(own_entries, "MOST", 3)
    workspace.database.lasting.pop(own_entries.KEPT)
    assert [len(page(workspace)["items"]) for _ in range(2)] == [6, 6], "of whom has too many the log is looked through"
    assert page(workspace, login="nobody")["items"] == []
