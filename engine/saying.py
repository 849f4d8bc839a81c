"""Whether a text that must be given says anything: a reason of blanks or of characters that do not show is none."""

import unicodedata

BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols that show nothing: Hangul fillers and the empty Braille cell. Source: Unicode, Default_Ignorable_Code_Point,
and Braille Patterns; all others that do not show are separators, marks or of the category Other."""

SHOWN = frozenset("LNPS")
"""Categories of Unicode that show by themselves: letters, numbers, punctuation, symbols."""


def says_something(text: str | None) -> bool:
    """Whether anybody would read anything in *text*: a character that shows, and not only blanks, marks and zero widths."""
    return bool(text) and any(
        unicodedata.category(char)[0] in SHOWN and char not in BLANK_LETTERS for char in text or ""
    )
