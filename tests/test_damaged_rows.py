"""A matter whose row somebody has damaged: its orders are refused in words, and the others go on."""

import sqlite3
from pathlib import Path

import pytest
from commandline import Office, small_office
from sqlalchemy import select, text
from visitor import visiting
from world import advance, begin, do, sql

from engine.contents import MARK
from engine.deadline_pages import WantedDeadlines, deadlines_page
from engine.errors import Damaged, Unavailable
from engine.lists import Page
from engine.orders import Actor
from engine.rows import M
from engine.store import Statement
from engine.work import WorkDesk
from workflows.workspace import Workspace

NO_TEXT = "cast(x'7bff7d' as text)"
"""What SQLite's driver does not hand out as a text."""

DAMAGED = (
    NO_TEXT,
    "'{'",
    "'[]'",
    "x'7b7d'",
    """'{"facts": {}, "documents": {}, "marks": 1}'""",
    "printf('%.*c', 3000, '[')",
    "''",
)


def told(workspace: Workspace) -> dict[str, set[bool]]:
    """Of each matter, whether its title says that it is damaged in the lists in which it stands."""
    liaison = Actor("alpha.liaison", "tests", frozenset({("alpha", "liaison"), ("beta", "liaison")}))
    reader = workspace.reader
    found: dict[str, set[bool]] = {}
    lists = [
        reader.listed()["items"],
        reader.listed(as_of=workspace.clock.now())["items"],
        deadlines_page(reader, WantedDeadlines(), workspace.clock.now())["items"],
        WorkDesk(reader).group("act", liaison, Page("urgency"))["items"],
    ]
    assert all(len(lines) >= 2 for lines in lists), lists
    for each in (line for lines in lists for line in lines):
        found.setdefault(each["ref"], set()).add(each["title"].startswith(MARK))
    return found


def test_an_order_on_a_damaged_row_is_refused_in_words(tmp_path: Path) -> None:
    file = tmp_path / "duban.db"
    workspace = begin(f"sqlite:///{file}")
    with sqlite3.connect(file) as beside:
        for data in DAMAGED:
            beside.execute(f"update matter set data = {data} where ref = 'errand/alpha'")
            beside.commit()

            with pytest.raises(Damaged) as caught:
                do(workspace, "errand/alpha", "take", "alpha.liaison")
            assert (caught.value.code, "errand/alpha" in caught.value.message) == ("damaged", True)
            assert told(workspace) == {"errand/alpha": {True}, "errand/beta": {False}}
    beside.close()

    do(workspace, "errand/beta", "take", "beta.liaison")
    workspace.close()


def damage(file: Path, data: str = "'{'") -> None:
    """Damage the row of one matter."""
    with sqlite3.connect(file) as beside:
        beside.execute(f"update matter set data = {data} where ref = 'errand/alpha'")
    beside.close()


@pytest.fixture(params=["'{'", NO_TEXT], ids=["no_json", "no_text"])
def late(tmp_path: Path, request: pytest.FixtureRequest) -> Office:
    """A campaign in which two errands are late, and the row of one is damaged."""
    office = small_office(tmp_path)
    assert office("clock", "advance", "--to", "2010-11-08T12:00").code == 0
    damage(tmp_path / "duban.db", request.param)
    return office


def test_findings_forecast_urging_and_calendar_go_on_without_the_damaged_row_and_name_it(late: Office) -> None:
    for words in (
        "monitor run",
        "notice forecast --until 2010-11-30",
        "export ics",
        "notice urge --light red --text 速办",
    ):
        ended = late("--as", "bgs.admin", "--json", *words.split())
        assert (ended.code, ended.json["damaged"]) == (0, ["errand/alpha"]), (words, ended.err)
        assert "errand/alpha" in ended.err and "audit verify" in ended.err, words
        if words.startswith("notice urge"):
            assert [each["matter"]["ref"] for each in ended.json["items"]] == ["errand/beta"]
        elif words.startswith("export"):
            assert ended.json["ics"].count("BEGIN:VEVENT") == 3 and MARK in ended.json["ics"].replace("\r\n ", "")

    assert "errand/alpha" not in late("--as", "bgs.admin", "monitor", "run", "--body", "beta").err


def test_the_page_of_the_forecast_names_what_it_cannot_reckon_with(tmp_path: Path) -> None:
    file = tmp_path / "duban.db"
    office = begin(f"sqlite:///{file}")
    advance(office, "2010-11-02T09:00")
    damage(file)
    with visiting(office) as visitor:
        visitor.enter("bgs.admin")
        code, page = visitor.ask("/notices/forecast?until=2010-11-12")

    assert code == 200
    assert "errand/alpha" in page.partition('id="damaged"')[2].partition("</p>")[0]
    assert "乙局的差事" in page
    office.close()


def test_texts_that_are_none_are_marked_and_hide_nothing_that_is_read_beside_them(tmp_path: Path) -> None:
    workspace = begin(f"sqlite:///{tmp_path / 'duban.db'}")
    with sqlite3.connect(tmp_path / "duban.db") as beside:
        beside.execute("update matter set title = cast(x'e4b8ff41' as text) where ref = 'errand/alpha'")
    beside.close()
    titles = Statement(select(M.c.title).order_by(M.c.ref))

    with workspace.database.snapshot() as tx:
        whole = [row for (row,) in tx.rows(titles)]
        for size in (1, 5):
            assert [row for rows in tx.stream(titles, size) for (row,) in rows] == whole
        again = tx.rows(Statement(select(M.c.title).where(M.c.ref == "errand/beta")))

    assert (len(whole), whole[0], again) == (2, "\ufffd\ufffd\ufffdA", [("乙局的差事",)])
    workspace.close()


def test_what_else_is_unreadable_is_told_with_its_column_and_found_by_a_check_of_the_record(tmp_path: Path) -> None:
    office = small_office(tmp_path)
    with sqlite3.connect(tmp_path / "duban.db") as beside:
        beside.execute("update deadline set moves = cast(x'ff' as text)")
    beside.close()

    for words, column in (("deadline list", "moves"), ("show errand/alpha", ""), ("export ics", "moves")):
        ended = office("--json", *words.split())
        said = ended.json["error"]
        assert (ended.code, said["code"]) == (8, "damaged"), words
        assert column in said["message"] and "audit verify" in said["message"]
    assert "列无法读取；请运行 audit verify" in office("deadline", "list").err

    assert office("audit", "verify").code == 9


def test_what_changes_something_is_not_done_again_for_a_text_that_is_none(tmp_path: Path) -> None:
    workspace = begin(f"sqlite:///{tmp_path / 'duban.db'}")
    counted = "update matter set version = version + 1, title = cast(x'ff' as text) RETURNING title"

    with pytest.raises(Unavailable), workspace.database.tx() as tx:
        tx.rows(Statement(text(counted)))

    assert sql(workspace.database, "select max(version) from matter") == sql(
        workspace.database, "select min(version) from matter"
    )
    workspace.close()
