"""What the clocks of a case do, and what stands against closing or deciding in place of a transfer."""

from typing import Any

from case_beginnings import (
    ACCEPTED,
    DECLINED,
    HANDING,
    INVESTIGATING,
    NP,
    OTHER_POLICE,
    POLICE,
    PROC,
    REPORTED,
    TWICE_RETURNED,
    Step,
    refused,
    step,
)
from case_scenarios import CASE_SCENARIOS
from scenarioplay import Play


def played(url: str, steps: list[Step]) -> Play:
    play = Play(url)
    play.run("case", "gongshang", steps)
    return play


def test_three_days_end_on_a_working_day_and_twenty_four_hours_to_the_minute(sqlite_url: str) -> None:
    play = played(sqlite_url, HANDING)

    assert play.clock("approve") == ("met", "2010-12-06")  # the 5th is a Sunday
    assert play.clock("handover") == ("running", "2010-12-04")
    assert play.shown()["deadlines"][-1]["breach_at"] == "2010-12-04T02:00:00Z"


def test_the_reconsideration_is_counted_from_the_signed_receipt_once(sqlite_url: str) -> None:
    play = played(sqlite_url, DECLINED)
    before = play.clock("recon_ask")

    again = [
        step("08T09:00", "gongshang.officer", "sign_receipt", "not_filed"),
        refused("09T09:00", "gongshang.officer", "sign_receipt", "guard"),
    ]
    play.run("case", "gongshang", again)

    assert before == ("running", "2010-12-09")
    assert play.clock("recon_ask") == ("running", "2010-12-13")  # 3 days from the 8th: the 11th, a Saturday


def test_the_review_begins_anew_at_the_organ_it_was_forwarded_to(sqlite_url: str) -> None:
    moved: list[Step] = [
        step("05T10:00", POLICE, "forward", "forwarded", "forward_notice", police_organ="other_police"),
        step("06T09:00", OTHER_POLICE, "receive_forwarded", "accepted", "receipt"),
    ]
    play = played(sqlite_url, [*ACCEPTED, *moved])

    assert play.clock("forward")[0] == "met"
    assert play.clock("review") == ("running", "2010-12-09")
    assert play.shown()["deadlines"][-1]["owner"] == "other_police"


def test_a_decision_after_the_time_limit_is_late_for_ever(sqlite_url: str) -> None:
    play = played(sqlite_url, CASE_SCENARIOS["overdue_review_then_filed_of_their_own_accord"])

    assert play.clock("review")[0] == "late"


def test_custody_ends_on_its_day_also_in_a_holiday(sqlite_url: str) -> None:
    arrest: list[Step] = [
        step("08T14:00", POLICE, "detain", "investigating"),
        step("09T09:00", POLICE, "request_arrest", "investigating", "arrest_request"),
        step("12T09:00", PROC, "decide_arrest", "investigating", "arrest_decision", arrest_approved=True),
    ]
    play = played(sqlite_url, [*INVESTIGATING, *arrest])

    assert play.clock("custody") == ("running", "2011-02-12")  # a Saturday, and the make-up day does not matter


def test_a_second_return_is_the_last_and_the_review_starts_in_full(sqlite_url: str) -> None:
    again = refused("2011-02-11T09:00", PROC, "return_supplement", "guard", "supp_outline")
    play = played(sqlite_url, [*TWICE_RETURNED, again])

    assert play.shown()["state"] == "prosecution_review"
    assert play.clock("prosecution") == ("running", "2011-03-10")


def test_a_corrected_fact_cannot_undo_what_must_be_transferred(sqlite_url: str) -> None:
    play = played(sqlite_url, REPORTED)
    lowered: dict[str, Any] = {"threshold_met": False, "must_transfer": False, "must_transfer_ground": "重新计算"}

    rest = [
        step("03T09:00", "gongshang.head", "refuse_transfer", "transfer_refused", "approval_form", "金额不足"),
        step("03T10:00", "gongshang.head", "route_administrative", "routed_admin"),
        refused("06T09:00", "gongshang.head", "route_administrative", "not_possible_here", **lowered),
        refused("06T10:00", "bgs.admin", "close", "guard"),
    ]
    play.run("case", "gongshang", rest)


def test_a_returned_case_begins_a_penalty_case_that_may_be_decided(sqlite_url: str) -> None:
    play = played(sqlite_url, CASE_SCENARIOS["returned_when_the_three_days_lapse"])

    child = play.shown("penalty/2010-0001")
    assert child["state"] == "checking" and child["facts"]["criminal_ended"] is True
    assert child["facts"]["must_transfer"] is True and child["facts"]["infringement"] == "c213"


def test_no_opinion_is_sent_while_the_non_prosecution_is_contested(sqlite_url: str) -> None:
    contested: list[Step] = [
        step("15T10:00", POLICE, "send_for_prosecution", "sent_for_prosecution", "prosecution_opinion case_file"),
        step("16T10:00", PROC, "accept_file", "prosecution_review"),
        step(
            "20T10:00",
            PROC,
            "not_prosecute_statutory",
            "not_prosecuted",
            "non_prosecution_decision",
            **NP,
            opinion_needed=True,
        ),
        step("21T10:00", POLICE, "contest_np", "np_contested", "", "不服", contested_by="police"),
        refused(
            "22T10:00",
            PROC,
            "send_opinion",
            "not_possible_here",
            "procuratorial_opinion",
            opinion_reply_by="2011-02-01",
        ),
    ]
    played(sqlite_url, [*INVESTIGATING, *contested])
