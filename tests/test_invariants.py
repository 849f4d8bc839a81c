"""The invariants of case and penalty: with every guard taken out of the machine, they still stop what may never be."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import world

from engine.errors import Refused
from workflows.library import read_definition
from workflows.workspace import Workspace

WORKFLOWS = Path(__file__).resolve().parent.parent / "workflows"
OFFICE = "bgs.admin"
PLANTED: dict[str, list[dict[str, Any]]] = {
    "case": [
        {"trigger": "file_case", "from": ["detected"], "to": "filed"},
        {"trigger": "ask_reconsideration", "from": ["not_filed_upheld"], "to": "reconsidering"},
    ],
    "penalty": [],
}
"""Arrows that the real machines do not have, for what no loosened guard would let happen."""

LATER = {"redirect"}
"""Triggers of which the last of several arrows is kept, else the first: without guards only one can be."""


def naked(kind: str, invariants: bool) -> str:
    """The real definition without any guard: the office may do everything, with any fact and no document."""
    file = WORKFLOWS / f"{kind}.yaml"
    definition = read_definition(file)
    whole: dict[str, Any] = json.loads(definition.doc.model_dump_json(by_alias=True, exclude_unset=True))
    label = {"zh": "补的", "en": "Planted"}
    kept: dict[tuple[str, str], dict[str, Any]] = {}
    for number, arrow in enumerate([*whole["transitions"], *({**extra, "label": label} for extra in PLANTED[kind])]):
        bare = {name: arrow[name] for name in ("trigger", "label", "to", "sets") if name in arrow}
        bare |= {"role": ["office", "system"], "optional": sorted(whole["facts"].keys() - arrow.get("sets", {}).keys())}
        for leaf in definition.tree.expand(arrow["from"]):
            key = (leaf, arrow["trigger"])
            if key in kept:
                less = bare if arrow["trigger"] not in LATER else kept[key]
                kept[leaf, f"spare_{number}"] = {**less, "trigger": f"spare_{number}", "from": [leaf]}
            if key not in kept or arrow["trigger"] in LATER:
                kept[key] = {**bare, "from": [leaf]}
    whole["transitions"] = list(kept.values())
    whole["open"] |= {"asks": [], "optional": list(whole["facts"])}
    whole["documents"] = {code: {"label": spec["label"]} for code, spec in whole["documents"].items()}
    whole["correct_by"] = ["office"]
    whole.pop("handovers", None)  # what nobody needs to enclose is no hand-over
    whole.pop("monitors", None)
    whole.pop("expects", None)  # the table is of the guarded machine
    if not invariants:
        whole.pop("invariants")
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))


def begin(folder: Path, invariants: bool) -> Workspace:
    """The campaign of 2010 with naked machines for case and penalty."""
    source = WORKFLOWS / "campaigns" / "baodi-2010.yaml"
    text = source.read_text("utf-8")
    for kind in PLANTED:
        (folder / f"{kind}.yaml").write_text(naked(kind, invariants), "utf-8")
        text = text.replace(f"  {kind}: {{version: 1}}", f"  {kind}: {{version: 1, file: {kind}.yaml}}")
    (folder / "campaign.yaml").write_text(text, "utf-8")
    notice = source.with_name("baodi-2010-notice.txt")
    (folder / notice.name).write_bytes(notice.read_bytes())
    return world.begin(f"sqlite:///{folder / 'duban.db'}", str(folder / "campaign.yaml"))


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """The machines without guards, their invariants left."""
    found = begin(tmp_path_factory.mktemp("bare"), invariants=True)
    yield found
    found.close()


@pytest.fixture(scope="module")
def lawless(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """The machines with neither guards nor invariants."""
    found = begin(tmp_path_factory.mktemp("lawless"), invariants=False)
    yield found
    found.close()


@dataclass(frozen=True)
class Crime:
    """What a matter does, all of it allowed but the last step; *without* names documents it lacks.

    A step may state a fact: ``judge:outcome=convicted``.
    """

    kind: str
    steps: str
    without: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    last: dict[str, Any] = field(default_factory=dict)
    beside: int = 0
    """How many other invariants the last step breaks as well."""


GROUND = {"must_transfer_ground": "另有依据"}
"""Who states a duty that no standard gives states its ground."""


def case(steps: str, without: str = "", last: dict[str, Any] | None = None, beside: int = 0, **facts: Any) -> Crime:
    return Crime("case", steps, without, {"officers": 2, **facts}, last or {}, beside)


def penalty(steps: str, without: str = "", last: dict[str, Any] | None = None, **facts: Any) -> Crime:
    return Crime("penalty", steps, without, {"officers": 2, **facts}, last or {})


ACCEPTED = "immediate_transfer deliver_package"
INVESTIGATING = f"{ACCEPTED} file_case hand_over_goods"
REVIEW = f"{INVESTIGATING} send_for_prosecution accept_file"
ON_TRIAL = f"{REVIEW} prosecute open_trial"
JUDGE = "judge:outcome=convicted"
ORDERED = f"{ACCEPTED} decline_filing go_to_proc_directly require_reasons order_filing"
BACK = f"{ORDERED} file_on_order hand_over_goods transfer_jurisdiction_after_filing receive_forwarded"
NOTICED = "open finish review notify"

CRIMES: dict[str, list[Crime]] = {
    "case.no_close_without_referral": [
        case("route_administrative close", must_transfer=True, **GROUND),
        case("route_administrative close", threshold_met=True),
        case("merge", must_transfer=True, **GROUND),
    ],
    "case.questioned_while_refused": [
        case(f"{ACCEPTED} declare_not_police redirect question_refusal", other_organ_competent=False)
    ],
    "case.no_close_while_questioned": [
        case("route_administrative question_refusal close", beside=2, must_transfer=True, **GROUND)
    ],
    "case.threshold_means_transfer": [
        case("record_facts", last={"must_transfer": False}, threshold_met=True),
        case("correct", last={"must_transfer": False}, threshold_met=True),
    ],
    "case.two_officers": [
        case("form_task_force", officers=1),
        case("form_task_force correct", last={"officers": 0}),
        case(ACCEPTED, officers=1),
    ],
    "case.sent_while_handing_over": [case("record_facts", last={"package_sent": True})],
    "case.reasons_on_file": [case("form_task_force submit_report refuse_transfer", "approval_form")],
    "case.five_enclosures": [
        case(ACCEPTED, paper)
        for paper in ("transfer_letter", "investigation_report", "goods_list", "appraisal", "other_material", "receipt")
    ],
    "case.filed_after_transfer": [case("file_case")],
    "case.no_coercion_before_filing": [
        case("record_facts", last={"measure": "detained"}),
        case(f"{ACCEPTED} correct", last={"measure": "arrested"}),
    ],
    "case.refusal_in_writing": [
        case(f"{ACCEPTED} decline_filing", "refusal_notice"),
        case(f"{ACCEPTED} decline_filing", "returned_files"),
    ],
    "case.reconsidered_once": [
        case(f"{ACCEPTED} decline_filing ask_reconsideration reconsider_uphold ask_reconsideration")
    ],
    "case.no_refusal_after_order": [case(f"{BACK} {trigger}") for trigger in ("decline_filing", "declare_not_police")],
    "case.goods_listed": [case(INVESTIGATING, "handover_list")],
    "case.seized_goods_inventoried": [case("form_task_force submit_report", "goods_list", seized_goods=True)],
    "case.two_returns_at_most": [
        case(f"{REVIEW} return_supplement resubmit_file return_supplement resubmit_file return_supplement")
    ],
    "case.kind_of_a_non_prosecution": [case("record_facts", last={"np_kind": "discretionary"})],
    "case.want_of_evidence_after_return": [case(f"{REVIEW} not_prosecute_insufficient", seals_lifted=True)],
    "case.free_when_not_prosecuted": [
        case(f"{REVIEW} not_prosecute_statutory"),
        case(f"{REVIEW} not_prosecute_statutory", seals_lifted=False),
        case(f"{REVIEW} not_prosecute_statutory correct", last={"measure": "arrested"}, seals_lifted=True),
    ],
    "case.opinion_or_recorded_no": [
        case(f"{REVIEW} not_prosecute_discretionary close", seals_lifted=True),
        case(f"{REVIEW} not_prosecute_statutory close", seals_lifted=True, opinion_needed=True),
    ],
    "case.trial_on_indictment": [case(ON_TRIAL, "indictment")],
    "case.judged_one_way_or_the_other": [case(f"{ON_TRIAL} judge")],
    "case.remanded_once": [
        case(
            f"{ON_TRIAL} {JUDGE} appeal second_judge {JUDGE} appeal second_judge",
            second_outcome="remanded",
        )
    ],
    "penalty.no_penalty_in_place_of_transfer": [
        penalty(f"{NOTICED} decide", must_transfer=True, **GROUND),
        penalty(f"{NOTICED} decide_none", threshold_met=True),
        penalty(f"{NOTICED} decide", must_transfer=True, criminal_ended=False, **GROUND),
    ],
    "penalty.no_close_in_place_of_transfer": [
        penalty(steps, must_transfer=True, **GROUND) for steps in ("not_open close", "merge")
    ],
    "penalty.no_second_fine": [
        penalty(f"{NOTICED} decide", last={"fine_amount": 1, "confiscated": 0}, licence_only=True),
        penalty(f"{NOTICED} decide", last={"fine_amount": 0, "confiscated": 1}, licence_only=True),
    ],
    "penalty.two_officers": [penalty("open", officers=1)],
    "penalty.reviewed_before_decision": [penalty(f"{NOTICED} decide", "review_opinion")],
    "penalty.told_before_decision": [penalty(f"{NOTICED} decide", "rights_notice")],
    "penalty.heard_if_asked": [penalty(f"{NOTICED} request_hearing decide")],
    "penalty.preserved_with_list": [penalty("open preserve", "preservation_list")],
    "penalty.decision_served": [penalty(f"{NOTICED} decide serve", "service_receipt")],
    "penalty.found_by_the_act": [penalty("open correct", last={"crime_found_after": True})],
    "penalty.copied_if_crime_found": [penalty(f"{NOTICED} decide find_crime_after serve perform close")],
}


def commit(workspace: Workspace, crime: Crime) -> tuple[str, dict[str, Any]]:
    """Do all of a crime but its last step; return the matter and the last step."""
    ref = world.open_one(workspace, crime.kind, OFFICE, "gongshang", title="某案").ref
    papers = workspace.campaign.kind(crime.kind).doc.documents
    world.attach(workspace, ref, OFFICE, " ".join(code for code in papers if code not in crime.without.split()))
    world.correct(workspace, ref, OFFICE, reason="登记", **crime.facts)
    *steps, last = crime.steps.split()
    for step in steps:
        trigger, _, said = step.partition(":")
        fact, _, value = said.partition("=")
        world.do(workspace, ref, trigger, OFFICE, **({fact: value} if fact else {}))
    return ref, {"trigger": last, **crime.last}


def finish(workspace: Workspace, ref: str, last: dict[str, Any]) -> str:
    said = dict(last)
    trigger = said.pop("trigger")
    if trigger == "correct":
        return world.correct(workspace, ref, OFFICE, reason="更正", **said).matter.state
    return world.do(workspace, ref, trigger, OFFICE, **said).matter.state


@pytest.mark.parametrize("name", CRIMES)
def test_an_invariant_stops_what_no_guard_stops_and_names_its_basis(
    name: str, bare: Workspace, lawless: Workspace
) -> None:
    kind, _, code = name.partition(".")
    spec = bare.campaign.kind(kind).doc.invariants[code]
    for crime in CRIMES[name]:
        ref, last = commit(bare, crime)
        before = bare.reader.show(ref)

        with pytest.raises(Refused) as caught:
            finish(bare, ref, last)

        assert caught.value.code == "invariant"
        reasons = caught.value.reasons
        assert [reason.kind for reason in reasons] == ["invariant"] * (1 + crime.beside), caught.value.message
        said = next(reason.zh for reason in reasons if spec.label.zh in reason.zh)
        assert spec.basis in said
        assert spec.basis in caught.value.message
        assert bare.reader.show(ref) == before
        finish(lawless, *commit(lawless, crime))


@pytest.mark.parametrize("kind", PLANTED)
def test_every_invariant_has_a_crime_that_it_stops(kind: str, bare: Workspace) -> None:
    real = read_definition(WORKFLOWS / f"{kind}.yaml").doc.invariants

    kept = {code for code, spec in real.items() if spec.clock is None}  # those on clocks: tests/test_proof_clocks.py
    assert {name.partition(".")[2] for name in CRIMES if name.startswith(f"{kind}.")} == kept
    assert bare.campaign.kind(kind).doc.invariants == real


def test_a_matter_that_breaks_an_invariant_from_the_first_is_not_opened(bare: Workspace, lawless: Workspace) -> None:
    wrong = {"threshold_met": True, "must_transfer": False}
    before = world.everything(bare)

    with pytest.raises(Refused) as caught:
        world.open_one(bare, "case", OFFICE, "gongshang", **wrong)

    assert (caught.value.code, "国务院令第310号 第三条" in caught.value.message) == ("invariant", True)
    assert world.everything(bare) == before
    assert world.open_one(lawless, "case", OFFICE, "gongshang", **wrong).matter.state == "detected"
