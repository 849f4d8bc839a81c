"""Configuration on record: which channels file a production runs with, by its hash; its secrets are never read here."""

import hashlib
import os
from pathlib import Path

from engine.log_entries import begin_in_log, log_story, note_in_log
from engine.orders import SYSTEM, Actor
from engine.store import Tx
from workflows.workspace import Workspace, os_name


def note_channels(workspace: Workspace) -> bool:
    """Put on record if the channels file is another than the one last used; return whether it was."""
    said = os.environ.get("DUBAN_CHANNELS")
    try:
        digest = hashlib.sha256(Path(said).read_bytes()).hexdigest() if said else ""
    except OSError:
        return False  # refused where the file is read
    actor = Actor(SYSTEM.login, f"run:{os.getuid()}:{os_name()}", key=SYSTEM.login)
    campaign, now = workspace.campaign, workspace.clock.now()
    with workspace.database.snapshot() as tx:
        if log_story(tx, campaign).channels == digest:
            return False

    def work(tx: Tx) -> bool:
        begin_in_log(tx, campaign)
        if log_story(tx, campaign).channels == digest:
            return False
        note_in_log(tx, campaign, actor, now, "configured", "channels", {"sha256": digest})
        return True

    return workspace.engine.in_transaction(work)
