"""The administrative track: its arrows, states and clocks, and its way to the criminal track and back."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from case_beginnings import FIVE, HANDLER, HEAD, PROC, Step, refused, step
from penalty_scenarios import FINISHED, MUST, NOTICED, OPENED, PENALTY_SCENARIOS
from scenarioplay import Play
from test_case_definition import arrows_of, read_arrows

from engine.definition import Definition
from workflows.library import read_definition

WORKFLOWS = Path(__file__).resolve().parent.parent / "workflows"

STATES = (
    "checking not_opened opened preserved investigated legal_review noticed hearing collective decided no_penalty"
    " served performed court_enforcement suspended_for_criminal closed"
)

ARROWS = """
extend_check: checking > =
open: checking > opened
not_open: checking > not_opened
preserve: opened > preserved
release_or_seize: preserved > opened
finish: opened > investigated
transfer_out: opened preserved investigated legal_review noticed hearing collective > suspended_for_criminal
review: investigated > legal_review
return_review: legal_review > opened
notify: legal_review > noticed
hold_hearing: noticed > hearing
discuss: noticed hearing > collective
decide: noticed hearing collective > decided
decide_none: noticed hearing collective > no_penalty
serve: decided no_penalty > served
perform: served > performed
apply_enforcement: served > court_enforcement
resume_from_criminal: suspended_for_criminal > investigated
end_by_conviction: suspended_for_criminal > closed
extend: opened preserved investigated legal_review > =
close: not_opened performed court_enforcement served > closed
"""


@pytest.fixture(scope="module")
def penalty() -> Definition:
    return read_definition(WORKFLOWS / "penalty.yaml")


def test_the_machine_has_the_states_and_arrows_of_the_procedure(penalty: Definition) -> None:
    assert set(penalty.tree.leaves) == set(STATES.split())
    assert read_arrows(ARROWS) - arrows_of(penalty) == set()


def test_the_clocks_have_the_figures_of_2010(penalty: Definition) -> None:
    shanghai = ZoneInfo("Asia/Shanghai")
    then = datetime(2010, 12, 1, 9, tzinfo=shanghai)
    clocks = {code: penalty.rules.of(code, then, shanghai) for code in penalty.doc.deadlines}
    terms = {code: clock.term.days or clock.term.workdays for code, clock in clocks.items()}

    wanted = {
        "clue": 7,
        "penalty": 90,
        "preservation": 7,
        "hearing_ask": 3,
        "service": 7,
        "payment": 15,
        "copy_penalty": 10,
    }
    assert terms.items() >= wanted.items()


def test_who_investigates_does_not_review_hear_or_decide(penalty: Definition) -> None:
    for arrow in penalty.doc.transitions:
        if arrow.trigger in ("review", "return_review", "hold_hearing", "decide", "decide_none"):
            assert "finish" in arrow.distinct_from and "dept_handler" not in arrow.role, arrow.trigger


@pytest.mark.parametrize("name", PENALTY_SCENARIOS)
def test_a_penalty_lives_as_its_script_says(name: str, sqlite_url: str) -> None:
    Play(sqlite_url).run("penalty", "gongshang", PENALTY_SCENARIOS[name])


def on_case(play: Play, steps: list[Step]) -> None:
    """Go on with the criminal case that the penalty case began."""
    own, play.ref = play.ref, "case/2010-0001"
    play.run("case", "gongshang", steps)
    play.ref = own


def transferred(url: str) -> Play:
    play = Play(url)
    away = step("14T09:00", HEAD, "transfer_out", "suspended_for_criminal", "transfer_approval", **MUST)
    play.run("penalty", "gongshang", [*FINISHED, away])
    to_the_police = [
        step("14T10:00", HEAD, "form_task_force", "task_force", officers=2, **MUST),
        step("14T11:00", HANDLER, "submit_report", "transfer_pending", "team_report"),
        step("14T12:00", HEAD, "approve_transfer", "handing_over", "approval_form"),
        step("14T15:00", HANDLER, "deliver_package", "accepted", FIVE + " receipt"),
    ]
    on_case(play, to_the_police)
    return play


DECLINE = step(
    "16T10:00", "gongan.head", "decline_filing", "not_filed", "refusal_notice returned_files", "没有犯罪事实"
)
ACCEPT = step("20T10:00", HEAD, "accept_not_filed", "returned_to_admin")


def test_the_clock_stands_still_while_the_police_have_the_case(sqlite_url: str) -> None:
    play = transferred(sqlite_url)

    assert play.clock("penalty")[0] == "paused"


def test_a_case_that_is_not_filed_lets_the_penalty_go_on(sqlite_url: str) -> None:
    play = transferred(sqlite_url)

    on_case(play, [DECLINE, {**ACCEPT, "occurred": "2010-12-17T10:00:00+08:00"}])

    assert play.shown()["state"] == "investigated" and play.shown()["facts"]["criminal_ended"] is True
    assert play.clock("penalty") == ("running", "2011-03-07")  # 90 days from 2 December and three more, rolled


def test_new_facts_at_the_police_halt_the_penalty_again(sqlite_url: str) -> None:
    play = transferred(sqlite_url)
    files = step("21T10:00", "gongan.head", "file_on_new_facts", "filed", "filing_notice", new_facts="新证据")

    on_case(play, [DECLINE, {**ACCEPT, "occurred": "2010-12-17T10:00:00+08:00"}, files])

    assert play.shown()["state"] == "suspended_for_criminal"


def test_one_act_has_one_penalty_case(sqlite_url: str) -> None:
    play = transferred(sqlite_url)

    on_case(play, [DECLINE, {**ACCEPT, "occurred": "2010-12-17T10:00:00+08:00"}])

    assert [row["ref"] for row in play.desk.reader.listed(kind="penalty")["items"]] == ["penalty/2010-0001"]


def test_a_refusal_of_the_head_to_transfer_frees_the_penalty_only_when_it_is_cleared(sqlite_url: str) -> None:
    play = Play(sqlite_url)
    away = step("14T09:00", HEAD, "transfer_out", "suspended_for_criminal", "transfer_approval", **MUST)
    play.run("penalty", "gongshang", [*OPENED, away])
    lowered = {"threshold_met": False, "must_transfer": False, "must_transfer_ground": "重新核算"}

    on_case(play, [step("15T09:00", HEAD, "route_administrative", "routed_admin", **lowered)])
    before = play.shown()["state"]
    on_case(play, [step("16T09:00", PROC, "clear_refusal", "routed_admin", "", "无异议")])

    assert (before, play.shown()["state"]) == ("suspended_for_criminal", "investigated")


ROUTED = {"threshold_met": False, "must_transfer": False, "must_transfer_ground": "非法经营数额二万元"}


def routed(url: str) -> Play:
    """A criminal case that its department keeps for itself, with the penalty case under it."""
    play = Play(url)
    away = step("02T09:00", HEAD, "route_administrative", "routed_admin", **ROUTED)
    play.run("case", "gongshang", [step("01T09:00", HANDLER, "detect", "detected", infringement="c214"), away])
    return play


def on_penalty(play: Play, steps: list[Step]) -> str:
    """Go on with the penalty case under the criminal case; return where it stands."""
    own, play.ref = play.ref, "penalty/2010-0001"
    play.run("penalty", "gongshang", steps)
    play.ref = own
    return str(play.shown("penalty/2010-0001")["state"])


ORDER = step("16T09:00", PROC, "order_transfer", "handing_over", "transfer_order", "达到追诉标准")
TO_THE_POLICE = [
    ORDER,
    step("16T15:00", HANDLER, "deliver_package", "accepted", FIVE + " receipt", officers=2),
    step("17T10:00", "gongan.head", "decline_filing", "not_filed", "refusal_notice returned_files", "没有犯罪事实"),
    step("17T15:00", HEAD, "accept_not_filed", "returned_to_admin"),
]


def test_an_order_to_transfer_halts_the_penalty_that_took_the_case_s_place(sqlite_url: str) -> None:
    play = routed(sqlite_url)
    on_penalty(play, NOTICED[1:])

    play.run("case", "gongshang", [ORDER])

    late = refused("22T10:00", HEAD, "decide", "not_possible_here", "decision", fine_amount=1_000_000, confiscated=0)
    assert on_penalty(play, [late]) == "suspended_for_criminal"
    told = play.desk.reader.history("penalty/2010-0001")["items"][-1]
    assert (told["actor"], told["trigger"], told["reason"]) == (
        "system",
        "suspend_again",
        "case/2010-0001: order_transfer",
    )


def test_what_comes_back_from_the_police_goes_on_where_it_stood(sqlite_url: str) -> None:
    play = routed(sqlite_url)
    on_penalty(play, NOTICED[1:])

    play.run("case", "gongshang", TO_THE_POLICE)

    assert on_penalty(play, []) == "investigated"
    assert [row["ref"] for row in play.desk.reader.listed(kind="penalty")["items"]] == ["penalty/2010-0001"]


def test_a_penalty_not_yet_opened_halts_too_and_goes_back_to_the_check(sqlite_url: str) -> None:
    play = routed(sqlite_url)

    play.run("case", "gongshang", [ORDER])
    halted = on_penalty(play, [])
    play.run("case", "gongshang", TO_THE_POLICE[1:])

    assert (halted, on_penalty(play, [])) == ("suspended_for_criminal", "checking")


def test_an_order_to_transfer_halts_the_penalty_above_that_had_gone_on(sqlite_url: str) -> None:
    play = Play(sqlite_url)
    away = step("14T09:00", HEAD, "transfer_out", "suspended_for_criminal", "transfer_approval", **MUST)
    play.run("penalty", "gongshang", [*OPENED, away])
    back = [
        step(
            "15T09:00", HEAD, "route_administrative", "routed_admin", **{**ROUTED, "must_transfer_ground": "重新核算"}
        ),
        step("15T10:00", PROC, "clear_refusal", "routed_admin", "", "无异议"),
    ]

    on_case(play, [*back, ORDER])

    assert play.shown()["state"] == "suspended_for_criminal"
