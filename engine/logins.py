"""What a login and a person's name may be."""

import unicodedata

from engine.errors import Invalid
from engine.saying import says_something

LONGEST_LOGIN = 64
"""Characters of a login. PLACEHOLDER"""

LONGEST_NAME = 100
"""Characters of a person's name. PLACEHOLDER"""


def must_be_a_person(login: str, name: str) -> None:
    """Raise Invalid for a login that is none or the system's, and for a name that says nothing."""
    sound = 1 <= len(login) <= LONGEST_LOGIN and all(char.isalnum() or char in "._-@" for char in login)
    if not sound or login == "system" or not _reads_as_one(login):
        raise Invalid(f"not a login: {login!r}; letters of one script, digits and . _ - @", "login")
    shown = name.replace("\u3000", " ")  # written between the characters of short names
    if not says_something(name) or not shown.isprintable() or len(name) > LONGEST_NAME:
        raise Invalid(f"not a name: {name[:LONGEST_NAME]!r}; one line of 1 to {LONGEST_NAME} characters", "name")


def _reads_as_one(login: str) -> bool:
    """Say whether *login* cannot pass for another by letters of a second script or in another form (Cyrillic а, full-width ａ).

    Beside Chinese characters, one script. Source: Unicode Technical Standard 39, single-script identifiers.
    """
    scripts = {unicodedata.name(char, "").partition(" ")[0] for char in login if char.isalpha()}
    digits = all(char.isascii() or char.isalpha() for char in login)
    return digits and len(scripts - {"CJK"}) <= 1 and unicodedata.normalize("NFKC", login) == login
