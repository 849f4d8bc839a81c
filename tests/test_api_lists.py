"""Lists over the interface for programs: page by page nothing is lost or doubled, whatever is opened meanwhile."""

from collections.abc import Iterator

import pytest
from callers import House, house_of, refused
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from world import advance, begin, open_one

from web.api.answers import Paged, paged
from workflows.workspace import Workspace


@pytest.fixture
def house(workspace: Workspace) -> Iterator[House]:
    with house_of(workspace) as found:
        yield found


def test_no_row_is_lost_or_doubled_while_rows_are_added(house: House) -> None:
    caller, workspace = house.as_("bgs.admin"), house.workspace
    for ref in ("errand/b1", "errand/c1", "errand/x1"):
        open_one(workspace, "errand", "bgs.admin", "alpha", ref=ref)
    there = {each["ref"] for each in caller.get("/matters").json["items"]}

    found, cursor = [], None
    for number in range(20):
        page = caller.get("/matters", params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json
        found += [each["ref"] for each in page["items"]]
        cursor = page["next"]
        open_one(workspace, "errand", "bgs.admin", "beta", ref=f"errand/{'az'[number % 2]}{number}")
        if cursor is None or number > 8:
            break

    assert len(found) == len(set(found)) and there <= set(found)
    assert found == sorted(found)


def test_each_list_goes_on_where_it_stopped(house: House) -> None:
    advance(house.workspace, "2010-11-20T09:00")
    caller = house.as_("bgs.admin")
    for path, params in (
        ("/matters", {"kind": "errand"}), ("/deadlines", {}), ("/notices", {}), ("/people", {}),
        ("/matters/errand/alpha/history", {}), ("/notices/forecast", {"until": "2010-12-20"}),
    ):  # fmt: skip
        whole = caller.get(path, params={**params, "limit": 200}).json
        assert whole["next"] is None and len(whole["items"]) > 2, path
        assert caller.all(path, **params) == whole["items"], path
    assert {each["light"] for each in caller.all("/matters", light="red")} == {"red"}
    assert {each["body"] for each in caller.all("/matters", body="beta", closed="false")} == {"beta"}
    assert caller.all("/matters", closed="true") == []
    assert caller.all("/deadlines", ref="errand/alpha", status="breached")
    assert caller.all("/notices", body="alpha", as_of="2010-11-02") == []


def test_a_cursor_of_another_list_is_refused(house: House) -> None:
    caller = house.as_("bgs.admin")
    cursor = caller.get("/matters", params={"limit": 1}).json["next"]

    for said in (cursor + "x", "AAAA", "%", "W10", cursor[:-2], "bnVsbA", "é"):
        refused(caller.get("/matters", params={"cursor": said}), 422, "cursor")
    refused(caller.get("/matters", params={"cursor": cursor, "kind": "errand"}), 422, "cursor")
    for limit in ("0", "201", "x", "-1"):
        refused(caller.get("/matters", params={"limit": limit}), 422, "invalid")
    refused(caller.get("/matters", params={"body": "nobody"}), 422, "no_body")
    refused(caller.get("/matters", params={"kind": "nothing"}), 404, "no_kind")
    refused(caller.get("/matters", params={"as_of": "yesterday"}), 422, "instant")
    refused(caller.get("/notices/forecast", params={"until": "8000-01-01"}), 422, "until")


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.integers(0, 60), unique=True), st.lists(st.integers(0, 60)), st.integers(1, 7))
def test_pages_of_any_list_that_grows_hold_what_was_there_once(there: list[int], added: list[int], limit: int) -> None:
    rows, found, cursor, more = set(there), [], None, list(added)
    while True:
        page = paged(
            [{"id": each} for each in sorted(rows)], lambda each: (each["id"],), Paged(limit=limit, cursor=cursor)
        )
        found += [each["id"] for each in page["items"]]
        rows |= {more.pop()} if more else set()
        if (cursor := page["next"]) is None:
            break

    assert len(found) == len(set(found)) and set(there) <= set(found)


def test_a_workspace_shows_what_another_process_did(sqlite_url: str) -> None:
    from world import again

    workspace = begin(sqlite_url)
    other = again(workspace)
    with house_of(workspace) as house:
        caller = house.as_("bgs.admin")
        advance(other, "2010-11-03T09:00")

        assert caller.get("/me").json["now"] == "2010-11-03T01:00:00Z"
        assert len(caller.get("/notices").json["items"]) > 0
    other.close()
    workspace.close()
