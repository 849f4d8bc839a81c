"""Identifiers without a database: what happens where the clock is of a time that has none."""

import pytest

from engine import ids
from engine.errors import Unavailable


def test_a_clock_beyond_all_identifiers_is_refused_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ids, "real_milliseconds", lambda: 4_102_444_800_000)

    with pytest.raises(Unavailable) as caught:
        ids.new_id()

    assert (caught.value.code, "2069" in caught.value.said("zh")) == ("clock", True)
    monkeypatch.undo()
    assert 0 < ids.new_id() < 1 << 63
