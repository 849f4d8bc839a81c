"""The frame of the help in the language of the call; what click itself says of mistakes is in `engine.chinese.system`."""

import re
from collections.abc import Iterable
from typing import Any

import click

from commands.call import Call

FRAME = {
    "Usage": "用法", "Options": "选项", "Commands": "命令", "Positional arguments": "参数", "[OPTIONS]": "[选项]",
    "COMMAND [ARGS]...": "命令 [参数]...", "required": "必填", "default": "默认", "env var": "环境变量",
}  # fmt: skip
"""Words that click puts around ours. One that another version of click adds stays as it comes until it stands here."""

_EXTRA = re.compile(r"(?<=  \[)[^\[\]]*(?=\]$)")
_KNOWN = re.compile(r"(?P<name>required|default|env var)(?P<colon>: ?)?")


def language_of(words: Iterable[str]) -> str | None:
    """The language that the *words* of a call ask for, before anything has read them: help is given before that."""
    last, found = "", None
    for word in words:
        said = word.removeprefix("--lang=") if word.startswith("--lang=") else word if last == "--lang" else None
        found, last = (said if said in ("zh", "en") else found), word
    return found


class Formatter(click.HelpFormatter):
    """Help with Chinese headings and remarks where the call is in Chinese."""

    chinese = True

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write how a command is called."""
        super().write_usage(prog, args, f"{FRAME['Usage']}：" if prefix is None and self.chinese else prefix)

    def write_heading(self, heading: str) -> None:
        """Write the heading of a section."""
        if self.chinese:
            self.write(f"{'':>{self.current_indent}}{FRAME.get(heading, heading)}：\n")
        else:
            super().write_heading(heading)

    def write_dl(self, rows: Iterable[tuple[str, str]], *args: Any, **more: Any) -> None:
        """Write options with what they do; remarks such as ``[required]`` stand at the end."""
        said = [(name, _EXTRA.sub(_remarks, text) if self.chinese else text) for name, text in rows]
        super().write_dl(said, *args, **more)


def _remarks(found: re.Match[str]) -> str:
    return _KNOWN.sub(lambda said: FRAME[said["name"]] + ("：" if said["colon"] else ""), found[0])


class Context(click.Context):
    """A context whose help is in the language of the call."""

    formatter_class = Formatter

    @property
    def chinese(self) -> bool:
        """Whether the call is in Chinese, as it is where nothing is said."""
        return not isinstance(self.obj, Call) or self.obj.lang == "zh"

    def make_formatter(self) -> click.HelpFormatter:
        """Make what the help is written with."""
        formatter = super().make_formatter()
        if isinstance(formatter, Formatter):
            formatter.chinese = self.chinese
        return formatter

    def in_words(self, piece: str) -> str:
        """A *piece* of the usage that stands for any of its kind."""
        return FRAME.get(piece, piece) if self.chinese else piece
