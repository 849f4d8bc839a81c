"""The prosecution standards: every row at its boundary, each in its time, and what is not stated is not known."""

from datetime import date
from typing import Any

import pytest
from standard_figures import ALWAYS, CAMPAIGN, GOODS, STATED, TODAY, fen, value

from engine.standards import Standards
from workflows.standards import shipped_standards

STANDARDS = shipped_standards()
FIGURES = [
    pytest.param(
        day, f"{file}.{line.split()[0]}", *line.split()[1:3], line.split()[3:], id=f"{file}.{' '.join(line.split())}"
    )
    for day, file, lines in (
        ("2011-02-01", "ip_2004", CAMPAIGN),
        ("2010-12-01", "goods_2001", GOODS),
        ("2026-03-02", "ip_2025", TODAY),
    )
    for line in lines.strip().splitlines()
]


def judged(row: str, day: str, **facts: Any) -> bool | None:
    """What the row says on a day; fails if it is not in force then."""
    crime = row.split(".")[1]
    found = STANDARDS.in_force("prosecution", "c141" if crime == "any" else crime, date.fromisoformat(day))
    return next(each for each in found if each.code == row).judge(facts)


def in_force(crime: str, day: str) -> set[str]:
    return {row.code for row in STANDARDS.in_force("prosecution", crime, date.fromisoformat(day))}


@pytest.mark.parametrize(("day", "row", "fact", "figure", "besides"), FIGURES)
def test_a_row_is_met_from_its_figure_on(day: str, row: str, fact: str, figure: str, besides: list[str]) -> None:
    others: dict[str, Any] = dict(value(text) for text in besides)
    at = fen(fact, int(figure))

    assert judged(row, day, **others, **{fact: at - 1}) is False
    assert judged(row, day, **others, **{fact: at}) is True
    assert judged(row, day, **others, **{fact: at + 1}) is True
    assert judged(row, day, **others) is None


@pytest.mark.parametrize("line", STATED.strip().splitlines(), ids=lambda line: " ".join(line.split()[1:]))
def test_a_row_without_a_figure_is_met_by_what_is_stated(line: str) -> None:
    day, file, row, said = line.split()
    name, wanted = value(said)
    no: Any = {"lab_findings": ["none"], "injury_level": "minor"}.get(name, False)

    assert judged(f"{file}.{row}", day, **{name: wanted}) is True
    assert judged(f"{file}.{row}", day, **{name: no}) is False
    assert judged(f"{file}.{row}", day) is None


def test_every_row_of_the_files_is_tested_at_its_figure_or_by_name() -> None:
    tested = {param.values[1] for param in FIGURES} | ALWAYS
    tested |= {f"{line.split()[1]}.{line.split()[2]}" for line in STATED.strip().splitlines()}
    tested |= {"ip_2004.c217.copies_2004", "goods_2001.any.fallback_140"}
    tested |= {"transfer_2006.any.on_site", "transfer_2006.any.suspicion"}

    assert {row.code for file in STANDARDS.files for row in file.rows} == tested


@pytest.mark.parametrize("row", [param.values[1] for param in FIGURES if str(param.values[1]).endswith("_next")])
def test_the_higher_tier_is_marked(row: str) -> None:
    found = STANDARDS.row(row)

    assert found is not None and found.spec.tier == "next"


def test_sold_and_unsold_are_added_only_while_the_sold_part_is_below_its_own_figure() -> None:
    sums = {"sales_amount": 4_999_999, "unsold_value": 10_000_001}

    assert judged("ip_2004.c214.sum", "2010-12-01", **sums) is True
    assert judged("ip_2004.c214.sum", "2010-12-01", **{**sums, "sales_amount": 5_000_000}) is False
    assert judged("goods_2001.c140.sum", "2010-12-01", sales_amount=5_000_000, unsold_value=14_000_000) is False
    assert judged("goods_2001.c140.sum", "2010-12-01", sales_amount=4_999_999, unsold_value=3) is True  # 3 × sold
    assert judged("goods_2001.c140.sum", "2010-12-01", sales_amount=4_999_999, unsold_value=2) is False


def test_sales_of_another_crime_of_shoddy_goods_count_as_article_140() -> None:
    for crime in ("c141", "c142", "c143", "c144", "c145", "c146", "c147", "c148"):
        assert "goods_2001.any.fallback_140" in in_force(crime, "2010-12-01"), crime
    assert "goods_2001.any.fallback_140" not in in_force("c140", "2010-12-01")
    assert judged("goods_2001.any.fallback_140", "2010-12-01", sales_amount=4_999_999) is False
    assert judged("goods_2001.any.fallback_140", "2010-12-01", sales_amount=5_000_000) is True


def test_a_thousand_copies_became_five_hundred_on_the_fifth_of_april_2007() -> None:
    assert "ip_2004.c217.copies_2004" in in_force("c217", "2007-04-04")
    assert "ip_2004.c217.copies" not in in_force("c217", "2007-04-04")
    assert judged("ip_2004.c217.copies_2004", "2007-04-04", copies=999) is False
    assert judged("ip_2004.c217.copies_2004", "2007-04-04", copies=1000) is True
    assert "ip_2004.c217.copies_2004" not in in_force("c217", "2007-04-05")
    assert judged("ip_2004.c217.copies", "2007-04-05", copies=500) is True


@pytest.mark.parametrize(
    ("row", "before", "after"),
    [
        ("ip_2004.c213.business", "2004-12-21", "2004-12-22"),
        ("ip_2004.c217.works", "2011-01-09", "2011-01-10"),
        ("ip_2004.c215.unsold", "2011-01-09", "2011-01-10"),
        ("ip_2025.c213.business", "2025-04-25", "2025-04-26"),
        ("goods_2001.c141.conduct", "2011-04-30", "2011-05-01"),
        ("transfer_2006.any.suspicion", "2020-08-06", "2020-08-07"),
    ],
)
def test_a_row_counts_from_its_day_on(row: str, before: str, after: str) -> None:
    crime = {"any": "c213"}.get(row.split(".")[1], row.split(".")[1])

    assert (row in in_force(crime, before), row in in_force(crime, after)) == (False, True)


def test_a_row_counts_through_its_last_day() -> None:
    assert "ip_2004.c213.business" in in_force("c213", "2025-04-25")
    assert "ip_2004.c213.business" not in in_force("c213", "2025-04-26")
    assert "goods_2001.c141.toxic" in in_force("c141", "2011-04-30")
    assert "goods_2001.c141.toxic" not in in_force("c141", "2011-05-01")


def test_a_crime_without_rows_of_its_own_has_no_standard() -> None:
    assert in_force("c219", "2023-01-01") == {"transfer_2006.any.on_site", "transfer_2006.any.suspicion"}
    assert in_force("c999", "2010-12-01") == {"transfer_2006.any.on_site"}


def test_reasonable_suspicion_counts_for_ip_alone() -> None:
    assert "transfer_2006.any.suspicion" in in_force("c213", "2026-01-05")
    assert "transfer_2006.any.suspicion" not in in_force("c140", "2026-01-05")
    both = {"reasonable_suspicion": True, "police_measures_needed": True}
    row = STANDARDS.row("transfer_2006.any.suspicion")
    assert row is not None
    assert (row.judge(both), row.judge({**both, "police_measures_needed": False}), row.judge({})) == (
        True,
        False,
        False,
    )


def test_the_other_grounds_say_nothing_while_nobody_makes_them() -> None:
    assert judged("transfer_2006.any.on_site", "2010-12-01") is False
    assert judged("transfer_2006.any.on_site", "2010-12-01", on_site=True) is False
    assert judged("transfer_2006.any.on_site", "2010-12-01", clearly_over=True) is None
    assert judged("transfer_2006.any.on_site", "2010-12-01", clearly_over=True, on_site=True) is True
    assert judged("transfer_2006.any.on_site", "2010-12-01", clearly_over=True, on_site=False) is False


def test_one_part_that_fails_settles_a_row_whatever_is_not_stated() -> None:
    assert judged("ip_2004.c213.multi_business", "2010-12-01", marks=1) is False
    assert judged("ip_2004.c213.multi_business", "2010-12-01", illegal_business_amount=2_999_999) is False
    assert judged("ip_2004.c213.multi_business", "2010-12-01", illegal_business_amount=3_000_000) is None


def test_what_is_no_crime_without_it_is_ruled_out_only_by_saying_so() -> None:
    assert judged("ip_2004.c217.income", "2010-12-01", illegal_income=3_000_000) is True
    assert judged("ip_2004.c217.income", "2010-12-01", illegal_income=3_000_000, for_profit=False) is False
    assert judged("ip_2004.c214.sales", "2010-12-01", sales_amount=5_000_000, knowing=False) is False


def test_a_mark_of_services_has_its_own_figure_today() -> None:
    income = {"illegal_income": 3_000_000}

    assert judged("ip_2025.c213.income", "2026-01-05", **income) is True
    assert judged("ip_2025.c213.income", "2026-01-05", **income, service_mark=True) is False
    assert judged("ip_2025.c213.service_income", "2026-01-05", **income, service_mark=True) is False


def test_every_row_is_read_aloud_in_both_languages() -> None:
    row = STANDARDS.row("goods_2001.c140.sum")

    assert row is not None
    assert row.condition().zh == "销售金额 < 50,000元且销售金额×3＋未销售货值金额 ≥ 150,000元"
    assert row.condition().en == "Sales < 50,000 yuan and Sales × 3 + Value of unsold goods ≥ 150,000 yuan"


def test_without_files_there_is_no_standard() -> None:
    assert Standards().in_force("prosecution", "c213", date(2010, 12, 1)) == ()
