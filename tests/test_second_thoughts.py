"""What offices do when something turns out otherwise: outcomes set right, retrials, transfers after all, late remedies."""

from typing import Any

from case_beginnings import (
    ACCEPTED,
    COURT,
    DECLINED,
    FIVE,
    HANDLER,
    HEAD,
    IN_REVIEW,
    MUST,
    POLICE,
    PROC,
    Step,
    refused,
    step,
    wait,
)
from penalty_scenarios import FINISHED, NOTICED
from scenarioplay import Play

from engine.orders import Correct

PENALTY, CASE = "penalty/2010-0001", "case/2010-0001"
AWAY = step("14T09:00", HEAD, "transfer_out", "suspended_for_criminal", "transfer_approval", **MUST)
TO_THE_POLICE = [
    step("14T10:00", HEAD, "form_task_force", "task_force", officers=2, **MUST),
    step("14T11:00", HANDLER, "submit_report", "transfer_pending", "team_report"),
    step("14T12:00", HEAD, "approve_transfer", "handing_over", "approval_form"),
    step("14T15:00", HANDLER, "deliver_package", "accepted", FIVE + " receipt"),
]
TRIED = [
    step("16T10:00", POLICE, "file_case", "filed", "filing_notice"),
    step("17T10:00", HANDLER, "hand_over_goods", "investigating", "handover_list"),
    step("20T10:00", POLICE, "send_for_prosecution", "sent_for_prosecution", "prosecution_opinion case_file"),
    step("21T10:00", PROC, "accept_file", "prosecution_review"),
    step("22T10:00", PROC, "prosecute", "prosecuted", "indictment"),
    step("23T10:00", COURT, "open_trial", "on_trial"),
]
NP: dict[str, Any] = {"seals_lifted": True, "opinion_needed": True}


def on(play: Play, ref: str, steps: list[Step]) -> str:
    """Go on with one of the matters; return where it stands."""
    own, play.ref = play.ref, ref
    play.run(ref.partition("/")[0], "gongshang", steps)
    play.ref = own
    return str(play.shown(ref)["state"])


def state(play: Play, ref: str) -> str:
    return str(play.shown(ref)["state"])


def clock(play: Play, ref: str, code: str) -> str:
    return [str(row["status"]) for row in play.shown(ref)["deadlines"] if row["code"] == code][-1]


def judged(url: str, outcome: str) -> Play:
    """A penalty case that was transferred, and the criminal case under it with its judgment final since 5 January."""
    play = Play(url)
    play.run("penalty", "gongshang", [*FINISHED, AWAY])
    final = step("24T10:00", COURT, "judge", "judged", "judgment", outcome=outcome)
    on(play, CASE, [*TO_THE_POLICE, *TRIED, final, wait("2011-01-05T00:30", "final")])
    return play


def corrected(play: Play, **facts: Any) -> Any:
    order = Correct(ref=CASE, facts=facts, reason="登记有误，按判决书更正")
    return play.desk.engine.execute(order, play.desk.actor("bgs.admin"))


def test_an_acquittal_that_was_a_conviction_ends_the_penalty_it_had_set_going_again(sqlite_url: str) -> None:
    play = judged(sqlite_url, "acquitted")
    assert clock(play, CASE, "give_effect") == "running"
    on(play, CASE, [step("2011-01-05T10:00", COURT, "acquit_or_exempt", "final", penalty_due=True)])
    assert (state(play, PENALTY), clock(play, CASE, "give_effect")) == ("investigated", "met")

    done = corrected(play, outcome="convicted")

    assert state(play, PENALTY) == "closed"
    acts = [row["trigger"] for row in play.desk.reader.history(PENALTY)["items"]][-2:]
    assert acts == ["suspend_again", "end_by_conviction"]
    told = play.desk.reader.history(CASE)["items"][-1]
    assert (told["actor"], told["trigger"], told["reason"]) == ("system", "follow_conviction", f"{CASE}: correct")
    assert done.as_json()["matter"]["version"] == play.shown(CASE)["version"]
    assert {notice["body"] for notice in done.as_json()["notices"]} >= {"gongshang", "fayuan", "jianchayuan", "bgs"}


def test_an_acquittal_not_yet_given_effect_that_was_a_conviction_ends_the_penalty(sqlite_url: str) -> None:
    play = judged(sqlite_url, "acquitted")

    corrected(play, outcome="convicted")

    assert (state(play, PENALTY), clock(play, CASE, "give_effect")) == ("closed", "met")
    assert on(play, CASE, [step("2011-01-05T11:00", "bgs.admin", "close", "closed")]) == "closed"


def test_a_conviction_that_was_an_acquittal_waits_for_the_court_and_opens_the_penalty_that_is_due(
    sqlite_url: str,
) -> None:
    play = judged(sqlite_url, "convicted")
    assert state(play, PENALTY) == "closed"

    corrected(play, outcome="acquitted")

    assert clock(play, CASE, "give_effect") == "running"
    early = refused("2011-01-05T09:00", "bgs.admin", "close", "guard")
    effect = step("2011-01-05T10:00", COURT, "acquit_or_exempt", "final", penalty_due=True)
    on(play, CASE, [early, effect, step("2011-01-06T10:00", "bgs.admin", "close", "closed")])
    found = play.desk.reader.listed(kind="penalty")["items"]
    assert sorted((row["ref"], row["state"]) for row in found) == [
        (PENALTY, "closed"),
        ("penalty/2011-0001", "checking"),
    ]


def test_a_retrial_halts_the_penalty_until_it_is_decided(sqlite_url: str) -> None:
    play = judged(sqlite_url, "acquitted")
    on(play, CASE, [step("2011-01-05T10:00", COURT, "acquit_or_exempt", "final", penalty_due=True)])
    reopen = step(
        "2011-01-10T10:00",
        "up_proc.head",
        "reopen_trial",
        "retrial",
        "retrial_decision",
        "抗诉",
        retrial_level="second",
    )

    on(play, CASE, [reopen])

    assert (state(play, PENALTY), clock(play, CASE, "retrial")) == ("suspended_for_criminal", "running")
    ended = step("2011-03-01T10:00", COURT, "judge_again_for_good", "final", "judgment", outcome="exempted")
    on(play, CASE, [ended, step("2011-03-02T10:00", COURT, "acquit_or_exempt", "final", penalty_due=True)])
    assert state(play, PENALTY) == "investigated"


def test_a_conviction_in_second_instance_that_a_retrial_undoes_opens_the_penalty_that_is_due(sqlite_url: str) -> None:
    play = Play(sqlite_url)
    play.run("penalty", "gongshang", [*FINISHED, AWAY])
    first = step("24T10:00", COURT, "judge", "judged", "judgment", outcome="acquitted")
    appeal = step("27T10:00", PROC, "appeal", "second_instance", appealed_by="procuratorate")
    second: dict[str, Any] = {"second_outcome": "changed", "outcome": "convicted"}
    ended = step("2011-01-05T10:00", COURT, "second_judge", "final", "judgment", **second)
    on(play, CASE, [*TO_THE_POLICE, *TRIED, first, appeal, ended])
    assert state(play, PENALTY) == "closed"

    reopen = step(
        "2011-01-10T10:00", COURT, "reopen_trial", "retrial", "retrial_decision", "新证据", retrial_level="second"
    )
    again = step("2011-03-01T10:00", COURT, "judge_again_for_good", "final", "judgment", outcome="acquitted")
    on(play, CASE, [reopen, again, step("2011-03-02T10:00", COURT, "acquit_or_exempt", "final", penalty_due=True)])

    assert state(play, "penalty/2011-0001") == "checking"


def test_a_conviction_in_retrial_that_another_retrial_undoes_opens_the_penalty_that_is_due(sqlite_url: str) -> None:
    play = judged(sqlite_url, "acquitted")

    def retrial(month: int, outcome: str) -> list[Step]:
        paper, level = "retrial_decision", "second"
        return [
            step(f"2011-0{month}-10T10:00", COURT, "reopen_trial", "retrial", paper, "新证据", retrial_level=level),
            step(f"2011-0{month}-20T10:00", COURT, "judge_again_for_good", "final", "judgment", outcome=outcome),
        ]

    on(play, CASE, retrial(2, "convicted"))
    assert state(play, PENALTY) == "closed"
    effect = step("2011-03-22T10:00", COURT, "acquit_or_exempt", "final", penalty_due=True)
    on(play, CASE, [*retrial(3, "acquitted"), effect])

    assert state(play, "penalty/2011-0001") == "checking"


def test_one_criminal_case_stands_about_the_same_facts_and_is_transferred_again_itself(sqlite_url: str) -> None:
    play = Play(sqlite_url)
    lowered: dict[str, Any] = {
        "threshold_met": False,
        "must_transfer": False,
        "must_transfer_ground": "非法经营数额二万元",
    }
    away = step("02T09:00", HEAD, "route_administrative", "routed_admin", **lowered)
    play.run("case", "gongshang", [step("01T09:00", HANDLER, "detect", "detected", infringement="c214"), away])
    second = refused("17T09:00", HEAD, "transfer_out", "guard", "transfer_approval", **MUST)
    on(play, PENALTY, [*NOTICED[1:], second])
    again = step(
        "17T10:00", HEAD, "transfer_after_all", "handing_over", "approval_form", "又查获一批",
        officers=2, must_transfer_ground="累计六万元",
    )  # fmt: skip
    on(play, CASE, [again])

    assert state(play, PENALTY) == "suspended_for_criminal"
    declined = [
        step("17T15:00", HANDLER, "deliver_package", "accepted", FIVE + " receipt"),
        step("20T10:00", POLICE, "decline_filing", "not_filed", "refusal_notice returned_files", "没有犯罪事实"),
        step("20T15:00", HEAD, "accept_not_filed", "returned_to_admin"),
        step("21T10:00", "bgs.admin", "close", "closed"),
    ]
    on(play, CASE, declined)
    # the case is over: what is found now is a new one
    assert on(play, PENALTY, [{**AWAY, "occurred": "2010-12-22T09:00:00+08:00"}]) == "suspended_for_criminal"
    assert [row["ref"] for row in play.desk.reader.listed(kind="case")["items"]] == [CASE, "case/2010-0002"]


def test_the_police_act_before_the_goods_come_and_send_on_while_papers_are_missing(sqlite_url: str) -> None:
    play = Play(sqlite_url)
    wanted = step(
        "04T10:00", POLICE, "ask_supplement", "supplement_wanted", "supplement_notice", supplement_list="原件"
    )
    sent_on = step("04T11:00", POLICE, "forward", "forwarded", "forward_notice", police_organ="other_police")
    other = "other_police.head"
    caught = [
        step("04T15:00", other, "receive_forwarded", "accepted", "receipt"),
        step("05T10:00", other, "file_case", "filed", "filing_notice"),
        step("05T11:00", other, "detain", "filed"),
        step("06T10:00", other, "request_arrest", "filed", "arrest_request"),
        step("07T10:00", HANDLER, "hand_over_goods", "investigating", "handover_list"),
        step("08T10:00", PROC, "decide_arrest", "investigating", "arrest_decision", arrest_approved=True),
    ]

    play.run("case", "gongshang", [*ACCEPTED, wanted, sent_on, *caught])

    assert (play.clock("arrest_req")[0], play.shown()["facts"]["notice_pending"]) == ("met", False)


def test_the_procuratorate_asks_for_reasons_also_where_the_department_has_let_it_be(sqlite_url: str) -> None:
    play = Play(sqlite_url)
    let_be = step("08T10:00", HEAD, "accept_not_filed", "returned_to_admin")
    asked = step("20T10:00", PROC, "require_reasons", "explaining", "reasons_request", "被害人请求监督")

    play.run("case", "gongshang", [*DECLINED, let_be])
    before = state(play, PENALTY)
    play.run("case", "gongshang", [asked])

    assert (before, state(play, PENALTY)) == ("checking", "suspended_for_criminal")


def test_a_victim_may_complain_after_the_opinion_was_sent_and_the_penalty_waits(sqlite_url: str) -> None:
    play = Play(sqlite_url)
    ended = step("17T10:00", PROC, "not_prosecute_discretionary", "not_prosecuted", "non_prosecution_decision", **NP)
    opinion = step(
        "17T11:00", PROC, "send_opinion", "np_opinion_sent", "procuratorial_opinion", opinion_reply_by="2011-01-17"
    )
    complaint = step("20T10:00", PROC, "contest_np", "np_contested", "", "被害人申诉", contested_by="victim")
    upheld = step("2011-01-05T10:00", PROC, "np_upheld", "np_opinion_sent", "np_review_decision")

    play.run("case", "gongshang", [*IN_REVIEW, ended, opinion, complaint])
    halted, rests = state(play, PENALTY), play.clock("opinion_reply")[0]
    play.run("case", "gongshang", [upheld])

    assert (halted, rests) == ("suspended_for_criminal", "paused")
    assert (state(play, PENALTY), play.clock("opinion_reply")[0]) == ("checking", "running")
