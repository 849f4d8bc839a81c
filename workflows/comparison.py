"""What is to be compared, found: files, definitions of ours, published versions, campaigns of the database."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.campaign_schema import CampaignDoc
from engine.comparing_campaigns import compare_campaigns
from engine.comparing_definitions import compare_definitions
from engine.definition_schema import DefinitionDoc
from engine.errors import Invalid, NotFound
from engine.published import campaign_file
from engine.publishing import FIND_CAMPAIGN
from workflows.library import read_shelf
from workflows.publication import find_version, is_definition, read_either
from workflows.workspace import Workspace

PUBLISHED = re.compile(r"([a-z0-9][a-z0-9_-]*)@([1-9][0-9]{0,8})")
"""``kind@version`` of what the database holds, or ``campaign@number`` of a campaign's file."""


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison: a definition, or a campaign with its definitions; *digest* identifies it."""

    name: str
    digest: str
    definition: DefinitionDoc | None = None
    campaign: CampaignDoc | None = None
    definitions: Mapping[str, DefinitionDoc] | None = None


def compared(old: Side, new: Side) -> dict[str, Any]:
    """Every difference. Raises Invalid if one is a definition and the other a campaign, or if their kinds differ."""
    if (old.definition is None) != (new.definition is None):
        raise Invalid(f"{old.name} and {new.name}: one is a definition, the other a campaign", "two_sorts")
    if old.definition is not None and new.definition is not None:
        if old.definition.kind != new.definition.kind:
            raise Invalid(f"{old.name} is a {old.definition.kind}, {new.name} a {new.definition.kind}", "two_sorts")
        found = compare_definitions(old.definition, new.definition)
    else:
        assert old.campaign is not None  # noqa: S101 - one of the two is always there
        assert new.campaign is not None  # noqa: S101
        found = compare_campaigns(old.campaign, new.campaign, old.definitions or {}, new.definitions or {})
    return {
        "old": {"name": old.name, "hash": old.digest},
        "new": {"name": new.name, "hash": new.digest},
        "equal": not found,
        "differences": [each.as_json() for each in found],
    }


def find_side(name: str, workspace: Callable[[], Workspace]) -> Side:
    """Find what *name* means; *workspace* opens the database, if it must be asked. Raises NotFound, Invalid with every flaw."""
    published = PUBLISHED.fullmatch(name)
    if published is not None:
        return _published(name, published[1], int(published[2]), workspace())
    if is_definition(name):
        definition = read_either(name)
        return Side(name, definition.digest, definition=definition.doc)
    try:
        shelf = read_shelf(name)
    except NotFound:
        found = _open(name, workspace) if re.fullmatch(r"[a-z0-9-]+", name) else None
        if found is None:
            raise
        return found
    docs = {kind: each.doc for kind, each in shelf.definitions.items()}
    return Side(name, shelf.campaign.digest, campaign=shelf.campaign.doc, definitions=docs)


def _published(name: str, what: str, number: int, workspace: Workspace) -> Side:
    campaign = workspace.campaign
    if what == campaign.code:
        with workspace.database.snapshot() as tx:
            doc, digest = campaign_file(tx, campaign, number)
        return Side(name, digest, campaign=doc, definitions=_definitions(workspace, doc))
    version = find_version(workspace, what, number)
    return Side(name, version.digest, definition=campaign.machines[version.id].doc)


def _definitions(workspace: Workspace, doc: CampaignDoc) -> dict[str, DefinitionDoc]:
    found = {
        kind: find_version(workspace, kind, use.version)
        for kind, use in doc.definitions.items()
        if kind in workspace.campaign.doc.definitions
    }
    return {kind: workspace.campaign.machines[each.id].doc for kind, each in found.items()}


def _open(name: str, workspace: Callable[[], Workspace]) -> Side | None:
    """The campaign that is open under this code."""
    place = workspace()
    if place.campaign.code != name:
        return None
    with place.database.snapshot() as tx:
        row = tx.row(FIND_CAMPAIGN, code=name)
    return Side(
        name, row[1] if row else "", campaign=place.campaign.doc, definitions=_definitions(place, place.campaign.doc)
    )
