"""As a process of its own: pipes that close, disks that are full, a real terminal, a script that relies on us."""

import json
import os
import pty
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from commandline import ROOT, Office, small_office

DUBAN = shlex.join([sys.executable, str(ROOT / "cli.py")])


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return small_office(tmp_path_factory.mktemp("process"))


def shell(office: Office, script: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run *script*, in which $DUBAN is our command."""
    environment = office.environment(DUBAN=DUBAN, **variables)
    return subprocess.run(["/bin/bash", "-c", script], env=environment, capture_output=True, check=False, text=True)


@pytest.mark.parametrize("words", ["--json list", "--help"])
def test_a_reader_who_goes_away_is_no_fault(office: Office, words: str) -> None:
    ended = shell(office, f"$DUBAN {words} | true; echo ${{PIPESTATUS[0]}}")

    assert ended.stdout.strip() in ("141", "0")
    assert ended.stderr == ""


def test_a_reader_who_went_before_the_first_word_ends_us_quietly(office: Office) -> None:
    reading, writing = os.pipe()
    os.close(reading)

    ended = subprocess.run(
        [*shlex.split(DUBAN), "list"], env=office.environment(), stdout=writing, stderr=subprocess.PIPE, check=False
    )
    os.close(writing)

    assert (ended.returncode, ended.stderr) == (141, b"")


@pytest.mark.parametrize("beside", ["/dev/full", " >(true)", "&-"])
def test_nothing_hangs_on_whether_what_is_said_beside_the_answer_can_be_written(office: Office, beside: str) -> None:
    ended = shell(office, f"$DUBAN comment errand/beta --text 请速办 2>{beside} >/dev/null; echo $?")

    assert ended.stdout == "0\n"


def test_orders_before_the_reader_went_away_stand(tmp_path: Path) -> None:
    office = small_office(tmp_path)
    lines = [{"order": "open", "kind": "errand", "body": "alpha", "ref": f"errand/p-{at}"} for at in range(150)]
    (tmp_path / "orders.jsonl").write_text("\n".join(map(json.dumps, lines)))
    orders = shlex.quote(f"{tmp_path}/orders.jsonl")

    ended = shell(office, f"$DUBAN apply {orders} 2>/dev/null | head -1; echo ${{PIPESTATUS[0]}}")
    again = shell(office, f"$DUBAN apply {orders} 2>/dev/null | tail -1")

    first, code = ended.stdout.split("\n")[:2]
    told = json.loads(first)
    assert told.pop("receipt")["stream"] == "matter/errand/p-0"
    assert told == {"line": 1, "status": "done", "ref": "errand/p-0", "code": None}
    assert code in ("141", "0")
    counts = json.loads(again.stdout)["summary"]
    assert counts["already"] >= 100
    assert counts["already"] + counts["done"] == 150


def test_a_full_disk_behind_stdout_is_said_and_not_passed_over(office: Office) -> None:
    ended = shell(office, "$DUBAN list > /dev/full; echo $?")

    assert ended.stdout.strip() == "8"
    assert "Traceback" not in ended.stderr
    assert len(ended.stderr.splitlines()) <= 2


def test_a_closed_stdout_is_no_traceback(office: Office) -> None:
    ended = shell(office, "$DUBAN list >&-; echo $?; $DUBAN show errand/none 2>&- ; echo $?")

    assert "Traceback" not in ended.stderr
    assert ended.stdout.split()[-1] == "3"


def test_a_script_reads_json_and_exit_codes(office: Office) -> None:
    script = """
        set -e
        said=$($DUBAN --json open errand --body alpha --title '查 "山寨"')
        ref=$(echo "$said" | python -c 'import json, sys; print(json.load(sys.stdin)["matter"]["ref"])')
        $DUBAN --as alpha.liaison do "$ref" take > /dev/null
        $DUBAN --as beta.liaison do "$ref" note_cost --fact cost_fen=1 > /dev/null 2>&1 || echo "refused with $?"
        $DUBAN list --state doing | cut -f 1,5 | tail -1
    """

    ended = shell(office, script, PATH=f"{Path(sys.executable).parent}:{os.defpath}")

    assert ended.stdout == "refused with 3\nerrand/2010-0001\tdoing\n", ended.stderr


def test_a_real_terminal_gets_colours_and_chinese_and_a_pipe_does_not(office: Office) -> None:
    parent, child = pty.openpty()
    environment = office.environment(TERM="xterm-256color", COLUMNS="100")

    with subprocess.Popen(
        [*shlex.split(DUBAN), "list"], env=environment, stdout=child, stdin=child, stderr=child
    ) as process:
        os.close(child)
        seen = read_all(parent)
    os.close(parent)

    assert process.returncode == 0
    assert re.search(r"\x1b\[32m● 绿", seen)
    assert "编号" in seen
    assert "\x1b" not in office.process("list").stdout.decode()


def read_all(file: int) -> str:
    """What is written to a terminal until its last writer is gone."""
    found = b""
    while True:
        try:
            piece = os.read(file, 65536)
        except OSError:  # Linux says EIO for the end
            piece = b""
        if not piece:
            return found.decode()
        found += piece


def test_running_does_what_is_due_and_ends_at_a_signal(tmp_path: Path) -> None:
    office = small_office(tmp_path)
    office("clock", "advance", "--to", "2010-11-05T12:00", "--without-scheduler")

    command = [*shlex.split(DUBAN), "run", "--no-web"]
    with subprocess.Popen(command, env=office.environment(), stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        told = [next(each for each in process.stderr if each.startswith("→ "))]
        process.send_signal(signal.SIGTERM)
        told += process.stderr.readlines()

    assert process.returncode == 0
    assert "【积压待发】" in "".join(told), "after an outage of days nothing stale goes out by itself"
    assert "Traceback" not in "".join(told)
    assert {each["recipient"] for each in office.json("notice", "list", "--status", "held")["items"]} >= {
        "beta.liaison"
    }
    assert office.json("scheduler", "once")["fired"] == 0
    assert office("audit", "verify").code == 0


@pytest.mark.parametrize("where", ["> /dev/full", ">&-"])
@pytest.mark.parametrize("json", ["", "--json"])
def test_what_was_done_though_its_answer_could_not_be_written_is_said_to_be_done(
    json: str, where: str, office: Office
) -> None:
    ended = shell(office, f"$DUBAN --as bgs.admin {json} open errand --body beta --title x {where}; echo $?")

    assert ended.stdout.strip() == "8"
    assert ended.stderr.startswith("暂不可用（answer）：open errand\n  答复无法写出")
    assert "已办结的仍然有效" in ended.stderr


def test_a_closed_stdin_is_an_empty_one(office: Office) -> None:
    ended = shell(office, "$DUBAN apply - <&-; echo $?")

    assert ended.stdout.split()[-1] == "0", ended.stderr
