"""What people type: texts, facts, documents and instants, each read strictly and refused politely."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from click.shell_completion import CompletionItem

    from engine.documents import DocumentStore
    from engine.orders import Document

LONGEST_TEXT = 20_000
"""Characters of one value; facts, titles and reasons have tighter bounds of their own. PLACEHOLDER"""


def sound_text(text: str, what: str) -> str:
    """Return *text*. Raises Invalid for what no database can hold: NUL, bytes that are not UTF-8, endless values."""
    from engine.errors import Invalid

    if len(text) > LONGEST_TEXT:
        raise Invalid(f"{what}: {len(text)} characters are too many (at most {LONGEST_TEXT})", "too_long")
    if "\0" in text:
        raise Invalid(f"{what}: a NUL character cannot be kept", "bad_text")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Invalid(f"{what}: this is not UTF-8", "bad_text") from None
    return text


def given_text(text: str, option: str) -> str:
    """Return the value of *option*. Raises Usage for an empty one: a variable of a script that was never set."""
    from engine.saying import says_something

    if not says_something(text):
        from engine.errors import Usage

        raise Usage(f"{option} is there, but nothing is said by it", "nothing_said")
    return sound_text(text, option)


class Text(click.ParamType[str]):
    """A text that every database can hold."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check the text."""
        return sound_text(str(value), param.human_readable_name if param else "value")

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
        """List what fits the parameter's metavar: files for a FILE, kinds for a KIND, logins for a LOGIN."""
        from commands.candidates import fitting

        return fitting(ctx, param, incomplete)


class Pair(click.ParamType[tuple[str, str]]):
    """``name=value``; the first ``=`` divides."""

    name = "pair"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """Divide the pair."""
        if isinstance(value, tuple):
            return value
        name, divider, said = str(value).partition("=")
        if not divider or not name.strip():
            self.fail(f"{str(value)[:80]!r}: write name=value", param, ctx)
        sound_text(str(value), param.human_readable_name if param else "value")
        return name.strip(), said


TEXT = Text()
PAIR = Pair()


def facts(pairs: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Gather stated facts. Raises Usage for a fact stated twice."""
    return _once(pairs, "--fact")


def documents(store: "DocumentStore", pairs: Sequence[tuple[str, str]]) -> "tuple[Document, ...]":
    """Take the files of ``kind=path`` pairs into the content store. Raises Usage, Invalid, Unavailable."""
    from engine.intake import take_file

    return tuple(take_file(store, kind, path) for kind, path in _once(pairs, "--doc").items())


def _once(pairs: Sequence[tuple[str, str]], option: str) -> dict[str, Any]:
    from engine.errors import Usage

    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise Usage(f"{option} {name}=… is there twice", "repeated")
        found[name] = value
    return found


def instant(text: str, zone: "tzinfo", what: str) -> "datetime":
    """Read an instant. Raises Invalid with how to write one."""
    from engine.errors import Invalid
    from engine.facts import read_instant

    try:
        return read_instant(text.strip(), zone)  # type: ignore[arg-type]
    except (ValueError, OverflowError):
        advice = "write 2010-11-26T09:00, 2010-11-26 or 2010-11-26T01:00:00Z"
        raise Invalid(f"{what}: not an instant: {text[:80]!r}; {advice}", "instant") from None


def day(text: str | None, zone: "tzinfo", what: str) -> str | None:
    """Read a day, or an instant as its day in *zone*; written YYYY-MM-DD."""
    return None if text is None else instant(text, zone, what).astimezone(zone).date().isoformat()
