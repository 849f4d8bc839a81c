"""Two nodes that bring the log its first key at one moment: it has one, once, and verification finds nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from production import refusal
from racing import once_called
from world import begin, others

from engine import checkpoints, log_keys
from engine.checkpoints import seal
from engine.log_entries import log_story
from engine.log_keys import begin_key
from engine.signing_key import new_key
from engine.verifying import verify
from workflows.workspace import Workspace


@pytest.fixture
def workspace(pg_url: str) -> Iterator[Workspace]:
    found = begin(pg_url)
    yield found
    found.close()


@pytest.fixture
def other(workspace: Workspace) -> Iterator[Workspace]:
    with others(workspace, 1) as (found,):
        yield found


def keys(workspace: Workspace) -> list[str]:
    with workspace.database.snapshot() as tx:
        assert verify(tx, workspace.campaign)["findings"] == []
        return [each.public for each in log_story(tx, workspace.campaign).keys]


def test_two_that_seal_for_the_first_time_at_one_moment_bring_their_key_once(
    workspace: Workspace, other: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = new_key(tmp_path / "key")

    def sealed(node: Workspace) -> bool:
        return seal(node.database, node.campaign, node.clock.now(), key) is not None

    once_called(monkeypatch, checkpoints, "log_story", lambda: sealed(other))

    assert sealed(workspace)
    assert keys(workspace) == [key.public_key().public_bytes_raw().hex()]


def test_of_two_that_make_a_first_key_at_one_moment_the_second_is_refused_and_leaves_no_file(
    workspace: Workspace, other: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def faster() -> None:
        made.append(begin_key(other.engine, other.actor("bgs.admin"), tmp_path / "faster")["public"])

    once_called(monkeypatch, log_keys, "new_key", faster)

    assert refusal(lambda: begin_key(workspace.engine, workspace.actor("bgs.admin"), tmp_path / "slow")).code == "key"
    assert keys(workspace) == made
    assert {each.name for each in tmp_path.iterdir()} == {"faster"}
