"""What leads nowhere is claimed, sent and marked at once; what leads anywhere is claimed first, so that it goes out once."""

import pytest
from world import SILENT, fire, sql

from scheduler import marking
from scheduler.channels import SilentChannel
from scheduler.dispatch import Dispatcher
from workflows.workspace import Workspace

DUE = "2010-11-03T09:00"
"""When both bureaus are reminded: two notices are owed."""


class Somewhere(SilentChannel):
    """A channel of which nobody says that it leads nowhere."""

    nowhere = False


def claims(workspace: Workspace, dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """What is left of two notices whose sending could not be put on record: their status, and how often they were tried."""

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    fire(workspace, DUE)
    monkeypatch.setattr(marking, "record_attempts", fail)
    with pytest.raises(ZeroDivisionError):
        dispatcher.deliver()
    monkeypatch.undo()
    return [
        (str(status), int(tried)) for status, tried in sql(workspace.database, "select status, attempts from notice")
    ]


def test_what_leads_nowhere_is_not_even_claimed_if_it_cannot_be_marked(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    dispatcher = Dispatcher(workspace, SILENT)

    assert claims(workspace, dispatcher, monkeypatch) == [("owed", 0), ("owed", 0)]
    assert dispatcher.deliver() == (2, 0)


def test_one_way_out_that_leads_somewhere_is_enough_for_a_claim(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    dispatcher = Dispatcher(workspace, {**SILENT, "console": Somewhere()})

    assert claims(workspace, dispatcher, monkeypatch) == [("owed", 1), ("owed", 1)]
    assert dispatcher.deliver() == (0, 0)
