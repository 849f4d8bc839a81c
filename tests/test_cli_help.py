"""Every command explains itself, in Chinese and in English, and names each of its options."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from commandline import Office

import cli
from engine.errors import DubanError

CHINESE, ENGLISH = re.compile(r"[\u4e00-\u9fff]"), re.compile(r"[A-Za-z]{2}")


def walk(found: click.Command, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield words, found
    if isinstance(found, click.Group):
        context = click.Context(found)
        for name in found.list_commands(context):
            below = found.get_command(context, name)
            assert below is not None
            yield from walk(below, (*words, name))


EVERY = dict(walk(cli.duban))


@pytest.mark.parametrize("words", EVERY, ids=" ".join)
def test_every_command_helps_in_both_languages_without_a_database(words: tuple[str, ...], tmp_path: Path) -> None:
    office = Office(f"sqlite:///{tmp_path / 'none.db'}")

    long, short = office(*words, "--help"), office(*words, "-h")

    assert (long.code, long.err) == (0, "")
    assert long == short
    usage, _, rest = long.out.partition("\n\n")
    told = rest.strip().partition("\n")[0]
    assert usage.startswith("用法：" + " ".join(("duban", *words)))
    assert CHINESE.search(told)
    assert ENGLISH.search(told)
    for option in EVERY[words].get_params(click.Context(EVERY[words])):
        if isinstance(option, click.Option) and not option.hidden:
            assert all(name in long.out for name in option.opts), option.opts
            assert CHINESE.search(option.help or ""), option.opts
            assert ENGLISH.search(option.help or ""), option.opts
        elif isinstance(option, click.Argument):
            assert option.make_metavar(click.Context(EVERY[words])).split("|")[0] in usage
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "words", [words for words, found in EVERY.items() if isinstance(found, click.Group)], ids=" ".join
)
def test_a_group_lists_its_commands_in_both_languages_to_the_end(words: tuple[str, ...]) -> None:
    told = Office(None)(*words, "--help", columns=100).out
    listed = re.sub(r"\s+", "", told.partition("命令：")[2])

    for below in (each for each in EVERY if each[:-1] == words and each):
        line = cli.COMMANDS[below[0]][1] if not words else EVERY[below].help
        assert re.sub(r"\s+", "", str(line)) in listed
        assert "..." not in str(line)


def test_each_line_of_the_table_is_in_both_languages() -> None:
    for _, line in cli.COMMANDS.values():
        chinese, divider, english = line.partition(" · ")
        assert divider
        assert CHINESE.search(chinese)
        assert not CHINESE.search(english)


def test_help_names_every_global_option_and_where_it_stands() -> None:
    told = Office(None)("--help").out

    for option in ("--db", "--campaign", "--as", "--token-file", "--lang", "--json", "--version"):
        assert option in told
    for variable in ("DUBAN_DB", "DUBAN_CAMPAIGN", "DUBAN_AS", "DUBAN_TOKEN_FILE", "DUBAN_LANG"):
        assert variable in told
    assert "Global options stand before the command" in told


FRAME = re.compile(r"Usage|Options|Commands|OPTIONS|COMMAND|ARGS|required|default: ")
"""What click writes around ours."""


@pytest.mark.parametrize("words", EVERY, ids=" ".join)
def test_the_frame_of_the_help_is_in_the_language_of_the_call(words: tuple[str, ...]) -> None:
    office = Office(None)

    chinese, english = office(*words, "--help").out, office("--lang", "en", *words, "--help").out

    assert not FRAME.search(chinese)
    assert english.startswith("Usage: ")
    assert "\nOptions:\n" in english
    assert not re.search(r"用法|\[选项\]|选项：\n|\[必填|\[默认", english)
    assert office(*words, "--help", DUBAN_LANG="en").out == english


MISTAKES = [
    "lst", "user deeligate", "deadline x", "list --sort x", "list --lihgt red", "list --json=1", "list more", "list a b",
    "show", "clock advance", "vault request", "clock advance --to", "do a b --fact x", "--lang fr list", "init --hash md5",
    "list --limit x", "list --limit 0", "up --speed x", "up --speed -1", "user token li --days x", "campaign migrate case --to x",
]  # fmt: skip
SENTENCE = re.compile(r"(?<![-\w/])[a-z]+ [a-z]{2,}(?![-\w=])")
"""Two small English words in a row."""


@pytest.mark.parametrize("words", MISTAKES)
def test_what_click_says_of_a_mistake_is_chinese(words: str) -> None:
    said = Office(None)(*words.split())

    mistake, usage, _ = said.err.splitlines()
    assert said.code == 2
    assert CHINESE.search(mistake.removeprefix("用法不对："))
    assert not SENTENCE.search(mistake), mistake
    assert "'" not in mistake
    assert usage.startswith("用法：duban")
    told = Office(None)("--json", *words.split()).json["error"]
    assert mistake == f"用法不对：{told['text']['zh']}"
    assert not CHINESE.search(told["message"])


def test_a_group_without_a_command_shows_its_help_and_is_a_misuse() -> None:
    ended = Office(None)("deadline")

    assert (ended.code, ended.out) == (2, "")
    assert "explain" in ended.err


def test_the_forms_of_files_are_told_to_editors() -> None:
    from commands.campaign_schema import FORMS
    from engine.json_schema import FORMS as KNOWN

    assert set(FORMS) == set(KNOWN)
    for form in FORMS:
        told = Office(None).json("campaign", "schema", form)
        assert told["$schema"].startswith("https://json-schema.org/")
        assert {"schema"} <= set(told["properties"])
    assert "bodies" in Office(None).json("campaign", "schema", "campaign")["properties"]


def test_the_version_is_told() -> None:
    assert re.fullmatch(r"duban \d+\.\d+\.\d+ \(Python [\d.]+.*\)\n", Office(None)("--version").out)


@pytest.mark.parametrize(
    ("words", "meant"),
    [("lst", "list"), ("histroy x", "history"), ("deadline explian x", "explain"), ("list --lihgt red", "--light")],
)
def test_a_slip_of_the_pen_is_answered_with_what_was_meant(words: str, meant: str) -> None:
    ended = Office(None)(*words.split())

    assert ended.code == 2
    assert meant in ended.err
    assert "--help" in ended.err


def test_every_exit_code_has_its_word_in_both_languages() -> None:
    from workflows.words import CATEGORIES

    classes = [*DubanError.__subclasses__(), DubanError]
    assert {each.exit_code for each in classes} == set(range(1, 10)) == CATEGORIES.keys()
    assert all(CHINESE.search(zh) and not CHINESE.search(en) for zh, en in CATEGORIES.values())
