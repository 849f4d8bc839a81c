"""What corrections may make of a matter is proved too: those that an invariant refuses are never made."""

import pytest
from proof_world import BAODI, data_of, loaded

from engine.definition import Definition
from engine.proof import Proof, prove
from workflows.proving import setting_of


def proved_with_corrections(definition: Definition) -> Proof:
    docs = {kind: each.doc for kind, each in BAODI.definitions.items()} | {definition.doc.kind: definition.doc}
    return prove(definition, setting_of(BAODI.campaign.doc, docs), corrections=True)


@pytest.mark.parametrize("kind", sorted(BAODI.definitions))
def test_a_kind_holds_whatever_is_corrected(kind: str) -> None:
    assert proved_with_corrections(BAODI.definitions[kind]).problems == []


def test_a_lead_that_only_a_timer_ends_is_lost_once_it_is_corrected_to_be_anonymous() -> None:
    data = data_of("lead")
    for arrow in data["transitions"]:
        if arrow["trigger"] == "skip_answer":
            arrow["role"] = "system"

    problems = proved_with_corrections(loaded(data)).problems

    assert [each.code for each in problems] == ["no_way_to_end"]
    assert any("匿名＝是" in str(step) for step in problems[0].trace)


def test_a_correction_is_not_followed_where_the_order_would_be_refused() -> None:
    data = data_of("lead")
    data["invariants"]["known_channel"] = {
        "label": {"zh": "来源", "en": "Source"}, "never": "state('merged') and channel == 'media'", "basis": "-",
    }  # fmt: skip
    for arrow in data["transitions"]:
        if arrow["trigger"] == "merge":
            arrow["when"] = "channel != 'media'"

    assert proved_with_corrections(loaded(data)).problems == []
