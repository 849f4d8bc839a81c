"""Who is seen behind the secret of a session: until it is idle, too old, ended, or its holder is disabled."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from production import Watch, refusal
from world import broken_links, everything, flaws, sql

from engine.sessions import Sessions
from engine.step_up import ACTS, fresh, refuse_stale
from workflows.workspace import Workspace

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


@pytest.fixture
def door(workspace: Workspace) -> Iterator[tuple[Workspace, Sessions, Watch]]:
    """Give a rehearsal with a machine's clock that a test can set."""
    clock = Watch(NOW)
    yield workspace, Sessions(workspace.engine, clock), clock


Door = tuple[Workspace, Sessions, Watch]


def test_a_rehearsal_is_entered_as_any_of_its_logins(door: Door) -> None:
    workspace, sessions, _ = door

    secret, session = sessions.enter("alpha.head", "10.0.0.1")
    seen = sessions.resolve(secret)

    assert (seen.actor.login, seen.actor.auth) == ("alpha.head", f"session:{session.id}")
    assert seen.actor.posts == workspace.actor("alpha.head").posts
    assert len(secret.split("_", 2)[2]) >= 43
    assert secret not in repr(everything(workspace)) and seen.csrf not in repr(everything(workspace))
    assert refusal(lambda: sessions.enter("nobody", "x")).code == "unknown_login"
    assert broken_links(workspace) == [] and flaws(workspace) == []


def test_every_way_to_show_a_wrong_secret_is_answered_alike(door: Door) -> None:
    _, sessions, _ = door
    secret, session = sessions.enter("alpha.head", "x")
    wrong = ["", "x", "ds__", f"ds_{session.id}_", secret[:-1], secret + "x", secret.replace("ds", "db", 1), "é" * 400]
    wrong += [f"ds_{'0' * 16}_{secret.split('_', 2)[2]}", "ds_\x00_x", "a" * 100_000]

    said = {(error.code, error.message) for error in (refusal(lambda e=e: sessions.resolve(e)) for e in wrong)}

    assert len(said) == 1
    assert {code for code, _ in said} == {"no_session"}


def test_an_idle_session_ends_after_a_quarter_of_an_hour_and_a_used_one_does_not(door: Door) -> None:
    _, sessions, clock = door
    idle, _ = sessions.enter("alpha.head", "x")
    used, _ = sessions.enter("alpha.head", "x")

    for _ in range(3):
        clock.later(minutes=6)
        sessions.resolve(used)

    assert refusal(lambda: sessions.resolve(idle)).code == "no_session"
    assert [each.login for each in sessions.list("alpha.head")] == ["alpha.head"]
    clock.later(minutes=15)
    assert refusal(lambda: sessions.resolve(used)).code == "no_session"


def test_no_session_outlives_a_working_day(door: Door) -> None:
    _, sessions, clock = door
    secret, _ = sessions.enter("alpha.head", "x")
    for _ in range(48):
        clock.later(minutes=9, seconds=59)
        sessions.resolve(secret)

    clock.later(minutes=5)

    assert refusal(lambda: sessions.resolve(secret)).code == "no_session"


def test_the_clock_of_a_rehearsal_ends_no_session(door: Door) -> None:
    workspace, sessions, _ = door
    secret, _ = sessions.enter("alpha.head", "x")

    with workspace.database.tx() as tx:
        workspace.move_clock(tx, workspace.clock.now() + timedelta(days=90))

    assert sessions.resolve(secret).actor.login == "alpha.head"


def test_the_last_use_is_written_once_a_minute_at_most(door: Door) -> None:
    workspace, sessions, clock = door
    secret, _ = sessions.enter("alpha.head", "x")

    def last() -> int:
        found: int = sql(workspace.database, "select seen_at from login_session")[0][0]
        return found

    first = last()
    clock.later(seconds=59)
    sessions.resolve(secret)
    assert last() == first
    clock.later(seconds=1)
    sessions.resolve(secret)
    assert last() == first + 60_000_000


def test_signing_out_ends_the_session_on_every_node_and_is_on_record(door: Door) -> None:
    workspace, sessions, clock = door
    secret, _ = sessions.enter("alpha.head", "x")
    other = Sessions(workspace.engine, clock)
    other.resolve(secret)

    sessions.sign_out(secret)
    sessions.sign_out(secret)

    assert refusal(lambda: other.resolve(secret)).code == "no_session"
    rows = sql(workspace.database, "select record from entry where stream = 'access/alpha.head' order by seq")
    assert [json.loads(row)["trigger"] for (row,) in rows] == ["entered", "signed_out"]
    assert "10.0.0" not in "".join(row for (row,) in rows)


def test_all_sessions_of_a_person_end_at_once_by_himself_or_who_keeps_accounts(door: Door) -> None:
    workspace, sessions, _ = door
    secrets = [sessions.enter("alpha.head", "x")[0] for _ in range(2)]

    assert refusal(lambda: sessions.end_all("alpha.head", workspace.actor("beta.head"))).code == "forbidden"
    assert refusal(lambda: sessions.end_all("nobody", workspace.actor("bgs.admin"))).exit_code == 3
    assert sessions.end_all("alpha.head", workspace.actor("bgs.admin")) == 2

    assert {refusal(lambda s=s: sessions.resolve(s)).code for s in secrets} == {"no_session"}


def test_proving_oneself_again_changes_the_secret_and_holds_for_five_minutes(door: Door) -> None:
    _, sessions, clock = door
    secret, _ = sessions.enter("alpha.head", "x")
    csrf = sessions.resolve(secret).csrf
    clock.later(minutes=5, microseconds=1)
    assert not fresh(sessions.resolve(secret), clock.now())

    again = sessions.step_up(secret, "", "")

    assert refusal(lambda: sessions.resolve(secret)).code == "no_session"
    seen = sessions.resolve(again)
    assert seen.csrf != csrf
    assert fresh(seen, clock.now()) and fresh(seen, clock.now() + timedelta(minutes=5))
    for act in ACTS:
        refuse_stale(seen, clock.now(), act)
        late = refusal(lambda act=act: refuse_stale(seen, clock.now() + timedelta(minutes=6), act))
        assert (late.code, late.exit_code) == ("step_up", 5)
    never = replace(seen, session=replace(seen.session, stepped_up_at=None))
    assert not fresh(never, clock.now()) and not fresh(seen, clock.now() - timedelta(seconds=1))
