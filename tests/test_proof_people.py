"""Who is told, waited for, reminded or asked to fill in a form must be there and able: each mistake planted is found."""

from pathlib import Path
from typing import Any

import pytest
from commandline import SMALL, Office
from proof_below import SHELF, arrow, codes, label, made, proved_with
from proof_world import BAODI, flawed, proved

from engine.access import Access, merged
from engine.access_schema import AccessDoc
from engine.errors import Problem
from workflows.library import shipped_access

ERRAND = Path(SMALL).with_name("small.yaml").read_text("utf-8")

DEPUTY = "  office: {label: {zh: 办公室"
"""Where a role may be put in."""

NOBODY_AT_BETA = "  deputy: {label: {zh: 协办人, en: Deputy}, of: matter, posts: [officer]}\n" + DEPUTY
"""A role that Bureau Alpha has and Bureau Beta, on the roster too, has not."""


def checked(
    tmp_path: Path, *changes: tuple[str, str], campaign: tuple[tuple[str, str], ...] = ()
) -> list[dict[str, Any]]:
    """The problems that ``campaign check`` tells of the small campaign with its errand changed."""
    text, mine = ERRAND, Path(SMALL).read_text("utf-8")
    for was, will in changes:
        assert was in text, was
        text = text.replace(was, will)
    for was, will in campaign:
        assert was in mine, was
        mine = mine.replace(was, will)
    (tmp_path / "small.yaml").write_text(text, "utf-8")
    (tmp_path / "mine.yaml").write_text(mine, "utf-8")
    ended = Office(None)("--json", "campaign", "check", str(tmp_path / "mine.yaml"))
    assert ended.code == (7 if ended.json["problems"] else 0)
    return list(ended.json["problems"])


# --- copies (抄送) ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "was", "will", "code"),
    [
        ("copy", "copy: office", "copy: deputy", "copy_unheld"),
        ("handover", "copy: office", "handover: deputy", "handover_unheld"),
    ],
)
def test_a_copy_to_a_post_that_a_body_lacks_is_found(key: str, was: str, will: str, code: str, tmp_path: Path) -> None:
    (problem,) = checked(tmp_path, (DEPUTY, NOBODY_AT_BETA), (was, will))

    assert problem["code"] == code
    line = (tmp_path / "small.yaml").read_text("utf-8").splitlines()[problem["line"] - 1]
    assert line.strip().startswith(key)
    assert "乙局没有其岗位（officer）" in problem["text"]["zh"]
    assert "Bureau Beta has none of its posts" in problem["message"]


@pytest.mark.parametrize("receiver", ["system", "anybody"])
def test_a_copy_that_reaches_nobody_in_particular_is_found(receiver: str, tmp_path: Path) -> None:
    anybody = "  anybody: {label: {zh: 各单位, en: Anybody}, of: any, posts: [head]}\n" + DEPUTY

    (problem,) = checked(tmp_path, (DEPUTY, anybody), ("copy: office", f"copy: {receiver}"))

    assert problem["code"] == "copy_unheld"


def test_a_copy_to_a_circle_whose_body_has_lost_the_post_is_found() -> None:
    lost = [
        body.model_copy(update={"posts": ["liaison"]}) if body.part == "leading_group" else body
        for body in SHELF.campaign.doc.bodies
    ]
    campaign = SHELF.campaign.doc.model_copy(update={"bodies": lost})
    machine = made("above", [arrow("end", "begun", "over", copy=["group"])])

    (problem,) = proved_with(machine, campaign=campaign).problems

    assert problem.code == "copy_unheld" and "领导小组" in problem.zh


def test_a_finding_of_a_monitor_that_is_told_to_nobody_is_found(tmp_path: Path) -> None:
    late = (
        "monitors:\n  late: {label: {zh: 迟办, en: Late}, when: \"state('doing')\", for: {days: 3}, tell: deputy, basis: X}\n"
        "\ninvariants:"
    )

    (problem,) = checked(tmp_path, (DEPUTY, NOBODY_AT_BETA), ("\ninvariants:", late))

    assert problem["code"] == "tell_unheld"


# --- posts ------------------------------------------------------------------------------------------------------


def test_an_office_reduced_to_a_post_that_it_lacks_is_found_in_the_file_and_in_the_proof(tmp_path: Path) -> None:
    was, will = 'of: "part:office", posts: [admin, head]', 'of: "part:office", posts: [officer]'
    problems = checked(tmp_path, (was, will))
    by_proof = proved(
        flawed("bulletin", f"en: Leading group's office}}, {was}", f"en: Leading group's office}}, {will}")
    )

    assert [each["code"] for each in problems] == ["role_unheld"]
    found = [each for each in by_proof.problems if each.code == "role_unheld"]
    assert len(found) == 1 and "领导小组办公室" in found[0].zh and "officer" in found[0].message


# --- whom a state waits for -------------------------------------------------------------------------------------


def test_a_state_that_waits_for_who_can_do_nothing_there_is_found(tmp_path: Path) -> None:
    (problem,) = checked(tmp_path, ("en: Review}, waits_for: [head, office]", "en: Review}, waits_for: [head, clerk]"))

    assert problem["code"] == "waits_for_nothing"
    assert "“审核”等待“经办人”" in problem["text"]["zh"] and "it has no act there" in problem["message"]


def test_a_state_that_waits_for_who_has_only_acts_that_can_never_be_done_is_found() -> None:
    machine = made(
        "above",
        [
            arrow("go_on", "begun", "later"),
            arrow("sign", "later", "=", when="not visited('begun')"),
            arrow("end", "later", "over", role="head"),
        ],
    )

    found = proved_with(machine).problems

    assert [each.code for each in found] == ["arrow_never_fires", "waits_for_nothing"]
    assert "sign" in found[1].message and "never be done" in found[1].message


def test_a_state_waits_for_the_system_only_where_it_acts(tmp_path: Path) -> None:
    (problem,) = checked(tmp_path, ("en: Paused}, waits_for: head", "en: Paused}, waits_for: [head, system]"))

    assert problem["code"] == "waits_for_nothing"


def test_who_only_brings_a_paper_that_is_needed_there_is_rightly_waited_for(tmp_path: Path) -> None:
    bring = ("report: {label: {zh: 办理报告, en: Report}}", "report: {label: {zh: 办理报告, en: Report}, by: [head]}")
    waits = ("en: In hand}, waits_for: clerk", "en: In hand}, waits_for: [clerk, head]")

    assert checked(tmp_path, bring, waits, ("    to: paused\n    role: head", "    to: paused\n    role: clerk")) == []


# --- who is reminded --------------------------------------------------------------------------------------------


def test_a_clock_that_reminds_who_cannot_stop_it_is_found(tmp_path: Path) -> None:
    (problem,) = checked(tmp_path, ("basis: PLACEHOLDER\n    owner: clerk", "basis: PLACEHOLDER\n    owner: office"))

    assert problem["code"] == "owner_cannot_stop"
    line = (tmp_path / "small.yaml").read_text("utf-8").splitlines()[problem["line"] - 1]
    assert line.strip() == "owner: office"
    assert "被催的人无事可办" in problem["text"]["zh"] and "Submit" in problem["message"]


def test_who_brings_the_matter_before_those_who_stop_the_clock_may_own_it() -> None:
    clock = {
        "label": label("clock"), "term": {"days": 3}, "basis": "X", "ladder": "quiet", "from_opening": True, "stop_on": ["end"],
    }  # fmt: skip
    arrows = [arrow("hand_in", "begun", "read"), arrow("end", "read", "over", role="head")]

    own = {role: made("above", arrows, deadlines={"clock": {**clock, "owner": role}}) for role in ("clerk", "head")}

    assert [codes(proved_with(each)) for each in own.values()] == [[], []]


def test_the_clock_of_a_resumed_penalty_reminds_whoever_reviews() -> None:
    owner = "owner: legal, ladder: short, mark: D"

    found = proved(flawed("penalty", owner, owner.replace("legal", "dept_handler"))).problems

    assert [each.code for each in found] == ["owner_cannot_stop"]


# --- forms ------------------------------------------------------------------------------------------------------

SECRET = {"name": {"type": "text", "personal": True, "label": label("name")}}


def access(*, masked: bool) -> Access:
    """Ours, with what departments see of the small campaign *masked* or not."""
    own = AccessDoc.model_validate({
        "schema": "access/1",
        "classes": {"body": {
            "label": label("body"), "posts": ["liaison", "head", "officer"], "basis": "X",
            "sees": [{"see": "party", "masked": masked}],
        }},
    })  # fmt: skip
    return Access(merged(shipped_access(), own), SHELF.campaign.doc.bodies)


@pytest.mark.parametrize("key", ["asks", "optional"])
def test_a_form_that_asks_for_what_its_reader_may_not_see_is_found(key: str) -> None:
    machine = made("above", [arrow("end", "begun", "over", **{key: ["name"]})], facts=SECRET)

    (problem,) = proved_with(machine, access=access(masked=True)).problems

    assert (
        problem.code == "form_masked" and "看不到个人信息" in problem.zh and "personal facts hidden" in problem.message
    )
    assert codes(proved_with(machine, access=access(masked=False))) == []


def test_the_form_of_opening_is_looked_at_too() -> None:
    opening = {"role": "clerk", "label": label("open"), "optional": ["name"]}
    machine = made("above", [arrow("end", "begun", "over")], facts=SECRET, open=opening)

    assert codes(proved_with(machine, access=access(masked=True))) == ["form_masked"]


def test_an_act_on_a_matter_that_its_actor_does_not_see_is_told_by_the_file_of_access(tmp_path: Path) -> None:
    (tmp_path / "rights.yaml").write_text(
        "schema: access/1\nclasses:\n"
        "  body: {label: {zh: 机构, en: A body}, posts: [liaison, officer], sees: [{see: party}], basis: X}\n",
        "utf-8",
    )

    found = checked(tmp_path, campaign=(("notices: {channel", "access: rights.yaml\nnotices: {channel"),))

    assert {each["code"] for each in found} == {"blind_role"}
    assert any("'alpha.head' may act as 'head' of 'errand'" in each["message"] for each in found)


def test_it_is_told_by_the_proof_where_no_campaign_file_is_read() -> None:
    own = AccessDoc.model_validate({
        "schema": "access/1",
        "classes": {"body": {"label": label("body"), "posts": ["liaison"], "basis": "X", "sees": [{"see": "party"}]}},
    })  # fmt: skip
    machine = made("above", [arrow("go_on", "begun", "later"), arrow("end", "later", "over", role="head")])

    (problem,) = proved_with(machine, access=Access(merged(shipped_access(), own), SHELF.campaign.doc.bodies)).problems

    assert problem.code == "act_unseen" and "看不到此类事项" in problem.zh and ".head" in problem.message


def test_nothing_of_this_is_wrong_with_what_comes_with_us() -> None:
    told: list[Problem] = [
        each for kind in ("duty", "bulletin", "lead") for each in proved(BAODI.definitions[kind]).problems
    ]

    assert told == []


# --- whoever acts on the matter above ---------------------------------------------------------------------------


@pytest.mark.parametrize(("role", "code"), [("head", []), ("clerk", ["waits_for_nothing"])])
def test_who_acts_on_the_matter_above_is_waited_for_below_and_nobody_else(role: str, code: list[str]) -> None:
    signals = [{"trigger": "go_on", "to": "below"}]
    above = made(
        "above",
        [
            arrow("hand_down", "begun", "waiting", spawn=[{"kind": "below"}]),
            arrow("release", "waiting", "over", role="head", signals=signals),
        ],
    )
    states = {
        "begun": {"label": label("begun"), "waits_for": [role]},
        "over": {"label": label("over"), "final": True},
    }
    below = made("below", [arrow("go_on", "begun", "over", role="system")], states=states)

    assert codes(proved_with(below, above)) == code
