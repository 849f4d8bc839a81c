"""A matter whose row somebody has damaged: its orders are refused in words, and the others go on."""

import sqlite3
from pathlib import Path

import pytest
from world import begin, do

from engine.errors import Damaged

DAMAGED = (
    "cast(x'7bff7d' as text)",
    "'{'",
    "'[]'",
    "x'7b7d'",
    """'{"facts": {}, "documents": {}, "marks": 1}'""",
    "printf('%.*c', 3000, '[')",
    "''",
)


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
    beside.close()

    do(workspace, "errand/beta", "take", "beta.liaison")
    workspace.close()
