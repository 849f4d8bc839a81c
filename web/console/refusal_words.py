"""A refusal in the words of a page, and its status code."""

from typing import Any

from engine.errors import DubanError, Invalid
from web.console.shell import Lang
from workflows.words import CATEGORIES, CODES

STATUS = {1: 500, 2: 400, 3: 404, 4: 409, 5: 403, 6: 409, 7: 422, 8: 503, 9: 409}
"""The status code by the exit code of a refusal."""


def in_words(error: DubanError, lang: Lang) -> dict[str, Any]:
    """A refusal in words: ``title``, ``message``, ``reasons``, ``hint`` and ``possible``."""
    at = 0 if lang == "zh" else 1
    reasons = [reason.zh if lang == "zh" else reason.en for reason in error.reasons]
    if isinstance(error, Invalid):
        reasons += [problem.said(lang) for problem in error.problems]
    known = CODES.get(error.code)
    message = error.message
    if lang == "zh":
        message = error.in_chinese or known or ("" if reasons else error.message)
    return {
        "title": CATEGORIES.get(error.exit_code, CATEGORIES[1])[at], "message": message, "reasons": reasons,
        "hint": error.advice(lang), "possible": error.possible, "code": error.code,
        "detail": error.message if message not in (error.message, error.in_chinese) else "",
    }  # fmt: skip
