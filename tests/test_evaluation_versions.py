"""Which version of the standards counts for a case: that of its day, with a flag where today's says otherwise."""

from typing import Any

import world
from test_evaluations import FIFTY, answer, case, facts
from world import flaws

from workflows.standards import shipped_standards
from workflows.workspace import Workspace


def test_the_day_of_discovery_selects_the_version(baodi: Workspace) -> None:
    old = case(baodi, "c215", label_pieces=12_000)
    new = case(baodi, "c215", label_pieces=12_000, discovered_on="2026-01-05")

    assert answer(baodi, old)["rows"][0]["code"] == "ip_2004.c215.pieces"  # in the order of the file
    assert (answer(baodi, old)["on"], answer(baodi, old)["verdict"]) == ("2010-12-01", "unknown")
    assert (answer(baodi, new)["on"], answer(baodi, new)["verdict"]) == ("2026-01-05", "met")
    assert answer(baodi, new)["row"]["code"] == "ip_2025.c215.pieces"


def test_where_the_version_of_the_act_s_day_says_otherwise_that_is_flagged(sqlite_url: str) -> None:
    today = world.begin(sqlite_url, "baodi-2010", at="2026-01-05T09:00")

    ref = case(today, "c215", label_pieces=12_000, discovered_on="2010-12-01")

    assert answer(today, ref)["verdict"] == "unknown"
    assert answer(today, ref)["differs"] == {"on": "2026-01-05", "verdict": "met", "row": "ip_2025.c215.pieces"}
    assert "must_transfer" not in facts(today, ref)
    assert "differs" not in answer(today, case(today, "c215", label_pieces=12_000))
    today.close()


def test_today_reasonable_suspicion_is_a_duty_without_a_threshold(sqlite_url: str) -> None:
    today = world.begin(sqlite_url, "baodi-2010", at="2026-01-05T09:00")

    ref = case(today, reasonable_suspicion=True, police_measures_needed=True)

    shown = answer(today, ref)
    assert (shown["verdict"], shown["threshold"]) == ("met", "unknown")
    assert facts(today, ref)["must_transfer"] is True
    assert "threshold_met" not in facts(today, ref)
    today.close()


def test_where_no_standard_is_in_force_a_person_decides_and_what_counts_for_every_crime_still_counts(
    baodi: Workspace,
) -> None:
    secret = case(baodi, "c219", loss=100_000_000, discovered_on="2023-01-01")
    suspected = case(baodi, "c219", discovered_on="2023-01-01", reasonable_suspicion=True, police_measures_needed=True)
    food = case(baodi, "c143", sales_amount=FIFTY, discovered_on="2026-01-05")

    assert (answer(baodi, secret)["verdict"], answer(baodi, secret)["threshold"]) == ("no_standard", "no_standard")
    assert not {"threshold_met", "must_transfer"} & facts(baodi, secret).keys()
    assert (answer(baodi, suspected)["verdict"], answer(baodi, suspected)["threshold"]) == ("met", "no_standard")
    assert (answer(baodi, food)["verdict"], answer(baodi, food)["row"]["code"]) == (
        "met",
        "goods_2001.any.fallback_140",
    )
    case(baodi, "c219", discovered_on="2023-01-01", must_transfer=True, must_transfer_ground="损失百万")
    assert flaws(baodi) == []


def test_an_answer_of_older_files_says_that_it_is_one(baodi: Workspace) -> None:
    ref = case(baodi, illegal_business_amount=FIFTY)
    (data,) = world.sql(baodi.database, "select data from matter where ref = :ref", ref=ref)[0]
    older = data.replace(shipped_standards().versions([_row("ip_2004.c213.business")])["ip_2004"], "0" * 64)
    before = answer(baodi, ref)["current"]

    world.sql(baodi.database, "update matter set data = :data where ref = :ref", data=older, ref=ref)

    assert (before, answer(baodi, ref)["current"]) == (True, False)


def _row(code: str) -> Any:
    return shipped_standards().row(code)
