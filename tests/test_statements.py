"""What a page asks of the database does not grow with the matters: as many statements, and none with ever more rows."""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from played import played
from visitor import Visitor, visiting

from bench.filling import copied, unguarded
from engine.store import Database
from web.console.app import routers
from workflows.workspace import Workspace, open_workspace

NOT_LOOKED_AT = {"/login", "/activate", "/password", "/campaign/check", "/deadlines/feed"}
"""Doors, what proves a campaign, and a file that is whole by its nature."""

ALSO = (
    "/board?view=kinds", "/board?view=duty", "/matters?light=red", "/matters?text=%E7%A7%8D%E5%AD%90", "/matters?waiting_for=bgs",
    "/work?group=act", "/work?group=deadline", "/deadlines?status=done", "/statistics?axis=products", "/notices?status=sent",
    "/statistics/kept?ended=met", "/m/department_task/wujia", "/campaign/machines/case", "/campaign/machines/case/matters",
)  # fmt: skip
"""Pages that need an address of their own, or look elsewhere by what is asked."""

WHOLE = {"/matters.csv", "/statistics/compare"}
"""A file that has a row for each matter, and what reads all that has changed between two days, up to a bound of its own."""

LOGINS = ("bgs.admin", "gongshang.officer", "jianchayuan.head")

FEW, MANY = 250, 6_000
"""Matters of the two worlds: each list of matters fills its page in both."""

SAME = 1.5
"""Rows of one statement may differ so much between the two: other matters of a page have other deadlines."""

BESIDE = 1_000
"""And by so many rows: what belongs to the matters of a page that was not full before, a forecast's with 150 of them."""

SOME = 3
"""Statements that a page may ask more where there is something to show, such as notices that failed."""

Asked = list[tuple[str, int]]
"""Each statement with the number of its rows."""


def pages() -> list[str]:
    """Every page that can be asked for by its address alone, and the others that are named above."""
    found = {
        getattr(route, "path", "")
        for router in routers()
        for route in router.routes
        if "GET" in getattr(route, "methods", ())
    }
    return [*sorted(path for path in found - NOT_LOOKED_AT - WHOLE if "{" not in path), *ALSO]


def world(folder: Path, file: Path, matters: int) -> Workspace:
    """What was played, copied until there are so many *matters*."""
    path = folder / f"{matters}.db"
    shutil.copy(file, path)
    database = Database(f"sqlite:///{path}")
    with database.glance() as connection, unguarded(connection, sqlite=True):
        copied(connection, matters)
        connection.commit()
    database.close()
    return open_workspace(f"sqlite:///{path}")


def listening(workspace: Workspace) -> Asked:
    """Write down from now on what the database is asked."""
    wire: Any = workspace.database.wire
    heard: Asked = []

    def told(reads: Sequence[tuple[str, Any]], found: list[list[Any]]) -> list[list[Any]]:
        heard.extend((sql, len(rows)) for (sql, _), rows in zip(reads, found, strict=True))
        return found

    fetch = type(wire).fetch

    def listen(connection: Any, batch: Sequence[tuple[str, Any]]) -> list[list[Any]]:
        return told(batch, fetch(wire, connection, batch))

    wire.fetch = listen
    return heard


def asked(workspace: Workspace) -> dict[tuple[str, str], Asked]:
    """What each page asks, for each login."""
    found = {}
    heard = listening(workspace)
    with visiting(workspace) as first:
        for login in LOGINS:
            visitor = Visitor(first.site.geturl())
            visitor.enter(login)
            for path in pages():
                heard.clear()
                code, _ = visitor.ask(path)
                assert code < 500, (login, path, code)
                found[login, path] = list(heard)
    workspace.close()
    return found


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[Any, Asked], dict[Any, Asked]]]:
    folder = tmp_path_factory.mktemp("statements")
    played(folder)
    file = folder / "played.db"
    yield asked(world(folder, file, FEW)), asked(world(folder, file, MANY))


def test_a_page_asks_as_often_however_many_matters_there_are(both: tuple[dict[Any, Asked], dict[Any, Asked]]) -> None:
    few, many = ({page: [sql for sql, _ in said] for page, said in each.items()} for each in both)

    more = {page: (len(few[page]), len(many[page])) for page in few if len(many[page]) > len(few[page]) + SOME}
    assert more == {}
    assert len(few) == len(LOGINS) * len(pages()) > 100 and all(few.values())


def test_no_statement_of_a_page_gives_ever_more_rows(both: tuple[dict[Any, Asked], dict[Any, Asked]]) -> None:
    few, many = both

    grown = {
        (*page, sql[:200]): (before, after)
        for page in few
        for (_, before), (sql, after) in zip(few[page], many[page], strict=False)
        if after > SAME * before + BESIDE
    }
    assert grown == {}
