"""The rehearsal in the browser: its clock is moved by who may, forwards only, and what happened is shown."""

from collections.abc import Iterator
from typing import Any

import pytest
from test_console_ground import Visitor
from world import begin

from workflows.workspace import Workspace


@pytest.fixture
def office(sqlite_url: str) -> Iterator[Workspace]:
    found = begin(sqlite_url, "baodi-2010", unproved=True)
    yield found
    found.close()


def test_the_clock_goes_where_it_is_sent_and_what_fell_due_is_shown(office: Workspace, visitor: Visitor) -> None:
    visitor.enter("bgs.admin")
    csrf = visitor.csrf()
    assert visitor.ask("/rehearsal/advance", {"csrf": csrf, "to": "2010-11-27T10:00"})[0] == 303
    assert office.clock.now().astimezone(office.campaign.zone).isoformat() == "2010-11-27T10:00:00+08:00"
    code, page = visitor.ask("/rehearsal")
    assert code == 200 and "2010-11-27 10:00" in page and "汇总" in page


@pytest.mark.parametrize("to", ["2010-11-01", "nonsense", ""])
def test_a_clock_that_cannot_go_there_says_so_and_keeps_what_was_typed(visitor: Visitor, to: str) -> None:
    visitor.enter("bgs.admin")
    code, page = visitor.ask("/rehearsal/advance", {"csrf": visitor.csrf(), "to": to})
    assert code == 422 and f'value="{to}"' in page


def test_only_who_may_plays_it(visitor: Visitor) -> None:
    visitor.enter("wujia.liaison")
    _, page = visitor.ask("/rehearsal")
    assert "/rehearsal/advance" not in page
    for path, form in (("advance", {"to": "2010-12-01"}), ("play", {"pace": "1"}), ("pause", {})):
        said: dict[str, Any] = {"csrf": visitor.csrf(), **form}
        assert visitor.ask(f"/rehearsal/{path}", said)[0] == 403


def test_nothing_is_played_where_nothing_is_shown(visitor: Visitor) -> None:
    visitor.enter("bgs.admin")
    assert visitor.ask("/rehearsal/play", {"csrf": visitor.csrf(), "pace": "1"})[0] == 409


def test_a_production_has_no_rehearsal(sqlite_url: str) -> None:
    from web.console.nav import ROOMS

    assert [room.url for room in ROOMS if room.rehearsal] == ["/rehearsal"]
