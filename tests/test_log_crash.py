"""Whoever seals or changes the key is killed at every place: the next one finishes it, and nothing is lost or accused."""

import signal
from pathlib import Path

import pytest
from commandline import Office, small_office

SEAL_POINTS = ("sequenced", "sealed", "anchored", "rotated", "put_aside")
"""Where a sequencer, a sealer or a change of keys may be killed; the first is tried with the sequencer."""


@pytest.fixture
def office(tmp_path: Path) -> Office:
    places = {"KEY": "key.pem", "ANCHORS": "anchors", "STATE": "state"}
    made = small_office(tmp_path, **{name: str(tmp_path / each) for name, each in places.items()})
    made.json("audit", "key", "new")
    return made


def killed(office: Office, point: str, *words: str) -> None:
    office.variables["DUBAN_FAILPOINT"] = point
    try:
        assert office.process(*words).returncode == -signal.SIGKILL
    finally:
        del office.variables["DUBAN_FAILPOINT"]


@pytest.mark.parametrize("point", ["sequenced", "sealed", "anchored"])
def test_what_was_sealed_when_its_maker_died_is_put_outside_by_the_next(
    point: str, office: Office, tmp_path: Path
) -> None:
    killed(office, point, "audit", "checkpoint")
    assert office.json("audit", "verify")["findings"] == []

    sealed = office.json("audit", "checkpoint")

    (path,) = (tmp_path / "anchors").glob("*.jsonl")
    assert len(path.read_text().splitlines()) == 1
    said = office.json("audit", "verify")
    assert (said["findings"], said["anchored"]["root"]) == ([], sealed["root"])
    assert office("--as", "alpha.head", "correct", "errand/alpha", "--fact", "urgent=false", "--reason", "x").code == 0


def test_a_change_of_keys_cut_short_is_finished_by_doing_it_again(office: Office, tmp_path: Path) -> None:
    office.json("audit", "checkpoint")
    killed(office, "rotated", "audit", "key", "rotate")
    killed(office, "put_aside", "audit", "key", "rotate")
    assert office("audit", "checkpoint").code == 6, "the old key signs nothing any more"

    said = office.json("audit", "key", "rotate")

    office.json("audit", "checkpoint")
    assert office.json("audit", "verify")["findings"] == []
    assert office.json("audit", "key", "show")["public"] == said["public"]
    assert sorted(path.name.split("-")[0] for path in tmp_path.glob("key.pem*")) == ["key.pem", "key.pem.retired"]
