"""What a login and a person's name may be."""

from engine.errors import Invalid
from engine.saying import says_something

LONGEST_LOGIN = 64
"""Characters of a login. PLACEHOLDER"""

LONGEST_NAME = 100
"""Characters of a person's name. PLACEHOLDER"""


def must_be_a_person(login: str, name: str) -> None:
    """Raise Invalid for a login that is none or the system's, and for a name that says nothing."""
    sound = 1 <= len(login) <= LONGEST_LOGIN and all(char.isalnum() or char in "._-@" for char in login)
    if not sound or login == "system":
        raise Invalid(f"not a login: {login!r}; letters, digits and . _ - @", "login")
    shown = name.replace("\u3000", " ")  # written between the characters of short names
    if not says_something(name) or not shown.isprintable() or len(name) > LONGEST_NAME:
        raise Invalid(f"not a name: {name[:LONGEST_NAME]!r}; one line of 1 to {LONGEST_NAME} characters", "name")
