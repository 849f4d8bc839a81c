"""A proposal that does not come into force: rejected by a second person, or taken back by who made it."""

from collections.abc import Callable

from engine.campaign_proposals import REJECTED, WITHDRAWN, Proposed, decide, must_be_open
from engine.errors import Conflict, DubanError, Forbidden, Invalid, Reason
from engine.orders import Actor
from engine.published import definition_source
from engine.publishing import FIND_CAMPAIGN
from engine.saying import says_something
from engine.store import Tx
from workflows.amendment import refuse_unless_second
from workflows.library import Shelf
from workflows.migration import under_way
from workflows.proposing import MIGRATE, draft_in, found, migration_in, proposer, understand
from workflows.publication import find_version
from workflows.workspace import Workspace


def _refuse_done(workspace: Workspace, kept: Proposed) -> Callable[[Tx], None]:
    """What raises Conflict for a proposal that is carried out, and only not noted yet: it is in force, whoever says no now."""
    done = _done(workspace, kept)

    def check(tx: Tx) -> None:
        must_be_open(tx, kept.id)
        if done(tx):
            raise Conflict("the proposal is being put in force; it cannot be taken back", "in_force")

    return check


def _done(workspace: Workspace, kept: Proposed) -> Callable[[Tx], bool]:
    """What tells whether a proposal has been carried out; one that cannot be read any more has not."""
    if kept.sort == MIGRATE:
        kind, version = migration_in(kept)
        target = find_version(workspace, kind, version).id
        return lambda tx: (begun := under_way(workspace, tx, kind)) is not None and begun.target == target
    try:
        read = understand(workspace, draft_in(kept)).read
    except DubanError:
        return lambda _tx: False
    if isinstance(read, Shelf):
        own, code = read.campaign.digest, workspace.campaign.code
        return lambda tx: own != kept.base and (row := tx.row(FIND_CAMPAIGN, code=code)) is not None and row[1] == own
    return lambda tx: definition_source(tx, read.doc.kind, read.doc.version) is not None


def reject(workspace: Workspace, ident: int, approver: Actor, reason: str) -> None:
    """Turn a proposal down, with a reason. Raises Forbidden, Conflict, Invalid."""
    if not says_something(reason):
        raise Invalid("say why it is rejected", "no_reason")
    kept = found(workspace, ident)
    refuse_unless_second(workspace.campaign.parts, proposer(workspace, kept), approver)
    _turn_down(workspace, kept, REJECTED, approver, reason)


def withdraw(workspace: Workspace, ident: int, actor: Actor) -> None:
    """Take a proposal back; only who made it may. Raises Forbidden, Conflict."""
    kept = found(workspace, ident)
    if kept.proposed_by != actor.login:
        words = Reason("own", "只能撤回本人提出的", "only who proposed it may take it back")
        raise Forbidden(f"{actor.login} did not propose this", "forbidden", [words])
    _turn_down(workspace, kept, WITHDRAWN, actor)


def _turn_down(workspace: Workspace, kept: Proposed, status: str, actor: Actor, reason: str = "") -> None:
    refuse_done = _refuse_done(workspace, kept)

    def work(tx: Tx) -> None:
        refuse_done(tx)
        decide(tx, workspace.campaign, kept.id, status, actor, workspace.clock.now(), reason)

    workspace.engine.in_transaction(work)
