"""Destroying the bytes of documents that were erased, in the folder where they lie."""

from engine.clock import SystemClock
from engine.documents import FileStore, MemoryStore
from engine.erased_papers import destroyed, users_of
from engine.privacy_record import privacy_story
from workflows.workspace import Workspace, user_of

GRACE_S = 3600.0
"""Seconds for which bytes that were just put are left alone: a form that names them may be under way. PLACEHOLDER"""


def destroy_papers(workspace: Workspace, grace_s: float = GRACE_S) -> int:
    """Destroy the bytes that erasures name; return how many documents are still there.

    They stay while another matter uses them by now, while another database keeps its documents in the same folder, and for an
    hour after somebody sent the same bytes again.
    """
    before_s = SystemClock().now().timestamp() - grace_s
    with workspace.database.snapshot() as tx:
        gone = destroyed(workspace.campaign, privacy_story(tx, workspace.campaign))
        users = users_of(tx, gone)
    alone = [sha256 for sha256, refs in gone.items() if not users.get(sha256, set()) - refs]
    store = workspace.documents
    there = [sha256 for sha256 in alone if isinstance(store, FileStore | MemoryStore) and store.has(sha256)]
    if isinstance(store, FileStore) and there:
        ours = user_of(workspace.database)
        if store.claim(ours) - {ours}:
            return len(there)
    if isinstance(store, FileStore | MemoryStore):
        for sha256 in there:
            store.drop(sha256, before_s)
        there = [sha256 for sha256 in there if store.has(sha256)]
    return len(there)
