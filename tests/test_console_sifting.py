"""Filters in addresses: what is asked is read, and what was read is said again."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from engine.errors import Invalid
from engine.lists import Wanted
from web.console.sifting import pairs_of, wanted_of_pairs

ZONE = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text + "+08:00")


WHOLE = Wanted(
    kind="case", body="gongshang", state="filed", stage="filed", light="red", waiting_for="gongan", text="酒 品",
    due_before=at("2010-12-11T00:00"), due_after=at("2010-12-01T00:00"), opened_from=at("2010-11-30T08:30"),
    opened_until=at("2010-12-20T17:45"), closed=False, facts=(("products", "seeds"), ("products", "alcohol")),
    late="handover", lacks=(("referred", "yes"),),
    amounts=(("goods_value", 100, None), ("loss", None, 123_456)),
)  # fmt: skip


def test_an_address_says_every_filter_and_reads_it_back() -> None:
    assert wanted_of_pairs(pairs_of(WHOLE, ZONE), ZONE) == WHOLE
    assert wanted_of_pairs([], ZONE) == Wanted() and pairs_of(Wanted(), ZONE) == []


def test_a_last_day_is_meant_whole_and_sums_are_in_yuan() -> None:
    read = wanted_of_pairs(
        [("opened_until", "2010-12-10"), ("opened_from", "2010-12-10"), ("amount.loss.from", "1,000.5"), ("fact.area", ""),
         ("cursor", "x"), ("sort", "ref"), ("amount.loss.near", "3")], ZONE
    )  # fmt: skip
    assert (read.opened_from, read.opened_until) == (at("2010-12-10T00:00"), at("2010-12-11T00:00"))
    assert read.amounts == (("loss", 100_050, None),) and read.facts == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [("due_before", "soon"), ("closed", "maybe"), ("amount.loss.to", "1.005"), ("amount.loss.to", "-1"),
     ("amount.loss.to", "NaN"), ("amount.loss.to", "1e400"), ("opened_from", "0001-01-01"), ("opened_until", "9999-12-31")],
)  # fmt: skip
def test_what_cannot_be_read_is_named(name: str, value: str) -> None:
    with pytest.raises(Invalid) as caught:
        wanted_of_pairs([(name, value)], ZONE)
    assert caught.value.code == name
