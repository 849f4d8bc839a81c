"""The numbers of a kind of matters go on, whatever references people have written by hand."""

from typing import Any

from world import begin, open_one


def test_a_reference_written_by_hand_does_not_stop_the_numbers_of_all_others(db_url: str) -> None:
    workspace = begin(db_url, "baodi-2010", at="2010-12-01T09:00")
    lead: dict[str, Any] = {"channel": "letter", "anonymous": True, "content": "x"}
    for taken in (1, 2, 4):
        open_one(workspace, "lead", "bgs.admin", "bgs", ref=f"lead/2010-{taken:04d}", **lead)

    found = [open_one(workspace, "lead", "bgs.admin", "bgs", **lead).ref for _ in range(3)]

    assert found == ["lead/2010-0003", "lead/2010-0005", "lead/2010-0006"]
    workspace.close()
