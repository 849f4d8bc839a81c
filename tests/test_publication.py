"""Definitions published as new versions: never changed, approved by a second person, followed only by what is opened later."""

from pathlib import Path
from typing import Any

import pytest
from commandline import SMALL, Office
from test_amendment import changed
from world import SAMPLES, again, everything, flaws, open_one, others, sql

from commands.proving import check_files
from engine.errors import Conflict, Forbidden, Invalid
from workflows.amendment import amend, read_amendment
from workflows.publication import publish_bundle, read_bundle, unfit, versions_of
from workflows.workspace import Workspace

ERRAND = (SAMPLES / "small.yaml").read_text("utf-8")


def newer(folder: Path, *pairs: tuple[str, str], version: int = 2, name: str = "") -> str:
    """Write the errand into *folder* as another version, with other words in it."""
    text = ERRAND
    for was, will in (("version: 1", f"version: {version}"), *pairs):
        assert was in text, was
        text = text.replace(was, will)
    path = folder / (name or f"small{version}.yaml")
    path.write_text(text, "utf-8")
    return str(path)


def publish(workspace: Workspace, *names: str, login: str = "bgs.admin", approver: str = "lxz.chair") -> dict[str, Any]:
    return publish_bundle(workspace, read_bundle(names), workspace.actor(login), workspace.actor(approver))


def test_a_new_version_is_there_beside_the_old_one_and_on_the_record(workspace: Workspace, tmp_path: Path) -> None:
    said = publish(workspace, newer(tmp_path))

    (one,) = said["published"]
    assert (one["kind"], one["version"], one["new"], one["opens"]) == ("errand", 2, True, False)
    first, second = versions_of(again(workspace), None)["items"]
    assert (first["version"], first["live"], first["opens"]) == (1, 2, True)
    assert (second["hash"], second["live"], second["published_by"], second["approved_by"]) == (
        one["hash"], 0, "bgs.admin", "lxz.chair",
    )  # fmt: skip
    stream = "select kind, trigger, actor, record from entry where stream = 'definition/errand'"
    ((kind, trigger, actor, record),) = sql(workspace.database, stream)
    assert (kind, trigger, actor) == ("published", "errand@2", "bgs.admin")
    assert one["hash"] in record
    assert flaws(workspace) == []


def test_the_same_content_again_changes_nothing(workspace: Workspace, tmp_path: Path) -> None:
    publish(workspace, newer(tmp_path))
    before = everything(workspace)

    again_and_reordered = publish(
        workspace, newer(tmp_path, ("# A small but", "# Other words; a small but"), name="b.yaml")
    )

    assert [each["new"] for each in again_and_reordered["published"]] == [False]
    assert everything(workspace) == before


def test_other_content_under_a_version_that_is_out_is_refused_with_advice(workspace: Workspace, tmp_path: Path) -> None:
    publish(workspace, newer(tmp_path))
    before = everything(workspace)

    with pytest.raises(Conflict) as caught:
        publish(workspace, newer(tmp_path, ("minimum: 0", "minimum: 1"), name="b.yaml"))

    assert "raise `version:` in the definition to 3" in caught.value.hint
    assert everything(workspace) == before


@pytest.mark.parametrize(
    ("login", "approver"), [("bgs.admin", "bgs.admin"), ("bgs.admin", "alpha.head"), ("lxz.chair", "bgs.admin")]
)
def test_one_person_cannot_publish_alone(login: str, approver: str, workspace: Workspace, tmp_path: Path) -> None:
    before = everything(workspace)

    with pytest.raises(Forbidden):
        publish(workspace, newer(tmp_path), login=login, approver=approver)

    assert everything(workspace) == before


def test_new_matters_follow_the_version_that_the_campaign_names(workspace: Workspace, tmp_path: Path) -> None:
    publish(workspace, newer(tmp_path))
    open_one(workspace, "errand", "bgs.admin", "alpha", ref="errand/before")
    assert workspace.reader.show("errand/before")["definition"] == "errand@1"
    newer(tmp_path / ".", version=2)
    name = changed(tmp_path, ("version: 1, file: small.yaml", "version: 2, file: small2.yaml"), campaign=Path(SMALL))

    amend(workspace, read_amendment(workspace, name), workspace.actor("bgs.admin"), workspace.actor("lxz.chair"))
    open_one(workspace, "errand", "bgs.admin", "alpha", ref="errand/after")

    shown = [workspace.reader.show(ref)["definition"] for ref in ("errand/alpha", "errand/before", "errand/after")]
    assert shown == ["errand@1", "errand@1", "errand@2"]
    assert flaws(workspace) == []


def test_a_process_that_runs_already_learns_of_it(workspace: Workspace, tmp_path: Path) -> None:
    with others(workspace, 1) as (other,):
        publish(workspace, newer(tmp_path))
        open_one(other, "errand", "bgs.admin", "alpha", ref="errand/x")

        assert [each["live"] for each in versions_of(other, "errand")["items"]] == [3, 0]


def test_what_the_campaign_could_not_run_is_not_published(workspace: Workspace, tmp_path: Path) -> None:
    name = newer(tmp_path, ("ladder: hours", "ladder: minutes"))

    problems = unfit(workspace.campaign, read_bundle([name]))

    assert [(each.code, Path(each.file).name) for each in problems] == [("unknown_ladder", "small2.yaml")]


def test_a_definition_by_itself_is_proved_as_the_open_campaign_binds_it(workspace: Workspace, tmp_path: Path) -> None:
    name = newer(tmp_path, ("    needs: report\n", "    needs: report\n    distinct_from: [take]\n"))
    alone = check_files((name,), None, corrections=False).problems

    bound = check_files((name,), None, corrections=False, bound=workspace.campaign).problems

    assert alone == []
    assert "separation_unstaffed" in {each.code for each in bound}


def test_every_problem_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    bad = [newer(tmp_path, ("initial: todo", f"initial: nowhere{at}"), name=f"{at}.yaml") for at in (1, 2)]

    with pytest.raises(Invalid) as caught:
        read_bundle(bad)

    assert {Path(each.file).name for each in caught.value.problems} == {"1.yaml", "2.yaml"}


def test_two_files_with_one_version_and_two_contents_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as caught:
        read_bundle([newer(tmp_path), newer(tmp_path, ("minimum: 0", "minimum: 1"), name="b.yaml")])

    assert [each.code for each in caught.value.problems] == ["two_contents"]


def test_the_commands_publish_and_list(tmp_path: Path) -> None:
    office = Office(f"sqlite:///{tmp_path / 'duban.db'}", AS="bgs.admin", LANG="en")
    assert office("init", "--campaign", SMALL, "--rehearsal").code == 0
    name = newer(tmp_path)

    assert office("campaign", "publish", name).code == 2
    assert (
        office(
            "campaign",
            "publish",
            newer(tmp_path, ("ladder: hours", "ladder: x"), name="c.yaml"),
            "--approve-by",
            "lxz.chair",
        ).code
        == 7
    )
    told = office("campaign", "publish", name, SMALL, "--approve-by", "lxz.chair")
    assert "errand@2" in told.out
    assert "campaign amend" in told.out
    assert "the campaign file is the one in force" in told.out
    rows = office("campaign", "versions", "errand").rows
    assert [(row["version"], row["live"], row["opens"]) for row in rows] == [("1", "2", "yes"), ("2", "0", "")]
    assert office("campaign", "versions", "errant").code == 3
    assert office("campaign", "versions", terminal=True).out.count("small-2010") == 1
    assert office("audit", "verify").code == 0


def test_beginning_again_with_an_earlier_form_says_how_to_go_on(tmp_path: Path) -> None:
    office = Office(f"sqlite:///{tmp_path / 'duban.db'}", LANG="en")
    name = changed(tmp_path / "a", campaign=Path(SMALL))
    assert office("init", "--campaign", name, "--rehearsal").code == 0
    beside = tmp_path / "a" / "small.yaml"
    beside.write_text(beside.read_text("utf-8").replace("minimum: 0", "minimum: 1"), "utf-8")

    ended = office("init", "--campaign", name, "--rehearsal").politely()

    assert ended.code == 6
    for word in ("campaign publish", "campaign amend", "campaign migrate errand --to 2"):
        assert word in ended.err
