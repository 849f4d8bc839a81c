"""Finding the word that was probably meant."""

from collections.abc import Iterable
from difflib import get_close_matches

LONGEST_WORD = 60
"""Longer words are nobody's slip of the pen, and comparing them costs time."""

LONGEST_LIST = 500
"""Among more choices none is sought."""

SHORTEST_LIST = 8
"""Up to so many choices are named in full when none of them is close."""


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """Name the choice nearest to *word*, else all choices if they are few, else nothing."""
    known = sorted(set(choices))
    comparable = len(word) <= LONGEST_WORD and len(known) <= LONGEST_LIST
    near = get_close_matches(word.lower(), known, n=1, cutoff=0.6) if comparable else []
    if near:
        return f"did you mean '{near[0]}'?"
    if 0 < len(known) <= SHORTEST_LIST:
        return "one of: " + ", ".join(known)
    return ""
