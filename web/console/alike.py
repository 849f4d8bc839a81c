"""What whoever has opened a matter on a page is told of others that may be about the same facts."""

from engine.alike import alike
from engine.errors import DubanError
from web.console.visit import Visit
from workflows.likeness import likeness

TOLD = 2
"""As many as are told on the next page; the others are behind them. PLACEHOLDER"""


def with_alike(visit: Visit, ref: str, said: str) -> str:
    """What is *said* of a matter that was opened, and what may be about the same facts, if there is any.

    It is open whether the others can be looked at or not.
    """
    try:
        found = alike(visit.reader, ref)
    except DubanError:
        return said
    more = likeness({**found, "items": found["items"][:TOLD]}, visit.speech.lang, visit.speech.label)
    return f"{said} {more}" if more else said
