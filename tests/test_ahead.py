"""What a definition works out once is what an order would find by asking all of it."""

import os
import random
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engine.canonical import DRAWN, SALT_BYTES, new_salt
from engine.definition_schema import FactSpec
from engine.expr import compile_expr
from engine.machine import Compiled
from engine.orders import SYSTEM
from engine.situation import Situation
from workflows.library import read_definition

WORKFLOWS = Path(__file__).resolve().parent.parent / "workflows"


def made_up(machine: Compiled, leaf: str, chance: random.Random) -> Situation:
    """A situation in *leaf* of which everything else is left to chance."""

    def some(values: Any) -> list[Any]:
        return [each for each in values if chance.random() < 0.5]

    facts: dict[str, Any] = {code: chance.random() < 0.7 for code in some(machine.fact_specs)}
    for code, spec in machine.fact_specs.items():
        if code in facts and spec.type in ("money", "int"):
            facts[code] = chance.randrange(10**7)
        elif code in facts and spec.type == "enums":
            facts[code] = ["other"]
    return Situation(
        state=leaf, scopes=machine.tree.leaves[leaf].scopes, facts=facts, documents=some(machine.doc.documents),
        visited=some(machine.tree.leaves), ever=some(machine.fact_specs), counts=dict.fromkeys(some(machine.triggers), 1),
        last={}, came_from={}, today=date(2010, 12, 1), dates=dict.fromkeys(("start", "end"), date(2010, 12, 1)),
        deadlines=dict.fromkeys(some(machine.doc.deadlines), "running"), children={}, body="gongan", actor=SYSTEM,
        standing=facts,
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["case", "penalty", "duty"])
def test_an_invariant_that_is_not_tried_in_a_state_cannot_be_broken_there(kind: str) -> None:
    machine, chance, tried = Compiled(read_definition(WORKFLOWS / f"{kind}.yaml"), 1, {}), random.Random(7), 0
    every = list(machine.invariants.values())
    for leaf in machine.tree.leaves:
        here = machine.ahead.never(machine.tree.leaves[leaf].scopes)
        tried += len(here)
        for _ in range(30):
            situation = made_up(machine, leaf, chance)
            broken = [spec for spec, expr in every if expr.lenient(situation)]
            assert [spec for spec, expr in here if expr.lenient(situation)] == broken
            assert len(machine.violated(situation)) == len(broken)
    assert tried < len(every) * len(machine.tree.leaves) or not every


QUESTIONS: dict[str, Callable[[Any], bool]] = {
    "yes": bool,
    "how == 'a'": lambda value: value == "a",
    "how != 'a'": lambda value: value is not None and value != "a",
    "how in ('a', 'b')": lambda value: value in ("a", "b"),
    "how not in ('a', 'b')": lambda value: value is not None and value not in ("a", "b"),
}


def test_to_the_lenient_what_is_not_stated_is_no_value_whichever_way_it_is_asked() -> None:
    machine = Compiled(read_definition(WORKFLOWS / "duty.yaml"), 1, {})
    how = FactSpec.model_construct(type="enum", values=["a", "b"])
    names = replace(machine.names, facts={"yes": FactSpec.model_construct(type="bool"), "how": how})
    situation = made_up(machine, next(iter(machine.tree.leaves)), random.Random(1))
    for text, holds in QUESTIONS.items():
        lenient = compile_expr(text, names).lenient
        for value in (None, True, False, "a", "b", ""):
            situation.facts = {"yes": value, "how": value}
            assert bool(lenient(situation)) is bool(holds(value)), (text, value)


def test_every_salt_is_another_also_after_a_fork() -> None:
    salts = {new_salt() for _ in range(3 * DRAWN)}
    assert len(salts) == 3 * DRAWN
    assert {len(bytes.fromhex(each)) for each in salts} == {SALT_BYTES}
    code = "import os\nfrom engine.canonical import new_salt\nnew_salt()\nif os.fork(): os.wait()\nprint(new_salt())\n"
    root = str(WORKFLOWS.parent)
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root,
        env={**os.environ, "PYTHONPATH": root},
    ).stdout.split()  # fmt: skip
    assert len(said) == len(set(said)) == 2
