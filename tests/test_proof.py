"""Every definition that comes with us is proved; what was proved is known again, and what is too large is not let through."""

from pathlib import Path

import pytest
from commandline import SMALL, Office
from proof_world import BAODI, flawed, loaded, proved

from workflows.library import campaign_names, read_shelf
from workflows.proving import proof_key, prove_shelf


def test_what_comes_with_us_is_proved_and_known_to_be() -> None:
    known = (Path(__file__).parent.parent / "workflows" / "proved.txt").read_text("ascii").split()

    assert [problem for proof in prove_shelf(BAODI) for problem in proof.problems] == []
    assert sorted(known) == sorted(proof_key(read_shelf(name)) for name in campaign_names()), (
        "prove it again and write proved.txt"
    )


def test_what_is_too_large_is_refused_with_what_multiplies() -> None:
    proof = proved(BAODI.definitions["lead"], limit=20)

    (problem,) = proof.problems
    assert (problem.code, proof.ok) == ("too_large", False)
    assert "--limit" in problem.message and "拆为子事项" in problem.zh


def test_too_many_statements_of_one_act_are_refused_before_they_are_all_tried() -> None:
    label = {"zh": "某", "en": "some"}
    facts = [f"f{at}" for at in range(40)]
    definition = loaded({
        "schema": "definition/1", "kind": "wide", "version": 1, "label": label, "initial": "a",
        "open": {"role": "clerk", "label": label},
        "roles": {"clerk": {"label": label, "of": "matter", "posts": ["officer"]}},
        "facts": {fact: {"type": "bool", "label": label} for fact in facts},
        "states": {"a": {"label": label, "waits_for": "clerk"}, "end": {"label": label, "final": True}},
        "transitions": [
            {"trigger": "say", "label": label, "from": "a", "to": "=", "role": "clerk", "optional": facts},
            {"trigger": "stop", "label": label, "from": "a", "to": "end", "role": "clerk",
             "when": " and ".join(f"(f{at} or f{at + 1})" for at in range(0, 30, 2))},
        ],
    })  # fmt: skip

    (problem,) = proved(definition, limit=2000).problems

    assert problem.code == "too_much"
    assert "20000" in problem.message and "--limit" in problem.zh


def test_a_clock_that_rests_for_good_is_found() -> None:
    definition = flawed(
        "department_task",
        '{trigger: resume, from: suspended, to: "@back", role: group,',
        '{trigger: resume, from: suspended, to: "=", role: group,',
    )

    found = {problem.code for problem in proved(definition).problems}

    assert "never_resumed" in found


@pytest.mark.parametrize(("lang", "words"), [("zh", "步之内可违反"), ("en", "can be broken in")])
def test_init_refuses_what_is_not_proved_and_says_by_which_acts(tmp_path: Path, lang: str, words: str) -> None:
    text = Path(SMALL).with_name("small.yaml").read_text("utf-8").replace("    needs: report\n", "")
    (tmp_path / "small.yaml").write_text(text, "utf-8")
    mine = tmp_path / "mine.yaml"
    mine.write_text(Path(SMALL).read_text("utf-8"), "utf-8")

    told = Office(None)("--lang", lang, "campaign", "check", str(mine)).politely()
    answer = Office(None)("--json", "campaign", "check", str(mine))
    refused = Office(None)(
        "--db", f"sqlite:///{tmp_path}/x.db", "init", "--campaign", str(mine), "--rehearsal"
    ).politely()

    assert (told.code, answer.code, refused.code) == (7, 7, 7)
    assert words in told.out
    (problem,) = answer.json["problems"]
    assert problem["code"] == "invariant_broken" and problem["line"]
    assert [step["about"] for step in problem["trace"]][-1] == "accept"
    assert answer.json["proofs"][0]["assumptions"]


@pytest.mark.parametrize("act", ["publish", "amend"])
def test_nothing_unproved_gets_into_a_campaign_that_runs(act: str, db_url: str, tmp_path: Path) -> None:
    office = Office(db_url, AS="bgs.admin")
    office.json("init", "--campaign", SMALL, "--rehearsal")
    text = Path(SMALL).with_name("small.yaml").read_text("utf-8").replace("    needs: report\n", "")
    (tmp_path / "small.yaml").write_text(text.replace("version: 1", "version: 2"), "utf-8")
    mine = tmp_path / "mine.yaml"
    mine.write_text(Path(SMALL).read_text("utf-8").replace("version: 1", "version: 2"), "utf-8")
    done = ["--apply"] if act == "amend" else []

    refused = office("--json", "campaign", act, str(mine), *done, "--approve-by", "lxz.chair")

    assert refused.code == 7
    (problem,) = refused.json["error"]["problems"]
    assert problem["code"] == "invariant_broken"
    assert [step["about"] for step in problem["trace"]][-1] == "accept"
    assert [each["version"] for each in office.json("campaign", "versions")["items"]] == [1]
