"""People models are files: what is wrong with one is told at once, by line, and one may be a change of another."""

from datetime import datetime
from pathlib import Path

import pytest
from world import ZONE, begin, history, local, sql

from engine.documents import MemoryStore
from engine.errors import Invalid, NotFound
from scheduler.people_model import load_people, model_names
from scheduler.rehearse import Stage, play, stage_of
from workflows.launch import Beginning, init
from workflows.workspace import Workspace

HEAD = "schema: people/1\nlabel: {zh: 试, en: Trial}\n"
DUTY = "acts: {duty: {assigned: [%s]}}"
ARRIVAL = (
    "arrivals: {x: {kind: case, count: 3, first: issued, last: phase3_end, bodies: {gongshang: 1}, "
    "role: dept_handler, titles: [a]}}"
)
SOON = "after: {workdays: [1, 2]}"


@pytest.fixture(scope="module")
def baodi() -> Workspace:
    workspace, _ = init("sqlite://", Beginning("baodi-2010", rehearsal=True), documents=MemoryStore())
    return workspace


def written(folder: Path, text: str) -> str:
    path = folder / "people.yaml"
    path.write_text(HEAD + text, "utf-8")
    return str(path)


def told(baodi: Workspace, folder: Path, text: str) -> list[str]:
    """What is said of a people file, a line a flaw, each by its place."""
    path = written(folder, text)
    with pytest.raises(Invalid) as caught:
        load_people(path, baodi.campaign)
    assert all(problem.file == path for problem in caught.value.problems)
    return [str(problem).removeprefix(f"{path}:") for problem in caught.value.problems]


def test_our_models_fit_our_campaign(baodi: Workspace) -> None:
    assert model_names() == ["diligent", "nobody", "typical"]
    for name in model_names():
        load_people(name, baodi.campaign)


def test_every_mistake_of_a_file_is_told_at_once_with_its_line_and_what_was_meant(
    baodi: Workspace, tmp_path: Path
) -> None:
    flaws = told(
        baodi,
        tmp_path,
        """hours: {open: "9", close: "17:30"}
paces:
  soon: {uses: [100, 500], late: {other: 1200, polise: 3}}
acts:
  dutty: {}
  duty:
    asigned: []
    assigned:
      - {do: acknowlege, within: acknowledg, pace: son}
      - {do: acknowledge, after: {workdays: [1, 2]}, when: running('acknowledge')}
      - {do: acknowledge, after: {workdays: [1, 2]}, when: "done("}
      - {do: acknowledge, after: {workdays: [1, 2]}, role: dept_hed, documents: [resul]}
leave_out: {duty: [acknowlege]}
exta: 1
""",
    )

    assert flaws == [
        "3:15: '9' does not have the right form (a time of day, HH:MM)",
        "5:42: 1200 is not possible here (at most 1000)",
        "5:56: there is no part 'polise' (did you mean 'police'?)",
        "7:10: there is no kind 'dutty' (did you mean 'duty'?)",
        "9:14: there is no state 'asigned' (did you mean 'assigned'?)",
        "11:14: there is no trigger 'acknowlege' (did you mean 'acknowledge'?)",
        "11:34: there is no deadline 'acknowledg' (did you mean 'acknowledge'?)",
        "11:52: there is no pace 'son' (did you mean 'soon'?)",
        "12:60: 'running' changes as time passes; a plan may not rest on it",
        "13:65: this is not an expression: '(' was never closed",
        "14:60: there is no role 'dept_hed' (did you mean 'dept_head'?)",
        "14:82: there is no document 'resul' (did you mean 'result'?)",
        "15:20: there is no trigger 'acknowlege' (did you mean 'acknowledge'?)",
        "16:1: there is no key 'exta' here (one of: acts, arrivals, hours, label, leave_out, like, paces, schema)",
    ]


@pytest.mark.parametrize(
    ("text", "flaw"),
    [
        ("like: typcal", "there is no people model 'typcal' (did you mean 'typical'?)"),
        ('hours: {open: "17:00", close: "17:30"}', "an office opens at least an hour before it closes"),
        ("paces: {a: {uses: [5]}}", "two whole numbers are needed, the smaller one first"),
        ("paces: {a: {uses: [9, 5]}}", "two whole numbers are needed, the smaller one first"),
        ("paces: {a: {uses: [0, 1001]}}", "1001 is not possible here (at most 1000)"),
        ("paces: {a: {uses: [1, 5], late_by: [0, 2]}}", "0 is not possible here (at least 1)"),
        (DUTY % "{do: acknowledge, after: {}}", "exactly one of: workdays, days, hours"),
        (DUTY % "{do: acknowledge, after: {days: [1, 2], hours: [1, 2]}}", "exactly one of: workdays, days, hours"),
        (DUTY % "{do: acknowledge, after: {days: [-1, 2]}}", "-1 is not possible here (at least 0)"),
        (DUTY % "{do: acknowledge}", "give exactly one of within, after, every"),
        (DUTY % f"{{do: acknowledge, attach: result, {SOON}}}", "give exactly one of do, attach"),
        (DUTY % f"{{do: acknowledge, share: 1001, {SOON}}}", "1001 is not possible here (at most 1000)"),
        (DUTY % "{do: acknowledge, within: acknowledge}", "what is done within a deadline needs a pace"),
        (DUTY % f"{{do: acknowledge, {SOON}, bodies: [wuja]}}", "there is no body 'wuja' (did you mean 'wujia'?)"),
        (DUTY % "{do: acknowledge, every: {first: issued, last: end}}", "exactly one of: week, month"),
        (DUTY % "{do: acknowledge, every: {month: 32, first: issued, last: end}}", "32 is not possible here (at most 31)"),
        (DUTY % f"{{do: acknowledge, {SOON}, facts: {{nofact: 1}}}}", "there is no fact 'nofact'"),
        (DUTY % f"{{do: acknowledge, {SOON}, facts: {{progress: {{}}}}}}", "exactly one of: between, choose"),
        (DUTY % f"{{do: acknowledge, {SOON}, facts: {{progress: {{choose: {{a: 0}}}}}}}}", "at least one weight is above 0"),
        (DUTY % f"{{do: acknowledge, {SOON}, facts: {{progress: {{between: [2, 1]}}}}}}", "two whole numbers are needed"),
        (DUTY % f"{{do: acknowledge, {SOON}, facts: {{progress: {{by_body: {{xwcb: {{a: 1}}}}}}}}}}", "by_body needs 'other'"),
        (f"acts: {{lead: {{received: [{{do: register, {SOON}}}]}}}}", "'register' asks for the fact 'secrecy', which is not made up"),
        (ARRIVAL.replace("3", "-3", 1), "-3 is not possible here (at least 0)"),
        (ARRIVAL.replace("count: 3", "count: many"), "'many' is not possible here (one of: asked)"),
        (ARRIVAL.replace("{gongshang: 1}", "{}"), "the list is empty"),
        (ARRIVAL.replace("{gongshang: 1}", "{gongshng: 1}"), "there is no body 'gongshng' (did you mean 'gongshang'?)"),
        (ARRIVAL.replace("[a]", "[]"), "the list is empty"),
        (ARRIVAL.replace("last: phase3_end", "last: issued"), "'issued' is not after 'issued'"),
        (ARRIVAL.replace("kind: case", "kind: cas"), "there is no kind 'cas' (did you mean 'case'?)"),
        (ARRIVAL.replace("titles", "facts: {nofact: 1}, titles"), "there is no fact 'nofact'"),
    ],
)  # fmt: skip
def test_a_value_that_no_rehearsal_can_use_is_told_by_its_line(
    text: str, flaw: str, baodi: Workspace, tmp_path: Path
) -> None:
    flaws = told(baodi, tmp_path, text)

    assert any(each.startswith("3:") and flaw in each for each in flaws), flaws


def test_a_model_that_is_nowhere_is_not_found_and_the_known_ones_are_named(baodi: Workspace, tmp_path: Path) -> None:
    for name in ("typicl", str(tmp_path / "none.yaml"), str(tmp_path)):
        with pytest.raises(NotFound, match="diligent, nobody, typical"):
            load_people(name, baodi.campaign)


def states(stage: Stage, kind: str) -> dict[str, int]:
    """How many matters of a kind stand in each state."""
    query = "select state, count(*) from matter where kind = :kind group by state"
    return dict(sql(stage.workspace.database, query, kind=kind))


def stage_like(url: str, folder: Path, text: str) -> Stage:
    return stage_of(begin(url, "baodi-2010"), written(folder, text), 1, 0)


def test_a_model_may_be_a_change_of_one_that_is_itself_a_change(baodi: Workspace, tmp_path: Path) -> None:
    path = written(
        tmp_path, 'like: diligent\nhours: {open: "10:00", close: "12:00"}\npaces: {prompt: {uses: [0, 0]}}\n'
    )

    changed, diligent, typical = (load_people(name, baodi.campaign) for name in (path, "diligent", "typical"))

    assert changed.options.keys() == diligent.options.keys() == typical.options.keys()
    assert changed.doc.paces["prompt"].uses == [0, 0]
    assert changed.doc.paces["deliverable"] == diligent.doc.paces["deliverable"] != typical.doc.paces["deliverable"]
    assert changed.hours.open == "10:00"


def test_what_is_left_out_of_a_choice_falls_to_the_other_ways_of_it(tmp_path: Path, sqlite_url: str) -> None:
    stage = stage_like(sqlite_url, tmp_path, "like: diligent\nleave_out: {duty: [report_progress, submit_plan]}\n")

    play(stage, local("2011-04-11T00:00"))

    assert states(stage, "duty") == {"accepted": 24}
    stage.workspace.close()


def test_people_act_in_office_hours_on_working_days_unless_it_goes_round_the_clock(
    tmp_path: Path, sqlite_url: str
) -> None:
    text = """hours: {open: "10:00", close: "12:00"}
paces: {any: {uses: [0, 1000]}}
acts:
  department_task:
    assigned: [{do: acknowledge, within: acknowledge, pace: any}]
    mobilising: [{do: submit_plan, after: {days: [1, 20]}}]
  duty:
    assigned: [{do: acknowledge, after: {hours: [30, 90]}, around_the_clock: true}]
"""
    stage = stage_like(sqlite_url, tmp_path, text)

    play(stage, local("2010-12-31T00:00"))

    workspace, calendar = stage.workspace, stage.workspace.campaign.work.calendar
    at = {
        kind: [
            each
            for (ref,) in sql(workspace.database, "select ref from matter where kind = :kind", kind=kind)
            for each in dated(workspace, ref)
        ]
        for kind in ("department_task", "duty")
    }
    assert len(at["department_task"]) == 30
    assert all(calendar.is_workday(each.date()) and 10 <= each.hour < 12 for each in at["department_task"])
    assert len(at["duty"]) == 24
    assert any(not 10 <= each.hour < 12 for each in at["duty"])
    workspace.close()


def dated(workspace: Workspace, ref: str) -> list[datetime]:
    """When people moved a matter, in the campaign's zone."""
    moved = [entry for entry in history(workspace, ref) if entry["kind"] == "moved" and entry["actor"] != "system"]
    return [datetime.fromisoformat(entry["recorded_at"]).astimezone(ZONE) for entry in moved]


def test_an_extension_is_asked_for_only_while_its_deadline_runs(tmp_path: Path, sqlite_url: str) -> None:
    text = """paces: {whole: {uses: [0, 1000], late: {other: 1000}, late_by: [1, 3]}, slow: {uses: [900, 1000]}}
acts:
  department_task:
    assigned: [{do: acknowledge, within: plan, pace: whole}]
    mobilising:
      - {do: extend, within: plan, pace: slow, reason: 试, facts: {extended_until: {workdays: [3, 5]}}, when: not done('extend')}
      - {do: submit_plan, after: {workdays: [8, 9]}}
"""
    stage = stage_like(sqlite_url, tmp_path, text)

    play(stage, local("2010-12-31T00:00"))

    assert states(stage, "department_task") == {"self_check": 15}
    assert stage.player.refusals == []
    assert not [entry for entry in history(stage.workspace, "department_task/wujia") if entry["trigger"] == "extend"]
    stage.workspace.close()


def test_what_the_machine_refuses_all_the_same_is_told_and_stops_nobody(tmp_path: Path, sqlite_url: str) -> None:
    text = """acts:
  department_task: {assigned: [{do: acknowledge, role: group, after: {days: [1, 1]}}]}
  duty: {assigned: [{do: acknowledge, after: {days: [1, 1]}}]}
"""
    stage = stage_like(sqlite_url, tmp_path, text)

    play(stage, local("2010-12-31T00:00"))

    assert stage.player.orders == 24
    assert len(stage.player.refusals) == 15
    refused = {each["ref"]: each for each in stage.player.refusals}["department_task/wujia"]
    assert (refused["trigger"], refused["login"]) == ("acknowledge", "lxz.chair")
    assert "lxz.chair" in refused["error"]
    stage.workspace.close()
