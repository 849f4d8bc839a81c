"""The README and docs/ can be followed: each command that they show exists, with its options, and each link leads somewhere."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAPERS = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))

BLOCK = re.compile(r"^```(console|sh|bash|shell)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def shown_commands(text: str) -> list[list[str]]:
    """List the commands in the shell blocks of *text*, one by one, also those behind a pipe."""
    found = []
    for kind, block in BLOCK.findall(text):
        lines = block.replace("\\\n", " ").splitlines()
        if kind == "console":  # the rest is what the machine answers
            lines = [line[2:] for line in lines if line.startswith(("$ ", "# "))]
        found += [command for line in lines for command in simple_commands(line)]
    return found


def simple_commands(line: str) -> Iterator[list[str]]:
    """Split a shell line at its operators, and drop comments, redirections and leading assignments."""
    words = shlex.shlex(line, posix=True, punctuation_chars=True)
    words.whitespace_split = True
    command: list[str] = []
    for word in [*words, ";"]:
        if not word or word[0] not in "();<>|&":
            command.append(word)
            continue
        while command and re.match(r"\w+=", command[0]):
            del command[0]
        if command:
            yield command
        command = [] if word[0] not in "<>" else ["redirected to"]


def readme_commands(name: str) -> list[list[str]]:
    """List what follows *name* wherever the README or one of the papers beside it shows it as a command."""
    words = name.split()
    shown = [command for paper in PAPERS for command in shown_commands(paper.read_text("utf-8"))]
    found = [command[len(words) :] for command in shown if command[: len(words)] == words]
    return [command for number, command in enumerate(found) if command not in found[:number]]


def ask_for_help(words: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Give *words* to the command line and ask for help at their end: every word is read, nothing is done."""
    command = [sys.executable, ROOT / "cli.py", *words, "--help"]
    environment = {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False, encoding="utf-8")


def test_the_readme_shows_commands() -> None:
    assert readme_commands("duban")


@pytest.mark.parametrize("words", readme_commands("duban"), ids=" ".join)
def test_a_command_of_the_readme_exists(words: list[str], tmp_path: Path) -> None:
    answer = ask_for_help(words, tmp_path)

    assert answer.returncode == 0, answer.stderr


@pytest.mark.parametrize("words", readme_commands("python3 dev"), ids=" ".join)
def test_a_word_of_dev_in_the_readme_exists(words: list[str]) -> None:
    helped = subprocess.run([sys.executable, ROOT / "dev", "help"], check=True, capture_output=True, text=True)

    assert f"python3 dev {words[0]} " in helped.stdout


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.name)
def test_a_link_of_the_papers_leads_to_a_file(paper: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", paper.read_text("utf-8"))

    assert [each for each in links if "://" not in each and not (paper.parent / each).exists()] == []


def test_the_readme_is_short() -> None:
    assert len(PAPERS[0].read_text("utf-8").splitlines()) <= 250
    assert {paper.name for paper in PAPERS[1:]} == set(re.findall(r"\(docs/([^)]+)\)", PAPERS[0].read_text("utf-8")))


def test_commands_are_found_in_shell_blocks() -> None:
    text = """
```console
$ DUBAN_DB=sqlite:///a.db duban --json report | head -1  # a comment
duban is not a command here
$ cd x && duban init \\
    baodi-2010 > out.txt
```
```yaml
duban: no
```
```sh
duban apply orders.jsonl
```
"""

    assert [command for command in shown_commands(text) if command[0] == "duban"] == [
        ["duban", "--json", "report"],
        ["duban", "init", "baodi-2010"],
        ["duban", "apply", "orders.jsonl"],
    ]


@pytest.mark.parametrize("word", ["no-such-command", "--no-such-option"])
def test_a_word_that_does_not_exist_is_found(word: str, tmp_path: Path) -> None:
    assert ask_for_help([word], tmp_path).returncode == 2


def test_the_command_line_explains_itself_without_a_database(tmp_path: Path) -> None:
    answer = ask_for_help([], tmp_path)

    assert answer.returncode == 0, answer.stderr
    assert list(tmp_path.iterdir()) == []
