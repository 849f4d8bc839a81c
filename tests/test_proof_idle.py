"""What is written and never comes about is found: monitors, start acts of clocks; and guards that refuse nothing are told."""

import json
from pathlib import Path

import pytest
from commandline import SMALL, Office
from proof_below import arrow, codes, label, made, proved_with
from proof_world import BAODI, data_of, loaded, machine_proof
from test_proof_people import checked
from world import SAMPLES

from engine.proof_words import FINDINGS, said

WATCHED = (SAMPLES / "watched.yaml").read_text("utf-8")

# --- monitors ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("was", "will"),
    [
        ("state('sent') and not has('slip')", "state('sent') and not visited('sent')"),
        ("state('sent') and not has('slip')", "state('sent') and state('packed')"),
        ("fragile and not visited('sent')", "fragile and not fragile"),
        ("breached('pack') and not visited('sent')", "breached('pack') and running('pack')"),
        ("state('sent') and not has('slip')", "weight < 0"),
    ],
    ids=["been and not been", "two states", "itself denied", "two ways of a clock", "below the least value"],
)
def test_a_monitor_that_can_never_hold_is_found(was: str, will: str, tmp_path: Path) -> None:
    weight = "facts:\n  weight: {type: int, minimum: 0, label: {zh: 重量, en: Weight}}"
    assert was in WATCHED and "\nfacts:" in WATCHED
    text = WATCHED.replace(was, will).replace("facts:", weight, 1)
    text = text.replace("optional: [", "optional: [weight, ", 1)
    for name in ("small.yaml", "watched_campaign.yaml"):
        (tmp_path / name).write_text((SAMPLES / name).read_text("utf-8"), "utf-8")
    (tmp_path / "watched.yaml").write_text(text, "utf-8")

    answer = Office(None)("--json", "campaign", "check", str(tmp_path / "watched_campaign.yaml"))

    (problem,) = answer.json["problems"]
    assert problem["code"] == "monitor_never_holds"
    assert will[:12] in text.splitlines()[problem["line"] - 1]
    assert "永远查不出问题" in problem["text"]["zh"] and "would never find anything" in problem["message"]


def test_a_monitor_that_holds_only_when_all_is_over_finds_nothing_either() -> None:
    monitors = {
        "late": {"label": label("late"), "when": "state('over')", "for": {"days": 1}, "tell": "head", "basis": "X"}
    }

    assert codes(proved_with(made("above", [arrow("end", "begun", "over")], monitors=monitors))) == [
        "monitor_never_holds"
    ]


# --- the rarer start act of a clock -----------------------------------------------------------------------------


def test_a_start_act_that_comes_only_while_the_clock_runs_is_found(tmp_path: Path) -> None:
    starts = ("    from_opening: true\n", "    from_opening: true\n    start_on: [take]\n")
    assert checked(tmp_path, starts) == [], (
        "what is sent back has been handed in: the clock has stopped, and starts anew"
    )

    (problem,) = checked(tmp_path, starts, ("    from: review\n    to: work", "    from: review\n    to: dropped"))

    assert problem["code"] == "start_never_counts"
    assert "start_on" in (tmp_path / "small.yaml").read_text("utf-8").splitlines()[problem["line"] - 1]
    assert "只会重新计算" in problem["text"]["zh"] and "‘Take up’ never starts" in problem["message"]


CLOCK = {"label": label("clock"), "term": {"days": 3}, "basis": "X", "owner": "clerk", "ladder": "quiet"}


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({"start_on": ["first", "second"], "stop_on": ["end"]}, ["start_never_counts"]),
        ({"start_on": ["first", "second"], "stop_on": ["between", "end"]}, []),
        ({"start_on": ["first", "second"], "stop_on": ["second", "end"]}, []),
        ({"start_on": ["first", "second"], "stop_on": ["between", "end"], "when": "not visited('in_between')"}, ["start_never_counts"]),
    ],
    ids=["it runs already", "it was stopped", "it is counted anew on purpose", "its condition has gone"],
)  # fmt: skip
def test_each_start_act_of_several_must_be_able_to_start_the_clock(more: dict[str, object], found: list[str]) -> None:
    machine = made(
        "above",
        [
            arrow("first", "begun", "going"),
            arrow("between", "going", "in_between"),
            arrow("second", "in_between", "again"),
            arrow("end", "again", "over"),
        ],
        deadlines={"clock": {**CLOCK, **more}},
    )

    assert codes(proved_with(machine)) == found


def test_a_rarer_start_act_planted_into_a_case_is_found() -> None:
    data = data_of("case")
    data["deadlines"]["arrest_dec"]["start_on"] = ["request_arrest", "decide_arrest"]
    data["deadlines"]["arrest_dec"]["stop_on"] = ["release", "withdraw_case"]

    found = [
        each for each in machine_proof(loaded(data)).run(("states", "starts")) if each.code == "start_never_counts"
    ]

    assert [each.path for each in found] == [("deadlines", "arrest_dec", "start_on", 1)]


# --- guards -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "when", ["state('begun')", "visited('begun') and not visited('over')", "not known('name') or known('name')"]
)
def test_a_guard_that_is_always_true_is_advice_and_holds_nobody_up(when: str) -> None:
    machine = made(
        "above", [arrow("end", "begun", "over", when=when, optional=["name"])],
        facts={"name": {"type": "text", "label": label("name")}},
    )  # fmt: skip

    proof = proved_with(machine)

    assert proof.ok
    (told,) = proof.advice
    assert told.code == "guard_always_true" and "不起限制作用" in told.zh and "refuses nothing" in told.message


@pytest.mark.parametrize("when", ["urgent", "known('urgent')", "not done('note')", "urgent or not urgent"])
def test_a_guard_that_may_refuse_is_none(when: str) -> None:
    machine = made(
        "above", [arrow("note", "begun", "=", optional=["urgent"]), arrow("end", "begun", "over", when=when)],
        facts={"urgent": {"type": "bool", "label": label("urgent")}},
    )  # fmt: skip

    assert proved_with(machine).advice == []


@pytest.mark.parametrize(("lang", "words"), [("zh", "建议："), ("en", "advice: ")])
def test_advice_is_printed_and_the_check_ends_well(lang: str, words: str, tmp_path: Path) -> None:
    text = Path(SMALL).with_name("small.yaml").read_text("utf-8")
    text = text.replace(
        "    to: doing\n    role: clerk\n", "    to: doing\n    role: clerk\n    when: \"state('todo')\"\n", 1
    )
    (tmp_path / "small.yaml").write_text(text, "utf-8")
    (tmp_path / "mine.yaml").write_text(Path(SMALL).read_text("utf-8"), "utf-8")

    told = Office(None)("--lang", lang, "campaign", "check", str(tmp_path / "mine.yaml")).politely()
    answer = json.loads(Office(None)("--json", "campaign", "check", str(tmp_path / "mine.yaml")).out)

    assert told.code == 0 and words in told.out
    assert answer["ok"] and answer["problems"] == []
    assert [each["code"] for each in answer["proofs"][0]["advice"]] == ["guard_always_true"]


def test_no_monitor_and_no_start_act_that_comes_with_us_is_idle() -> None:
    for kind in ("department_task", "duty", "lead", "periodic_return", "supervision"):
        found = [each.code for each in machine_proof(BAODI.definitions[kind]).run(("states", "monitors", "starts"))]
        assert found == [], kind


def test_advice_on_a_guard_that_asks_for_a_clock_says_what_leads_away_when_it_ends() -> None:
    proof = machine_proof(BAODI.definitions["supervision"])

    (found,) = [each for each in proof.run(("states", "guards")) if each.code == "guard_always_true"]

    text = said(FINDINGS, found.code, found.words)
    assert "“办结督办事项”届满即办“到期”，离开此状态" in text.zh and "可以保留" in text.zh
    assert "leads away from there" in text.en and "it may stay" in text.en
