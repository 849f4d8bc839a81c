"""A campaign put on another footing while it runs: a new version of its file, approved by a second person."""

from collections.abc import Callable, Mapping
from typing import Any

from engine.accounts import refuse_unless_administrator
from engine.campaign import Campaign, parts_of
from engine.campaign_schema import CampaignDoc
from engine.clock import to_us
from engine.errors import Forbidden, Invalid, Reason, Refused
from engine.history import Line, append, chain_at
from engine.orders import Actor
from engine.orphans import orphans
from engine.parties import enter_all_parties
from engine.published import publish_approved
from engine.publishing import choose, replace_campaign
from engine.recounting import Recounting, order_recounting, settle
from engine.stamp import hold_stamp, move_stamp, must_be_current, state_of
from engine.store import Tx
from workflows.calendar_import import Plan, plan
from workflows.launch import open_campaign
from workflows.library import Shelf, read_shelf
from workflows.workspace import Workspace, assembled

APPROVERS = (("leading_group", "chair"), ("leading_group", "head"), ("office", "admin"))
"""The parts and posts of the second person. Our design: who amends does not approve. PLACEHOLDER"""


def read_amendment(workspace: Workspace, name: str) -> Shelf:
    """Read the new version of the open campaign's file. Raises NotFound, Invalid with every flaw or for another campaign."""
    shelf = read_shelf(name)
    refuse_another(workspace, shelf)
    return shelf


def refuse_another(workspace: Workspace, shelf: Shelf) -> None:
    """Raise Invalid if *shelf* is no version of the open campaign."""
    before, doc = workspace.campaign.doc, shelf.campaign.doc
    for key in ("code", "zone"):
        if getattr(doc, key) != getattr(before, key):
            raise Invalid(f"{key}: the open campaign has {getattr(before, key)!r}, the file {getattr(doc, key)!r}", key)


def plan_amendment(workspace: Workspace, shelf: Shelf) -> tuple[Plan, dict[str, Any]]:
    """Say what the new file would change: dates of deadlines, then what else. Raises Refused if it leaves orphans."""
    doc = shelf.campaign.doc
    with workspace.database.snapshot() as tx:
        ident, before = choose(tx, doc.code)
        more = differences(before, doc)
        if before == doc:
            return Plan(True, [], {}), more
        _refuse_orphans(tx, workspace.campaign, doc)
        return plan(workspace, tx, assembled(tx, ident, doc), _ladders(before, doc)), more


def differences(before: CampaignDoc, after: CampaignDoc) -> dict[str, Any]:
    """What another file says otherwise: named dates, versions of definitions, roster, duties by number and body, bodies, texts."""
    names = sorted({*before.dates, *after.dates})
    return {
        "dates": [
            {"name": name, "before": before.dates.get(name), "after": after.dates.get(name)}
            for name in names
            if before.dates.get(name) != after.dates.get(name)
        ],
        "definitions": [
            {"kind": kind, "before": before.definitions[kind].version, "after": use.version}
            for kind, use in after.definitions.items()
            if kind in before.definitions and before.definitions[kind].version != use.version
        ],
        "roster": _added_removed(before.roster, after.roster),
        "duties": _added_removed(_duties(before), _duties(after)),
        "bodies": _added_removed([each.code for each in before.bodies], [each.code for each in after.bodies]),
        "texts": [
            key for key in sorted({*before.words, *after.words}) if before.words.get(key) != after.words.get(key)
        ],
    }  # fmt: skip


def _duties(doc: CampaignDoc) -> list[str]:
    return [f"{each.number}/{body}" for each in doc.duties for body in each.responsible]


def _added_removed(before: list[str], after: list[str]) -> dict[str, list[str]]:
    return {
        "added": [each for each in after if each not in before],
        "removed": [each for each in before if each not in after],
    }


def amend(
    workspace: Workspace, shelf: Shelf, actor: Actor, approver: Actor, still: Callable[[Tx], None] | None = None
) -> bool:
    """Put the new file in force, count again what hangs on it, open what it adds; return whether it was new.

    *still* raises what has come to stand against it, in the transaction that puts it in force.
    Matters of a body that left the roster stay open: they are ended by their own machine. Raises Forbidden, Refused.
    """

    def store(tx: Tx) -> bool:
        if still is not None:
            still(tx)
        return _store(workspace, tx, shelf, actor, approver)

    new = workspace.engine.in_transaction(store)
    workspace.look_again()
    settle(workspace.engine)
    open_campaign(workspace, summary=False)
    return new


def _store(workspace: Workspace, tx: Tx, shelf: Shelf, actor: Actor, approver: Actor) -> bool:
    campaign, now, doc = workspace.campaign, workspace.clock.now(), shelf.campaign.doc
    refuse_unless_administrator(campaign.parts, actor, "amend a campaign")
    refuse_unless_second(campaign.parts, actor, approver)
    hold_stamp(tx)
    must_be_current(campaign, tx.fetch(state_of(campaign))[0])
    ident, before = choose(tx, doc.code)
    if before == doc:
        return False
    _refuse_orphans(tx, campaign, doc)
    for definition in shelf.definitions.values():
        publish_approved(tx, campaign, definition, actor, approver, now)
    number = replace_campaign(tx, ident, doc, shelf.source, shelf.campaign.digest, (actor.login, approver.login), now)
    move_stamp(tx)
    cause = f"专项行动方案调整（第{number}版）"
    ordered = Recounting(
        f"campaign:{number}", cause, actor.login, actor.auth, actor.key, to_us(now), ladders=_ladders(before, doc)
    )
    order_recounting(tx, [ident], ordered)
    line = Line("amended", actor, to_us(now), to_us(now), trigger=ordered.name)
    line.more = {
        "text": cause, "digest": shelf.campaign.digest, "approved_by": approver.login, "approved_auth": approver.auth,
        "definitions": {f"{each.doc.kind}@{each.doc.version}": each.digest for each in shelf.definitions.values()},
        "differences": differences(before, doc),
    }  # fmt: skip
    append(tx, chain_at(tx, ident, campaign.log, f"campaign/{doc.code}"), line)
    enter_all_parties(tx, assembled(tx, ident, doc))
    return True


def refuse_unless_second(parts: Mapping[str, str], actor: Actor, approver: Actor) -> None:
    """Raise Forbidden unless *approver* is another person, who leads the group or administers the office."""
    seats = {(parts.get(part), post) for part, post in APPROVERS}
    if approver.one_with(actor.trace):
        words = Reason("distinct", "批准人不得是经办人本人", "whoever amends does not approve")
        raise Forbidden(
            f"{approver.login} cannot approve what {actor.login} amends: the same person", "forbidden", [words]
        )
    if not seats & approver.posts:
        en = "only for the leading group's chair or head, or an administrator of the office"
        words = Reason("role", "须由领导小组组长、负责人或办公室管理员批准", en)
        raise Forbidden(f"{approver.login} may not approve an amendment", "forbidden", [words])


def _refuse_orphans(tx: Tx, campaign: Campaign, doc: CampaignDoc) -> None:
    reasons = orphans(tx, campaign, doc)
    parts = parts_of(doc)
    reasons += [
        Reason("orphan", f"新文件中没有承担“{part}”的机构", f"the new file has no body of the part '{part}'")
        for part in ("office", "leading_group")
        if part in campaign.parts and part not in parts
    ]
    if reasons:
        raise Refused("; ".join(reason.en for reason in reasons), "orphans", reasons)


def _ladders(before: CampaignDoc, after: CampaignDoc) -> tuple[str, ...]:
    """The ladders whose rungs are others now."""
    return tuple(name for name, ladder in after.ladders.items() if before.ladders.get(name) != ladder)
