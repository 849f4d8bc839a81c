"""A roll of persons as a table: a line a person and post, read strictly, every mistake told at once with its line."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from engine.campaign import Campaign
from engine.enrolling import Enrolled, Seat
from engine.errors import DubanError, Invalid, Problem
from engine.suggest import did_you_mean
from engine.ways import Way
from workflows.words import POSTS

LONGEST = 2 * 1024 * 1024
"""Bytes of a roll. PLACEHOLDER"""

MOST_LINES = 5_000
"""Lines of a roll: the largest office named has a tenth of them. PLACEHOLDER"""

HEADINGS: Mapping[str, Sequence[str]] = {
    "login": ("登录名", "login"),
    "name": ("姓名", "name"),
    "body": ("单位", "单位代码", "body"),
    "post": ("岗位", "post"),
    "until": ("截止时间", "至", "until"),
    "channel": ("渠道", "channel"),
    "address": ("地址", "address"),
    "quiet": ("免打扰", "免打扰时段", "quiet"),
    "rank": ("次序", "rank"),
}
"""By what a column is known; the first is how the template in Chinese says it, the last in English."""

NEEDS: Mapping[str, Sequence[str]] = {
    "body": ("post",),
    "post": ("body", "until"),
    "channel": ("address", "quiet", "rank"),
    "address": ("channel",),
}
"""What must be said as well where one of others is."""

EXAMPLES = (("li.ming", "李明", 0, ""), ("li.ming", "", 1, ""), ("wang.fang", "王芳", 1, "2030-12-31"))
"""Lines of the template: login, name, which post of the first body, until when. A person with two posts has two lines."""

When = Callable[[str, str], datetime]
"""Reads an instant for the column that is named. Raises Invalid."""


def template(campaign: Campaign, lang: str) -> str:
    """A table with the headings and some lines as an example, to be written over."""
    at = 0 if lang == "zh" else -1
    body = next(body for body in campaign.doc.bodies if body.posts)
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow([names[at] for names in HEADINGS.values()])
    for login, name, which, until in EXAMPLES:
        post = body.posts[min(which, len(body.posts) - 1)]
        seat = (body.name.zh, POSTS.get(post, (post, post))[0]) if lang == "zh" else (body.code, post)
        out.writerow([login, name, *seat, until, "", "", "", ""])
    return text.getvalue()


def read_roll(path: Path, content: bytes, campaign: Campaign, when: When) -> tuple[list[Enrolled], list[Problem]]:
    """The lines that can be understood, and what is wrong with the others. Raises Invalid for what is no such table at all."""
    rows = _rows(path, content)
    _, heading = next(rows, (0, []))
    columns = _columns(path, heading)
    roll = _Roll(str(path), columns, campaign, when)
    for number, cells in rows:
        if any(cell.strip() for cell in cells):
            roll.take(number, cells)
    if not roll.lines and not roll.problems:
        raise Invalid(f"{path} names nobody", "empty")
    return roll.lines, roll.problems


def _rows(path: Path, content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Every row with the line on which it begins. Raises Invalid for what is too long, no text, or no CSV."""
    if len(content) > LONGEST:
        raise Invalid(f"{path} is longer than {LONGEST} bytes", "too_long")
    reader, before = csv.reader(io.StringIO(_text(path, content), newline=""), strict=True), 0
    try:
        for cells in reader:
            if before > MOST_LINES:
                raise Invalid(f"{path} has more than {MOST_LINES} lines; divide it", "too_long")
            yield before + 1, cells
            before = reader.line_num
    except csv.Error as error:
        raise Invalid(f"{path}:{reader.line_num}: no CSV: {error}", "csv") from None


def _text(path: Path, content: bytes) -> str:
    """UTF-8, with or without its mark, or what Chinese spreadsheets write. Raises Invalid."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid(f"{path} is neither UTF-8 nor GB18030 text; save it as CSV UTF-8", "encoding")


def _columns(path: Path, heading: Sequence[str]) -> dict[str, int]:
    """Where each column stands. Raises Invalid with every heading that is unknown, there twice, or missing."""
    known = {word: what for what, words in HEADINGS.items() for word in words}
    columns, problems = dict[str, int](), list[Problem]()
    for at, cell in enumerate(heading):
        word = cell.strip()
        what = known.get(word.lower())
        if what is None:
            hint = did_you_mean(word, known)
            problems.append(Problem(str(path), 1, at + 1, "heading", f"there is no column {word!r}", hint))
        elif what in columns:
            problems.append(Problem(str(path), 1, at + 1, "heading", f"the column {word!r} is here twice"))
        else:
            columns[what] = at
    if not problems and "login" not in columns:
        problems.append(
            Problem(str(path), 1, 0, "heading", "the first line must be headings, login (登录名) among them")
        )
    if problems:
        raise Invalid(f"{len(problems)} mistakes in the headings of {path}", "roll", problems=problems)
    return columns


class _Roll:
    """What was read so far, and what is wrong with it."""

    def __init__(self, file: str, columns: Mapping[str, int], campaign: Campaign, when: When) -> None:
        self.file = file
        self.columns = columns
        self.when = when
        self._campaign = campaign
        self.lines: list[Enrolled] = []
        self.problems: list[Problem] = []
        self._bodies = {body.name.zh: code for code, body in campaign.bodies.items()}
        self._posts = {zh: post for post, (zh, _) in POSTS.items()}
        self._names: dict[str, tuple[str, int]] = {}
        self._seen: dict[tuple[str, ...], int] = {}

    def take(self, number: int, cells: Sequence[str]) -> None:
        """Read one line; whatever is wrong with it is taken down."""
        if len(cells) > len(self.columns) and any(cell.strip() for cell in cells[len(self.columns) :]):
            self._wrong(number, "", f"{len(cells)} cells under {len(self.columns)} headings", "cells")
            return
        said = {what: cells[at].strip() if at < len(cells) else "" for what, at in self.columns.items()}
        line = self._line(number, {what: said.get(what, "") for what in HEADINGS})
        if line.login:
            self.lines.append(line)

    def _line(self, number: int, said: Mapping[str, str]) -> Enrolled:
        """What can be understood of a line; the rest of it is taken down, so that all that is left is judged as well."""
        login = said["login"]
        if not login:
            self._wrong(number, "login", "who is it? the login is missing", "missing")
        for what, others in NEEDS.items():
            for other in others:
                if said[other] and not said[what]:
                    self._wrong(number, what, f"{other} is said without {what}", "missing")
        seat = self._seat(number, said) if said["body"] and said["post"] else None
        way = self._way(number, said) if said["channel"] and said["address"] else None
        if seat and self._twice(number, "post", (login, *seat)):
            seat = None
        if way and self._twice(number, "channel", (login, "", way.channel)):
            way = None
        if not any(said[what] for what in ("body", "post", "channel", "address")):
            self._twice(number, "login", (login,))
        return Enrolled(
            number, login, self._name(number, login, said["name"]), seat, self._until(number, said["until"]), way
        )

    def _name(self, number: int, login: str, name: str) -> str:
        first, line = self._names.setdefault(login, (name, number)) if name else ("", 0)
        if first != name:
            self._wrong(number, "name", f"{login} is {name} here and {first} on line {line}", "two_names")
        return first

    def _seat(self, number: int, said: Mapping[str, str]) -> Seat | None:
        """Body and post by their codes or Chinese names."""
        body, post = self._bodies.get(said["body"], said["body"]), self._posts.get(said["post"], said["post"])
        if body not in self._campaign.bodies:
            hint = did_you_mean(body, [*self._campaign.bodies, *self._bodies])
            self._wrong(number, "body", f"no body {body!r} in this campaign", "no_body", hint)
            return None
        there = self._campaign.bodies[body].posts
        if post not in there:
            self._wrong(
                number, "post", f"{body} has no post {post!r}; it has: {', '.join(sorted(there)) or 'none'}", "no_post"
            )
            return None
        return body, post

    def _twice(self, number: int, what: str, key: tuple[str, ...]) -> bool:
        line = self._seen.setdefault(key, number)
        if line != number:
            self._wrong(number, what, f"the same as line {line}", "twice")
        return line != number

    def _until(self, number: int, text: str) -> datetime | None:
        if not text:
            return None
        try:
            return self.when(text, "until")
        except DubanError as error:
            self.problems.append(error.as_problem(self.file, number, self._column("until")))
            return None

    def _way(self, number: int, said: Mapping[str, str]) -> Way:
        rank = said["rank"] or "1"
        if not (rank.isascii() and rank.isdecimal() and len(rank) == 1):
            self._wrong(number, "rank", f"not a rank: {rank!r}; 1 (first) to 9", "rank")
            rank = "1"
        return Way(said["channel"], said["address"], said["quiet"], int(rank))

    def _wrong(self, number: int, what: str, message: str, code: str, hint: str = "") -> None:
        self.problems.append(Problem(self.file, number, self._column(what), code, message, hint))

    def _column(self, what: str) -> int:
        """The place of a column, counted from 1; 1 for one that is not in this table."""
        return self.columns.get(what, 0) + 1
