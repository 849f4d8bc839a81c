"""Lives of penalty cases from the opening on, as data, in the form of the case scenarios."""

from typing import Any

from case_beginnings import HANDLER, HEAD, PROC, Step, refused, step, wait

LEGAL, CHAIR = "gongshang.legal", "gongshang.hearing"
FINE: dict[str, Any] = {"fine_amount": 1_000_000, "confiscated": 0}
MUST = {"must_transfer": True, "must_transfer_ground": "非法经营数额六万元"}

CHECKING = [step("01T09:00", HANDLER, "receive_clue", "checking", infringement="c214")]
OPENED = [*CHECKING, step("02T09:00", HEAD, "open", "opened", "filing_form", officers=2)]
FINISHED = [
    *OPENED,
    step("13T09:00", HANDLER, "finish", "investigated", "investigation_report", officers=2, threshold_met=False),
]
REVIEWED = [*FINISHED, step("14T09:00", LEGAL, "review", "legal_review", "review_opinion")]
NOTICED = [*REVIEWED, step("15T09:00", HANDLER, "notify", "noticed", "rights_notice", hearing_right=True)]
SILENT = [*NOTICED, wait("21T00:30", "noticed")]  # three days end on a Saturday and roll to Monday the 20th
DECIDED = [*SILENT, step("21T10:00", HEAD, "decide", "decided", "decision", **FINE)]
SERVED = [*DECIDED, step("23T10:00", HANDLER, "serve", "served", "service_receipt")]
CRIME_FOUND = step(
    "27T10:00", HEAD, "find_crime_after", "served",
    must_transfer_ground="累计数额达到标准", decision_at="2010-12-21T10:00+08:00",
)  # fmt: skip

PENALTY_SCENARIOS: dict[str, list[Step]] = {
    "decided_served_and_paid": [
        *NOTICED,
        refused("16T10:00", HEAD, "decide", "guard", "decision", **FINE),  # the party may still ask for a hearing
        *DECIDED[len(NOTICED) :],
        step("23T10:00", HANDLER, "serve", "served", "service_receipt"),
        step("2011-01-05T10:00", HANDLER, "perform", "performed", "performance_receipt"),
        step("2011-01-06T10:00", HEAD, "close", "closed"),
    ],
    "heard_before_it_is_decided": [
        *NOTICED,
        step("16T10:00", HANDLER, "request_hearing", "noticed", "hearing_request"),
        refused("17T10:00", HEAD, "decide", "guard", "decision", **FINE),
        step("27T10:00", CHAIR, "hold_hearing", "hearing", "hearing_record"),
        step("28T10:00", HEAD, "discuss", "collective", "meeting_minutes"),
        refused("29T09:00", HANDLER, "decide", "forbidden", "decision", **FINE),
        step("29T10:00", HEAD, "decide", "decided", "decision", **FINE),
    ],
    "no_penalty": [
        *SILENT,
        step("21T10:00", HEAD, "decide_none", "no_penalty", "no_penalty_decision", "情节轻微并已改正"),
        step("22T10:00", HANDLER, "serve", "served", "service_receipt"),
        refused("22T11:00", HANDLER, "perform", "guard", "performance_receipt"),
        step("23T10:00", HEAD, "close", "closed"),
    ],
    "not_opened": [
        *CHECKING,
        step("08T09:00", HEAD, "extend_check", "checking", reason="需要鉴定"),
        refused("08T10:00", HEAD, "not_open", "guard", "not_opened_notice", "不属实", reporter_told=False),
        step("09T10:00", HEAD, "not_open", "not_opened", "not_opened_notice", "不属实", reporter_told=True),
        step("10T10:00", HEAD, "close", "closed"),
    ],
    "evidence_preserved_and_review_returned": [
        *OPENED,
        step("03T09:00", HEAD, "preserve", "preserved", "preservation_list", evidence_at_risk=True),
        step("08T09:00", HEAD, "release_or_seize", "opened", "goods_decision"),
        *REVIEWED[len(OPENED) :],
        step("15T09:00", LEGAL, "return_review", "opened", "review_opinion", "证据不足"),
        step("2011-01-20T09:00", HEAD, "extend", "opened", reason="案情复杂"),
        step(
            "2011-03-25T09:00",
            HEAD,
            "extend_collective",
            "opened",
            "meeting_minutes",
            "仍需鉴定",
            extended_until="2011-05-31",
        ),
    ],
    "unpaid_and_enforced": [
        *SERVED,
        refused("24T10:00", HEAD, "apply_enforcement", "guard", "enforcement_application"),
        wait("2011-01-08T00:30", "served"),
        step("2011-01-10T10:00", HEAD, "apply_enforcement", "court_enforcement", "enforcement_application"),
        step("2011-03-01T10:00", HEAD, "close", "closed", "enforcement_result"),
    ],
    "a_crime_found_after_the_penalty": [
        *SERVED,
        CRIME_FOUND,
        step("28T09:00", HANDLER, "perform", "performed", "performance_receipt"),
        refused("28T10:00", HEAD, "close", "guard"),
        step("29T10:00", HANDLER, "copy_decision", "performed", "copy_record", holder_informed=True),
        step("30T10:00", HEAD, "close", "closed"),
    ],
    "over_the_threshold_there_is_no_penalty": [
        *OPENED,
        step("13T09:00", HANDLER, "finish", "investigated", "investigation_report", officers=2, threshold_met=True),
        *NOTICED[len(FINISHED) :],
        wait("21T00:30", "noticed"),
        refused("21T10:00", HEAD, "decide", "guard", "decision", **FINE),
        refused("21T11:00", HEAD, "decide_none", "guard", "no_penalty_decision", "不罚"),
        step("22T10:00", PROC, "clear_transfer", "noticed", "proc_opinion", "未达到追诉标准"),
        step("23T10:00", HEAD, "decide", "decided", "decision", **FINE),
    ],
    "transferred_to_the_police": [
        *FINISHED,
        step("14T09:00", HEAD, "transfer_out", "suspended_for_criminal", "transfer_approval", **MUST),
        refused("14T10:00", HEAD, "resume_on_notice", "guard", "criminal_end_notice", "已不予立案"),
        refused("14T11:00", HEAD, "end_by_conviction", "guard", "criminal_end_notice", "已判刑"),
    ],
}
