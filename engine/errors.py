"""Every way in which the engine says no: one base, one class a refusal, a stable code and an exit code each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.problem_words import bracketed, in_chinese, worded


@dataclass(frozen=True, slots=True)
class Reason:
    """One condition that failed: *kind* is stable (``role``, ``document``, ``fact``, ``when``, …), the texts are for people."""

    kind: str
    zh: str
    en: str

    def as_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "text": {"zh": self.zh, "en": self.en}}


@dataclass(frozen=True, slots=True)
class Problem:
    """One flaw of a file, with its place. *line* and *column* count from 1; 0 means the place is not known.

    *zh* is the message in Chinese, where there is one; *trace* are the acts that lead to what was found.
    """

    file: str
    line: int
    column: int
    code: str
    message: str
    hint: str = ""
    zh: str = ""
    trace: tuple[Mapping[str, Any], ...] = field(default=(), compare=False)

    def __str__(self) -> str:
        return self.said("en")

    @property
    def in_chinese(self) -> str:
        """The message in Chinese, or as it is if there is none."""
        return self.zh or in_chinese(self.message) or self.message

    def advice(self, lang: str) -> str:
        """The hint, in Chinese if that is wanted and there is any."""
        return worded(self.hint, lang)

    def said(self, lang: str) -> str:
        """The flaw with its place, in Chinese if that is wanted and there is any."""
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        message = self.in_chinese if lang == "zh" else self.message
        hint = self.advice(lang)
        return f"{place}: {message}" + (bracketed(hint, lang) if hint else "")

    def as_json(self) -> dict[str, Any]:
        """The flaw as the contract has it, with its text in both languages and its trace where there are."""
        said = {name: getattr(self, name) for name in ("file", "line", "column", "code", "message", "hint")}
        if self.in_chinese != self.message:
            said["text"] = {"zh": self.in_chinese, "en": self.message}
        if self.trace:
            said["trace"] = list(self.trace)
        return said


@dataclass
class DubanError(Exception):
    """Base of all refusals; *exit_code* is the contract of the command line."""

    message: str
    code: str = "fault"
    reasons: list[Reason] = field(default_factory=list)
    possible: list[str] = field(default_factory=list)
    hint: str = ""
    zh: str = ""

    exit_code = 1

    def __str__(self) -> str:
        return self.message

    @property
    def in_chinese(self) -> str:
        """The message in Chinese: *zh* where it is given, else by its form; empty if there is none."""
        return self.zh or in_chinese(self.message)

    def said(self, lang: str) -> str:
        """The message, in Chinese if that is wanted and there is any."""
        return (lang == "zh" and self.in_chinese) or self.message

    def advice(self, lang: str) -> str:
        """The hint, in Chinese if that is wanted and there is any."""
        return worded(self.hint, lang)

    def as_problem(self, file: str, line: int = 0, column: int = 0) -> Problem:
        """The refusal as a flaw of *file*."""
        return Problem(file, line, column, self.code, self.message, self.hint, self.zh)

    def as_json(self) -> dict[str, Any]:
        """The refusal as the contract has it, with its message in both languages where there are both."""
        said: dict[str, Any] = {
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "reasons": [reason.as_json() for reason in self.reasons],
            "possible": self.possible,
        }
        zh = self.in_chinese
        return {**said, "text": {"zh": zh, "en": self.message}} if zh else said


@dataclass
class Usage(DubanError):
    """The words of the call are off: unknown trigger name, no campaign chosen."""

    code: str = "usage"
    exit_code = 2


@dataclass
class NotFound(DubanError):
    """No such matter, kind, deadline or notice."""

    code: str = "not_found"
    exit_code = 3


@dataclass
class Unseen(NotFound):
    """A matter that is there, but not for who asks: answered in every way like one that is not there, and counted."""


@dataclass
class Refused(DubanError):
    """The machine says no: not possible from here, a guard, a document or an invariant stands against it."""

    code: str = "refused"
    exit_code = 4


@dataclass
class Forbidden(DubanError):
    """The actor may not: wrong role, separation of duties, unknown identity."""

    code: str = "forbidden"
    exit_code = 5


@dataclass
class Conflict(DubanError):
    """Another order came first: stale version, or a request id used for other content."""

    code: str = "conflict"
    exit_code = 6


@dataclass
class Invalid(DubanError):
    """A file or a value is wrong; *problems* lists every flaw of a file at once."""

    code: str = "invalid"
    problems: list[Problem] = field(default_factory=list)
    exit_code = 7

    def flaws(self, file: str) -> list[Problem]:
        """What is wrong with *file*: its problems, or the refusal itself if it tells of one alone."""
        return self.problems or [self.as_problem(file)]

    def as_json(self) -> dict[str, Any]:
        return {**super().as_json(), "problems": [problem.as_json() for problem in self.problems]}


@dataclass
class Unavailable(DubanError):
    """The database, a lock or the disk cannot be used now; nothing was done."""

    code: str = "unavailable"
    exit_code = 8


@dataclass
class Damaged(DubanError):
    """The row of one matter is no longer what was written: nothing is done with it, and nothing else is concerned."""

    code: str = "damaged"
    exit_code = 8


@dataclass
class VerificationFailed(DubanError):
    """A check of the record found something; each finding has its own code."""

    code: str = "verification_failed"
    exit_code = 9
