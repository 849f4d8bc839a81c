"""A global option means the same wherever it stands: before the command, behind a group, behind the command."""

from pathlib import Path
from typing import Any

import click
import pytest
from commandline import Office, small_office
from test_cli_help import EVERY

import cli
from commands.call import Call

GIVEN = {
    "--db": ("db", "sqlite:///elsewhere.db"), "--campaign": ("campaign", "c-2010"), "--as": ("login", "li.ming"),
    "--token-file": ("token_file", "t.txt"), "--lang": ("lang", "en"), "--json": ("json", True), "--receipt": ("receipt", "r.json"),
}  # fmt: skip
"""Each global option with what the call knows of it then."""

RUNNING = {("init",), ("up",), ("run",), ("rehearse",), ("scheduler", "once"), ("completion",), ("campaign", "check")}
"""What would begin something, or take its time, without being told more."""

LEAVES = {words: found for words, found in EVERY.items() if not isinstance(found, click.Group)}


def taken(words: tuple[str, ...], at: int, option: list[str]) -> dict[str, Any]:
    """What a call has taken over when *option* stands behind the first *at* words; nothing is carried out."""
    call = Call()
    context = cli.duban.make_context("duban", [], obj=call, resilient_parsing=True)
    for depth in range(1, len(words) + 1):
        found = EVERY[words[:depth]]
        said = option if depth == at else []
        context = found.make_context(words[depth - 1], list(said), parent=context, obj=call, resilient_parsing=True)
    return call.options


@pytest.mark.parametrize("words", [words for words in EVERY if words], ids=" ".join)
def test_every_group_and_command_takes_each_global_option_with_and_without_the_sign(words: tuple[str, ...]) -> None:
    own = {name for each in EVERY[words].params for name in each.opts}
    for name, (key, value) in GIVEN.items():
        if name in own:
            continue
        forms = [[name]] if value is True else [[name, value], [f"{name}={value}"]]
        for form in forms:
            assert taken(words, len(words), form) == {key: value}, form


def test_few_commands_have_an_option_of_their_own_by_the_name_of_a_global_one() -> None:
    own = {
        (" ".join(words), name)
        for words, found in EVERY.items() if words
        for each in found.params for name in each.opts
        if name in GIVEN
    }  # fmt: skip
    assert {each for each in own if each[1] != "--receipt"} == {
        ("init", "--campaign"), ("up", "--campaign"),
    }  # fmt: skip


@pytest.mark.parametrize("words", [each for each in LEAVES if each not in RUNNING], ids=" ".join)
def test_a_call_ends_the_same_wherever_its_global_options_stand(words: tuple[str, ...], tmp_path: Path) -> None:
    said = ["--lang=en", "--json", "--db", f"sqlite:///{tmp_path / 'none.db'}", "--as=li.ming"]
    office = Office(None)

    before = office(*said, *words)

    assert before.code in (0, 2, 3, 7, 8)
    for at in range(1, len(words) + 1):
        assert office(*words[:at], *said, *words[at:]) == before, at


def test_the_last_word_on_a_global_option_counts(tmp_path: Path) -> None:
    office = small_office(tmp_path)
    chinese, english = (
        office("deadline", "explain", "errand/alpha", "answer", "--lang", each) for each in ("zh", "en")
    )
    assert chinese.code == english.code == 0 and chinese.out != english.out
    assert office("--lang", "en", "deadline", "--lang=zh", "explain", "errand/alpha", "answer") == chinese
    assert office("--lang", "zh", "deadline", "--lang=en", "explain", "errand/alpha", "answer") == english
    assert office("deadline", "--json", "list", "errand/alpha").json["items"]


@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_receipt_is_written_wherever_it_is_asked_for(at: int, tmp_path: Path) -> None:
    office = small_office(tmp_path)
    words, file = (
        ["contact", "set", "alpha.head", "--channel", "file", "--address", "x@alpha.example"],
        tmp_path / "r.json",
    )
    assert office(*words[:at], f"--receipt={file}", *words[at:]).code == 0
    assert '"contacts/alpha.head"' in file.read_text()


@pytest.mark.parametrize("words", ["user --lang=fr add x", "--lang fr user add x", "user add x --lang=fr"])
def test_a_global_option_with_a_wrong_value_is_one_mistake_of_usage(words: str) -> None:
    said = Office(None)(*words.split())
    assert said.code == 2 and "--lang" in said.err and said.err.count("\n") == 3


def test_the_root_is_the_same_group() -> None:
    assert isinstance(cli.duban, click.Group) and EVERY[()] is cli.duban
