"""The scope that a token must have for a command, by its words; what changes something the engine itself looks at."""

READING = frozenset((
    "alike", "board", "can", "deadline", "history", "list", "monitor", "report", "search", "show", "work",
    "contact list", "notice forecast", "notice list", "notice show", "notice urged", "privacy ledger", "vault list",
    "view list", "view show",
))  # fmt: skip
"""The commands that show what is in the database, by the first of their words or by two."""


def scope_of_words(asked: str) -> str | None:
    """The scope for what was *asked*, the words of a command and whatever follows; None where the engine asks for it."""
    first, *more = asked.split(" ", 2)
    if first in ("audit", "export"):
        return first
    return None if READING.isdisjoint({first, " ".join([first, *more[:1]])}) else "read"
