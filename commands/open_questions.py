"""The questions that a drafted campaign leaves open, as `campaign new` marks them in the file."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from commands.call import Call
from commands.paper import line

MARK = "# OPEN:"
"""How an open question begins; what follows is Chinese, `` · ``, English. Whoever answers it takes the line out."""


def open_questions(names: Sequence[str]) -> list[dict[str, Any]]:
    """List the questions that stand in the files among *names*, each with its line."""
    found = []
    for name in names:
        if not Path(name).is_file():
            continue
        for number, text in enumerate(Path(name).read_text("utf-8", errors="replace").splitlines(), start=1):
            begins = text.strip()
            if begins.startswith(MARK):
                zh, _, en = begins.removeprefix(MARK).strip().partition(" · ")
                found.append({"file": name, "line": number, "text": {"zh": zh, "en": en or zh}})
    return found


def tell_open(call: Call, found: Sequence[dict[str, Any]]) -> None:
    """Print the questions: they hold nobody up, and are no mistake."""
    for each in found:
        line(f"{call.word('待定：', 'open: ')}{each['file']}:{each['line']}: {call.label(each['text'])}")


def warn_of_open(call: Call, name: str) -> None:
    """Say on stderr that a campaign is begun for real while its file still asks something."""
    found = open_questions((name,))
    if found:
        places = call.word("、", ", ").join(str(each["line"]) for each in found)
        call.note(
            f"{name}中仍有{len(found)}处待定（# OPEN，第{places}行）；定后请修改文件：duban campaign amend",
            f"{name} still has {len(found)} open questions (# OPEN, lines {places}); when they are settled: duban campaign amend",
        )
