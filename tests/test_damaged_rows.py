"""A matter whose row somebody has damaged: its orders are refused in words, and the others go on."""

import sqlite3
from pathlib import Path

import pytest
from commandline import Office, small_office
from visitor import visiting
from world import advance, begin, do

from engine.contents import MARK
from engine.deadline_pages import WantedDeadlines, deadlines_page
from engine.errors import Damaged
from engine.lists import Page
from engine.orders import Actor
from engine.work import WorkDesk
from workflows.workspace import Workspace

DAMAGED = (
    "cast(x'7bff7d' as text)",
    "'{'",
    "'[]'",
    "x'7b7d'",
    """'{"facts": {}, "documents": {}, "marks": 1}'""",
    "printf('%.*c', 3000, '[')",
    "''",
)


NO_TEXT = DAMAGED[0]
"""What SQLite's driver does not even hand out as a text: no list can be had then, which is told (exit 8)."""


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
            if data != NO_TEXT:
                assert told(workspace) == {"errand/alpha": {True}, "errand/beta": {False}}
    beside.close()

    do(workspace, "errand/beta", "take", "beta.liaison")
    workspace.close()


def damage(file: Path, data: str = "'{'") -> None:
    """Damage the row of one matter."""
    with sqlite3.connect(file) as beside:
        beside.execute(f"update matter set data = {data} where ref = 'errand/alpha'")
    beside.close()


@pytest.fixture
def late(tmp_path: Path) -> Office:
    """A campaign in which two errands are late, and the row of one is damaged."""
    office = small_office(tmp_path)
    assert office("clock", "advance", "--to", "2010-11-08T12:00").code == 0
    damage(tmp_path / "duban.db")
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
