"""Verifying the record of a workspace against what lies outside, and remembering with what a whole check ended."""

from contextlib import suppress
from typing import Any

from engine.anchors import anchor_folders, keep_check, read_anchors
from engine.clock import rfc3339
from engine.errors import Unavailable
from engine.verifying import Scope, verify
from workflows.verify_helping import helped, processes_for
from workflows.workspace import Workspace


def verified(workspace: Workspace, scope: Scope, processes: int | None = 1) -> dict[str, Any]:
    """Verify; where all of it was checked and nothing found, the next check may begin where this one ended.

    *processes* share the work; None lets the size of the record decide how many. Raises Unavailable if one fails.
    """
    log = workspace.campaign.log
    with helped(workspace, processes_for(workspace, scope, processes) - 1) as (tx, helpers):
        said = verify(tx, workspace.campaign, scope, helpers)
    if said["ok"] and scope.matter is None:
        with suppress(Unavailable):  # the answer stands; only what begins at the last check will begin further back
            keep_check(log, said["size"], said["root"], rfc3339(workspace.clock.now()))
    return said


def whole(workspace: Workspace) -> Scope:
    """Everything, against every anchor that this machine knows of (``DUBAN_ANCHORS``). Raises Unavailable."""
    folders = [each for each in anchor_folders() if each.exists()]
    return Scope(
        anchors=list(read_anchors(folders, workspace.campaign.log)), documents=workspace.documents,
        timed=workspace.mode == "production",
    )  # fmt: skip
