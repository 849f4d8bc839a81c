"""What is read at every step says the same as the part of the file that it was made of."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from engine.machine import Compiled
from engine.plain import plain
from engine.statutes import RuledDeadline
from engine.term_schema import Label, Term
from workflows.library import shipped_definition

SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_a_plain_part_equals_the_part_and_no_other() -> None:
    read = plain(Term(days=7))
    assert read == Term(days=7)
    assert Term(days=7) == read
    assert read != Term(days=8)
    assert plain(Label(zh="期限", en="Term")).zh == "期限"


@pytest.mark.parametrize("kind", ["case", "penalty", "department_task"])
def test_a_machine_reads_of_every_arrow_fact_and_deadline_what_its_definition_says(kind: str) -> None:
    machine = Compiled(shipped_definition(kind), 1, {})
    arrows = [arrow for found in machine.arrows.values() for each in found.values() for arrow in each]
    assert arrows
    assert all(arrow.act == arrow.spec for arrow in arrows)
    assert machine.fact_specs == machine.doc.facts
    assert {code: machine.deadline(code) for code in machine.doc.deadlines} == machine.doc.deadlines
    assert machine.vaulted == {code for code, spec in machine.doc.facts.items() if spec.vault}
    assert machine.naming == {code for code, spec in machine.doc.facts.items() if spec.matter}


def test_a_rule_says_of_its_law_what_its_parts_say() -> None:
    case = shipped_definition("case")
    for code in case.doc.deadlines:
        rule = case.rules.of(code, datetime(2026, 1, 1, tzinfo=UTC), SHANGHAI)
        whole = RuledDeadline.model_construct(
            **{name: value for name, value in vars(rule).items() if name not in ("law", "law_said")}
        )
        assert (rule.law, rule.law_said) == (whole.law, whole.law_said)
