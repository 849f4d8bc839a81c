"""A campaign that is put off while it runs: from the end of March to the end of June 2011, by a new version of its file."""

from collections.abc import Iterator
from pathlib import Path
from shutil import copy
from typing import Any

import pytest
from world import (
    SAMPLES,
    advance,
    attach,
    begin,
    clock_of,
    do,
    everything,
    flaws,
    history,
    notices,
    open_one,
    others,
    sql,
)

from engine.errors import Conflict, Forbidden, Invalid, Refused
from engine.firing import fire_due
from engine.orphans import orphans
from scheduler.chores import Chores
from scheduler.turn import Turn
from workflows.amendment import amend, plan_amendment, read_amendment
from workflows.launch import Beginning, init
from workflows.library import CAMPAIGNS
from workflows.workspace import Workspace

WUJIA, FAZHI = "department_task/wujia", "department_task/fazhi"

LATER = (
    ("end: 2011-03-31", "end: 2011-06-30"),
    ("summary_due: 2011-03-31", "summary_due: 2011-06-30"),
    ("phase3_end: 2011-02-28", "phase3_end: 2011-05-31"),
    ("phase4_start: 2011-03-01", "phase4_start: 2011-06-01"),
    ("    end: 2011-02-28", "    end: 2011-05-31"),
    ("    start: 2011-03-01", "    start: 2011-06-01"),
)


def changed(folder: Path, *pairs: tuple[str, str], campaign: Path = CAMPAIGNS / "baodi-2010.yaml") -> str:
    """Write the campaign's file into *folder* with other words in it, and what lies beside it."""
    folder.mkdir(exist_ok=True)
    for beside in ("baodi-2010-notice.txt",) if campaign.parent == CAMPAIGNS else ("small.yaml", "rich.yaml"):
        copy(campaign.parent / beside, folder / beside)
    text = campaign.read_text("utf-8")
    for was, will in pairs:
        assert was in text, was
        text = text.replace(was, will)
    path = folder / "amended.yaml"
    path.write_text(text, "utf-8")
    return str(path)


@pytest.fixture
def march(db_url: str) -> Iterator[Workspace]:
    """Give the campaign ten days before its end; one summary of fifteen is filed."""
    found = begin(db_url, "baodi-2010", at="2011-03-21T09:00")
    attach(found, WUJIA, "wujia.liaison", "summary")
    yield found
    found.close()


def put_off(workspace: Workspace, folder: Path, approver: str = "lxz.chair", login: str = "bgs.admin") -> bool:
    shelf = read_amendment(workspace, changed(folder, *LATER))
    return amend(workspace, shelf, workspace.actor(login), workspace.actor(approver))


def summary(workspace: Workspace, ref: str) -> tuple[str, str]:
    clock = clock_of(workspace, ref, "summary")
    return clock["status"], clock["last_day"]


def recounted(workspace: Workspace) -> list[dict[str, Any]]:
    return [each for each in notices(workspace) if each["kind"] == "recounted"]


def test_the_preview_tells_what_moves_and_changes_nothing(march: Workspace, tmp_path: Path) -> None:
    before = everything(march)

    plan, more = plan_amendment(march, read_amendment(march, changed(tmp_path, *LATER)))

    moved = [each.date for each in plan.changes if each.moves]
    assert {(each.before, each.last_day) for each in moved if each.code == "summary"} == {("2011-03-31", "2011-06-30")}
    assert sum(each.code == "summary" for each in moved) == 14
    assert not any(each.over for each in plan.changes)
    assert "fazhi.head" in plan.told
    assert {"name": "summary_due", "before": "2011-03-31", "after": "2011-06-30"} in more["dates"]
    assert more["roster"] == more["duties"] == {"added": [], "removed": []}
    assert everything(march) == before


def test_a_campaign_put_off_loses_nothing(march: Workspace, tmp_path: Path) -> None:
    filed = clock_of(march, WUJIA, "summary")
    assert filed["status"] == "met"

    assert put_off(march, tmp_path)
    advance(march, "2011-04-02T12:00")

    assert clock_of(march, WUJIA, "summary") == filed
    assert summary(march, FAZHI) == ("running", "2011-06-30")
    assert sql(march.database, "select count(*) from deadline where code = 'summary' and breached_at is not null") == [
        (0,)
    ]
    advance(march, "2011-07-01T12:00")
    assert clock_of(march, FAZHI, "summary")["breached_at"] == "2011-06-30T16:00:00Z"
    ident = clock_of(march, FAZHI, "summary")["id"]
    said = [each["planned_at"][:10] for each in notices(march, ref=FAZHI) if each["deadline"] == ident]
    assert sorted(set(said)) == ["2011-06-27", "2011-06-29", "2011-06-30"]
    assert flaws(march) == []


def test_each_changed_matter_and_the_campaign_have_an_entry(march: Workspace, tmp_path: Path) -> None:
    put_off(march, tmp_path)

    entry = history(march, FAZHI)[-1]
    assert (entry["kind"], entry["trigger"]) == ("recounted", "campaign:2")
    assert {"recounted"} == {each["op"] for each in entry["deadlines"]}
    stream = "select kind, trigger, actor, record from entry where stream = 'campaign/baodi-2010' order by seq desc"
    kind, trigger, actor, record = sql(march.database, stream)[0]
    assert (kind, trigger, actor) == ("amended", "campaign:2", "bgs.admin")
    assert '"approved_by":"lxz.chair"' in record


def test_every_version_of_the_file_is_kept(march: Workspace, tmp_path: Path) -> None:
    put_off(march, tmp_path)

    kept = sql(march.database, "select number, stored_by, approved_by, source from campaign_version order by number")

    assert [row[:3] for row in kept] == [(1, "init", None), (2, "bgs.admin", "lxz.chair")]
    assert kept[0][3] == (CAMPAIGNS / "baodi-2010.yaml").read_text("utf-8")
    assert kept[1][3] == (tmp_path / "amended.yaml").read_text("utf-8")


def test_each_recipient_is_told_once(march: Workspace, tmp_path: Path) -> None:
    put_off(march, tmp_path)

    told = [each["recipient"] for each in recounted(march)]

    assert len(told) == len(set(told)) > 10
    (mine,) = [each for each in recounted(march) if each["recipient"] == "fazhi.head"]
    assert "2011-03-31 改为 2011-06-30" in mine["text"]


def test_the_same_file_again_changes_nothing(march: Workspace, tmp_path: Path) -> None:
    put_off(march, tmp_path)
    before = everything(march)

    assert not put_off(march, tmp_path)

    assert everything(march) == before


def test_the_milestone_of_the_end_is_reported_after_the_new_date(march: Workspace, tmp_path: Path) -> None:
    with others(march, 1) as (other,):
        turn = Turn(other)
        put_off(march, tmp_path)

        turn.run()

        periods = {each.period for each in turn.chores.all} & {"2011-03-31", "2011-06-30"}
        assert periods == {"2011-06-30"}
        assert fire_due(other.engine) == 0
        assert Chores(other).all == turn.chores.all


def test_beginning_again_with_the_old_file_goes_on_with_the_new_one(march: Workspace, tmp_path: Path) -> None:
    put_off(march, tmp_path)
    url = march.database.url.render_as_string(hide_password=False)

    once_more, said = init(url, Beginning(rehearsal=True), documents=march.documents)

    assert (said["opened"], once_more.campaign.doc.end) == (0, "2011-06-30")
    once_more.close()
    with pytest.raises(Conflict):
        init(url, Beginning(changed(tmp_path / "x", ("end: 2011-03-31", "end: 2011-04-01")), rehearsal=True))


@pytest.mark.parametrize(
    ("login", "approver"),
    [("bgs.admin", "bgs.admin"), ("bgs.admin", "wujia.head"), ("lxz.chair", "bgs.admin"), ("bgs.head", "lxz.chair")],
)
def test_it_needs_the_administrator_and_a_second_person(
    login: str, approver: str, march: Workspace, tmp_path: Path
) -> None:
    before = everything(march)

    with pytest.raises(Forbidden):
        put_off(march, tmp_path, approver, login)

    assert everything(march) == before


def test_a_second_administrator_may_approve(march: Workspace, tmp_path: Path) -> None:
    assert put_off(march, tmp_path, "bgs.admin2")


def small(workspace: Workspace, folder: Path, *pairs: tuple[str, str]) -> Any:
    name = changed(folder, *pairs, campaign=SAMPLES / "small_campaign.yaml")
    return read_amendment(workspace, name)


def test_a_body_with_open_matters_cannot_be_left_out(workspace: Workspace, tmp_path: Path) -> None:
    beta = "  - {code: beta, name: {zh: 乙局, en: Bureau Beta}, part: department, posts: [liaison, head]}\n"
    shelf = small(workspace, tmp_path, (beta, ""), ("[alpha, beta]", "[alpha]"), ("supports: [beta], ", ""))
    before = everything(workspace)

    with pytest.raises(Refused) as caught:
        plan_amendment(workspace, shelf)

    assert [each.zh for each in caught.value.reasons] == ["新文件中没有机构“beta”，仍在使用的有：errand/beta"]
    with pytest.raises(Refused):
        amend(workspace, shelf, workspace.actor("bgs.admin"), workspace.actor("lxz.chair"))
    assert everything(workspace) == before


def test_a_date_that_running_deadlines_use_cannot_be_left_out(march: Workspace, tmp_path: Path) -> None:
    doc = march.campaign.doc
    dates = {name: day for name, day in doc.dates.items() if name != "summary_due"}
    with march.database.snapshot() as tx:
        (reason,) = orphans(tx, march.campaign, doc.model_copy(update={"dates": dates}))

    assert reason.en.startswith("the new file has no date 'summary_due', which is in use by department_task/fayuan")


def test_what_is_only_watched_needs_no_ladder_of_the_new_file(march: Workspace, tmp_path: Path) -> None:
    ref = open_one(march, "case", "gongshang.officer", body="gongshang", infringement="c214").ref
    do(march, ref, "record_facts", "gongshang.officer", sales_amount=6_000_000)
    watched = sql(
        march.database, "select code from deadline where matter_id in (select id from matter where kind = 'case')"
    )

    assert watched
    assert put_off(march, tmp_path)
    assert flaws(march) == []


def test_a_new_body_on_the_roster_gets_its_matter_and_one_that_leaves_keeps_its_own(
    workspace: Workspace, tmp_path: Path
) -> None:
    gamma = "  - {code: gamma, name: {zh: 丙局, en: Bureau Gamma}, part: department, posts: [liaison, head]}\n"
    shelf = small(
        workspace, tmp_path, ("logins:\n", gamma + "logins:\n"), ("roster: [alpha, beta]", "roster: [alpha, gamma]")
    )
    _, more = plan_amendment(workspace, shelf)

    amend(workspace, shelf, workspace.actor("bgs.admin"), workspace.actor("lxz.chair"))

    assert more["roster"] == {"added": ["gamma"], "removed": ["beta"]}
    assert workspace.reader.show("errand/gamma")["body"] == "gamma"
    assert workspace.reader.show("errand/beta")["closed"] is False
    assert workspace.actor("gamma.liaison").posts == {("gamma", "liaison")}
    assert flaws(workspace) == []


def test_other_rungs_of_a_ladder_are_planned_anew(workspace: Workspace, tmp_path: Path) -> None:
    first = '      - {at: "0", to: owner, label: {zh: 当日提醒, en: Last day}}\n'
    shelf = small(workspace, tmp_path, (first, ""))
    advance(workspace, "2010-11-03T12:00")

    amend(workspace, shelf, workspace.actor("bgs.admin"), workspace.actor("lxz.chair"))
    advance(workspace, "2010-11-05T12:00")

    said = [each["planned_at"] for each in notices(workspace, ref="errand/alpha")]
    assert sorted(set(said)) == ["2010-11-03T01:00:00Z", "2010-11-05T01:00:00Z"]
    assert flaws(workspace) == []


def test_the_file_of_another_campaign_is_refused(workspace: Workspace) -> None:
    with pytest.raises(Invalid) as caught:
        read_amendment(workspace, "baodi-2010")

    assert caught.value.code == "code"
