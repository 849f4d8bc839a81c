"""Who sees what in a campaign: its own file of access beside it, read, put over ours, and checked against its bodies."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from engine.access import Access, check_access, load_access, merged
from engine.access_schema import AccessDoc
from engine.campaign_file import CampaignFile
from engine.canonical import canonical, digest
from engine.definition import Definition
from engine.source import Findings


def with_rights(
    campaign: CampaignFile, path: Path, definitions: Mapping[str, Definition], ours: AccessDoc
) -> CampaignFile:
    """The campaign with what its own file of access says; its digest then tells other rights apart.

    Raises Invalid with every problem: of that file, bodies that nobody may see, roles that act on what they do not see.
    """
    doc, found = campaign.doc, Findings(campaign.source)
    if "rights" in campaign.source.data:
        found.add(("rights",), "unknown_key", "there is no key 'rights' here", "did you mean 'access'?", key=True)
    own = None if doc.access is None else _read(path.parent / doc.access, found)
    found.raise_if_any()
    docs = {kind: each.doc for kind, each in definitions.items()}
    check_access(doc, Access(merged(ours, own), doc.bodies), docs, found)
    found.raise_if_any()
    if own is None:
        return campaign
    named = digest(canonical([campaign.digest, own.model_dump(by_alias=True)]))
    return replace(campaign, doc=doc.model_copy(update={"rights": own}), digest=named)


def _read(path: Path, found: Findings) -> AccessDoc | None:
    try:
        content = path.read_bytes()
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}"
        found.add(("access",), "unreadable", message, "put the file of access there, or leave this line out")
        return None
    return load_access(content, str(path))
