"""Text that reads otherwise than it is written: turned by marks that do not show, or computed by a spreadsheet."""

import pytest
from world import do, open_one

from engine.documents import MemoryStore, keep
from engine.errors import Invalid
from workflows.event_table import defused
from workflows.workspace import Workspace

TURNED = "罚款\u202e000,01\u202c元"
"""Shown as 10,000 between the marks; 000,01 is written."""


@pytest.mark.parametrize("text", [TURNED, "罚款\u2066000,01\u2069元", "红\x9b31m字"])
def test_no_order_puts_text_on_record_that_reads_otherwise(text: str, workspace: Workspace) -> None:
    with pytest.raises(Invalid) as caught:
        open_one(workspace, "errand", "bgs.admin", "alpha", title=text)
    assert caught.value.code == "bad_text"
    with pytest.raises(Invalid):
        do(workspace, "errand/alpha", "accept", "alpha.liaison", reason=text)


def test_a_file_whose_name_is_turned_shows_what_it_is() -> None:
    document = keep(MemoryStore(), "plan", "方案\u202efdp.exe", b"x")

    assert document.name == "方案 fdp.exe"


@pytest.mark.parametrize("cell", ["=1+1", "＝1+1", "＠SUM(A1)", "\ufeff=1+1", "\u3000－1", "\t=1"])
def test_a_cell_is_no_formula_where_spreadsheets_write_chinese_either(cell: str) -> None:
    assert defused(cell) == "'" + cell


def test_other_cells_stay_as_they_are() -> None:
    assert [defused(each) for each in ("案＝1", "2010-11-26", 3, "")] == ["案＝1", "2010-11-26", 3, ""]
