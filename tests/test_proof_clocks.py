"""What stops a clock is proved from the machine: an invariant says what its statute names, and no redrawn table hides a loss."""

import json
from types import SimpleNamespace
from typing import Any, cast

import pytest

from engine.definition import Definition, load_definition
from engine.expected import table_of
from engine.machine import Compiled
from engine.proof import prove
from engine.proof_clocks import ClocksProof
from engine.proof_finding import Finding
from workflows.library import shipped_definition


def data_of(kind: str) -> dict[str, Any]:
    doc = shipped_definition(kind).doc
    return cast("dict[str, Any]", json.loads(doc.model_dump_json(by_alias=True, exclude_unset=True)))


def loaded(data: dict[str, Any]) -> Definition:
    data.pop("expects", None)
    return load_definition(json.dumps(data, ensure_ascii=False), "changed.yaml")


def found_in(definition: Definition) -> list[Finding]:
    """What the clocks' invariants find; nothing is explored for it."""
    explorer: Any = SimpleNamespace(machine=Compiled(definition, 0, {}), fired=set())
    return list(ClocksProof(explorer, set()).ended())


@pytest.mark.parametrize("kind", ["case", "penalty"])
def test_a_clock_that_goes_on_at_an_act_its_statute_names_is_found(kind: str) -> None:
    data, invariants = data_of(kind), shipped_definition(kind).doc.invariants
    for spec in invariants.values():
        clock = data["deadlines"].get(spec.clock, {})
        for key in ("stop_on", "met_by"):
            if key in clock:
                clock[key] = [each for each in clock[key] if each not in spec.ends_on] or ["close"]

    assert found_in(shipped_definition(kind)) == []
    assert {(each.code, each.path) for each in found_in(loaded(data))} == {
        ("clock_goes_on", ("invariants", code, "ends_on", at))
        for code, spec in invariants.items()
        for at in range(len(spec.ends_on))
    }


def test_a_redrawn_table_of_expectations_does_not_hide_that_an_investigation_no_longer_ends_it() -> None:
    data = data_of("case")
    data["deadlines"]["inv_3m"]["stop_on"].remove("withdraw_case")
    redrawn = load_definition(json.dumps(data | {"expects": table(data)}, ensure_ascii=False), "redrawn.yaml")

    (problem,) = prove(redrawn, questions=("states", "clocks")).problems

    assert problem.code == "clock_goes_on"
    assert "撤案" in problem.zh and "监督立案后侦查终结" in problem.zh


def table(data: dict[str, Any]) -> dict[str, Any]:
    data.pop("expects", None)
    drawn = table_of(load_definition(json.dumps(data, ensure_ascii=False), "drawn.yaml").doc)
    lists = ("matter", "reasons", "approves")
    return {chapter: said.get("", []) if chapter in lists else said for chapter, said in drawn.items()}


def test_an_invariant_on_a_clock_that_never_runs_there_says_nothing_and_is_found() -> None:
    data = data_of("case")
    data["invariants"]["investigation_ends"]["ends_on"].append("approve_transfer")

    (finding,) = found_in(loaded(data))

    assert (finding.code, finding.path) == ("clock_not_there", ("invariants", "investigation_ends", "ends_on", 3))


def test_a_duty_that_nothing_ends_any_more_is_found_with_the_way_there() -> None:
    data = data_of("case")
    data["deadlines"]["refusal_review"]["stop_on"].remove("transfer_after_all")

    (problem,) = prove(loaded(data), questions=("states", "clocks")).problems

    assert problem.code == "clock_without_end" and "检察机关审查不移送决定" in problem.zh
    assert "transfer_after_all" in [step["about"] for step in problem.trace]
