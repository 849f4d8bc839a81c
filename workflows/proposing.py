"""Proposals carried out: a draft of one person put in force on another's word, by the same road as from the command line."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from engine.accounts import refuse_unless_administrator
from engine.campaign_proposals import (
    APPLIED,
    OPEN,
    Proposed,
    decide,
    must_be_open,
    propose,
    proposed,
)
from engine.canonical import canonical, digest
from engine.definition import Definition
from engine.errors import Conflict, Forbidden, Invalid, Problem, Refused
from engine.orders import Actor
from engine.published import definition_source
from engine.publishing import FIND_CAMPAIGN
from engine.store import Tx
from workflows.amendment import amend, plan_amendment, refuse_another, refuse_unless_second
from workflows.checking import draft_job
from workflows.comparison import Side, compared, find_side
from workflows.drafts import Draft, as_sent, draft_of, read_draft
from workflows.library import Shelf
from workflows.migration import Impact, migrate, plan_migration
from workflows.open_questions import TICK_IT, open_questions, refuse_open
from workflows.publication import Bundle, find_version, publish_bundle, unfit
from workflows.workspace import Workspace

AMEND, PUBLISH, MIGRATE = "amend", "publish", "migrate"

FUNCTIONS = {AMEND: "amend", PUBLISH: "publish", MIGRATE: "publish"}
"""The function of the policy by the sort of a proposal."""


@dataclass(frozen=True)
class Understood:
    """A draft that has been read: what it is, and the answers of the road it would go."""

    draft: Draft
    read: Shelf | Definition

    @property
    def sort(self) -> str:
        return AMEND if isinstance(self.read, Shelf) else PUBLISH

    @property
    def left_open(self) -> list[Problem]:
        """What a campaign leaves open."""
        return open_questions(self.read.campaign.source) if isinstance(self.read, Shelf) else []

    @property
    def definitions(self) -> Mapping[str, Definition]:
        """The definitions it brings or uses, by kind."""
        return self.read.definitions if isinstance(self.read, Shelf) else {self.read.doc.kind: self.read}


def understand(workspace: Workspace, draft: Draft) -> Understood:
    """Read a draft and hold it against what is open. Raises Invalid with every problem of every file."""
    found = read_draft(draft, lambda kind, version: _stored(workspace, kind, version))
    if isinstance(found, Shelf):
        refuse_another(workspace, found)
    else:
        bundle = Bundle()
        bundle.add(found)
        problems = [as_sent(each) for each in unfit(workspace.campaign, bundle)]
        if problems:
            raise Invalid(f"{len(problems)} problems", "unfit", problems=problems)
    return Understood(draft, found)


def impact(workspace: Workspace, what: Understood) -> dict[str, Any]:
    """What it would change: differences in words, and for a campaign dates that move and who is told. Raises Refused."""
    if isinstance(what.read, Shelf):
        plan, more = plan_amendment(workspace, what.read)
        return {"known": plan.known, "diff": _campaign_diff(workspace, what.read), **more, **plan.as_json()}
    doc = what.read.doc
    known = workspace.campaign.machines.by_digest.get(what.read.digest)
    newest = workspace.campaign.machines.newest.get(doc.kind)
    if newest is None:
        raise Refused(f"the campaign has no matters of the kind {doc.kind}: add it to the campaign file", "no_kind")
    before = find_side(f"{doc.kind}@{workspace.campaign.kind(doc.kind).doc.version}", lambda: workspace)
    after = Side(f"{doc.kind}@{doc.version}", what.read.digest, definition=doc)
    return {"known": known is not None, "diff": compared(before, after)}


@dataclass(frozen=True)
class Effect:
    """What an open proposal would change now: the plan of a migration, else its draft with the impact.

    *overtaken* says that another version of the campaign has come into force since it was proposed.
    """

    plan: Impact | None = None
    what: Understood | None = None
    impact: Mapping[str, Any] | None = None
    overtaken: bool = False


def effect(workspace: Workspace, kept: Proposed) -> Effect:
    """What the proposal would change now. Raises what stands against carrying it out at all: NotFound, Invalid, Refused."""
    if kept.sort == MIGRATE:
        return Effect(plan_migration(workspace, find_version(workspace, *migration_in(kept))))
    what = understand(workspace, draft_in(kept))
    told = impact(workspace, what)
    return Effect(None, what, told, _overtaken(workspace, kept, told))


def _overtaken(workspace: Workspace, kept: Proposed, told: Mapping[str, Any]) -> bool:
    return kept.sort == AMEND and kept.base != in_force(workspace) and not told["known"]


def _campaign_diff(workspace: Workspace, shelf: Shelf) -> dict[str, Any]:
    doc = shelf.campaign.doc
    docs = {kind: each.doc for kind, each in shelf.definitions.items()}
    now = {kind: workspace.campaign.kind(kind).doc for kind in workspace.campaign.doc.definitions}
    before = Side(doc.code, in_force(workspace), campaign=workspace.campaign.doc, definitions=now)
    return compared(before, Side(doc.code, shelf.campaign.digest, campaign=doc, definitions=docs))


def in_force(workspace: Workspace) -> str:
    """What identifies the campaign's file in force."""
    with workspace.database.snapshot() as tx:
        row = tx.row(FIND_CAMPAIGN, code=workspace.campaign.code)
    return str(row[1]) if row else ""


def job_of(workspace: Workspace, draft: Draft) -> dict[str, Any]:
    """The check of a draft, for the proof room."""
    machines = workspace.campaign.machines
    versions = [(kind, machines[ident].doc.version) for kind, ident in machines.newest.items()]
    stored = {f"{kind}@{version}": _stored(workspace, kind, version) for kind, version in versions}
    return draft_job(workspace.campaign, draft, stored)


def _stored(workspace: Workspace, kind: str, version: int) -> str | None:
    with workspace.database.snapshot() as tx:
        return definition_source(tx, kind, version)


def submit(workspace: Workspace, what: Understood, actor: Actor, said: str) -> int:
    """Keep a draft for somebody else's decision; return the proposal's number. Raises Forbidden, Conflict, Invalid."""
    if impact(workspace, what)["known"]:
        raise Refused("this is in force already; nothing would change", "known")
    return _submit(workspace, what.sort, canonical([what.draft.main, dict(what.draft.files)]), actor, said)


def submit_migration(workspace: Workspace, kind: str, version: int, actor: Actor, said: str) -> int:
    """Propose to take the live matters of *kind* over to *version*. Raises Refused if something stands against it."""
    found = plan_migration(workspace, find_version(workspace, kind, version))
    if not found.sound or not found.survey.matters:
        raise Refused("no matter can be taken over so; see the plan", "unsound")
    return _submit(workspace, MIGRATE, canonical({"kind": kind, "version": version}), actor, said)


def _submit(workspace: Workspace, sort: str, content: str, actor: Actor, said: str) -> int:
    campaign, now, base = workspace.campaign, workspace.clock.now(), in_force(workspace)
    refuse_unless_administrator(campaign.parts, actor, "propose a change of the campaign")
    new = Proposed(0, sort, digest(content), said, base, "", "", "", 0, OPEN, None, None, None, content)
    return workspace.engine.in_transaction(lambda tx: propose(tx, campaign, new, actor, now))


def draft_in(kept: Proposed) -> Draft:
    """The draft that a proposal holds."""
    _, files = json.loads(kept.content)
    return draft_of({name: text.encode() for name, text in files.items()})


def migration_in(kept: Proposed) -> tuple[str, int]:
    """The kind and version that a proposal wants live matters taken over to."""
    named = json.loads(kept.content)
    return str(named["kind"]), int(named["version"])


def found(workspace: Workspace, ident: int) -> Proposed:
    """A proposal. Raises NotFound."""
    with workspace.database.snapshot() as tx:
        return proposed(tx, workspace.campaign, ident)


def approve(workspace: Workspace, ident: int, approver: Actor, *, accept_open: bool = False) -> dict[str, Any]:
    """Carry a proposal out on *approver*'s word. Raises Forbidden, Conflict, Invalid, Refused; nothing is done then.

    In production a campaign that leaves questions open is put in force only if he takes them: *accept_open*.

    That its proof succeeded is for the caller to see to. Cut off between deed and note, it is carried out again, which
    changes nothing, and then noted.
    """
    kept = found(workspace, ident)
    actor = proposer(workspace, kept)
    refuse_unless_second(workspace.campaign.parts, actor, approver)
    if kept.status != OPEN:
        raise Conflict(f"the proposal was decided by {kept.decided_by} before", "decided")
    said = _carry_out(workspace, kept, actor, approver, accept_open or not is_production(workspace))
    campaign, now = workspace.campaign, workspace.clock.now()
    workspace.engine.in_transaction(lambda tx: decide(tx, campaign, ident, APPLIED, approver, now))
    return said


def is_production(workspace: Workspace) -> bool:
    """Whether what comes into force binds anybody."""
    return workspace.mode == "production"


def _carry_out(
    workspace: Workspace, kept: Proposed, actor: Actor, approver: Actor, accept_open: bool
) -> dict[str, Any]:
    if kept.sort == MIGRATE:
        target = find_version(workspace, *migration_in(kept))
        if not plan_migration(workspace, target).sound:
            raise Refused("something stands against it now; see the plan", "unsound")
        return migrate(workspace, target, actor, approver, still=partial(_must_stand, workspace, kept, ""))
    what = understand(workspace, draft_in(kept))
    if isinstance(what.read, Shelf):
        if _overtaken(workspace, kept, impact(workspace, what)):
            raise Conflict("another version of the campaign has come into force since: propose anew", "overtaken")
        if not accept_open:
            refuse_open(what.read, TICK_IT)
        own = what.read.campaign.digest
        return {"new": amend(workspace, what.read, actor, approver, partial(_must_stand, workspace, kept, own))}
    bundle = Bundle()
    bundle.add(what.read)
    said = publish_bundle(workspace, bundle, actor, approver, partial(_must_stand, workspace, kept, ""))
    workspace.look_again()
    return said


def _must_stand(workspace: Workspace, kept: Proposed, own: str, tx: Tx) -> None:
    """Raise Conflict if the proposal was decided meanwhile, or another file than its *own* has come into force.

    It is asked in the transaction of the deed, which holds the proposal until its end.
    """
    must_be_open(tx, kept.id)
    row = tx.row(FIND_CAMPAIGN, code=workspace.campaign.code)
    if own and row is not None and row[1] not in (kept.base, own):
        raise Conflict("another version of the campaign has come into force since: propose anew", "overtaken")


def proposer(workspace: Workspace, kept: Proposed) -> Actor:
    """Who proposed it, with the posts that he holds now, known as he was known then. Raises Forbidden if he is gone."""
    return replace(workspace.holder(kept.proposed_by), auth=kept.auth, key=kept.person)


def may_decide(workspace: Workspace, kept: Proposed, actor: Actor) -> Forbidden | None:
    """What stands against *actor* deciding it; None if nothing does."""
    try:
        refuse_unless_second(workspace.campaign.parts, proposer(workspace, kept), actor)
    except Forbidden as error:
        return error
    return None
