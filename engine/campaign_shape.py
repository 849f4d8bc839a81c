"""What the world sees of a campaign's file."""

from typing import Any

from engine.campaign_schema import CampaignDoc


def campaign_json(doc: CampaignDoc) -> dict[str, Any]:
    """A campaign in the shape of the contract."""
    return {
        "code": doc.code,
        "name": doc.name.model_dump(),
        "start": doc.start,
        "end": doc.end,
        "zone": doc.zone,
        "bodies": [{"code": each.code, "name": each.name.model_dump(), "part": each.part} for each in doc.bodies],
        "roster": list(doc.roster),
        "phases": [
            {"number": each.number, "code": each.code, "name": each.name.model_dump(), "start": each.start, "end": each.end}
            for each in doc.phases
        ],
        "duties": [
            {
                "number": each.number, "title": each.title.model_dump(), "lead": each.lead, "supports": list(each.supports),
                "responsible": list(each.responsible), "coordinator": each.coordinator, "section": each.section,
                "source": each.source,
            }
            for each in doc.duties
        ],
        "deliverables": [
            {
                "code": each.code, "name": each.name.model_dump(), "phase": each.phase,
                "owed_by": list(doc.roster) if each.owed_by == "roster" else list(each.owed_by),
                "addressees": list(each.addressees), "due": doc.dates[each.due], "quote": each.quote,
            }
            for each in doc.deliverables
        ],
        "taxonomies": {
            name: [{"code": taxon.code, "name": taxon.name.model_dump()} for taxon in taxa] for name, taxa in doc.taxonomies.items()
        },
        "returns": [each.model_dump() for each in doc.returns],
        "monitors": [each.model_dump() for each in doc.monitors],
        "safeguards": [each.model_dump() for each in doc.safeguards],
        "dates": dict(doc.dates),
        "texts": sorted(doc.words),
        "definitions": {kind: use.version for kind, use in doc.definitions.items()},
    }  # fmt: skip
