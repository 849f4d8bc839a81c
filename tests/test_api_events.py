"""Events for refreshing: whoever comes again goes on where he stopped, nothing but references is told, and streams end."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

import pytest
from callers import Caller, House, house_of, refused, token_of
from production import act, admin, hire, producing
from world import begin, correct, do, sql, to_review

from web.api.callers import Callers
from web.api.events import Following
from workflows.workspace import Workspace

BRIEF = {"poll_s": 0.0, "heartbeat_s": 3.0, "stream_s": 6.0}


@pytest.fixture
def house(workspace: Workspace) -> Iterator[House]:
    ticks = count()
    with house_of(workspace, seconds=lambda: float(next(ticks)), **BRIEF) as found:
        yield found


def heard(caller: Caller, last: str | None = None) -> list[tuple[int, str, dict]]:
    """What a stream tells until it ends: id, name and what is said."""
    headers = {} if last is None else {"Last-Event-ID": last}
    answer = caller.get("/events", headers={"Accept": "text/event-stream", **headers})
    assert (answer.code, answer.headers["content-type"].partition(";")[0]) == (200, "text/event-stream"), answer
    blocks = [block.split("\n") for block in answer.content.decode().split("\n\n") if block]
    fields = [dict(line.split(": ", 1) for line in block if not line.startswith(":")) for block in blocks]
    return [(int(each.get("id", -1)), each["event"], json.loads(each["data"])) for each in fields if each]


def test_whoever_comes_again_misses_nothing_and_hears_nothing_twice(house: House) -> None:
    caller = house.as_("bgs.admin")
    (*_, (start, name, _), end) = heard(caller)
    assert (name, end[1]) == ("position", "end")

    correct(house.workspace, "errand/alpha", "alpha.head", reason="漏填", urgent=False)
    do(house.workspace, "errand/beta", "take", "beta.liaison")
    to_review(house.workspace)
    told = heard(caller, str(start))
    refs = [(name, said["ref"]) for _, name, said in told if "ref" in said]
    assert sorted(set(refs)) == sorted(refs)
    assert (positions := [position for position, *_ in told[:-1]]) == sorted(positions)
    assert ("matter", "errand/alpha") in refs and ("matter", "errand/beta") in refs
    assert all(set(said) <= {"ref"} for _, _, said in told)

    last = max(position for position, *_ in told)
    assert {each[1] for each in heard(caller, str(last))} == {"position", "end"}
    halfway = next(position for position, _, said in told if said.get("ref") == "errand/beta")
    assert [said["ref"] for _, name, said in heard(caller, str(halfway)) if name == "matter"] == ["errand/alpha"]


def test_nothing_is_told_of_what_the_reader_does_not_see(house: House) -> None:
    caller = house.as_("beta.liaison")
    ((start, _, _), _) = heard(caller)

    to_review(house.workspace)
    do(house.workspace, "errand/beta", "take", "beta.liaison")

    assert {said["ref"] for _, _, said in heard(caller, str(start)) if "ref" in said} == {"errand/beta"}


def test_a_position_that_the_log_does_not_have_is_told_to_read_anew(house: House) -> None:
    caller = house.as_("alpha.liaison")

    assert heard(caller, str(10**15))[0][1] == "reset"
    for nonsense in ("-1", "x", "1.5", "9" * 30):
        refused(caller.get("/events", headers={"Last-Event-ID": nonsense}), 422, "position")


def test_a_silent_stream_shows_that_it_lives(sqlite_url: str) -> None:
    workspace, ticks = begin(sqlite_url), count()
    with house_of(workspace, seconds=lambda: float(next(ticks)), poll_s=0.0, heartbeat_s=2.0, stream_s=20.0) as house:
        assert b": still here\n\n" in house.as_("alpha.liaison").get("/events").content
    workspace.close()


def test_streams_are_bounded_and_their_places_come_back(sqlite_url: str) -> None:
    workspace = begin(sqlite_url)
    over = threading.Event()
    over.set()
    with house_of(workspace, over=over, streams_each=1, streams=2) as house:
        caller = house.as_("alpha.liaison")
        for _ in range(3):
            assert [each[1] for each in heard(caller)] == ["position", "end"]  # the process ends: so does the stream
        assert house.parts.meters.text().find(b"duban_api_streams 0.0") > 0
    with house_of(workspace, streams_each=0) as full:
        refused(full.as_("alpha.liaison").get("/events"), 429, "too_many_streams")
    workspace.close()


@contextmanager
def ending(house: House, login: str, take_away: Callable[[str], None]) -> Iterator[list[bytes]]:
    """What a stream of *login* still tells when what let him in is taken away by another node meanwhile."""
    token = token_of(house.workspace, login)
    parts, callers = house.parts, Callers(house.parts)
    following = Following(parts, callers.again(token), None, lambda: callers.again(token))
    told: list[bytes] = []

    async def read() -> None:
        async for each in following.events():
            told.append(each)
            if len(told) == 1:
                take_away(token)
                to_review(house.workspace)

    asyncio.run(read())
    yield told


def test_a_stream_ends_at_the_next_look_once_the_token_is_taken_back(house: House) -> None:
    def revoke(token: str) -> None:
        sql(house.workspace.database, f"update access_token set revoked_at = 1 where id = '{token.split('_')[1]}'")

    with ending(house, "bgs.admin", revoke) as told:
        assert [b"event: position" in told[0], told[1:]] == [True, [b"event: end\ndata: {}\n\n"]]


def test_a_stream_ends_at_the_next_look_once_its_reader_is_disabled(house: House) -> None:
    def disable(_: str) -> None:
        sql(house.workspace.database, "update person set disabled_at = 1 where login = 'alpha.liaison'")

    with ending(house, "alpha.liaison", disable) as told:
        assert told[1:] == [b"event: end\ndata: {}\n\n"]


def test_a_stream_tells_nothing_of_what_a_narrowed_reader_saw_before(db_url: str) -> None:
    ticks = count()
    with (
        producing(db_url) as office,
        house_of(office, seconds=lambda: float(next(ticks)), **BRIEF) as house,
    ):
        token = hire(office, "li", "alpha.head", "beta.head")
        callers = Callers(house.parts)
        told: list[bytes] = []

        async def read() -> None:
            following = Following(house.parts, callers.again(token), None, lambda: callers.again(token))
            async for each in following.events():
                told.append(each)
                if len(told) == 1:
                    admin(office).revoke("li", "alpha", "head")
                    hire(office, "wang", "alpha.liaison")
                    act(office, office.holder("wang"), "errand/alpha", "take")

        asyncio.run(read())
        assert b"errand/alpha" not in b"".join(told) and len(told) > 2, "he still reads, of what is left to him"
