"""Looking back: a matter as of an earlier instant is what it was seen to be then."""

from collections.abc import Callable
from typing import Any

import pytest
from world import advance, attach, correct, do, extend, open_one, to_review, unlike
from world import local as at

from engine.errors import NotFound
from workflows.workspace import Workspace

PROBE = "probe/2010-0001"


def act(rich: Workspace) -> list[tuple[str, Callable[[], object]]]:
    """What happens, and when: every kind of order, every change of a clock, children, breaches and lateness."""
    return [
        ("2010-11-01T10:00", lambda: open_one(rich, "probe", "alpha.liaison", reporter="王某", size=8)),
        ("2010-11-01T11:00", lambda: do(rich, "errand/alpha", "take", "alpha.liaison")),
        ("2010-11-02T09:30", lambda: do(rich, PROBE, "receive", "alpha.liaison", received_at="2010-11-02T09:00+08:00")),
        ("2010-11-02T10:00", lambda: correct(rich, PROBE, "alpha.head", reason="笔误", size=9)),
        ("2010-11-02T10:00", lambda: do(rich, "errand/alpha", "pause", "alpha.head", reason="待件")),
        ("2010-11-03T09:00", lambda: do(rich, PROBE, "part", "alpha.liaison")),
        ("2010-11-03T11:00", lambda: attach(rich, PROBE, "alpha.head", "paper")),
        ("2010-11-04T10:00", lambda: do(rich, "errand/alpha", "resume", "alpha.head")),
        ("2010-11-05T10:00", lambda: extend(rich, "errand/alpha", "answer", "bgs.admin", "2010-11-12", reason="来函")),
        ("2010-11-09T10:00", lambda: do(rich, "probe/2010-0002", "abandon", "alpha.liaison")),
        ("2010-11-09T15:00", lambda: do(rich, PROBE, "approve", "bgs.admin")),
        ("2010-11-10T10:00", lambda: to_review(rich, "errand/beta")),
        ("2010-11-11T10:00", lambda: do(rich, "errand/beta", "send_back", "bgs.admin", reason="补充")),
        ("2010-11-12T16:00", lambda: do(rich, PROBE, "finish", "alpha.head", docs="stamp")),
        ("2010-11-15T10:00", lambda: do(rich, "errand/alpha", "drop", "bgs.admin", reason="撤销")),
    ]  # fmt: skip


def seen(rich: Workspace, as_of: str | None = None) -> dict[str, Any]:
    """Everything that can be looked at, of every matter there is."""
    then = at(as_of) if as_of else None
    items = rich.reader.listed(as_of=then)["items"]
    shown = {each["ref"]: rich.reader.show(each["ref"], as_of=then) for each in items}
    for each in shown.values():
        each.pop("as_of", None)
    return {"list": items, "board": rich.reader.board(as_of=then), **shown}


def test_every_matter_looks_at_every_past_instant_as_it_did_then(rich: Workspace) -> None:
    views: dict[str, dict[str, Any]] = {}
    for when, happen in act(rich):
        if (before := when[:11] + "08:59") > max(views, default="2010-11-01T09:00"):
            advance(rich, before)
            views[before] = seen(rich)
        advance(rich, when)
        happen()
        views[when] = seen(rich)

    wrong = {when: unlike(seen(rich, when), view) for when, view in views.items()}

    assert {when: found[:3] for when, found in wrong.items() if found} == {}
    assert len(views) > 20


def test_before_it_was_opened_a_matter_was_not_there(rich: Workspace) -> None:
    advance(rich, "2010-11-02T10:00")
    ref = open_one(rich, "probe", "alpha.liaison", occurred="2010-11-01T12:00").ref

    for look in ("2010-11-01T12:00", "2010-11-02T09:59:59"):  # it was dated back, but nobody knew of it
        with pytest.raises(NotFound) as caught:
            rich.reader.show(ref, as_of=at(look))
        assert caught.value.code == "not_yet"
        assert ref not in [each["ref"] for each in rich.reader.listed(as_of=at(look))["items"]]

    assert rich.reader.show(ref, as_of=at("2010-11-02T10:00"))["state"] == "fresh"


def test_looking_into_the_future_shows_the_present(rich: Workspace) -> None:
    shown = rich.reader.show("errand/alpha", as_of=at("2030-01-01"))

    assert unlike({**shown, "as_of": None}, {**rich.reader.show("errand/alpha"), "as_of": None}) == []
