"""A proposal that one puts in force while another says no: it is the one or the other, in the database and on record."""

from collections.abc import Callable
from typing import Any

import pytest
from test_api_changes import CAMPAIGN, CHANGED, ERRAND
from test_orders import refused
from world import sql

from engine.errors import Conflict
from workflows import proposing
from workflows.drafts import draft_of
from workflows.proposing import approve, found, submit, understand
from workflows.turning_down import reject, withdraw
from workflows.workspace import Workspace

DRAFTS: dict[str, dict[str, str]] = {
    "amend": CHANGED,
    "publish": {"errand.yaml": ERRAND.replace("version: 1", "version: 2", 1)},
}
NO: dict[str, Callable[[Workspace, int], None]] = {
    "rejected": lambda at, ident: reject(at, ident, at.actor("lxz.chair"), "不妥"),
    "withdrawn": lambda at, ident: withdraw(at, ident, at.actor("bgs.admin")),
}


def proposal(workspace: Workspace, files: dict[str, str]) -> int:
    draft = draft_of({name: text.encode() for name, text in files.items()})
    return submit(workspace, understand(workspace, draft), workspace.actor("bgs.admin"), "更改")


def in_force(workspace: Workspace) -> list[Any]:
    return [
        sql(workspace.database, "select digest from campaign"),
        sql(workspace.database, "select kind, version from definition_version order by kind, version"),
    ]


@pytest.mark.parametrize("ended", NO)
@pytest.mark.parametrize("sort", DRAFTS)
def test_what_was_turned_down_meanwhile_does_not_come_into_force(
    sort: str, ended: str, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    ident = proposal(workspace, DRAFTS[sort])
    before, carry_out = in_force(workspace), proposing._carry_out

    def late(*said: Any) -> Any:
        NO[ended](workspace, ident)
        return carry_out(*said)

    monkeypatch.setattr(proposing, "_carry_out", late)
    with pytest.raises(Conflict, match="decided"):
        approve(workspace, ident, workspace.actor("lxz.chair"))

    assert (found(workspace, ident).status, in_force(workspace)) == (ended, before)


@pytest.mark.parametrize("ended", NO)
@pytest.mark.parametrize("sort", DRAFTS)
def test_what_has_come_into_force_is_turned_down_by_nobody(
    sort: str, ended: str, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the deed is done and its note is not: else the record would say that it was rejected."""
    ident = proposal(workspace, DRAFTS[sort])
    before, carry_out = in_force(workspace), proposing._carry_out

    def early(*said: Any) -> Any:
        done = carry_out(*said)
        assert refused(workspace, lambda: NO[ended](workspace, ident)).code == "in_force"
        return done

    monkeypatch.setattr(proposing, "_carry_out", early)
    approve(workspace, ident, workspace.actor("lxz.chair"))

    assert found(workspace, ident).status == "applied"
    assert in_force(workspace) != before


def test_what_was_overtaken_meanwhile_does_not_come_into_force(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = {**CHANGED, "small_campaign.yaml": CAMPAIGN.replace("Bureau Beta", "Bureau Beta renamed")}
    assert other["small_campaign.yaml"] != CAMPAIGN
    first, second = proposal(workspace, CHANGED), proposal(workspace, other)
    amend = proposing.amend

    def after_another(*said: Any) -> bool:
        monkeypatch.setattr(proposing, "amend", amend)
        approve(workspace, second, workspace.actor("lxz.chair"))
        return amend(*said)

    monkeypatch.setattr(proposing, "amend", after_another)
    with pytest.raises(Conflict, match="come into force since"):
        approve(workspace, first, workspace.actor("lxz.chair"))

    assert [found(workspace, each).status for each in (first, second)] == ["open", "applied"]
