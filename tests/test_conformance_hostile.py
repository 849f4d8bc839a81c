"""A foreign log that is broken or built to hurt: one clear refusal with its place, soon, and never a fault of ours."""

import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from commandline import small_office

from engine.errors import Invalid
from workflows.foreign_log import read_log

EVENT = (
    '<log><trace><event><string key="concept:name" value="take"/>'
    '<date key="time:timestamp" value="2010-11-01T09:00"/></event></trace></log>'
)
HEAD = "case,activity,time,facts\n"

HOSTILE = {
    "a facts column nested without end": (HEAD + 'a,x,2010-01-01,"' + "[" * 60_000 + '"\n', "JSON object"),
    "an instant before all calendars": (HEAD + "a,x,0001-01-01T00:00:00+14:00,\n", "no year"),
    "an instant after all calendars": (HEAD + "a,x,9999-12-31T23:59:59-12:00,\n", "no year"),
    "a hundred thousand columns": (",".join(f"c{each}" for each in range(100_000)) + "\n", "which column"),
    "an encoding that has many bytes": ('<?xml version="1.0" encoding="gb18030"?>' + EVENT, "save it as UTF-8"),
    "an encoding that nobody knows": ('<?xml version="1.0" encoding="nonsense"?>' + EVENT, "save it as UTF-8"),
    "an encoding that is none of text": ('<?xml version="1.0" encoding="hex"?>' + EVENT, "save it as UTF-8"),
    "elements nested without end": ("<log>" + "<list>" * 100_000, "deep"),
    "a value of many megabytes": (EVENT.replace("take", "x" * 5_000_000), "a tag is longer"),
    "attributes without end": ("<log " + " ".join(f'a{each}="x"' for each in range(200_000)) + "/>", "a tag is longer"),
    "a document type": ('<!DOCTYPE log [<!ENTITY a "b">]>' + EVENT, "document type"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_gets_one_short_refusal(name: str, tmp_path: Path) -> None:
    text, words = HOSTILE[name]
    path = tmp_path / "log"
    path.write_text(text, "utf-8")

    with pytest.raises(Invalid, match=words) as caught:
        list(read_log(path, ZoneInfo("Asia/Shanghai")))

    assert len(caught.value.message) < 600


VALUES = [
    '{"a": 1}',
    "[1]",
    "1e999",
    '"x"',
    "1.5",
    "null",
    '"9999-99-99"',
    '"0001-01-01T00:00:00Z"',
    "-99999999999999999999",
]


@pytest.mark.parametrize("value", VALUES)
def test_a_fact_of_a_value_that_it_cannot_have_is_named_with_its_line(value: str, tmp_path: Path) -> None:
    office = small_office(tmp_path)
    path = tmp_path / "log.csv"
    facts = json.dumps(f'{{"cost_fen": {value}}}')
    path.write_text(HEAD + f"a,take,2010-11-01,{facts}\n".replace('\\"', '""'), "utf-8")

    ended = office("audit", "conform", str(path), "--definition", "errand").politely()

    assert ended.code == 7
    assert "log.csv:2" in ended.err and "cost_fen" in ended.err


def test_a_row_without_an_end_is_refused() -> None:
    with pytest.raises(Invalid, match="a row is longer"):
        list(read_log(Path("/dev/zero"), ZoneInfo("Asia/Shanghai")))


@pytest.mark.parametrize("bad", ["0001-01-01", "9999-12-31"])
def test_no_order_takes_a_day_at_the_end_of_the_calendar(bad: str, tmp_path: Path) -> None:
    office = small_office(tmp_path)

    ended = office("do", "errand/alpha", "extend", "--fact", f"extended_until={bad}", "--reason", "x").politely()

    assert ended.code == 7
    assert "年" in ended.err
