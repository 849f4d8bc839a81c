"""How a scripted life of a matter is written, and the beginnings that cases share.

A step is an order (``as``, ``trigger``, ``facts``, ``documents``, ``reason``, ``occurred``) with ``expect_state``,
or with ``expect_code`` if it must be refused, or a wait (``wait``: let time pass until then, timers included).
The body is the industry and commerce bureau; 2010-12-01 is a Wednesday.
"""

from typing import Any

Step = dict[str, Any]

HANDLER, HEAD = "gongshang.officer", "gongshang.head"
POLICE, OTHER_POLICE, PROC, UP_PROC = "gongan.head", "other_police.head", "jianchayuan.head", "up_proc.head"
COURT, OFFICE, GROUP = "fayuan.head", "bgs.admin", "lxz.chair"

MUST = {"must_transfer": True, "must_transfer_ground": "非法经营数额六万元"}
NOT_MUST = {"threshold_met": False, "must_transfer": False, "must_transfer_ground": "非法经营数额二万元"}
FIVE = "transfer_letter investigation_report goods_list appraisal other_material"
NP = {"seals_lifted": True}


def step(at: str, who: str, trigger: str, state: str, docs: str = "", reason: str = "", **facts: Any) -> Step:
    """An order that succeeds: the day is in December 2010 unless *at* is a full date."""
    at = at if at.startswith("201") else f"2010-12-{at}"
    return {
        "as": who,
        "trigger": trigger,
        "facts": facts,
        "documents": docs.split(),
        "reason": reason or None,
        "occurred": f"{at}:00+08:00",
        "expect_state": state,
    }


def refused(at: str, who: str, trigger: str, code: str, docs: str = "", reason: str = "", **facts: Any) -> Step:
    """An order that is refused with *code* (``guard``, ``forbidden``, ``not_possible_here``, …)."""
    return {**step(at, who, trigger, "", docs, reason, **facts), "expect_code": code}


def wait(at: str, state: str) -> Step:
    """Let time pass until *at*."""
    at = at if at.startswith("201") else f"2010-12-{at}"
    return {"wait": f"{at}:00+08:00", "expect_state": state}


DETECTED = [step("01T09:00", HANDLER, "detect", "detected", infringement="c213", seized_goods=False)]
REPORTED = [
    *DETECTED,
    step("01T10:00", HEAD, "form_task_force", "task_force", officers=2, **MUST),
    step("02T09:00", HANDLER, "submit_report", "transfer_pending", "team_report"),
]
HANDING = [*REPORTED, step("03T10:00", HEAD, "approve_transfer", "handing_over", "approval_form")]
ACCEPTED = [*HANDING, step("03T16:00", HANDLER, "deliver_package", "accepted", FIVE + " receipt")]
FILED = [*ACCEPTED, step("06T10:00", POLICE, "file_case", "filed", "filing_notice")]
INVESTIGATING = [*FILED, step("08T10:00", HANDLER, "hand_over_goods", "investigating", "handover_list")]
IN_REVIEW = [
    *INVESTIGATING,
    step("15T10:00", POLICE, "send_for_prosecution", "sent_for_prosecution", "prosecution_opinion case_file"),
    step("16T10:00", PROC, "accept_file", "prosecution_review"),
]
ON_TRIAL = [
    *IN_REVIEW,
    step("28T10:00", PROC, "prosecute", "prosecuted", "indictment"),
    step("29T10:00", COURT, "open_trial", "on_trial"),
]
DECLINED = [
    *ACCEPTED,
    step("06T10:00", POLICE, "decline_filing", "not_filed", "refusal_notice returned_files", "没有犯罪事实"),
]
SUPERVISED = [
    *DECLINED,
    step("07T09:00", HEAD, "sign_receipt", "not_filed"),
    step("08T10:00", HEAD, "ask_reconsideration", "reconsidering", "recon_request"),
    step("09T09:00", POLICE, "sign_receipt", "reconsidering"),
    step("10T10:00", POLICE, "reconsider_uphold", "not_filed_upheld", "recon_decision", "维持原决定"),
    step("13T10:00", HEAD, "suggest_supervision", "supervision_requested", "supervision_proposal"),
    step("14T10:00", PROC, "require_reasons", "explaining", "reasons_request"),
]
OVERDUE = [
    *ACCEPTED,
    refused("06T12:00", HEAD, "review_overdue", "guard", "supervision_proposal"),
    wait("07T00:30", "accepted"),
    step("07T09:00", HEAD, "review_overdue", "supervision_requested", "supervision_proposal"),
]
REFUSED = [
    *REPORTED,
    step("03T10:00", HEAD, "refuse_transfer", "transfer_refused", "approval_form", "鉴定后不足五万元"),
]
TWICE_RETURNED = [
    *IN_REVIEW,
    refused(
        "17T09:00", PROC, "not_prosecute_insufficient", "guard", "non_prosecution_decision", **NP, opinion_needed=True
    ),
    step("20T10:00", PROC, "return_supplement", "supp_investigation_1", "supp_outline"),
    step("2011-01-10T10:00", POLICE, "resubmit_file", "prosecution_review", "case_file"),
    step("2011-01-20T10:00", PROC, "return_supplement", "supp_investigation_2", "supp_outline"),
    step("2011-02-10T10:00", POLICE, "resubmit_file", "prosecution_review", "case_file"),
]
CONVICTED = {"outcome": "convicted", "criminal_fine": 3_000_000}
