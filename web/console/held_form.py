"""A form that cannot go through just now, kept on the page that says why: nothing of what was typed is lost."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from fastapi import Request
from starlette.datastructures import FormData

SECRET, PROOF, HOLD, ACTION = "secret.", "proof.", "hold.", "held-action"
"""Names: of what is never kept, of what proves who one is, of kept fields on another form, and of where they were going."""

MOST_KEPT = 400_000
"""Characters that a page keeps; more must be typed again. PLACEHOLDER"""


@dataclass(frozen=True)
class HeldForm:
    """Where a form was going, what was typed in it, and the names of the fields with files, which no page can keep."""

    action: str
    fields: Sequence[tuple[str, str]] = ()
    files: Sequence[str] = field(default=())
    lost: bool = False
    """Whether it was too much to keep."""


def held_of(request: Request, form: FormData) -> HeldForm:
    """What a request was about to send."""
    query = f"?{request.url.query}" if request.url.query else ""
    pairs = [(name, value) for name, value in form.multi_items() if isinstance(value, str) and _kept(name)]
    files = [name for name, value in form.multi_items() if not isinstance(value, str) and value.size]
    lost = sum(len(value) for _, value in pairs) > MOST_KEPT
    return HeldForm(request.url.path + query, () if lost else pairs, list(dict.fromkeys(files)), lost)


def held_in(form: FormData) -> HeldForm | None:
    """What a form carries for another one; None if it carries nothing."""
    action = form.get(ACTION, "")
    if not isinstance(action, str) or not action:
        return None
    pairs = [
        (name.removeprefix(HOLD), value)
        for name, value in form.multi_items()
        if name.startswith(HOLD) and isinstance(value, str)
    ]
    files = [value for value in form.getlist("held-file") if isinstance(value, str)]
    return HeldForm(action, pairs, files)


def _kept(name: str) -> bool:
    return name != "csrf" and not name.startswith((SECRET, PROOF))
