"""Drafts: files that somebody has sent, read as strictly as files that lie here, and unable to name anything else that does."""

import base64
import json
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from engine.canonical import canonical, digest
from engine.definition import Definition
from engine.errors import DubanError, Invalid, Problem
from engine.source import Findings
from engine.strictyaml import Bounds, parse
from workflows.library import CAMPAIGNS, Shelf, read_definition, read_shelf

LARGEST = 256 * 1024
"""Bytes of one file of a draft. PLACEHOLDER"""

MOST_FILES = 20
"""Files of a draft: the campaign, its notice, its own definitions, words and access. PLACEHOLDER"""

LARGEST_WHOLE = 1024 * 1024
"""Bytes of all files of a draft together. PLACEHOLDER"""

BOUNDS = Bounds(LARGEST, nodes=40_000)

NAME = re.compile(r"[\w一-鿿][\w.-]{0,79}\.(yaml|yml|txt)")
"""Names that files of a draft may have: no folders, nothing hidden."""

FOLDER = re.compile(r"[^\s'\"]*/duban-draft-[^/\s]+/")
"""The folder in which a draft lies while it is looked at, wherever it is named."""

Stored = Callable[[str, int], str | None]
"""Gives the text of a published definition by kind and version."""


@dataclass(frozen=True)
class Draft:
    """Files by their names; *main* is the campaign or the definition, the others lie beside it."""

    main: str
    files: Mapping[str, str]

    @cached_property
    def digest(self) -> str:
        """What identifies the draft."""
        return digest(canonical([self.main, dict(self.files)]))

    @property
    def is_definition(self) -> bool:
        """Whether it is a definition alone."""
        return "definition/" in self.files[self.main][:4096]

    def packed(self) -> str:
        """The draft as one word, for being carried by a form."""
        return base64.urlsafe_b64encode(zlib.compress(canonical([self.main, dict(self.files)]).encode(), 9)).decode()


def draft_of(sent: Mapping[str, bytes]) -> Draft:
    """A draft of what was sent. Raises Invalid with what is wrong with names, sizes and characters."""
    problems: list[Problem] = []
    if not sent:
        raise Invalid("no file was sent", "no_file")
    if len(sent) > MOST_FILES:
        raise Invalid(f"{len(sent)} files were sent; at most {MOST_FILES} are taken", "too_large")
    texts: dict[str, str] = {}
    for name, content in sent.items():
        try:
            texts[name] = _text(name, content)
        except Invalid as error:
            problems += error.problems
    if sum(map(len, sent.values())) > LARGEST_WHOLE:
        zh, en = (
            f"各文件合计超过 {LARGEST_WHOLE // 1024} KB",
            f"all files together are larger than {LARGEST_WHOLE // 1024} KB",
        )
        problems.append(Problem("*", 0, 0, "too_large", en, zh=zh))
    if problems:
        raise Invalid(f"{len(problems)} problems", "invalid", problems=problems)
    return Draft(_main(texts), texts)


def unpacked(word: str) -> Draft:
    """The draft that a form carried. Raises Invalid for what is none."""
    try:
        opened = zlib.decompressobj()
        text = opened.decompress(base64.urlsafe_b64decode(word.encode("ascii")), 2 * LARGEST_WHOLE + 4096)
        if opened.unconsumed_tail:
            raise ValueError("too large")
        _, files = json.loads(text)
        return draft_of({name: content.encode() for name, content in files.items()})
    except (ValueError, zlib.error, UnicodeError, AttributeError, TypeError):
        raise Invalid("the draft that the form carried cannot be read; send the file again", "draft") from None


def _text(name: str, content: bytes) -> str:
    def refuse(code: str, zh: str, en: str) -> Invalid:
        return Invalid(en, code, problems=[Problem(name[:80], 0, 0, code, en, zh=zh)])

    if not NAME.fullmatch(name):
        raise refuse(
            "name", "文件名须以 .yaml 或 .txt 结尾，不含路径", "a file is named NAME.yaml or NAME.txt, without a folder"
        )
    if len(content) > LARGEST:
        raise refuse("too_large", f"文件超过 {LARGEST // 1024} KB", f"the file is larger than {LARGEST // 1024} KB")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise refuse(
            "encoding", f"第{line}行不是 UTF-8 文字，不是文本文件", f"line {line} is not UTF-8: no text file"
        ) from None


def _main(texts: Mapping[str, str]) -> str:
    """Which of the files is the campaign, else the only definition. Raises Invalid if that cannot be told."""
    for words in ("schema: campaign/", "schema: definition/"):
        found = [name for name, text in texts.items() if words in text[:8192]]
        if len(found) == 1:
            return found[0]
        if len(found) > 1:
            raise Invalid(f"{', '.join(found)}: send one {words[8:-1]} at a time", "several_ways")
    if len(texts) == 1:
        return next(iter(texts))
    raise Invalid(
        "none of the files is a campaign (schema: campaign/1) or a definition (schema: definition/1)", "no_main"
    )


@contextmanager
def laid_out(draft: Draft, stored: Stored) -> Iterator[Path]:
    """The draft in a folder of its own for as long as it is looked at; problems name its files as they were sent.

    What a campaign names and was not sent is taken from what lies beside ours and from what is published. Raises Invalid.
    """
    files = dict(draft.files)
    if not draft.is_definition:
        files |= _beside(draft, stored)
    with TemporaryDirectory(prefix="duban-draft-") as folder:
        for name, text in files.items():
            (Path(folder) / name).write_text(text, "utf-8", newline="")
        try:
            yield Path(folder) / draft.main
        except DubanError as error:
            raise _as_sent(error) from None


def _as_sent(error: DubanError) -> DubanError:
    error.message = FOLDER.sub("", error.message)
    if isinstance(error, Invalid):
        error.problems = [as_sent(each) for each in error.problems]
    return error


def as_sent(problem: Problem) -> Problem:
    """The problem without the folder in which the draft lay."""
    return replace(
        problem, file=FOLDER.sub("", problem.file), message=FOLDER.sub("", problem.message),
        hint=FOLDER.sub("", problem.hint), zh=FOLDER.sub("", problem.zh),
    )  # fmt: skip


def _beside(draft: Draft, stored: Stored) -> dict[str, str]:
    """What the campaign names and was not sent. Raises Invalid for what is not there, and for every way out of the folder."""
    source = parse(draft.files[draft.main], draft.main, BOUNDS)
    found, more = Findings(source), dict[str, str]()
    for path, name, kind, version in _named(source.data):
        if name in draft.files:
            continue
        if not NAME.fullmatch(name):
            zh = "只能写一并上传的文件名，不含路径"
            found.add(path, "name", f"only the name of a file that is sent along, without a folder ({zh})")
            continue
        ours = CAMPAIGNS / name
        text = (
            stored(kind, version)
            if kind
            else ours.read_text("utf-8")
            if ours.suffix == ".txt" and ours.is_file()
            else None
        )
        if text is None:
            found.add(path, "no_file", f"{name} was not sent along")
        else:
            more[name] = text
    found.raise_if_any()
    return more


def _named(data: Mapping[str, object]) -> Iterator[tuple[tuple[str, ...], str, str, int]]:
    """The files that a campaign names: where, under what name, and for a definition its kind and version."""
    uses = data.get("definitions")
    for kind, use in uses.items() if isinstance(uses, dict) else ():
        if isinstance(use, dict) and isinstance(use.get("file"), str):
            version = use.get("version")
            yield ("definitions", kind, "file"), use["file"], kind, version if isinstance(version, int) else 0
    source = data.get("source")
    if isinstance(source, dict) and isinstance(source.get("file"), str):
        yield ("source", "file"), source["file"], "", 0
    for key in ("texts", "access"):
        named = data.get(key)
        if isinstance(named, str):
            yield (key,), named, "", 0


def read_draft(draft: Draft, stored: Stored) -> Shelf | Definition:
    """Read a draft. Raises Invalid with every problem of every file."""
    with laid_out(draft, stored) as path:
        parse(draft.files[draft.main], str(path), BOUNDS)
        return read_definition(path) if draft.is_definition else read_shelf(str(path))
