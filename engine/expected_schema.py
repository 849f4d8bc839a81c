"""The form of the table of expectations: what a definition says a second time, so that a loss on one side is seen."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from engine.term_schema import Strict

Phrase = Annotated[str, Field(min_length=1, max_length=2000)]
"""An act, a code, or one thing asked of it, in the words of the file: ``stop_on issue``, ``when officers >= 2``."""


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


Phrases = Annotated[list[Phrase], BeforeValidator(_as_list, json_schema_input_type=Phrase | list[Phrase])]
"""One phrase or a list of them."""

Chapter = dict[Phrase, Phrases]
"""What is expected, by what it is about."""


class ExpectationsSpec(Strict):
    """The table of expectations (对账表). A chapter that is given is complete: what stands on one side only is a problem.

    An act is named by its trigger; where several arrows have it, ``trigger#2`` is the second of them in the file and
    ``trigger`` means all. Chapters about acts go from what is asked to the acts that ask it (``needs``: document to
    acts), those about clocks, hand-overs, invariants and so on from the code to all that is written of it.
    """

    matter: Phrases | None = None
    """The initial state, the form of the reference, who may correct."""
    moves: Chapter | None = None
    """Each act with ``from > to``."""
    roles: Chapter | None = None
    """Who may do it: role to acts."""
    reasons: Phrases | None = None
    """Acts that owe a reason."""
    approves: Phrases | None = None
    """Acts that approve."""
    needs: Chapter | None = None
    """Papers that must be there: document to acts."""
    needs_new: Chapter | None = None
    """Papers that are brought with it: document to acts."""
    asks: Chapter | None = None
    """Facts that must be stated: fact to acts."""
    apart: Chapter | None = None
    """Separation of duties: earlier act to those that its actor may not do."""
    guards: Chapter | None = None
    """Each act with the conditions that must all hold."""
    sets: Chapter | None = None
    """Each act with ``fact = value``."""
    copies: Chapter | None = None
    """Who gets a copy: role to acts."""
    hands: Chapter | None = None
    """Who is handed the matter: role to acts."""
    extends: Chapter | None = None
    """What is put off: deadline to acts."""
    opens: Chapter | None = None
    """Each act with the child matters it opens."""
    signals: Chapter | None = None
    """Each act with what it tells the parent."""
    people: Chapter | None = None
    """Each role with its body and posts."""
    states: Chapter | None = None
    """``final``, ``closed``, ``waits_for ROLE``: to states."""
    documents: Chapter | None = None
    """Who may bring it without an act: role to documents."""
    deadlines: Chapter | None = None
    handovers: Chapter | None = None
    monitors: Chapter | None = None
    evaluates: Chapter | None = None
    invariants: Chapter | None = None
