"""What is watched and what is found missing, in matters and in the returns of bodies."""

from datetime import datetime
from typing import Any

from engine import lookout
from engine.clock import rfc3339
from workflows.workspace import Workspace


def declared(workspace: Workspace) -> list[dict[str, Any]]:
    """Every monitor of the definitions and of the campaign, as it is written."""
    return lookout.declared(workspace.reader)


def findings(
    workspace: Workspace, ref: str | None = None, body: str | None = None, as_of: datetime | None = None
) -> dict[str, Any]:
    """What is found missing now or *as_of* an earlier instant, the oldest first; nothing is told by looking."""
    now = workspace.clock.now()
    items = lookout.findings(workspace.reader, ref, body, as_of)
    return {"as_of": rfc3339(min(as_of or now, now)), "items": items}
