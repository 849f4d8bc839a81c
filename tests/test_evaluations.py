"""What is stated of a case is held against the standards in force: stored with the order, binding, and told again."""

import json
from typing import Any

import pytest
import world
from world import do, flaws, history, open_one

from engine.errors import Refused
from engine.verdicts import VERDICTS
from workflows.standards import shipped_standards
from workflows.workspace import Workspace

OFFICER, HEAD, OFFICE = "gongshang.officer", "gongshang.head", "bgs.admin"
FIFTY = 5_000_000
"""Fifty thousand yuan in fen: the threshold of article 213."""


def case(workspace: Workspace, crime: str = "c213", **facts: Any) -> str:
    return open_one(workspace, "case", OFFICER, "gongshang", infringement=crime, **facts).ref


def answer(workspace: Workspace, ref: str) -> dict[str, Any]:
    (found,) = workspace.reader.show(ref)["evaluations"]
    return dict(found)


def facts(workspace: Workspace, ref: str) -> dict[str, Any]:
    return dict(workspace.reader.show(ref)["facts"])


def refused(work: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        work()
    return caught.value


def test_a_case_over_the_threshold_must_be_transferred_from_its_opening_on(baodi: Workspace) -> None:
    ref = case(baodi, illegal_business_amount=FIFTY)

    said = facts(baodi, ref)
    assert (said["threshold_met"], said["must_transfer"]) == (True, True)
    assert "≥ 50,000元" in said["must_transfer_ground"] and "核验标记V" in said["must_transfer_ground"]
    assert flaws(baodi) == []


def test_the_evaluation_is_stored_in_the_entry_with_every_row_and_the_version(baodi: Workspace) -> None:
    ref = case(baodi, illegal_business_amount=FIFTY, illegal_income=1, parties="王某")

    (entry,) = history(baodi, ref)
    (stored,) = entry["evaluations"]
    record = json.loads(world.sql(baodi.database, "select record from entry where stream like 'matter/case/%'")[0][0])
    assert record["evaluations"] == [stored]
    assert (stored["verdict"], stored["row"], stored["tier"]) == ("met", "ip_2004.c213.business", "base")
    assert stored["rows"]["ip_2004.c213.income"] == "not_met"
    assert stored["rows"]["ip_2004.c213.multi_business"] == "unknown"
    assert stored["values"] == {"illegal_business_amount": FIFTY, "illegal_income": 1}
    files = {file.doc.code: file.digest for file in shipped_standards().files}
    assert stored["standards"] == {code: files[code] for code in ("ip_2004", "transfer_2006")}
    assert "王某" not in json.dumps(record, ensure_ascii=False)
    assert entry["facts"]["must_transfer"] is True


def test_what_it_says_now_is_shown_in_both_languages_with_basis_and_mark(baodi: Workspace) -> None:
    ref = case(baodi, illegal_business_amount=4_000_000)

    shown = answer(baodi, ref)
    assert (shown["verdict"], shown["verdict_label"]) == ("unknown", VERDICTS["unknown"])
    rows = {row["code"]: row for row in shown["rows"]}
    row = rows["ip_2004.c213.multi_business"]
    assert (row["verdict"], row["not_stated"]) == ("unknown", ["marks"])
    assert row["condition"]["en"] == "Registered marks concerned ≥ 2 and Illegal business amount ≥ 30,000 yuan"
    assert (row["basis"], row["mark"]) == ("法释〔2004〕19号 第一条", "V")
    assert rows["ip_2004.c213.business"]["verdict"] == "not_met"


def test_new_figures_are_evaluated_in_the_same_order(baodi: Workspace) -> None:
    ref = case(baodi, illegal_business_amount=FIFTY - 1)
    before = answer(baodi, ref)["verdict"]

    entry = do(baodi, ref, "record_facts", OFFICER, illegal_business_amount=FIFTY).as_json()["entry"]

    assert (before, answer(baodi, ref)["verdict"]) == ("unknown", "met")
    assert entry["evaluations"][0]["derived"] == ["must_transfer", "must_transfer_ground", "threshold_met"]
    assert entry["facts"]["threshold_met"] is True
    assert flaws(baodi) == []


def test_a_clear_no_is_written_down_as_no(baodi: Workspace) -> None:
    ref = case(baodi, "c140", sales_amount=1_000_000, unsold_value=0)

    said = facts(baodi, ref)
    assert answer(baodi, ref)["verdict"] == "not_met"
    assert (said["threshold_met"], said["must_transfer"]) == (False, False)
    assert "must_transfer_ground" not in said


def test_what_is_not_stated_is_not_known_and_nothing_follows(baodi: Workspace) -> None:
    ref = case(baodi, "c140", sales_amount=1_000_000)

    assert answer(baodi, ref)["verdict"] == "unknown"
    assert not {"threshold_met", "must_transfer"} & facts(baodi, ref).keys()


def test_an_order_that_states_nothing_of_it_is_not_evaluated(baodi: Workspace) -> None:
    ref = case(baodi, illegal_business_amount=1)

    do(baodi, ref, "record_facts", OFFICER, place="宝坻")

    assert [len(entry["evaluations"]) for entry in history(baodi, ref)] == [1, 0]


def test_clearly_over_on_the_spot_is_a_duty_of_its_own(baodi: Workspace) -> None:
    ref = case(baodi, on_site=True, clearly_over=True)

    assert answer(baodi, ref)["row"]["code"] == "transfer_2006.any.on_site"
    assert facts(baodi, ref)["must_transfer"] is True


@pytest.mark.parametrize("name", ["threshold_met", "must_transfer"])
def test_nobody_denies_what_a_row_says(baodi: Workspace, name: str) -> None:
    ref = case(baodi, illegal_business_amount=FIFTY)
    before = world.everything(baodi)
    no = {"threshold_met": False, "must_transfer": False, "must_transfer_ground": "不够"}

    moved = refused(lambda: do(baodi, ref, "route_administrative", HEAD, **no))
    corrected = refused(lambda: world.correct(baodi, ref, OFFICE, reason="改", **{name: False}))
    opened = refused(lambda: case(baodi, illegal_business_amount=FIFTY, **{name: False}))

    for refusal in (moved, corrected, opened):
        assert (refusal.code, refusal.exit_code) == ("standard_met", 4)
        assert "ip_2004.c213.business" in refusal.message
        assert "法释〔2004〕19号 第一条" in refusal.reasons[0].zh
    assert world.everything(baodi) == before


def test_figures_and_the_denial_in_one_order_are_refused_together(baodi: Workspace) -> None:
    ref = case(baodi)

    refusal = refused(lambda: case(baodi, illegal_income=3_000_000, must_transfer=False))

    assert "ip_2004.c213.income" in refusal.message
    assert answer(baodi, ref)["verdict"] == "unknown"


def test_a_person_may_be_stricter_than_the_standard_with_a_ground(baodi: Workspace) -> None:
    ref = case(baodi, "c140", sales_amount=1_000_000, unsold_value=0)
    officers = {"officers": 2, "must_transfer": True}

    silent = refused(lambda: case(baodi, must_transfer=True))
    do(baodi, ref, "form_task_force", HEAD, **officers, must_transfer_ground="另有同伙，数额待查")

    assert (silent.code, silent.exit_code) == ("ground", 4)
    assert facts(baodi, ref)["must_transfer"] is True
    assert answer(baodi, ref)["verdict"] == "not_met"
    assert flaws(baodi) == []


def test_what_a_person_said_stands_when_figures_come_that_do_not_say_so(baodi: Workspace) -> None:
    ref = case(baodi, "c140", must_transfer=True, must_transfer_ground="另有同伙")

    do(baodi, ref, "record_facts", OFFICER, sales_amount=1_000_000, unsold_value=0)

    assert facts(baodi, ref)["must_transfer"] is True
    assert facts(baodi, ref)["must_transfer_ground"] == "另有同伙"
    assert facts(baodi, ref)["threshold_met"] is False


def test_a_no_gives_way_to_figures_that_come_later(baodi: Workspace) -> None:
    ref = case(baodi, must_transfer=False, must_transfer_ground="数额不足")

    do(baodi, ref, "record_facts", OFFICER, illegal_business_amount=FIFTY)

    assert facts(baodi, ref)["must_transfer"] is True
    assert "≥ 50,000元" in facts(baodi, ref)["must_transfer_ground"]


def test_what_a_row_forbids_is_not_among_what_may_be_done(baodi: Workspace) -> None:
    free, bound = case(baodi), case(baodi, illegal_business_amount=FIFTY)
    head = baodi.actor(HEAD)

    before, after = baodi.reader.can(free, head), baodi.reader.can(bound, head)

    assert "route_administrative" in {each["trigger"] for each in before["possible"]}
    (no,) = [each for each in after["refused"] if each["trigger"] == "route_administrative"]
    assert "应当移送公安机关" in no["reasons"][0]["text"]["zh"]
    assert "form_task_force" in {each["trigger"] for each in after["possible"]}


def test_the_higher_tier_is_told(baodi: Workspace) -> None:
    ref = case(baodi, illegal_business_amount=25_000_000)

    assert (answer(baodi, ref)["tier"], answer(baodi, ref)["row"]["code"]) == ("next", "ip_2004.c213.business")


def test_looking_back_shows_what_was_said_then(baodi: Workspace) -> None:
    ref = case(baodi, illegal_business_amount=1)
    world.set_clock(baodi, "2010-12-02T09:00")
    do(baodi, ref, "record_facts", OFFICER, illegal_business_amount=FIFTY)

    then = baodi.reader.show(ref, world.local("2010-12-01T12:00"))["evaluations"][0]

    assert (then["verdict"], answer(baodi, ref)["verdict"]) == ("unknown", "met")


def test_a_lead_with_figures_over_the_threshold_becomes_a_criminal_case(baodi: Workspace) -> None:
    ref = open_one(baodi, "lead", OFFICE, "gongshang", channel="letter", anonymous=True, content="售假").ref
    do(baodi, ref, "register", OFFICE, secrecy="internal")
    do(baodi, ref, "assign", OFFICE)
    do(baodi, ref, "start_check", OFFICER, officers=2)
    do(baodi, ref, "substantiate", HEAD, docs="evidence")
    figures = {"infringement": "c214", "sales_amount": FIFTY}

    refusal = refused(lambda: do(baodi, ref, "open_case", HEAD, threshold_met=False, **figures))
    (child,) = do(baodi, ref, "open_case", HEAD, threshold_met=True, **figures).children

    assert refusal.code == "standard_met"
    assert child.startswith("case/") and facts(baodi, child)["must_transfer"] is True
    assert answer(baodi, child)["row"]["code"] == "ip_2004.c214.sales"
    assert flaws(baodi) == []


def test_a_penalty_whose_figures_are_over_the_threshold_cannot_be_decided(baodi: Workspace) -> None:
    ref = open_one(baodi, "penalty", OFFICER, "gongshang", infringement="c214").ref
    do(baodi, ref, "open", HEAD, docs="filing_form", officers=2)
    report = {"docs": "investigation_report", "officers": 2, "sales_amount": FIFTY}

    refusal = refused(lambda: do(baodi, ref, "finish", OFFICER, threshold_met=False, **report))
    do(baodi, ref, "finish", OFFICER, threshold_met=True, **report)

    assert refusal.code == "standard_met"
    assert facts(baodi, ref)["must_transfer"] is True
    (child,) = do(
        baodi,
        ref,
        "transfer_out",
        HEAD,
        docs="transfer_approval",
        must_transfer=True,
        must_transfer_ground="销售五万元",
    ).children
    assert answer(baodi, child)["verdict"] == "met"
    assert flaws(baodi) == []


def test_a_definition_without_questions_says_nothing_of_them(workspace: Workspace) -> None:
    assert workspace.reader.show("errand/alpha")["evaluations"] == []
    assert "evaluated" not in world.sql(workspace.database, "select data from matter where ref = 'errand/alpha'")[0][0]
