"""Whatever is typed: an exit code of the contract, never a traceback, and nothing that commands the terminal."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from commandline import ROOT, SMALL, Office, small_office

HOSTILE = {
    "empty": "",
    "blank": " \t ",
    "newline": "a\nb",
    "bell": "a\x07b",
    "escape": "\x1b[2J\x1b]0;owned\x07",
    "c1": "\x9b31mred",
    "nul": "a\0b",
    "surrogate": "\ud800",
    "bytes": "\udcff\udcfe",
    "rtl": "\u202egnp.exe",
    "separator": "a\u2028b",
    "quotes": "'; drop table matter; --\"`$(id)`",
    "percent": "%s%n{0}{self}",
    "path": "../../../../etc/passwd",
    "dashes": "-rf",
    "option": "--as=bgs.admin",
    "megabyte": "x" * 1_000_000,
    "chinese": "查" * 5000,
    "astral": "𠀀👩‍👩‍👧",
    "zalgo": "e" + "\u0301" * 500,
    "number": "9" * 400,
    "infinite": "1e999",
    "braces": "{" * 3000,
    "markup": "[red]bold[/red][link=file:///etc/passwd]x[/link]",
}

PLACES = [
    "show {}", "history {}", "can {}", "do {} take", "do errand/alpha {}", "open {}", "open errand --body {}",
    "open errand --body alpha --title {}", "open errand --body alpha --ref {}", "open errand --body alpha --reason {}",
    "open errand --body alpha --fact {}", "open errand --body alpha --fact cost_fen={}",
    "open errand --body alpha --request-id {}", "open errand --body alpha --occurred {}",
    "attach errand/alpha --doc report={}", "attach errand/alpha --doc {}=/etc/hostname", "do errand/alpha take --if-version {}",
    "list --body {}", "list --kind {}", "list --state {}", "list --as-of {}", "list --due-before {}", "board --as-of {}",
    "deadline list {}", "deadline explain {}", "deadline explain errand/alpha {}", "deadline extend errand/alpha answer --until {}",
    "notice list {}", "campaign check {}", "campaign show {}", "campaign diagram {}", "calendar check {}",
    "calendar show --month {}", "calendar show --year {}", "clock advance --to {}", "apply {}", "completion {}",
    "user add {}", "user add x --name {}", "user grant bgs.admin --body {} --post head", "user token {}", "user disable {}",
    "init --campaign {}", "init --campaign SMALL --rehearsal --at {}", "rehearse --until 2010-11-26 --people nobody {}",
    "rehearse SMALL --cases 0 --people {}",
    "--db {} list", "--db sqlite:///{} list", "--as {} can errand/alpha", "--campaign {} list", "--token-file {} can errand/alpha",
    "--lang {} list", "{}", "rehearse SMALL --cases 0 --people nobody --until {}", "rehearse SMALL --seed {} --people x",
    "deadline {}", "list {}", "run --no-scheduler {}", "scheduler {}", "audit verify {}",
]  # fmt: skip
"""Every place where words of the user's own may stand."""

COMMANDING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""What moves the cursor, forges a line or turns the reading direction."""

SEEN = {"escape", "rtl", "markup"}
"""Those that are shown on a terminal as well."""

LOOK = re.compile(r"\x1b\[[0-9;]*m")
"""What we ourselves send to a terminal."""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return small_office(tmp_path_factory.mktemp("hostile"))


@pytest.mark.parametrize("place", PLACES)
def test_hostile_words_are_answered_politely_wherever_they_stand(
    office: Office, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    for name, hostile in HOSTILE.items():
        words = [word.replace("{}", hostile).replace("SMALL", SMALL) for word in place.split()]
        for terminal in (False, True)[: 1 + (name in SEEN)]:
            ended = office(*words, terminal=terminal).politely()
            assert len(ended.err) < 30_000, name
            assert not COMMANDING.search(LOOK.sub("", ended.out) if terminal else ended.out), name
            assert not COMMANDING.search(ended.err), name

    assert list(tmp_path.iterdir()) == []
    assert office("audit", "verify").code == 0


def test_what_others_wrote_is_shown_without_its_commands_to_the_terminal(tmp_path: Path) -> None:
    """A title cannot carry them in; a program that put them into the database itself would not get them out."""
    office = small_office(tmp_path)
    import sqlite3

    with sqlite3.connect(tmp_path / "duban.db") as forger:
        forger.execute("update matter set title = ?", ("\x1b]0;owned\x07\x1b[2J\u202e\n假的一行",))
    forger.close()

    for words in ("list", "show errand/alpha", "deadline list", "history errand/alpha", "board"):
        for terminal in (False, True):
            ended = office(*words.split(), terminal=terminal)
            assert ended.code == 0
            assert not COMMANDING.search(LOOK.sub("", ended.out))
    assert all("假的一行" in line and "errand/" in line for line in office("list").out.splitlines()[1:])
    assert "\x1b" not in office("--json", "list").out
    assert office.json("list")["items"][0]["title"].startswith("\x1b]0;")


def test_markup_is_text(tmp_path: Path) -> None:
    office = small_office(tmp_path)
    title = "[red]急[/red] [link=file:///etc/passwd]点此[/link] {0} %s"
    assert office("open", "errand", "--body", "alpha", "--title", title).code == 0

    assert title in office("list", terminal=True, columns=300).out
    assert title in office("show", "errand/2010-0001", terminal=True).out


@pytest.mark.parametrize("name", ["bell", "escape", "c1", "surrogate", "rtl", "separator", "newline", "nul"])
def test_json_of_hostile_words_is_json(office: Office, name: str) -> None:
    for words in (["show", HOSTILE[name]], ["open", "errand", "--title", HOSTILE[name]], [HOSTILE[name]]):
        ended = office("--json", *words).politely()
        assert list(json.loads(ended.out)) in (["error"], ["matter", *list(json.loads(ended.out))[1:]])
        ended.out.encode()


def test_bytes_that_are_no_text_are_answered_by_the_real_thing(office: Office) -> None:
    ended = office.process("open", b"errand", b"--title", b"\xff\xfe")

    assert ended.returncode == 7
    assert b"UTF-8" in ended.stderr
    assert b"Traceback" not in ended.stderr


def test_a_terminal_without_chinese_gets_what_it_can_show(office: Office) -> None:
    environment = office.environment(LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0", PYTHONIOENCODING="ascii")
    command = [sys.executable, str(ROOT / "cli.py")]

    refused = subprocess.run([*command, "show", "errand/none"], env=environment, capture_output=True, check=False)
    shown = subprocess.run(
        [*command, "--json", "show", "errand/beta"], env=environment, capture_output=True, check=True
    )

    assert refused.returncode == 3
    assert b"no_matter" in refused.stderr
    assert b"Traceback" not in refused.stderr
    assert json.loads(shown.stdout)["title"] == "乙局的差事"
