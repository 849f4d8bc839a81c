"""A matter whose row somebody has damaged: its orders are refused in words, and the others go on."""

import sqlite3
from pathlib import Path

import pytest
from world import begin, do

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
