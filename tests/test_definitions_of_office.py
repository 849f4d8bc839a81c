"""The machines of the office have the arrows, stages and periods that were laid down for them."""

from pathlib import Path

import pytest

from engine.campaign_file import load_campaign
from engine.definition import Definition
from workflows.library import read_definition

WORKFLOWS = Path(__file__).resolve().parent.parent / "workflows"
OFFICE = ("department_task", "duty", "lead", "joint_operation", "supervision", "bulletin", "periodic_return")
BAODI = load_campaign((WORKFLOWS / "campaigns" / "baodi-2010.yaml").read_bytes(), "baodi-2010.yaml", None).doc

# trigger: sources -> target ("=": an act without a move; "@back": to where it came from) | roles
TABLES = {
    "department_task": """
        assign: draft -> assigned | office system
        acknowledge: assigned -> mobilising | dept_head
        submit_plan: mobilising -> self_check | dept_head
        submit_self_check: self_check -> implementing | dept_head
        return_report: implementing -> self_check | office
        start_joint_op: implementing -> = | group
        begin_summary: implementing -> summarising | system office
        submit_summary: summarising -> under_acceptance | dept_head
        accept: under_acceptance -> accepted | group
        reject: under_acceptance -> rework | group
        resubmit: rework -> under_acceptance | dept_head
        request_extension: assigned mobilising self_check implementing summarising rework -> = | dept_head
        refuse_extension: assigned mobilising self_check implementing summarising rework -> = | office
        withdraw_extension: assigned mobilising self_check implementing summarising under_acceptance rework
            suspended -> = | dept_head
        extend: assigned mobilising self_check implementing summarising rework -> = | office
        suspend: mobilising self_check implementing summarising -> suspended | group
        resume: suspended -> @back | group
        cancel: draft assigned mobilising self_check implementing summarising under_acceptance rework
            suspended -> cancelled | group
        archive: accepted -> archived | office
        commend: accepted -> = | group""",
    "periodic_return": """
        submit: open returned -> submitted | dept_handler
        report_zero: open returned -> submitted | dept_handler
        send_back: submitted -> returned | office
        accept: submitted -> accepted | office
        write_off: open -> no_data | office""",
    "joint_operation": """
        plan: proposed -> planned | office
        approve: planned -> approved | group
        return_plan: planned -> proposed | group
        brief: approved -> briefed | office
        postpone: approved briefed -> postponed | group
        reschedule: postponed -> approved | group
        cancel: proposed planned approved briefed postponed -> cancelled | group
        launch: briefed -> under_way | commander
        record_result: under_way -> = | unit
        call_police: under_way -> = | commander
        police_arrive: under_way -> = | police
        abort: under_way -> aborted | commander
        conclude: under_way -> concluded | commander
        report_result: concluded aborted -> reported | unit commander
        review: reported -> reviewed | group
        archive: reviewed cancelled -> archived | office""",
    "lead": """
        register: received -> registered | office receiver
        assign: registered -> assigned | office
        refuse_assignment: assigned -> registered | dept_head
        start_check: assigned -> checking | dept_handler
        extend_check: checking -> = | dept_head
        substantiate: checking -> substantiated | dept_head
        open_case: substantiated -> case_opened | dept_head
        dismiss: checking -> unsubstantiated | dept_head
        transfer_out: checking assigned -> transferred_out | dept_head
        merge: registered assigned checking -> merged | office
        withdraw: registered assigned checking -> withdrawn | office receiver
        answer: case_opened unsubstantiated transferred_out -> answered | dept_handler dept_head
        skip_answer: case_opened unsubstantiated transferred_out -> closed | system dept_handler dept_head
        reward: answered closed -> = | office
        close: answered merged withdrawn -> closed | office""",
    "supervision": """
        open_item: draft -> opened | office
        assign: opened -> assigned | office
        sign: assigned -> accepted | dept_head
        start: accepted -> in_progress | dept_handler
        progress: in_progress -> = | dept_handler
        ask_extension: in_progress -> extension_pending | dept_head
        grant_extension: extension_pending -> in_progress | office group
        refuse_extension: extension_pending -> in_progress overdue | office group
        withdraw_extension: extension_pending -> in_progress overdue | dept_head
        expire: assigned accepted in_progress returned -> overdue | system
        urge: overdue -> urged | office
        supervise: urged -> supervised | office
        notify_all: supervised -> notified | group
        interview: notified -> interviewed | group
        propose_accountability: interviewed -> accountable | group
        sign_proposal: accountable -> = | supervisor
        submit_feedback: in_progress overdue urged supervised notified interviewed
            -> feedback_submitted | dept_head
        return_feedback: feedback_submitted -> returned | office
        redo: returned -> in_progress | dept_head
        complete: feedback_submitted -> completed | office
        strike_off: completed -> struck_off | office
        new_instruction: completed -> = | group
        archive: struck_off accountable cancelled -> archived | office
        cancel: opened assigned accepted in_progress -> cancelled | group""",
    "duty": """
        acknowledge: assigned -> under_way | dept_head
        submit_plan: under_way -> = | dept_head
        report_progress: under_way -> = | dept_handler
        conclude: under_way -> = | dept_head
        report_done: under_way -> reported | dept_head
        accept: reported -> accepted | office group
        return_result: reported -> under_way | office group
        request_extension: assigned under_way -> = | dept_head
        refuse_extension: assigned under_way -> = | office
        withdraw_extension: assigned under_way reported suspended -> = | dept_head
        extend: assigned under_way -> = | office
        suspend: under_way reported -> suspended | group
        resume: suspended -> @back | group
        cancel: assigned under_way reported suspended -> cancelled | group""",
    "bulletin": """
        draft: opened -> drafted | office
        return_draft: drafted reviewed -> opened | office
        review: drafted -> reviewed | office
        issue: reviewed -> issued | office_head group
        archive: issued -> archived | office
        drop: opened drafted reviewed -> dropped | office_head""",
}
"""Every arrow. Source: law.md 7.1, 7.4, 7.5, 7.6; those of duty and bulletin are our own."""


def load(kind: str) -> Definition:
    return read_definition(WORKFLOWS / f"{kind}.yaml")


Move = tuple[str, frozenset[str], frozenset[str], frozenset[str]]


def laid_down(kind: str) -> set[Move]:
    moves = set()
    for line in TABLES[kind].replace("\n            ", " ").strip().splitlines():
        trigger, rest = line.split(":", 1)
        way, roles = rest.split("|")
        src, dst = way.split("->")
        moves.add((trigger.strip(), frozenset(src.split()), frozenset(dst.split()), frozenset(roles.split())))
    return moves


def found_in(definition: Definition) -> set[Move]:
    moves: dict[str, tuple[set[str], set[str], set[str]]] = {}
    for arrow in definition.doc.transitions:
        src, dst, roles = moves.setdefault(arrow.trigger, (set(), set(), set()))
        src |= set(definition.tree.expand(arrow.from_))
        dst.add(arrow.to)
        roles |= set(arrow.role)
    return {(trigger, *(frozenset(each) for each in parts)) for trigger, parts in moves.items()}  # type: ignore[misc]


@pytest.mark.parametrize("kind", OFFICE)
def test_the_arrows_are_exactly_those_laid_down(kind: str) -> None:
    assert found_in(load(kind)) == laid_down(kind)


@pytest.mark.parametrize("kind", OFFICE)
def test_everybody_knows_whom_a_matter_waits_for(kind: str) -> None:
    definition = load(kind)

    assert [leaf.code for leaf in definition.tree.leaves.values() if not leaf.final and not leaf.waits_for] == []


@pytest.mark.parametrize("kind", OFFICE)
def test_a_period_that_is_ours_says_so_and_one_of_the_notice_names_its_section(kind: str) -> None:
    for code, deadline in load(kind).doc.deadlines.items():
        assert deadline.ladder in BAODI.ladders, code
        if deadline.term is None:
            assert deadline.statute in load(kind).doc.statutes, code
            continue
        if deadline.mark == "V":
            assert deadline.basis.startswith("实施方案 四（"), code
            assert deadline.term.until is not None, code
        elif deadline.mark == "D":
            assert "设计" in deadline.basis or "督办通知单" in deadline.basis, code


@pytest.mark.parametrize("kind", OFFICE)
def test_an_invented_period_is_marked_in_the_file(kind: str) -> None:
    for line in (WORKFLOWS / f"{kind}.yaml").read_text(encoding="utf-8").splitlines():
        if "term: {days" in line or "term: {hours" in line or "term: {workdays" in line:
            assert "# PLACEHOLDER" in line or "workdays: 7}" in line, line


def test_the_stages_of_a_department_task_are_the_phases_of_the_campaign() -> None:
    stages = {code: list(stage.states) for code, stage in load("department_task").doc.states.items() if stage.states}

    assert stages == {
        "mobilization": ["assigned", "mobilising"],
        "self_correction": ["self_check"],
        "implementation": ["implementing"],
        "acceptance": ["summarising", "under_acceptance", "rework"],
    }
    assert list(stages) == [phase.code for phase in BAODI.phases]
