"""The criminal track: every arrow, state and clock the law knows, and the lives of cases played on the real engine."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from case_scenarios import CASE_SCENARIOS
from scenarioplay import Play

from engine.definition import Definition
from workflows.library import read_definition

WORKFLOWS = Path(__file__).resolve().parent.parent / "workflows"

STAGES = {
    "detected": "detected early_intervention task_force transfer_pending transfer_refused routed_admin",
    "referred": "handing_over accepted supplement_wanted forwarded not_police_business not_filed reconsidering"
    " not_filed_upheld supervision_requested explaining file_ordered supervision_closed returned_to_admin",
    "filed": "filed investigating withdrawn sent_for_prosecution",
    "prosecuted": "prosecution_review supp_investigation_1 supp_investigation_2 prosecuted not_prosecuted"
    " np_contested np_opinion_sent on_trial judged second_instance final retrial",
    "closed": "closed",
}

ARROWS = """
invite_police: detected > early_intervention
police_arrive: early_intervention > =
end_intervention: early_intervention > detected
route_administrative: detected task_force transfer_refused > routed_admin
form_task_force: detected early_intervention > task_force
immediate_transfer: detected early_intervention > handing_over
submit_report: task_force > transfer_pending
approve_transfer: transfer_pending > handing_over
refuse_transfer: transfer_pending > transfer_refused
order_transfer: transfer_refused > handing_over
deliver_package: handing_over > accepted
refuse_to_accept: handing_over > =
ask_supplement: accepted > supplement_wanted
supplement: supplement_wanted > accepted
forward: accepted > forwarded
receive_forwarded: forwarded > accepted
declare_not_police: accepted > not_police_business
redirect: not_police_business > closed
redirect: not_police_business > routed_admin
file_case: accepted > filed
decline_filing: accepted > not_filed
extend_review: accepted > =
review_overdue: accepted > supervision_requested
ask_reconsideration: not_filed > reconsidering
go_to_proc_directly: not_filed > supervision_requested
accept_not_filed: not_filed not_filed_upheld supervision_closed > returned_to_admin
reconsider_file: reconsidering > filed
reconsider_uphold: reconsidering > not_filed_upheld
suggest_supervision: not_filed_upheld > supervision_requested
require_reasons: supervision_requested > explaining
decline_supervision: supervision_requested > supervision_closed
reasons_stand: explaining > supervision_closed
file_voluntarily: supervision_requested explaining > filed
late_decline: supervision_requested explaining > not_filed
file_on_new_facts: not_filed not_filed_upheld supervision_closed returned_to_admin > filed
order_filing: explaining > file_ordered
file_on_order: file_ordered > filed
hand_over_goods: filed > investigating
take_measure: investigating > =
transfer_jurisdiction_after_filing: investigating > forwarded
withdraw_case: investigating > withdrawn
refile: withdrawn > investigating
send_for_prosecution: investigating > sent_for_prosecution
accept_file: sent_for_prosecution > prosecution_review
return_supplement: prosecution_review > supp_investigation_1
return_supplement: prosecution_review > supp_investigation_2
resubmit_file: supp_investigation_1 supp_investigation_2 > prosecution_review
self_investigate: prosecution_review > =
prosecute: prosecution_review > prosecuted
not_prosecute_statutory: prosecution_review > not_prosecuted
not_prosecute_discretionary: prosecution_review > not_prosecuted
not_prosecute_insufficient: prosecution_review > not_prosecuted
contest_np: not_prosecuted > np_contested
np_overturned: np_contested > prosecution_review
np_upheld: np_contested > @back
send_opinion: not_prosecuted > np_opinion_sent
reply_opinion: np_opinion_sent > closed
open_trial: prosecuted > on_trial
withdraw_prosecution: on_trial > prosecution_review
judge: on_trial > judged
appeal: judged > second_instance
second_judge: second_instance > final
second_judge: second_instance > on_trial
become_final: judged > final
acquit_or_exempt: final > =
close: final returned_to_admin routed_admin withdrawn not_prosecuted > closed
"""

FURTHER = """
transfer_after_all: transfer_refused routed_admin returned_to_admin > handing_over
forward: supplement_wanted > forwarded
declare_not_police: supplement_wanted > not_police_business
require_reasons: not_filed not_filed_upheld returned_to_admin > explaining
transfer_jurisdiction_after_filing: filed > forwarded
withdraw_case: filed > withdrawn
refile_before_goods: withdrawn > filed
contest_np: np_opinion_sent > np_contested
reopen_review: not_prosecuted np_opinion_sent > prosecution_review
merge: detected early_intervention task_force > closed
withdraw_prosecution: prosecuted > prosecution_review
reopen_trial: final > retrial
judge_again: retrial > judged
judge_again_for_good: retrial > final
"""
"""What offices do besides: second thoughts, new facts, a retrial, and acts that need not wait for papers or goods."""

SHANGHAI = ZoneInfo("Asia/Shanghai")
AT_THE_TIME = datetime(2010, 12, 1, 9, tzinfo=SHANGHAI)

CLOCKS = """
approve days 3 V dept_head        handover hours 24 V dept_handler   forward hours 24 V sending_police
supp_notice hours 24 N police     supplement days 3 N dept_handler   review days 3 V police_head
recon_ask days 3 V dept_head      recon_decide days 3 V police_head  supervise_ask days 3 V dept_head
goods days 3 V dept_handler       explain days 7 V police_head       file_order days 15 V police_head
reason_tell days 10 N proc        inv_3m months 3 N police           withdraw_tell days 3 N police
arrest_req days 3 S police        arrest_dec days 7 S proc           custody months 2 S police
prosecution months 1 S proc       suppinv months 1 S police          trial months 1 S court
victim days 7 S proc              np_recon days 30 N proc            appeal days 10 S court
clue workdays 7 P dept_head       early hours 2 D police
"""


@pytest.fixture(scope="module")
def case() -> Definition:
    return read_definition(WORKFLOWS / "case.yaml")


def arrows_of(definition: Definition) -> set[tuple[str, str, str]]:
    return {
        (arrow.trigger, leaf, arrow.to)
        for arrow in definition.doc.transitions
        for leaf in definition.tree.expand(arrow.from_)
    }


def read_arrows(table: str) -> set[tuple[str, str, str]]:
    found = set()
    for line in table.strip().splitlines():
        trigger, way = line.split(": ")
        sources, target = way.split(" > ")
        found |= {(trigger, source, target) for source in sources.split()}
    return found


def test_the_stages_hold_exactly_the_states_of_the_procedure(case: Definition) -> None:
    held = {stage: [] for stage in STAGES}  # type: dict[str, list[str]]
    for leaf in case.tree.leaves.values():
        held[leaf.stage].append(leaf.code)

    assert held == {stage: leaves.split() for stage, leaves in STAGES.items()}


def test_every_arrow_of_the_procedure_is_there(case: Definition) -> None:
    assert read_arrows(ARROWS) - arrows_of(case) == set()


def test_what_goes_beyond_the_procedure_s_table_moves_nothing_but_what_is_meant(case: Definition) -> None:
    more = {way for way in arrows_of(case) - read_arrows(ARROWS) if way[2] != "="}

    assert more == {
        ("order_transfer", "routed_admin", "handing_over"),
        ("file_case", "supplement_wanted", "filed"),
        ("decline_filing", "supplement_wanted", "not_filed"),
        ("review_overdue", "supplement_wanted", "supervision_requested"),
    } | read_arrows(FURTHER)


def test_every_clock_has_the_figure_the_mark_and_the_owner_of_its_law(case: Definition) -> None:
    words = CLOCKS.split()
    for code, unit, number, mark, owner in zip(*[iter(words)] * 5, strict=True):
        clock = case.rules.of(code, AT_THE_TIME, SHANGHAI)
        assert (getattr(clock.term, unit), clock.mark, clock.owner) == (int(number), mark, owner), code


def test_custody_never_rolls_and_the_system_never_extends_it(case: Definition) -> None:
    for code in ("arrest_req", "arrest_req_30", "arrest_dec", "custody", "custody_long"):
        clock = case.rules.of(code, AT_THE_TIME, SHANGHAI)
        assert clock.roll == "none" and clock.on_breach is None, code
        assert clock.extension is None or "system" not in clock.extension.role, code


def test_the_department_has_no_remedy_against_a_non_prosecution(case: Definition) -> None:
    contests = [arrow for arrow in case.doc.transitions if arrow.trigger in ("contest_np", "appeal")]

    assert contests
    assert not {role for arrow in contests for role in arrow.role} & {"dept_handler", "dept_head"}


def test_the_transfer_is_approved_by_the_head_alone_and_copied_to_the_procuratorate(case: Definition) -> None:
    arrows = {arrow.trigger: arrow for arrow in case.doc.transitions}

    for trigger in ("approve_transfer", "refuse_transfer"):
        assert arrows[trigger].role == ["dept_head"] and arrows[trigger].distinct_from == ["submit_report"]
    assert case.doc.roles["dept_head"].posts == ["head"]
    assert "proc" in arrows["deliver_package"].copy_to and "proc" in arrows["refuse_transfer"].copy_to


def test_a_service_level_of_ours_never_passes_for_law(case: Definition) -> None:
    early = case.doc.deadlines["early"]

    assert early.mark == "D" and "非法定" in early.basis and "非法定" in early.label.zh


@pytest.mark.parametrize("name", CASE_SCENARIOS)
def test_a_case_lives_as_its_script_says(name: str, sqlite_url: str) -> None:
    Play(sqlite_url).run("case", "gongshang", CASE_SCENARIOS[name])
