"""Hand-overs have two sides: what was sent, received, returned, copied, and whose time runs, on both databases."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from case_beginnings import ACCEPTED, DECLINED, FIVE, HANDING, INVESTIGATING, Step, refused, step, wait
from scenarioplay import Play, paper
from world import SILENT, flaws, local

from engine.errors import DubanError
from engine.orders import Actor, Do
from scheduler.turn import Turn

HANDLER, HEAD, OFFICER, POLICE = "gongshang.officer", "gongshang.head", "gongan.officer", "gongan.head"
PROC, OTHER_POLICE = "jianchayuan.head", "other_police.head"
SENT = [*HANDING, step("03T14:00", HANDLER, "send_package", "handing_over", FIVE)]
SIGNED = [*SENT, step("03T16:00", OFFICER, "deliver_package", "accepted", "receipt")]


@pytest.fixture
def play(db_url: str) -> Iterator[Play]:
    found = Play(db_url)
    yield found
    assert flaws(found.desk) == []
    found.desk.close()


def run(play: Play, steps: list[Step]) -> None:
    play.run("case", "gongshang", steps)


def handover(play: Play, code: str, **more: Any) -> dict[str, Any]:
    """The latest hand-over of that code."""
    found = [each for each in play.desk.reader.show(play.ref, **more)["handovers"] if each["code"] == code]
    last: dict[str, Any] = found[-1]
    return last


def why_not(play: Play, one: Step) -> DubanError:
    """The refusal of a step, which must change nothing."""
    play.until(datetime.fromisoformat(one["occurred"]))
    before = play.desk.reader.show(play.ref), play.desk.reader.history(play.ref)
    with pytest.raises(DubanError) as caught:
        play.order(one, "case", "gongshang")
    assert (play.desk.reader.show(play.ref), play.desk.reader.history(play.ref)) == before
    return caught.value


def awaited(play: Play, body: str) -> list[str]:
    return [each["ref"] for each in play.desk.reader.listed(waiting_for=body, kind="case")["items"]]


def clocks(told: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["code"]: each for each in told["clocks"]}


def test_what_is_sent_waits_for_the_receipt_of_the_other_side(play: Play) -> None:
    run(play, SENT)

    told = handover(play, "transfer")
    assert (told["status"], told["from"], told["to"]) == ("sent", "gongshang", "gongan")
    assert (told["sent_at"], told["sent_by"], told["received_at"]) == ("2010-12-03T06:00:00Z", HANDLER, None)
    assert [each["kind"] for each in told["enclosures"]] == FIVE.split()
    assert all(len(each["sha256"]) == 64 for each in told["enclosures"])
    assert awaited(play, "gongan") == [play.ref] and awaited(play, "gongshang") == []


def test_the_senders_clock_ends_with_the_sending_and_the_receivers_begins_with_the_receipt(play: Play) -> None:
    run(play, SENT)

    assert clocks(handover(play, "transfer"))["handover"]["status"] == "met"
    assert "review" not in clocks(handover(play, "transfer"))
    run(play, [step("06T09:00", OFFICER, "deliver_package", "accepted", "receipt")])
    told = clocks(handover(play, "transfer"))
    assert told["review"]["started_at"] == "2010-12-06T01:00:00Z"
    assert (told["review"]["owner"], told["review"]["last_day"]) == ("gongan", "2010-12-09")
    assert told["handover"]["stopped_at"] == "2010-12-03T06:00:00Z"


def test_the_receipt_tells_when_it_happened_and_when_it_was_recorded(play: Play) -> None:
    run(play, SENT)
    said = {"police_received_at": "2010-12-03T15:00+08:00"}
    run(play, [step("03T17:30", OFFICER, "deliver_package", "accepted", "receipt", **said)])

    told = handover(play, "transfer")
    assert (told["status"], told["received_by"]) == ("received", OFFICER)
    assert (told["received_at"], told["recorded_at"]) == ("2010-12-03T07:00:00Z", "2010-12-03T09:30:00Z")
    assert clocks(told)["review"]["started_at"] == "2010-12-03T07:00:00Z"
    assert told["receipt"] and awaited(play, "gongan") == [play.ref]


def test_a_missing_enclosure_is_named_and_so_is_every_other(play: Play) -> None:
    run(play, HANDING)

    for trigger in ("send_package", "deliver_package"):
        error = why_not(play, step("03T14:00", HANDLER, trigger, "", "receipt" if trigger[0] == "d" else ""))
        missing = [kind for kind in FIVE.split() if any(f"（{kind}）" in reason.zh for reason in error.reasons)]
        assert (error.exit_code, missing) == (4, FIVE.split())
    error = why_not(play, step("03T14:00", HANDLER, "send_package", "", "transfer_letter goods_list"))
    assert [reason.zh.partition("（")[2][:-1] for reason in error.reasons] == [
        "investigation_report", "appraisal", "other_material",
    ]  # fmt: skip


REFUSALS: dict[str, tuple[dict[str, Any], str, str]] = {
    "before the sending": ({"police_received_at": "2010-12-03T13:59+08:00"}, "received_before_sent", "早于送出时间"),
    "in the future": ({"police_received_at": "2010-12-03T18:00+08:00"}, "future", ""),
    "before the matter was": ({"police_received_at": "2010-11-30T10:00+08:00"}, "before_opening", ""),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_receipt_that_cannot_be_is_refused_with_the_reason(play: Play, name: str) -> None:
    facts, code, words = REFUSALS[name]
    run(play, SENT)

    error = why_not(play, step("03T16:00", OFFICER, "deliver_package", "", "receipt", **facts))

    assert error.code == code
    assert words in "".join(reason.zh for reason in error.reasons)


def test_the_senders_side_cannot_sign_for_the_receiver(play: Play) -> None:
    run(play, SENT)
    run(play, [refused("03T15:00", HANDLER, "deliver_package", "guard", "receipt")])
    error = why_not(play, step("03T15:00", HEAD, "deliver_package", "", "receipt"))
    assert error.exit_code == 5 and "须由公安机关办理" in [reason.zh for reason in error.reasons]

    both = Actor(HANDLER, "token", frozenset({("gongshang", "officer"), ("gongan", "officer")}))
    order = Do(ref=play.ref, trigger="deliver_package", documents=(paper("receipt"),))
    with pytest.raises(DubanError) as caught:
        play.desk.engine.execute(order, both)

    assert caught.value.exit_code == 5
    assert caught.value.code == "own_side" and "移送单位（gongshang）人员不得签收" in caught.value.reasons[0].zh
    assert handover(play, "transfer")["status"] == "sent"


def test_nobody_hands_over_to_himself(play: Play) -> None:
    run(play, HANDING)

    said = {"police_organ": "gongshang"}
    error = why_not(play, step("03T14:00", HANDLER, "deliver_package", "", FIVE + " receipt", **said))

    assert error.code == "own_side" and "移送单位自己" in error.reasons[0].zh


def test_a_refused_package_has_come_back_with_its_reason_and_may_go_again(play: Play) -> None:
    run(play, [*SENT, step("03T15:00", HEAD, "refuse_to_accept", "handing_over", "", "值班人员拒收")])

    told = handover(play, "transfer")
    assert (told["status"], told["reason"], told["returned_at"]) == ("returned", "值班人员拒收", "2010-12-03T07:00:00Z")
    assert awaited(play, "gongan") == [] and awaited(play, "gongshang") == [play.ref]
    run(play, [step("03T16:00", HANDLER, "send_package", "handing_over")])
    assert [each["status"] for each in play.shown()["handovers"]] == ["returned", "sent"]


def test_a_paper_receipt_brought_with_the_delivery_closes_both_sides_at_once(play: Play) -> None:
    run(play, ACCEPTED)

    told = handover(play, "transfer")
    assert told["status"] == "received" and told["receipt"] is not None
    assert told["received_at"] == told["sent_at"]


def test_a_delivery_that_is_entered_later_was_sent_when_it_was_signed_for(play: Play) -> None:
    run(play, HANDING)
    play.until(local("2010-12-03T17:10"))
    papers = tuple(map(paper, f"{FIVE} receipt".split()))

    def enter(signed: str) -> Do:
        return Do(ref=play.ref, trigger="deliver_package", documents=papers, facts={"police_received_at": signed})

    with pytest.raises(DubanError) as caught:  # the transfer was approved at ten
        play.desk.engine.execute(enter("2010-12-03T09:30"), play.desk.actor(HANDLER))
    play.desk.engine.execute(enter("2010-12-03T17:00"), play.desk.actor(HANDLER))

    assert caught.value.code == "received_before_sent"
    told = handover(play, "transfer")
    assert (told["sent_at"], told["recorded_at"]) == ("2010-12-03T09:00:00Z", "2010-12-03T09:10:00Z")


def test_the_copy_to_the_procuratorate_tells_whether_it_was_delivered(play: Play) -> None:
    run(play, ACCEPTED)
    copies = {each["body"]: each for each in handover(play, "transfer")["copies"]}
    assert copies["jianchayuan"]["delivered"] is False

    Turn(play.desk, SILENT).run()

    copies = {each["body"]: each for each in handover(play, "transfer")["copies"]}
    assert copies["jianchayuan"]["delivered"] and copies["jianchayuan"]["sent_at"]


def test_the_past_knows_only_what_had_happened_by_then(play: Play) -> None:
    run(play, SIGNED)

    then = handover(play, "transfer", as_of=local("2010-12-03T15:00"))
    listed = play.desk.reader.listed(as_of=local("2010-12-03T15:00"), waiting_for="gongan", kind="case")["items"]

    assert (then["status"], then["received_at"]) == ("sent", None)
    assert [each["ref"] for each in listed] == [play.ref]
    assert play.desk.reader.show(play.ref, as_of=local("2010-12-02T00:00"))["handovers"] == []


def test_forwarding_is_a_hand_over_of_its_own_with_the_review_at_the_other_organ(play: Play) -> None:
    moved = [
        step("05T10:00", POLICE, "forward", "forwarded", "forward_notice", police_organ="other_police"),
        refused("05T11:00", POLICE, "receive_forwarded", "forbidden", "receipt"),
    ]
    run(play, [*ACCEPTED, *moved])
    assert awaited(play, "other_police") == [play.ref] and awaited(play, "gongan") == []

    run(play, [step("06T09:00", OTHER_POLICE, "receive_forwarded", "accepted", "receipt")])

    told = handover(play, "forwarding")
    assert (told["from"], told["to"], told["status"]) == ("gongan", "other_police", "received")
    assert clocks(told)["forward"]["status"] == "met"
    assert (clocks(told)["review"]["owner"], clocks(told)["review"]["last_day"]) == ("other_police", "2010-12-09")


def test_reconsideration_and_supervision_go_from_side_to_side(play: Play) -> None:
    run(
        play,
        [
            *DECLINED,
            step("07T09:00", HANDLER, "sign_receipt", "not_filed"),
            step("07T10:00", HEAD, "ask_reconsideration", "reconsidering", "recon_request"),
            step("08T09:00", OFFICER, "sign_receipt", "reconsidering"),
            step("09T10:00", POLICE, "reconsider_uphold", "not_filed_upheld", "recon_decision", "维持"),
            step("10T10:00", HEAD, "suggest_supervision", "supervision_requested", "supervision_proposal"),
            step("10T15:00", PROC, "sign_receipt", "supervision_requested"),
        ],
    )

    told = {each["code"]: each for each in play.shown()["handovers"]}
    assert list(told) == ["transfer", "refusal", "reconsideration", "upheld", "supervision"]
    assert [told[code]["status"] for code in list(told)[1:]] == ["received"] * 4
    assert told["transfer"]["status"] == "returned"
    assert (told["upheld"]["received_at"], told["upheld"]["received_by"]) == ("2010-12-10T02:00:00Z", HEAD)
    assert clocks(told["reconsideration"])["recon_decide"]["started_at"] == "2010-12-08T01:00:00Z"
    assert (told["supervision"]["from"], told["supervision"]["to"]) == ("gongshang", "jianchayuan")


def test_a_refusal_that_nobody_signed_for_lapses_with_the_right(play: Play) -> None:
    run(play, [*DECLINED, wait("10T00:30", "returned_to_admin")])

    told = handover(play, "refusal")
    assert (told["status"], told["received_at"]) == ("lapsed", None) and told["lapsed_at"]


def test_the_sender_of_a_document_does_not_state_its_receipt(play: Play) -> None:
    run(play, ACCEPTED)

    said = {"notice_received_at": "2010-12-04T10:00+08:00"}
    error = why_not(play, step("04T10:00", POLICE, "file_case", "", "filing_notice", **said))

    assert [reason.kind for reason in error.reasons] == ["fact_not_asked"]


def test_the_goods_go_with_a_list_that_both_sides_signed(play: Play) -> None:
    run(play, INVESTIGATING)

    told = handover(play, "goods")
    assert (told["from"], told["to"], told["status"]) == ("gongshang", "gongan", "received")
    assert told["receipt"] == told["enclosures"][0]["sha256"]
    assert clocks(told)["goods"]["status"] == "met"


def test_a_withdrawn_case_goes_back_to_the_department(play: Play) -> None:
    run(
        play,
        [*INVESTIGATING, step("20T10:00", POLICE, "withdraw_case", "withdrawn", "withdrawal_decision", "显著轻微")],
    )
    assert awaited(play, "gongshang") == [play.ref]

    run(play, [step("21T10:00", HANDLER, "sign_receipt", "withdrawn")])

    told = handover(play, "withdrawal")
    assert (told["from"], told["to"], told["received_at"]) == ("gongan", "gongshang", "2010-12-21T02:00:00Z")
