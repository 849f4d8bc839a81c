"""The forms as JSON Schema, so that an editor completes and checks files while they are written."""

from collections.abc import Mapping
from typing import Any

from engine.campaign_schema import CampaignDoc
from engine.definition_schema import DefinitionDoc
from engine.standard_schema import StandardDoc
from engine.statute_schema import StatutesDoc
from engine.text_schema import TextsDoc

DIALECT = "https://json-schema.org/draft/2020-12/schema"


FORMS: Mapping[str, Any] = {
    "campaign": CampaignDoc, "definition": DefinitionDoc, "standards": StandardDoc, "statutes": StatutesDoc,
    "texts": TextsDoc,
}  # fmt: skip
"""The forms of files, by the word with which their ``schema:`` begins."""


def schema_of(form: str) -> dict[str, Any]:
    """Describe files of *form*, one of FORMS."""
    return {"$schema": DIALECT, **FORMS[form].model_json_schema(by_alias=True)}
