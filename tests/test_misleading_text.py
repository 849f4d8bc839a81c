"""Text that reads otherwise than it is written: turned by marks that do not show, or computed by a spreadsheet."""

from zoneinfo import ZoneInfo

import pytest
from world import do, open_one

from engine.accounts import Accounts
from engine.definition_schema import FactSpec
from engine.documents import MemoryStore, keep
from engine.errors import Invalid, Refused
from engine.facts import FactReader
from engine.orders import Comment, Correct, Urge
from engine.saying import says_something
from workflows.event_table import defused
from workflows.workspace import Workspace

TURNED = "罚款\u202e000,01\u202c元"
"""Shown as 10,000 between the marks; 000,01 is written."""


def read_fact(text: str) -> None:
    label = {"zh": "说明", "en": "Note"}
    reader = FactReader(
        {"note": FactSpec.model_validate({"type": "text", "label": label})}, ZoneInfo("UTC"), lambda *_: True
    )
    reader.read({"note": text})


@pytest.mark.parametrize("text", [TURNED, "罚款\u2066000,01\u2069元", "红\x9b31m字"])
def test_no_order_puts_text_on_record_that_reads_otherwise(text: str, workspace: Workspace) -> None:
    with pytest.raises(Invalid) as caught:
        open_one(workspace, "errand", "bgs.admin", "alpha", title=text)
    assert caught.value.code == "bad_text"
    with pytest.raises(Invalid):
        do(workspace, "errand/alpha", "accept", "alpha.liaison", reason=text)


@pytest.mark.parametrize(
    "blank", ["", " \u3000\n", "\u200b\u200d\ufeff", "\u3164\u2800", "\u00ad\u2060", "\u0301\ufe0f", "\U000e0041"]
)
def test_what_shows_nothing_is_no_reason_comment_name_or_text(blank: str, workspace: Workspace) -> None:
    open_one(workspace, "errand", "bgs.admin", "alpha")
    admin = workspace.actor("bgs.admin")

    for order in (
        Comment(ref="errand/alpha", reason=blank),
        Urge(ref="errand/alpha", reason=blank),
    ):
        with pytest.raises(Invalid):
            workspace.engine.execute(order, admin)
    with pytest.raises(Refused):
        workspace.engine.execute(
            Correct(ref="errand/alpha", facts={"note": "x"}, reason=blank), workspace.actor("alpha.head")
        )
    with pytest.raises(Invalid):
        Accounts(workspace.engine, admin).add("li.ming", blank)
    assert not says_something(blank) and says_something(blank + "。")
    if blank:
        with pytest.raises(Invalid):
            read_fact(blank)


def test_a_file_whose_name_is_turned_shows_what_it_is() -> None:
    document = keep(MemoryStore(), "plan", "方案\u202efdp.exe", b"x")

    assert document.name == "方案 fdp.exe"


@pytest.mark.parametrize("cell", ["=1+1", "＝1+1", "＠SUM(A1)", "\ufeff=1+1", "\u3000－1", "\t=1"])
def test_a_cell_is_no_formula_where_spreadsheets_write_chinese_either(cell: str) -> None:
    assert defused(cell) == "'" + cell


def test_other_cells_stay_as_they_are() -> None:
    assert [defused(each) for each in ("案＝1", "2010-11-26", 3, "")] == ["案＝1", "2010-11-26", 3, ""]
