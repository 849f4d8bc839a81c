"""A foreign log of any length: read from the disk case by case, in whatever order its rows stand, and nothing stays behind."""

import json
import resource
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from commandline import ROOT, Office, small_office

from engine.errors import Invalid
from workflows.foreign_log import read_log

ZONE = ZoneInfo("Asia/Shanghai")
HEAD = "case,activity,time,facts\n"
EVENT = '<event><string key="concept:name" value="take"/><date key="time:timestamp" value="2010-11-01T09:00"/>{more}</event>'


def rows(cases: int, events: int, more: str = "") -> Iterator[tuple[str, str]]:
    """The rows of a log, case by case, each with its case."""
    for case in range(cases):
        for event in range(events):
            yield f"c{case}", f"c{case},take,2010-11-01T{event // 60:02}:{event % 60:02}:00,{more}\n"


def mixed(cases: int, events: int, more: str = "") -> str:
    """The same rows, as they come when many cases go on at once; nothing of a case is exchanged."""
    told = [row for _, row in rows(cases, events, more)]
    return HEAD + "".join(told[case * events + event] for event in range(events) for case in range(cases))


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return small_office(tmp_path_factory.mktemp("long"))


def test_a_log_whose_rows_are_mixed_says_what_the_same_rows_say_in_order(office: Office, tmp_path: Path) -> None:
    said = []
    for text in (mixed(7, 5), HEAD + "".join(row for _, row in rows(7, 5))):
        path = tmp_path / "log.csv"
        path.write_text(text, "utf-8")
        found = office("--json", "audit", "conform", str(path), "--definition", "errand").politely().json
        for each in found["findings"]:
            each.pop("where")
        said.append(found)

    assert said[0]["cases"] == 7
    assert said[0]["findings"]
    assert said[0] == said[1]
    assert [each["case"] for each in said[0]["findings"]] == sorted(each["case"] for each in said[0]["findings"])
    assert sum(said[0]["by_code"].values()) == len(said[0]["findings"])


def test_a_long_table_is_not_held_in_memory(tmp_path: Path) -> None:
    path, facts = tmp_path / "log.csv", '"{""note"": ""' + "x" * 3_000 + '""}"'
    path.write_text(mixed(200, 20, facts), "utf-8")

    tracemalloc.start()
    try:
        told = sum(len(case.events) for case in read_log(path, ZONE))
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert told == 4_000
    assert most < path.stat().st_size / 10


def test_the_orders_of_mixed_cases_come_in_the_order_of_time(office: Office, tmp_path: Path) -> None:
    path, out = tmp_path / "log.csv", tmp_path / "orders.jsonl"
    path.write_text(HEAD + "b,take,2010-11-03,\na,take,2010-11-02,\nb,hand_in,2010-11-04,\n", "utf-8")

    ended = office("--json", "audit", "conform", str(path), "--definition", "errand", "--orders", str(out)).politely()

    lines = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert ended.json["orders"]["lines"] == len(lines) > 2
    assert [line["now"] for line in lines] == sorted(line["now"] for line in lines)


def little_room() -> None:
    """Let no file grow beyond 3 MB, as on a disk that is nearly full."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (3_000_000, 3_000_000))


def test_a_full_disk_is_one_refusal_and_leaves_nothing(office: Office, tmp_path: Path) -> None:
    path, folder = tmp_path / "log.csv", tmp_path / "room"
    folder.mkdir()
    path.write_text(mixed(200, 20, '"{""note"": ""' + "x" * 3_000 + '""}"'), "utf-8")
    asked = Office(office.url)
    asked.variables["SQLITE_TMPDIR"] = str(folder)

    told = [
        asked.process(*words, "audit", "conform", str(path), "--definition", "errand", preexec_fn=little_room)
        for words in ((), ("--json",))
    ]

    assert [ended.returncode for ended in told] == [8, 8]
    assert b"TMPDIR" in told[0].stderr and b"Traceback" not in told[0].stderr
    assert json.loads(told[1].stdout)["error"]["code"] == "disk"
    assert list(folder.iterdir()) == []


LAYING = """
import sys
from workflows.scratch import Scratch
scratch = Scratch()
scratch.lay("pile", ((number, "x" * 1_000) for number in range(20_000)))
print("laid", flush=True)
sys.stdin.read()
"""


def test_what_lies_on_the_disk_is_gone_with_the_process_however_it_ends(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", LAYING], cwd=ROOT, env={"SQLITE_TMPDIR": str(tmp_path)}, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "laid\n"
        opened = [link.readlink() for link in Path(f"/proc/{process.pid}/fd").iterdir()]
        process.kill()

    assert any(str(tmp_path) in str(file) for file in opened)
    assert list(tmp_path.iterdir()) == []


def a_case_without_end() -> str:
    return HEAD + "a,take,2010-11-01T09:00,\n" * 10_001


def a_case_of_endless_words() -> str:
    return HEAD + ('a,take,2010-11-01T09:00,"{""n"": ""' + "x" * 90_000 + '""}"\n') * 250


ENDLESS: dict[str, tuple[Callable[[], str], str]] = {
    "rows of one case": (a_case_without_end, "more than 10000 events"),
    "words of one case": (a_case_of_endless_words, "a case is longer"),
    "a row over many lines": (lambda: HEAD + 'a,"' + ("x" * 99_000 + '\n","') * 110, "a row is longer"),
    "events of one trace": (lambda: "<log><trace>" + EVENT.format(more="") * 10_001, "more than 10000 events"),
    "attributes of one event": (
        lambda: "<log><trace><event>" + "".join(f'<string key="{n}" value="{"x" * 90_000}"/>' for n in range(250)),
        "a case is longer",
    ),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_a_case_without_an_end_is_refused(name: str, tmp_path: Path) -> None:
    text, words = ENDLESS[name]
    path = tmp_path / "log"
    path.write_text(text(), "utf-8")

    with pytest.raises(Invalid, match=words) as caught:
        list(read_log(path, ZONE))

    assert caught.value.in_chinese


def test_traces_without_a_name_are_told_apart_and_events_beside_all_traces_left_out(tmp_path: Path) -> None:
    path, event = tmp_path / "log.xes", EVENT.format(more="")
    path.write_text(f"<log>{event}{f'<trace>{event}</trace>' * 2_000}{event}</log>", "utf-8")

    told = list(read_log(path, ZONE))

    assert len({case.name for case in told}) == len(told) == 2_000
    assert {len(case.events) for case in told} == {1}


def test_a_terminal_shows_so_many_findings_and_says_how_many_more(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("commands.conform.MOST_ON_SCREEN", 3)
    path = tmp_path / "log.csv"
    path.write_text(mixed(5, 2), "utf-8")
    asked = ("audit", "conform", str(path), "--definition", "errand")

    count = len(office("--json", *asked).json["findings"])

    assert f"{count - 3} " in office("--lang", "en", *asked, terminal=True).out
    assert sum(line.count("\tc") for line in office(*asked).out.splitlines()) >= count
