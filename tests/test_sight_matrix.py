"""The matrix: each login × each class of matter × each way of looking or acting, against a table that is written down."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sightworld as at
import world
from commandline import Office

from engine.access import Access
from engine.errors import NotFound
from engine.masking import MASK
from engine.orders import Attach, Correct, Do, Urge
from engine.reading import Reader
from engine.sight import Sight
from engine.statement import Statement
from workflows.workspace import Workspace

World = tuple[Workspace, dict[str, str]]


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    workspace, refs = at.played(f"sqlite:///{tmp_path_factory.mktemp('sight') / 'duban.db'}")
    yield workspace, refs
    workspace.close()


def reader(workspace: Workspace, login: str) -> Reader:
    return workspace.reader.seen_by(workspace.sight(workspace.actor(login)))


WAYS: dict[str, Callable[[Reader, str], Any]] = {
    "show": lambda eye, ref: eye.show(ref),
    "history": lambda eye, ref: eye.history(ref),
    "deadlines": lambda eye, ref: eye.deadlines(ref=ref),
}


@pytest.mark.parametrize("login", at.SEES)
def test_a_login_reads_the_matters_of_its_row_and_no_others(login: str, here: World) -> None:
    workspace, refs = here
    eye = reader(workspace, login)

    for name, ref in refs.items():
        for way in WAYS.values():
            if name in at.SEES[login]:
                way(eye, ref)
                continue
            with pytest.raises(NotFound) as refused:
                way(eye, ref)
            with pytest.raises(NotFound) as missing:
                way(eye, "case/1999-0001")
            said = json.dumps(refused.value.as_json()).replace(ref, "case/1999-0001")
            assert json.loads(said) == missing.value.as_json()


@pytest.mark.parametrize("login", at.SEES)
def test_lists_counts_and_notices_hold_nothing_else(login: str, here: World) -> None:
    workspace, refs = here
    eye, seen = reader(workspace, login), {refs[name] for name in at.SEES[login]}

    listed = {each["ref"] for each in eye.listed()["items"]}
    assert listed & set(refs.values()) == seen
    assert {ref for ref, _ in eye.refs()} == listed
    assert {each["ref"] for each in eye.deadlines()["items"]} <= listed
    assert sum(sum(row["counts"].values()) for row in eye.board()["rows"]) == len(listed)
    foreign = [each for each in eye.notices()["items"] if each["ref"] not in listed]
    sight = workspace.sight(workspace.actor(login))
    foreign = [] if sight.everything else foreign
    assert [each for each in foreign if each["body"] not in sight.bodies and each["recipient"] != login] == []


@pytest.mark.parametrize("login", at.SEES)
def test_an_order_on_what_is_not_seen_finds_nothing_and_changes_nothing(login: str, here: World) -> None:
    workspace, refs = here
    before = world.counted(workspace)
    for name in refs.keys() - at.SEES[login]:
        ref = refs[name]
        for order in (
            Do(ref=ref, trigger="acknowledge"),
            Correct(ref=ref, reason="x", facts={}),
            Attach(ref=ref),
            Urge(ref=ref, reason="x"),
        ):
            with pytest.raises(NotFound):
                workspace.engine.execute(order, workspace.actor(login))
    assert world.counted(workspace) == before


@pytest.mark.parametrize("login", at.SEES)
def test_whoever_may_act_sees_what_he_may_act_on(login: str, here: World) -> None:
    workspace, refs = here
    actor = workspace.actor(login)

    able = {name for name, ref in refs.items() if workspace.reader.can(ref, actor)["possible"]}

    assert able <= at.SEES[login]


@pytest.mark.parametrize("login", at.SEES)
def test_personal_facts_are_masked_for_those_who_review(login: str, here: World) -> None:
    workspace, refs = here
    if at.LEAD not in at.SEES[login]:
        return
    eye = reader(workspace, login)

    shown, lines = eye.show(refs[at.LEAD]), eye.history(refs[at.LEAD])

    hidden = login in at.MASKED
    assert (shown["facts"]["content"], shown["masked"]) == ((MASK, True) if hidden else ("举报内容", False))
    assert ("举报内容" in json.dumps([shown, lines], ensure_ascii=False)) is not hidden
    assert ("举报内容" in json.dumps(eye.listed(kind="lead"), ensure_ascii=False)) is not hidden


@pytest.mark.parametrize("function", at.MAY)
def test_a_function_is_had_by_those_of_its_row_and_nobody_else(function: str, here: World) -> None:
    workspace, _ = here
    able = {
        login
        for login, post in at.POSTS.items()
        if (Sight(workspace.campaign, {post}) if post else workspace.sight(workspace.actor(login))).may(function)
    }

    assert able == at.MAY[function]


@pytest.mark.parametrize("post", ["operator", "security"])
def test_the_office_does_what_belongs_to_a_post_that_nobody_here_has(post: str, here: World) -> None:
    workspace, _ = here
    access = workspace.campaign.access
    work, own = ({f for spec in access.specs("bgs", each) for f in access.functions(spec)} for each in (post, "admin"))
    work -= own
    fewer = [each.model_copy(update={"posts": [*{*each.posts} - {post}]}) for each in workspace.campaign.doc.bodies]
    left = Access(access.doc, fewer)

    had = {name for spec in left.specs("bgs", "admin") for name in left.functions(spec)}

    assert len(work) > 1 and work <= had


@pytest.mark.parametrize("post", ["operator", "security"])
def test_who_runs_the_system_sees_no_matter(post: str, here: World) -> None:
    workspace, refs = here
    eye = workspace.reader.seen_by(Sight(workspace.campaign, {("bgs", post)}))

    assert eye.listed()["items"] == []
    with pytest.raises(NotFound):
        eye.show(refs[at.TASK])


@pytest.mark.parametrize("login", ["wujia.head", "gongan.officer", "auditor", "shangwu.liaison"])
def test_the_command_line_says_the_same(login: str, here: World) -> None:
    workspace, refs = here
    office = Office(workspace.database.url.render_as_string(hide_password=False))
    seen = at.SEES[login]

    for name, ref in refs.items():
        for words in (("show", ref), ("history", ref), ("deadline", "list", ref), ("report", "knew", ref)):
            assert office.as_(login, *words).code == (0 if name in seen else 3), (login, words)
    listed = {each["ref"] for each in office.json("--as", login, "list")["items"]}
    assert listed & set(refs.values()) == {refs[name] for name in seen}
    assert office.as_(login, "export", "csv").code == (0 if login in at.MAY["exports_own"] else 5)


def test_lists_are_narrowed_by_the_database_and_through_an_index(here: World) -> None:
    workspace, _ = here
    condition = workspace.sight(workspace.actor("wujia.head")).condition()
    from sqlalchemy import select

    from engine.rows import M

    sql = Statement(select(M.c.id).where(condition)).on(workspace.database).sql

    assert "party" in sql and "IN (SELECT" in sql
