"""A whole campaign played by people of different diligence: what comes of it, and that it comes again."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from world import begin, flaws, history, local, sql, unlike

from scheduler.ledger import Ledger
from scheduler.rehearse import Result, Stage, end_of, play, rehearse, stage_of
from workflows.workspace import Workspace

TASK_CLOCKS = ("plan", "self_check_report", "summary")


@pytest.fixture(scope="module")
def nobody() -> Result:
    return rehearse(people="nobody")


@pytest.fixture(scope="module")
def diligent() -> Result:
    return rehearse(people="diligent")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The typical rehearsal, in a database to look at."""
    workspace = begin(f"sqlite:///{tmp_path_factory.mktemp('played') / 'duban.db'}", "baodi-2010")
    stage = stage_of(workspace, "typical", 1, 60)
    play(stage, end_of(workspace))
    yield stage
    workspace.close()


@pytest.fixture(scope="module")
def played(stage: Stage) -> Workspace:
    return stage.workspace


@pytest.fixture(scope="module")
def typical(stage: Stage) -> Result:
    return drawn(stage)


def rows(result: Result, **where: Any) -> list[dict[str, Any]]:
    """The lines of the ledger that are so."""
    return [row for row in result.ledger if all(row[name] == value for name, value in where.items())]


def matters(workspace: Workspace, kind: str) -> list[tuple[Any, ...]]:
    return sql(workspace.database, "select ref, state, stage from matter where kind = :kind order by ref", kind=kind)


def fired(workspace: Workspace, kind: str) -> Counter[str]:
    """How often each trigger was fired in the matters of a kind."""
    query = "select e.trigger from entry e where e.kind = 'moved' and e.stream like :stream"
    return Counter(trigger for (trigger,) in sql(workspace.database, query, stream=f"matter/{kind}/%"))


def drawn(stage: Stage) -> Result:
    """Summary and ledger of a stage."""
    pages = Ledger(stage.workspace)
    played = (stage.player.orders, stage.player.refusals)
    return Result(
        *pages.draw({"people": "typical", "seed": 1, "cases": 60}, played, stage.workspace.clock.now()), pages
    )


def test_if_nobody_acts_every_deadline_breaches_and_no_task_is_ever_done(nobody: Result) -> None:
    totals = nobody.summary["totals"]

    assert totals["deadlines"] == {"breached": totals["breaches"]}
    assert (totals["orders"], totals["duties_done"], totals["prosecuted"]) == (0, 0, 0)
    assert {each["task"] for each in nobody.summary["departments"]} == {"assigned"}
    assert len(nobody.summary["departments"]) == 15
    for each in nobody.summary["departments"]:
        assert each["deliverables"] == dict.fromkeys(TASK_CLOCKS, "breached")


def test_if_nobody_acts_each_ladder_is_climbed_to_its_last_rung(nobody: Result) -> None:
    told = rows(nobody, ref="department_task/wujia", deadline="报送本部门实施方案")

    climbed = [row for row in told if row["kind"] != "repeat"]
    heads = [(row["at"], row["kind"], row["level"]) for row in climbed if row["recipient"] in ("wujia.head", "")]
    assert heads == [
        ("2010-11-26 09:00", "reminder", 2),
        ("2010-11-27 00:00", "breach", ""),
        ("2010-11-30 09:00", "overdue", 3),
        ("2010-12-03 09:00", "escalation", 4),
        ("2010-12-10 09:00", "escalation", 5),
        ("2010-12-17 09:00", "escalation", 6),
    ]
    assert {row["recipient"] for row in climbed if row["level"] == 6} >= {
        "wujia.head",
        "bgs.admin",
        "lxz.chair",
        "jiancha.head",
    }
    assert {row["recipient"] for row in climbed if row["level"] == 2} == {"wujia.head"}
    assert {each["highest_rung"] for each in nobody.summary["departments"]} == {6}


def test_if_nobody_acts_every_late_department_gets_supervision_items(nobody: Result) -> None:
    assert all(each["supervision_items"] >= len(TASK_CLOCKS) for each in nobody.summary["departments"])
    opened = nobody.summary["totals"]["matters"]["supervision"]
    assert opened >= sum(each["supervision_items"] for each in nobody.summary["departments"]) > 0
    assert "case" not in nobody.summary["totals"]["matters"]


def test_each_line_of_the_ledger_says_who_was_told_what_when_and_on_what_ground(nobody: Result) -> None:
    (line,) = rows(nobody, at="2010-11-30 09:00", ref="department_task/wujia", recipient="bgs.admin", kind="overdue",
                   deadline="报送本部门实施方案")  # fmt: skip

    assert line["basis"] == "实施方案 四（一）：于26日前部署实施 [V 原文已核]"
    assert (line["body"], line["last_day"]) == ("bgs", "2010-11-26")
    assert line["what"] == "【督办通知单】区物价局专项行动任务：报送本部门实施方案（已逾期4天）"
    grounded = [row for row in nobody.ledger if row["deadline"]]
    assert all(row["basis"] and row["last_day"] for row in grounded)
    groundless = {"chore", "milestone", "handover", "returns", "silence"}
    assert {row["kind"] for row in nobody.ledger if not row["deadline"]} == groundless
    assert [row["at"] for row in nobody.ledger] == sorted(row["at"] for row in nobody.ledger)


def test_diligent_people_are_never_late_and_are_spared_every_escalation(diligent: Result) -> None:
    totals = diligent.summary["totals"]

    assert (totals["breaches"], totals["refusals"]) == (0, 0)
    assert not {"late", "breached"} & set(totals["deadlines"])
    assert not {"overdue", "escalation"} & set(totals["notices"])
    assert totals["duties_done"] == 22
    for each in diligent.summary["departments"]:
        assert each["task"] in ("accepted", "archived")
        assert each["deliverables"] == dict.fromkeys(TASK_CLOCKS, "met")
        assert each["highest_rung"] <= 2


def test_diligent_people_are_never_late_with_another_seed_either() -> None:
    assert rehearse(people="diligent", seed=2, cases=60).summary["totals"]["breaches"] == 0


def test_typical_people_do_only_what_the_machines_let_them(typical: Result) -> None:
    assert typical.summary["refused"] == []
    assert typical.summary["totals"]["refusals"] == 0
    assert typical.summary["totals"]["orders"] > 1000


def test_typical_people_meet_no_refusal_with_five_hundred_cases_either() -> None:
    result = rehearse(cases=500)

    assert result.summary["refused"] == []
    assert result.summary["totals"]["matters"]["case"] >= 500


def test_typical_people_are_late_now_and_then_and_the_ledger_tells_each_time(typical: Result) -> None:
    totals = typical.summary["totals"]

    assert totals["deadlines"]["late"] > 5
    assert totals["deadlines"]["met"] > 10 * totals["deadlines"]["late"]
    assert len(rows(typical, kind="breach")) == totals["breaches"]
    assert {"overdue", "escalation", "reminder"} <= set(totals["notices"])
    late = {status for each in typical.summary["departments"] for status in each["deliverables"].values()}
    assert {"met", "late"} <= late


def test_typical_people_are_returned_and_granted_extensions(played: Workspace) -> None:
    tasks, duties, cases = fired(played, "department_task"), fired(played, "duty"), fired(played, "case")

    assert tasks["return_report"] > 0
    assert tasks["reject"] > 0
    assert tasks["extend"] + duties["extend"] > 0
    assert duties["return_result"] > 0
    assert cases["prosecute"] > 0
    assert cases["ask_supplement"] > 0
    assert fired(played, "supervision")["complete"] > 0


def test_cases_of_typical_people_come_through_every_stage(played: Workspace) -> None:
    passed = Counter(
        stage
        for ref, _, _ in matters(played, "case")
        for stage in {entry["to"] for entry in history(played, ref) if entry["kind"] in ("opened", "moved")}
    )

    states = {
        "detected",
        "task_force",
        "handing_over",
        "accepted",
        "investigating",
        "prosecution_review",
        "judged",
        "closed",
    }
    assert states <= set(passed)
    assert {stage for _, _, stage in matters(played, "case")} >= {"filed", "prosecuted", "closed"}


def test_the_summary_counts_what_the_database_holds(played: Workspace, typical: Result) -> None:
    totals = typical.summary["totals"]
    counts = dict(sql(played.database, "select kind, count(*) from matter group by kind"))
    orders = sql(played.database, "select count(*) from entry where request_id like 'people:%'")[0][0]
    by_body = dict(sql(played.database, "select body, count(*) from notice where kind <> 'digest' group by body"))
    breached = (
        "select owner_body, count(*) from deadline d join matter m on m.id = d.matter_id where breached_at is not null"
    )
    late = dict(sql(played.database, f"{breached} and m.body = d.owner_body group by owner_body"))

    assert totals["matters"] == counts
    assert totals["orders"] == orders
    assert {each["body"]: each["notices"] for each in typical.summary["departments"]} == {
        each["body"]: by_body[each["body"]] for each in typical.summary["departments"]
    }
    assert {each["body"]: each["breaches"] for each in typical.summary["departments"]} == {
        each["body"]: late.get(each["body"], 0) for each in typical.summary["departments"]
    }


def test_a_rehearsal_leaves_a_record_that_replays_to_the_same_rows(played: Workspace) -> None:
    assert flaws(played) == []


def test_the_end_is_ten_days_after_the_campaign_and_the_clock_stands_there(played: Workspace) -> None:
    assert played.clock.now() == local("2011-04-11T00:00")


def test_the_same_seed_plays_the_same_in_memory_in_a_file_and_on_postgresql(sqlite_url: str, pg_url: str) -> None:
    results = []
    for url in ("sqlite://", sqlite_url, pg_url):
        workspace = begin(url, "baodi-2010")
        stage = stage_of(workspace, "typical", 7, 15)
        play(stage, local("2010-12-14T00:00"))
        results.append(drawn(stage))
        workspace.close()

    assert results[0].summary["totals"]["orders"] > 150
    for other in results[1:]:
        assert unlike(results[0].summary, other.summary) == []
        assert unlike(results[0].ledger, other.ledger) == []


def test_the_figures_of_a_rehearsal_agree_with_what_its_people_state(played: Workspace) -> None:
    verdicts = Counter[tuple[str, bool | None]]()
    for ref, *_ in matters(played, "case"):
        shown = played.reader.show(ref)
        (said,) = shown["evaluations"]
        verdicts[said["verdict"], shown["facts"].get("must_transfer")] += 1

    assert set(verdicts) <= {
        ("met", True),
        ("not_met", False),
        ("unknown", True),
        ("unknown", False),
        ("unknown", None),
    }
    assert verdicts["met", True] > 20
    assert verdicts["unknown", True] < verdicts["met", True]


def test_another_seed_makes_another_ledger() -> None:
    one, same, other = (rehearse(seed=seed, cases=5, until=local("2010-12-04T00:00")) for seed in (1, 1, 2))

    assert (one.ledger, one.summary) == (same.ledger, same.summary)
    assert one.ledger != other.ledger
