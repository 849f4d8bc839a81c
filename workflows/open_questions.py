"""What a campaign file leaves open: questions that ``campaign new`` marked in it, and quotes that are still of the old document."""

import re
from collections.abc import Iterator

from engine.dialect import parse_url, sqlite_file
from engine.errors import Invalid, Problem
from engine.publishing import open_campaigns
from engine.schema_version import current
from engine.source import Source
from engine.store import Database
from workflows.library import Shelf

MARK = "# OPEN:"
"""Before a question that is not answered yet, in a comment above what it is about."""

OLD = "〔引自旧文件〕"
"""Before words of the old founding document, until those of the new one stand there."""

_MARKED = re.compile(rf"(?:^|(?<=[ \t])){MARK}[ \t]*(.*)$", re.MULTILINE)
_AS_ASKED = re.compile(".*?[\u4e00-\u9fff].*? · (?=.*[A-Za-z])")
"""What a question begins with that is asked in both languages."""

SHOWN = 40
"""Characters of an old quote that are shown. PLACEHOLDER"""


def open_questions(source: Source) -> list[Problem]:
    """What *source* leaves open, in the order of the file: codes ``open_question`` and ``old_quote``."""
    found = [*_asked(source), *_quoted(source)]
    return sorted(found, key=lambda each: (each.line, each.column))


def _asked(source: Source) -> Iterator[Problem]:
    spans = [(span.start, span.end) for span in source.spans.values()]
    for each in _MARKED.finditer(source.text):
        if any(start <= each.start() < end for start, end in spans):
            continue  # a text that speaks of such marks
        words = each[1].strip() or "?"
        both = _AS_ASKED.match(words)
        zh, en = (both[0].removesuffix(" · "), words[both.end() :]) if both else (words, words)
        yield _problem(source, each.start(), "open_question", f"open: {en}", f"待定：{zh}")


def _quoted(source: Source) -> Iterator[Problem]:
    for span in source.spans.values():
        at = source.text.find(OLD, span.start, span.end)
        if at >= 0:
            words = " ".join(source.text[at + len(OLD) : span.end].strip("'\"\n").split())
            words = words[:SHOWN] + ("…" if len(words) > SHOWN else "")
            yield _problem(
                source, at, "old_quote", f"still quoted from the old document: {words}", f"仍引自旧文件：{words}"
            )


def _problem(source: Source, at: int, code: str, en: str, zh: str) -> Problem:
    line = source.text.count("\n", 0, at) + 1
    return Problem(source.name, line, at - source.text.rfind("\n", 0, at), code, message=en, zh=zh)


TAKE_IT = "answer them and take their marks away; to put it in force as it stands: --accept-open"
TICK_IT = (
    "answer them and propose anew; to put it in force as it stands, say that what is open is accepted (accept_open)"
)
"""What is possible with a file that leaves something open: on the command line, and where a proposal is approved."""


def refuse_open(shelf: Shelf, hint: str = TAKE_IT) -> None:
    """Raise Invalid with everything that the campaign file leaves open: what nobody has decided is not put in force."""
    found = open_questions(shelf.campaign.source)
    if found:
        asked = sum(each.code == "open_question" for each in found)
        raise Invalid(
            f"{shelf.campaign.doc.code}: {asked} questions are open, {len(found) - asked} quotes are of the old document",
            "open_questions", problems=found,
            hint=hint,
        )  # fmt: skip


def refuse_to_begin_open(url: str, shelf: Shelf) -> None:
    """The same for a campaign that is not in the database *url* yet: one that began is what it is. Raises Invalid."""
    if open_questions(shelf.campaign.source) and not _has_begun(url, shelf.campaign.doc.code):
        refuse_open(shelf)


def _has_begun(url: str, code: str) -> bool:
    """Whether the campaign *code* stands in the database; nothing is made by asking."""
    where = parse_url(url)
    file = sqlite_file(where)
    if where.get_backend_name() == "sqlite" and (file is None or not file.is_file()):
        return False
    database = Database(url)
    try:
        if current(database) is None:
            return False
        with database.snapshot() as tx:
            return code in {each for _, each in open_campaigns(tx)}
    finally:
        database.close()
