"""How a matter stands is told apart by what its row says, in whichever form the row came."""

from dataclasses import replace
from typing import Any

from engine.rows import MatterRow
from engine.situation import Marks
from scheduler.planning import Standing


def test_a_row_read_as_bytes_calls_for_the_same_as_one_read_as_text() -> None:
    whole: Any = {"id": 1, "campaign_id": 1, "definition_id": 1, "kind": "case", "ref": "case/2010-0001", "year": 2010}
    whole |= {
        "number": 1,
        "body": "gongshang",
        "title": "",
        "parent_id": None,
        "state": "filed",
        "stage": "",
        "closed": 0,
    }
    row = MatterRow(**whole, version=3, seq=3, head="", data='{"部门":1}', opened_at=0, updated_at=0)

    def standing(row: MatterRow) -> Standing:
        return Standing(row, (), {}, (), Marks({}), 0, 0)

    assert standing(row).calls_for_the_same(standing(replace(row, data='{"部门":1}'.encode())))
    assert not standing(row).calls_for_the_same(standing(replace(row, data=b"{}")))
