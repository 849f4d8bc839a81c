"""Publishing: definitions put into the database as new versions that never change, by one person and approved by another."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.accounts import refuse_unless_administrator
from engine.campaign import Campaign
from engine.campaign_file import CampaignFile
from engine.check_campaign_use import check_use
from engine.definition import Definition
from engine.errors import Invalid, NotFound, Problem
from engine.orders import Actor
from engine.published import Version, files, publish_approved, versions
from engine.publishing import FIND_CAMPAIGN
from engine.source import Findings, Source
from engine.stamp import move_stamp, must_be_current, state_of
from engine.store import Tx
from workflows.amendment import refuse_unless_second
from workflows.library import definition_kinds, read_definition, read_shelf, shipped_definition
from workflows.workspace import Workspace

NOWHERE = Source("", "", {}, {}, {}, {})
"""Stands for a campaign whose file is not at hand."""


@dataclass
class Bundle:
    """What the files to be published hold: definitions by ``kind@version``, and the campaign files among them by code."""

    definitions: dict[str, Definition] = field(default_factory=dict)
    campaigns: dict[str, CampaignFile] = field(default_factory=dict)

    def add(self, definition: Definition) -> None:
        """Take a definition in. Raises Invalid if another of its version is there."""
        name = f"{definition.doc.kind}@{definition.doc.version}"
        if self.definitions.setdefault(name, definition).digest != definition.digest:
            problem = Problem(definition.name, 0, 0, "two_contents", f"another file has {name} with other content")
            raise Invalid(str(problem), "two_contents", problems=[problem])


def is_definition(name: str) -> bool:
    """Say whether *name* is a definition: one of ours, or a file that says so."""
    if name in definition_kinds():
        return True
    try:
        with Path(name).open("rb") as file:
            return b"definition/" in file.read(4096)
    except OSError:
        return False


def read_either(name: str) -> Definition:
    """Read a definition, one of ours by its kind or a file. Raises Invalid with every problem."""
    return shipped_definition(name) if name in definition_kinds() else read_definition(Path(name))


def read_bundle(names: Sequence[str]) -> Bundle:
    """Read every file. Raises Invalid with every problem of all of them, NotFound for a name that is none."""
    found, problems = Bundle(), []
    for name in names:
        try:
            if is_definition(name):
                found.add(read_either(name))
            else:
                shelf = read_shelf(name)
                found.campaigns[shelf.campaign.doc.code] = shelf.campaign
                for definition in shelf.definitions.values():
                    found.add(definition)
        except Invalid as error:
            problems += error.flaws(name)
    if problems:
        raise Invalid(f"{len(problems)} problems in {', '.join(names)}", problems=problems)
    return found


def unfit(campaign: Campaign, bundle: Bundle) -> list[Problem]:
    """What of the open campaign the new definitions would miss: parts, ladders, dates, circles, taxonomies, children."""
    known = {kind: campaign.machines[ident].definition for kind, ident in campaign.machines.newest.items()}
    new = [each for each in bundle.definitions.values() if each.doc.kind in campaign.doc.definitions]
    known.update({each.doc.kind: each for each in sorted(new, key=lambda each: each.doc.version)})
    return [problem for each in new for problem in _unfit(campaign, {**known, each.doc.kind: each}, each)]


def _unfit(campaign: Campaign, known: dict[str, Definition], new: Definition) -> list[Problem]:
    named = campaign.doc.definitions.items()
    uses = {kind: use.model_copy(update={"version": known[kind].doc.version}) for kind, use in named}
    found = check_use(campaign.doc.model_copy(update={"definitions": uses}), known, Findings(NOWHERE))
    return [problem for each in found if each.source is new.source for problem in each.problems]


def misfits(campaign: Campaign, definition: Definition) -> list[str]:
    """What the open campaign's file names in matters of this kind and would not find in *definition*: amend it as well."""
    known = {kind: campaign.machines[ident].definition for kind, ident in campaign.machines.newest.items()}
    known[definition.doc.kind] = definition
    uses = {
        kind: use.model_copy(update={"version": known[kind].doc.version})
        for kind, use in campaign.doc.definitions.items()
    }
    found = Findings(NOWHERE)
    check_use(campaign.doc.model_copy(update={"definitions": uses}), known, found)
    return [problem.message for problem in found.problems]


def publish_bundle(
    workspace: Workspace, bundle: Bundle, actor: Actor, approver: Actor, still: Callable[[Tx], None] | None = None
) -> dict[str, Any]:
    """Publish what is not published yet; return what was new. Raises Forbidden, Conflict for another content of a version.

    Nothing that is open changes: new matters follow the version that the campaign names, old ones stay on theirs. *still*
    raises what has come to stand against it, in the same transaction.
    """

    def publish(tx: Tx) -> dict[str, Any]:
        if still is not None:
            still(tx)
        return _publish(workspace, tx, bundle, actor, approver)

    return workspace.engine.in_transaction(publish)


def _publish(workspace: Workspace, tx: Tx, bundle: Bundle, actor: Actor, approver: Actor) -> dict[str, Any]:
    campaign, now = workspace.campaign, workspace.clock.now()
    must_be_current(campaign, tx.fetch(state_of(campaign))[0])
    refuse_unless_administrator(campaign.parts, actor, "publish a definition")
    refuse_unless_second(campaign.parts, actor, approver)
    said = []
    for definition in bundle.definitions.values():
        new = publish_approved(tx, campaign, definition, actor, approver, now)
        doc = definition.doc
        named = campaign.doc.definitions.get(doc.kind)
        said.append(
            {
                "kind": doc.kind, "version": doc.version, "hash": definition.digest, "new": new,
                "opens": named is not None and named.version == doc.version,
            }
        )  # fmt: skip
    if any(each["new"] for each in said):
        move_stamp(tx)
    return {"published": said, "campaigns": [_campaign(tx, each) for each in bundle.campaigns.values()]}


def _campaign(tx: Tx, file: CampaignFile) -> dict[str, Any]:
    """What became of a campaign file: its definitions are out, it itself comes into force by amend or init."""
    found = tx.row(FIND_CAMPAIGN, code=file.doc.code)
    state = "new" if found is None else "in_force" if found[1] == file.digest else "differs"
    return {"code": file.doc.code, "hash": file.digest, "state": state}


def versions_of(workspace: Workspace, kind: str | None) -> dict[str, Any]:
    """Every published version with the matters on it, and the versions of the campaign's file. Raises NotFound."""
    campaign = workspace.campaign
    if kind is not None and kind not in campaign.machines.newest:
        campaign.kind(kind)
    with workspace.database.snapshot() as tx:
        found = versions(tx, campaign, kind)
        row = tx.row(FIND_CAMPAIGN, code=campaign.code)
        kept = files(tx, campaign, row[1] if row else "") if kind is None else []
    return {"items": [each.as_json() for each in found], "campaign": campaign.code, "files": kept}


def find_version(workspace: Workspace, kind: str, version: int) -> Version:
    """One published version. Raises NotFound for a kind or a version that is not there."""
    workspace.campaign.kind(kind)
    with workspace.database.snapshot() as tx:
        found = versions(tx, workspace.campaign, kind)
    for each in found:
        if each.version == version:
            return each
    known = ", ".join(f"{kind}@{each.version}" for each in found)
    raise NotFound(
        f"{kind}@{version} is not published here; there are: {known}", "no_version", hint="duban campaign publish FILE"
    )
