"""Proofs of definitions as they are asked for: for a campaign or alone, and remembered by what they were about."""

import os
from collections.abc import Iterable
from datetime import date, time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from engine.access import Access, merged
from engine.campaign import Campaign
from engine.campaign_schema import CampaignDoc
from engine.canonical import canonical, digest
from engine.definition import Definition
from engine.definition_schema import DefinitionDoc
from engine.errors import Invalid
from engine.terms import Clockwork
from workflows.calendars import load_calendar
from workflows.library import Shelf, definition_kinds, shipped_access, shipped_definition
from workflows.open_questions import open_questions

if TYPE_CHECKING:
    from engine.proof import Proof, Setting

PROVER = "4"
"""Raised whenever a new question is asked, so that what an older prover let through is proved again."""

ROOM = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "duban" / "proofs"
"""Where it is kept which contents were proved: an empty file for each, named by its digest. Losing it costs time only."""


def setting_of(campaign: CampaignDoc, definitions: dict[str, DefinitionDoc]) -> "Setting":
    """The surroundings of a definition in the file of a campaign."""
    from engine.proof import Setting

    dates = {name: date.fromisoformat(day) for name, day in campaign.dates.items()}
    work = Clockwork(ZoneInfo(campaign.zone), load_calendar(), dates, time.fromisoformat(campaign.remind_at))
    return Setting(campaign, definitions, work, Access(merged(shipped_access(), campaign.rights), campaign.bodies))


def prove_shelf(shelf: Shelf, *, limit: int | None = None, corrections: bool = False) -> "list[Proof]":
    """Prove every definition of a campaign file for that campaign; what is wrong in the file itself is with the first."""
    from engine.proof import problem_of, prove
    from engine.proof_campaign import deliverables

    doc = shelf.campaign.doc
    setting = setting_of(doc, {kind: each.doc for kind, each in shelf.definitions.items()})
    proofs = [
        prove(each, setting, limit=_most(limit), corrections=corrections, above=False)
        for each in shelf.definitions.values()
    ]
    own = [problem_of(shelf.campaign.source, each) for each in deliverables(doc)]
    if proofs:
        proofs[0].problems[:0] = own
        proofs[0].advice[:0] = open_questions(shelf.campaign.source)
    return proofs


def prove_alone(definition: Definition, *, limit: int | None = None, corrections: bool = False) -> "Proof":
    """Prove a definition without a campaign; one of ours among the other kinds of ours."""
    from engine.proof import prove

    return prove(definition, _among_ours(definition), limit=_most(limit), corrections=corrections)


def _among_ours(definition: Definition) -> "Setting | None":
    from workflows.library import campaign_names, read_shelf

    kind = definition.doc.kind
    if kind not in definition_kinds() or shipped_definition(kind) is not definition:
        return None
    shelves = [read_shelf(name) for name in campaign_names()]
    shelf = next((each for each in shelves if kind in each.definitions), None)
    if shelf is None:
        return None
    return setting_of(shelf.campaign.doc, {code: each.doc for code, each in shelf.definitions.items()})


def prove_bound(
    definition: Definition, campaign: Campaign, fellows: Iterable[Definition] = (), *, limit: int | None = None,
    corrections: bool = False,
) -> "Proof":  # fmt: skip
    """Prove *definition* as the open *campaign* binds it: its bodies and dates, and the kinds around it.

    Those are what is published with it (*fellows*), else the newest published.
    """
    from engine.proof import Setting, prove

    machines = (campaign.machines[ident] for ident in campaign.machines.newest.values())
    around = {each.kind: each.doc for each in machines} | {each.doc.kind: each.doc for each in fellows}
    around[definition.doc.kind] = definition.doc
    return prove(
        definition,
        Setting(campaign.doc, around, campaign.work, campaign.access),
        limit=_most(limit),
        corrections=corrections,
    )


def _most(limit: int | None) -> int:
    """How many situations are looked at: *limit*, or as many as the prover looks at by itself."""
    from engine.exploring import MOST_SITUATIONS

    return MOST_SITUATIONS if limit is None else limit


def refuse_unproved(shelf: Shelf) -> None:
    """Raise Invalid with every finding if a definition of *shelf* is not proved; what was proved before is not proved again."""
    key = proof_key(shelf)
    if _known(key):
        return
    problems = [problem for proof in prove_shelf(shelf) for problem in proof.problems]
    if problems:
        count = f"{len(problems)} findings" if len(problems) > 1 else "1 finding"
        raise Invalid(f"{shelf.campaign.doc.code} is not proved: {count}: {problems[0]}", "unproved", problems=problems)
    _remember(key)


def proof_key(shelf: Shelf) -> str:
    """What a proof was about: the prover, the campaign file and each definition, by digest."""
    parts = [PROVER, shelf.campaign.digest, *sorted(each.digest for each in shelf.definitions.values())]
    return digest(canonical(parts))


@cache
def _ours() -> frozenset[str]:
    """The proofs that come with duban; a test proves each of them again."""
    path = Path(__file__).parent / "proved.txt"
    return frozenset(path.read_text("ascii").split()) if path.is_file() else frozenset()


def _known(key: str) -> bool:
    return key in _ours() or (ROOM / key).is_file()


def _remember(key: str) -> None:
    try:
        ROOM.mkdir(parents=True, exist_ok=True)
        (ROOM / key).touch()
    except OSError:
        return  # a room that cannot be written to only means that it is proved again next time
