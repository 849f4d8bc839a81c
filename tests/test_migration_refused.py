"""Everything that stands against a migration is told before anything is changed."""

from pathlib import Path
from typing import Any

import pytest
from commandline import SMALL, Office
from newversion import planned, published, version
from world import SAMPLES, attach, begin, correct, do, everything, open_one

from engine.carrying import Kin, signals_lost
from engine.definition import load_definition
from engine.errors import Invalid, Reason
from engine.machine import Compiled
from engine.migrating import followers
from workflows.library import read_definition, statutes
from workflows.migration import plan_migration
from workflows.publication import find_version

ALPHA = "errand/alpha"

WORKFLOWS = Path(__file__).resolve().parent.parent / "workflows"

PLANS: dict[str, tuple[tuple[tuple[str, str], ...], str]] = {
    "state": ((("states: {doing: active}", "states: {}"),), "the state doing has no place"),
    "final": ((("states: {doing: active}", "states: {doing: dropped}"),), "would become final: dropped"),
    "fact": ((("facts: {cost_fen: cost}", "facts: {}"),), "the fact cost_fen has no place"),
    "fact_type": (
        (("facts: {cost_fen: cost}", "facts: {cost_fen: checked}"), ("sets: {checked: false}", "sets: {}")),
        "of type money, checked of type bool",
    ),
    "fact_value": ((("en: Cost}, minimum: 0", "en: Cost}, minimum: 900"),), "cost cannot be"),
    "document": ((("documents: {report: paper}", "documents: {}"),), "the document report has no place"),
    "document_lost": (
        (("documents: {report: paper}", "documents: {report: null}"),), "the document report is held and would be left behind",
    ),
    "deadline": ((("deadlines: {answer: reply}", "deadlines: {}"),), "the deadline answer runs and has no place"),
    "scope": (
        (("    from_opening: true\n    stop_on: submit", "    during: review\n    stop_on: submit"), ("    pause_in: paused\n", "")),
        "does not run in the state active",
    ),
    "pause": ((("    pause_in: paused", "    pause_in: active"),), "which does not fit the state active"),
    "role": (
        (
            ("  office: {label", "  bureau: {label"), ("[head, office]", "[head, bureau]"), ("role: [office,", "role: [bureau,"),
            ("role: office\n", "role: bureau\n"), ("role: office, free", "role: bureau, free"), ("copy: office", "copy: bureau"),
        ),
        "the role office is gone",
    ),
    "invariant": (
        (("never: \"state('closed') and not has('paper')\"", "never: \"known('cost')\""),),
        "it is broken already",
    ),
    "start": ((("    term: {days: 10}\n", "    term: {fact: extended_until}\n"),), "inspection cannot begin"),
    "no_end": (
        (
            ("    role: office\n    reason: true\n\ndeadlines", "    role: office\n    reason: true\n    when: checked\n\ndeadlines"),
            ('when: "not urgent or known(\'cost\')"', 'when: "checked"'),
        ),
        "may never come to an end",
    ),
}  # fmt: skip
"""By the code of the problem: what is otherwise in the new version, and what is told."""


@pytest.mark.parametrize("code", PLANS)
def test_a_plan_with_this_problem_is_refused(code: str, tmp_path: Path) -> None:
    workspace = begin("sqlite://")
    correct(workspace, ALPHA, "alpha.head", reason="漏填", urgent=False)
    do(workspace, ALPHA, "take", "alpha.liaison")
    do(workspace, ALPHA, "note_cost", "alpha.liaison", cost_fen=500)
    attach(workspace, ALPHA, "alpha.liaison", "report")
    changes, words = PLANS[code]
    published(workspace, version(tmp_path, *changes))
    before = everything(workspace)

    said = planned(workspace).as_json()

    assert not said["ok"]
    (told,) = [each for each in said["problems"] if each["code"] == code and words in each["en"]]
    assert ALPHA in told["refs"]
    assert everything(workspace) == before
    workspace.close()


def test_a_kind_of_document_that_no_live_matter_holds_may_be_left_behind(tmp_path: Path) -> None:
    workspace = begin("sqlite://")
    correct(workspace, ALPHA, "alpha.head", reason="漏填", urgent=False)
    published(workspace, version(tmp_path, ("documents: {report: paper}", "documents: {report: null}")))

    assert planned(workspace).as_json()["problems"] == []
    workspace.close()


def test_a_plan_that_leaves_one_unmapped_ends_with_7_and_changes_nothing(tmp_path: Path) -> None:
    office = Office(f"sqlite:///{tmp_path / 'duban.db'}", AS="bgs.admin", LANG="en")
    assert office("init", "--campaign", SMALL, "--rehearsal").code == 0
    assert office.as_("alpha.head", "correct", ALPHA, "--fact", "urgent=false", "--reason", "x").code == 0
    assert office.as_("alpha.liaison", "do", ALPHA, "take").code == 0
    name = version(tmp_path, ("states: {doing: active}", "states: {}"))
    assert office("campaign", "publish", name, "--approve-by", "lxz.chair").code == 0

    words = ("campaign", "migrate", "errand", "--to", "2", "--apply", "--approve-by", "lxz.chair")
    told = office(*words)

    assert told.code == 7
    assert "the state doing has no place" in told.out
    assert "nothing was changed" in told.out
    assert office("--json", *words).json["problems"][0]["refs"] == [ALPHA]
    assert [row["live"] for row in office("campaign", "versions").rows] == ["2", "0"]
    zh = office("--lang", "zh", "campaign", "migrate", "errand", "--to", "2", terminal=True)
    assert "没有位置" in zh.out


def test_the_command_says_what_is_wrong_with_its_words(tmp_path: Path) -> None:
    office = Office(f"sqlite:///{tmp_path / 'duban.db'}", AS="bgs.admin", LANG="en")
    assert office("init", "--campaign", SMALL, "--rehearsal").code == 0
    assert office("campaign", "publish", version(tmp_path), "--approve-by", "lxz.chair").code == 0

    migrate = ("campaign", "migrate", "errand", "--to")
    assert office("campaign", "migrate", "errant", "--to", "2").code == 3
    assert "errand@1, errand@2" in office(*migrate, "3").err
    assert office(*migrate, "3").code == 3
    assert office(*migrate, "2", "--ref", "errand/none").code == 3
    assert office(*migrate, "2", "--apply").code == 2
    assert office(*migrate, "2", "--apply", "--plan").code == 2
    assert office(*migrate, "2", "--apply", "--approve-by", "bgs.admin").code == 5
    done = office(*migrate, "2", "--apply", "--approve-by", "lxz.chair", "--batch", "1", "--ref", "errand/beta")
    assert "1 matters taken over" in done.out
    assert office("audit", "verify").code == 0
    assert "reply" in office("show", "errand/beta").out
    told = office("history", "errand/beta")
    assert "taken over to another version" in told.out
    assert "carried over" in told.out
    assert "date stays" in office("deadline", "explain", "errand/beta", "reply").out
    assert "no live matter" not in office(*migrate, "2").out


FLAWS = {
    "not_earlier": ("from: 1", "from: 2"),
    "unknown_state": ("{doing: active}", "{doing: activ}"),
    "no_leaf": ("{doing: active}", "{doing: work}"),
    "unknown_fact": ("{cost_fen: cost}", "{cost_fen: costs}"),
    "unknown_document": ("{report: paper}", "{report: papers}"),
    "unknown_deadline": ("{answer: reply}", "{answer: replies}"),
    "taken_twice": ("{cost_fen: cost}", "{cost_fen: cost, expense: cost}"),
    "bad_constant": ("{checked: false}", "{checked: 1}"),
    "duplicate_version": ("migrations:\n", "migrations:\n  - from: 1\n"),
}


@pytest.mark.parametrize("code", FLAWS)
def test_a_flaw_of_the_way_is_told_with_its_place(code: str, tmp_path: Path) -> None:
    with pytest.raises(Invalid) as caught:
        read_definition(Path(version(tmp_path, FLAWS[code])))

    assert [(each.code, each.line > 0) for each in caught.value.problems] == [(code, True)]


def test_unknown_words_and_wrong_kinds_of_values_are_told(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as caught:
        read_definition(Path(version(tmp_path, ("sets:", "fackts: {a: b}\n    recount: nothing\n    sets:"))))

    assert len(caught.value.problems) == 2


PROBE = (SAMPLES / "rich.yaml").read_text("utf-8").replace("version: 1", "version: 2")


def probes(folder: Path, *pairs: tuple[str, str]) -> list[dict[str, Any]]:
    """The problems of the probe in another version, with one that has been parted and its child."""
    workspace = begin("sqlite://", "rich")
    mother = open_one(workspace, "probe", "alpha.liaison", "alpha", reporter="赵", size=3).ref
    do(workspace, mother, "part", "alpha.liaison")
    text = PROBE
    for was, will in pairs:
        assert was in text, was
        text = text.replace(was, will)
    (folder / "probe.yaml").write_text(text, "utf-8")
    published(workspace, str(folder / "probe.yaml"))
    found: list[dict[str, Any]] = plan_migration(workspace, find_version(workspace, "probe", 2)).as_json()["problems"]
    workspace.close()
    return found


def test_a_signal_that_a_parent_waits_for_is_not_lost(tmp_path: Path) -> None:
    mute = ("signals: [{trigger: join}]", "signals: []")

    assert probes(tmp_path) == []
    (lost,) = probes(tmp_path, mute)

    assert (lost["code"], lost["refs"]) == ("signal", ["probe/2010-0002"])
    assert "no longer hear the signal join" in lost["en"]


def test_a_signal_of_a_child_finds_a_trigger(tmp_path: Path) -> None:
    deaf = (
        ("{trigger: join, label", "{trigger: gather, label"),
        ("signals: [{trigger: join}]", "signals: [{trigger: gather}]"),
    )

    told = [each["en"] for each in probes(tmp_path, *deaf)]

    assert "the signal join of its probe would not be understood" in told


def test_what_a_matter_tells_its_children_is_not_lost_either() -> None:
    case, mute = (shipped("case", *change) for change in ((), (", {trigger: suspend_again, to: penalty}", "")))
    penalty, deaf = (shipped("penalty", *change) for change in ((), ("suspend_again", "halt")))

    silent = signals_lost(case, mute, Kin(children=(penalty,)))
    unheard = signals_lost(penalty, deaf, Kin(parent=case))

    assert [each.en for each in silent] == ["its penalty would no longer hear the signal suspend_again"]
    assert "the signal suspend_again of its case would not be understood" in [each.en for each in unheard]


def shipped(kind: str, was: str = "", will: str = "") -> Compiled:
    """A definition that comes with us, or what becomes of it."""
    text = (WORKFLOWS / f"{kind}.yaml").read_text("utf-8")
    return Compiled(load_definition(text.replace(was, will) if was else text, kind, statutes(), tabled=False), 0, {})


def test_what_is_personal_stays_out_of_the_record(tmp_path: Path) -> None:
    (problem,) = probes(tmp_path, (", personal: true", ""))

    assert (problem["code"], problem["refs"]) == ("personal", ["probe/2010-0001"])


def test_an_end_that_what_has_been_bars_for_good_is_out_of_reach(tmp_path: Path) -> None:
    """A short look believes whoever asks what has been; all that can happen says that it never will be otherwise."""
    workspace = begin("sqlite://")
    do(workspace, ALPHA, "take", "alpha.liaison")
    barred = "    when: not visited('active')\n\ndeadlines"
    published(
        workspace,
        version(
            tmp_path,
            ("    role: office\n    reason: true\n\ndeadlines", "    role: office\n    reason: true\n" + barred),
            ("when: \"not urgent or known('cost')\"", "when: \"not visited('active')\""),
        ),
    )

    said = planned(workspace).as_json()

    assert [(each["code"], each["refs"][0]) for each in said["problems"]] == [("no_end", ALPHA)]
    workspace.close()


def test_what_was_not_all_looked_at_is_refused_with_advice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.ways_out.MOST_SITUATIONS", 1)
    workspace = begin("sqlite://")
    published(workspace, version(tmp_path))

    problems = planned(workspace).as_json()["problems"]

    assert [each["code"] for each in problems] == ["too_large"]
    assert "leave them on their version" in problems[0]["en"]
    assert "留在原版本" in problems[0]["zh"]
    workspace.close()


def test_another_explorer_takes_the_place_of_ours(tmp_path: Path) -> None:
    workspace = begin("sqlite://")
    published(workspace, version(tmp_path))
    asked: list[Any] = []

    def hopeless(machine: Any, campaign: Any, matters: Any) -> dict[int, list[Reason]]:
        asked.append((machine.doc.version, len(matters)))
        return {0: [Reason("no_end", "无法办结", "no way to an end")]}

    found = plan_migration(workspace, find_version(workspace, "errand", 2), explore=hopeless)

    assert asked == [(2, 1)]
    assert [each["code"] for each in found.as_json()["problems"]] == ["no_end"]
    with workspace.database.snapshot() as tx:
        assert len(followers(tx, workspace.campaign, "errand", 0)) == 2
    workspace.close()
