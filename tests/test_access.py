"""Files of access: every flaw with its place, bodies nobody sees, roles that act blindly; and who is counted as probing."""

from pathlib import Path
from shutil import copy

import pytest
import world
from commandline import SMALL, Office
from world import SAMPLES, begin, do, open_one

from engine.access import load_access
from engine.denials import note_denial
from engine.errors import Forbidden, Invalid, NotFound, Unseen
from engine.parties import enter_all_parties
from engine.sight import Sight
from workflows.library import read_shelf, shipped_access

OWN = """schema: access/1
classes:
  body:
    label: {zh: 机构, en: Body}
    posts: [liaison]
    sees: [{see: party}]
    basis: 本系统设计
"""


def own_campaign(folder: Path, access: str) -> str:
    copy(SAMPLES / "small.yaml", folder)
    (folder / "access.yaml").write_text(access, "utf-8")
    path = folder / "mine.yaml"
    path.write_text(Path(SMALL).read_text("utf-8") + "\naccess: access.yaml\n", "utf-8")
    return str(path)


def test_every_flaw_of_a_file_of_access_is_told_at_once_with_its_place() -> None:
    text = """schema: access/1
classes:
  body:
    label: {zh: 机构}
    posts: []
    sees: [{see: everything}]
    functions: [exprts_own]
    basis: x
    colour: red
"""
    with pytest.raises(Invalid) as refused:
        load_access(text, "access.yaml")

    places = {(each.line, each.code) for each in refused.value.problems}
    assert {line for line, _ in places} >= {4, 5, 6, 7, 9}
    assert all(each.column > 0 and each.file == "access.yaml" for each in refused.value.problems)


def test_a_campaign_whose_roles_act_on_what_they_do_not_see_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as refused:
        read_shelf(own_campaign(tmp_path, OWN))

    told = [(each.code, each.message) for each in refused.value.problems]
    assert ("blind_role", "'alpha.head' may act as 'head' of 'errand' and sees no 'errand'") in told
    assert {code for code, _ in told} == {"blind_role"}, "the office sees everything still"


def test_a_body_whose_matters_nobody_sees_is_told(tmp_path: Path) -> None:
    nobody = "".join(
        f"  {code}:\n    label: {{zh: 甲, en: A}}\n    posts: [chair]\n    basis: x\n"
        for code, spec in shipped_access().classes.items()
        if any(grant.see == "all" for grant in spec.sees)
    )
    with pytest.raises(Invalid) as refused:
        read_shelf(own_campaign(tmp_path, "schema: access/1\nclasses:\n" + nobody))

    assert "'towns'" in "".join(each.message for each in refused.value.problems if each.code == "unseen_body")
    assert all(each.line > 1 for each in refused.value.problems)


def test_a_campaigns_own_rights_are_stored_with_it_and_take_the_place_of_ours(tmp_path: Path) -> None:
    wider = OWN.replace("[liaison]", "[liaison, head, officer]").replace("[{see: party}]", "[{see: all}]")
    office = Office(f"sqlite:///{tmp_path / 'duban.db'}")
    path = own_campaign(tmp_path, wider)
    begun = office("init", "--campaign", path, "--rehearsal")
    assert begun.code == 0, begun.err
    Path(tmp_path / "access.yaml").unlink()

    assert office.as_("beta.head", "show", "errand/alpha").code == 0
    assert office.json("audit", "verify")["findings"] == []
    assert shipped_access().classes["body"].sees[0].see == "party"


def test_who_probes_is_counted_by_the_hour_and_does_not_flood_the_record(db_url: str) -> None:
    workspace = begin(db_url)
    actor = workspace.actor("beta.head")
    for _ in range(25):
        with pytest.raises(Unseen) as foreign:
            do(workspace, "errand/alpha", "take", "beta.head")
        note_denial(workspace.engine, actor, foreign.value)
    with pytest.raises(Forbidden) as refused:
        Sight(workspace.campaign, set(), "beta.head").require("hold", "暂缓", "hold")
    note_denial(workspace.engine, actor, refused.value)
    note_denial(workspace.engine, actor, NotFound("no matter 'errand/x'", "no_matter"))

    entries = world.sql(
        workspace.database, "select \"trigger\" from entry where stream = 'denials/beta.head' order by seq"
    )
    times = world.sql(workspace.database, "select what, times from denial order by what")
    assert ([each[0] for each in entries], times) == (
        ["foreign", "foreign", "function", "unknown"],
        [("foreign", 25), ("function", 1), ("unknown", 1)],
    )
    assert world.broken_links(workspace) == []
    workspace.close()


def test_asking_for_what_is_not_there_writes_as_much_as_asking_for_what_is_anothers(db_url: str) -> None:
    """Else the time of the answer would tell one from the other, and how many cases there are."""
    workspace = begin(db_url)
    actor = workspace.actor("beta.head")
    for ref in ("errand/alpha", "errand/nobody") * 3:
        with pytest.raises(NotFound) as error:
            do(workspace, ref, "take", "beta.head")
        note_denial(workspace.engine, actor, error.value)

    times = world.sql(workspace.database, "select times from denial order by what")
    entries = world.sql(
        workspace.database, "select \"trigger\" from entry where stream = 'denials/beta.head' order by seq"
    )
    assert [each[0] for each in times] == [3, 3]
    assert [each[0] for each in entries] == ["foreign", "unknown"]
    workspace.close()


def test_the_command_line_counts_too(tmp_path: Path) -> None:
    office = Office(f"sqlite:///{tmp_path / 'duban.db'}")
    office("init", "--campaign", SMALL, "--rehearsal")

    assert office.as_("beta.head", "show", "errand/alpha").code == 3
    assert office.as_("beta.head", "show", "errand/omega").code == 3

    from engine.store import Database

    database = Database(str(office.url))
    assert world.sql(database, "select login, what, times from denial") == [
        ("beta.head", "foreign", 1),
        ("beta.head", "unknown", 1),
    ]
    database.close()


def test_the_parties_are_those_that_counting_again_finds(db_url: str) -> None:
    workspace = begin(db_url, "rich")
    open_one(workspace, "probe", "alpha.liaison", reporter="王某", size=8)
    question = "select matter_id, body from party order by matter_id, body"
    before = world.sql(workspace.database, question)

    workspace.engine.in_transaction(lambda tx: enter_all_parties(tx, workspace.campaign))

    assert before and world.sql(workspace.database, question) == before
    workspace.close()


def test_a_matter_named_in_a_fact_must_be_seen_by_who_names_it(db_url: str) -> None:
    workspace = begin(db_url, "baodi-2010")
    said = {"channel": "letter", "anonymous": True, "content": "x"}
    lead = open_one(workspace, "lead", "bgs.admin", "bgs", **said).ref
    do(workspace, lead, "register", "bgs.admin", secrecy="open")

    with pytest.raises(NotFound):
        do(workspace, lead, "merge", "bgs.admin", merged_into="lead/1999-0001")
    do(workspace, lead, "merge", "bgs.admin", merged_into="department_task/wujia")

    assert workspace.reader.show(lead)["state"] == "merged"
    workspace.close()
