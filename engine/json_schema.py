"""The forms as JSON Schema, so that an editor completes and checks files while they are written."""

from typing import Any

from engine.campaign_schema import CampaignDoc
from engine.definition_schema import DefinitionDoc
from engine.standard_schema import StandardDoc
from engine.statute_schema import StatutesDoc

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def definition_schema() -> dict[str, Any]:
    """Describe definition files."""
    return {"$schema": DIALECT, **DefinitionDoc.model_json_schema(by_alias=True)}


def statutes_schema() -> dict[str, Any]:
    """Describe registries of statutory periods."""
    return {"$schema": DIALECT, **StatutesDoc.model_json_schema(by_alias=True)}


def campaign_schema() -> dict[str, Any]:
    """Describe campaign files."""
    return {"$schema": DIALECT, **CampaignDoc.model_json_schema(by_alias=True)}


def standard_schema() -> dict[str, Any]:
    """Describe files of standards."""
    return {"$schema": DIALECT, **StandardDoc.model_json_schema(by_alias=True)}
