"""How a call ends: each refusal with its exit code and, in words or in JSON, what was asked, why not, what is possible."""

import errno
import os
import sys
import traceback
from typing import TYPE_CHECKING

import click

from commands.call import Call
from commands.group import PipeClosed
from commands.paper import plain
from engine.errors import Conflict, DubanError, Invalid, Unavailable, Usage
from engine.problem_words import worded
from workflows.words import CATEGORIES, CODES

if TYPE_CHECKING:
    from pathlib import Path

INTERRUPTED = 130
"""128 and the number of SIGINT, as shells have it."""

PIPE_CLOSED = 141
"""128 and the number of SIGPIPE."""

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EBADF)
"""What a full disk says, and a closed stream. Of a file without a name it is stdout: of another its writer tells by its name."""

LONGEST_MESSAGE = 600
"""Characters of what is said about the words of a call."""


def ending(error: BaseException, call: Call) -> int:
    """Tell of *error* and return the exit code; it ends in a traceback only with DUBAN_DEBUG=1."""
    code = None
    try:
        code = _ending(error, call)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        return _quiet(PIPE_CLOSED)
    except OSError as full:  # a full disk behind stdout: in words it was said above, in JSON it could not be
        if call.json or not code:
            _say(lost(full), call)
        return _quiet(code or Unavailable.exit_code)


def _ending(error: BaseException, call: Call) -> int:
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else 0
    if isinstance(error, PipeClosed | BrokenPipeError):
        return _quiet(PIPE_CLOSED)
    if isinstance(error, click.Abort | KeyboardInterrupt):
        print(
            call.word(
                "已中断；已办结的保留，未办结的未生效", "interrupted; what was done stays, the rest did not happen"
            ),
            file=sys.stderr,
        )
        return INTERRUPTED
    if isinstance(error, click.ClickException):
        return _misuse(error, call)
    refusal = _refusal(error)
    if refusal is None:
        return _fault(error, call)
    call.count_denial(refusal)
    tell(refusal, call)
    return refusal.exit_code


def lost(error: OSError) -> Unavailable:
    """What is told when the answer to a command cannot be written, though what was asked may well have been done."""
    return Unavailable(
        f"the answer cannot be written ({error.strerror}); what was done stays done: look before you do it again",
        "answer",
    )


def _quiet(code: int) -> int:
    """Point stdout at nothing, so that the interpreter's last flush is silent too."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115  it lives as long as the process
    return code


def _refusal(error: BaseException) -> DubanError | None:
    """The refusal that *error* is or stands for; None for a fault of ours."""
    if isinstance(error, DubanError):
        return error if type(error) is not DubanError else None
    dialect = sys.modules.get("engine.dialect_errors")
    if dialect is not None and isinstance(error, dialect.Clash):
        return Conflict("somebody was faster with the same thing; look again", "clash")
    if dialect is not None and isinstance(error, dialect.Deadlocked):
        return Unavailable("too many orders at once for the same thing; try again", "contention")
    if isinstance(error, OSError) and error.filename is None and error.errno in NO_ROOM:
        return lost(error)
    if isinstance(error, OSError):
        return Unavailable(f"{error.filename or 'input/output'}: {error.strerror or error}", "io")
    return None


def tell(error: DubanError, call: Call) -> None:
    """Print a refusal: JSON on stdout, or words on stderr."""
    if call.json:
        call.write_json({"error": error.as_json()})
        return
    _say(error, call)


def _say(error: DubanError, call: Call) -> None:
    """Print a refusal in words on stderr."""
    for line in _lines(error, call):
        print(plain(line, lines=True), file=sys.stderr)


def _lines(error: DubanError, call: Call) -> list[str]:
    category = call.word(*CATEGORIES.get(error.exit_code, CATEGORIES[1]))
    asked = call.word(f"{category}（{error.code}）：{call.asked}", f"{category} ({error.code}): {call.asked}")
    lines = [asked.rstrip("：: ")]
    problems = [f"  {problem.said(call.lang)}" for problem in error.problems] if isinstance(error, Invalid) else []
    if problems:
        lines += problems
    elif error.reasons and call.lang == "zh":
        lines += [f"  · {reason.zh}" for reason in error.reasons]
    else:
        lines.append("  " + (_in_chinese(error) if call.lang == "zh" else error.message))
        lines += [f"  · {reason.en}" for reason in error.reasons]
    if error.hint:
        lines.append("  " + error.advice(call.lang))
    if error.possible:
        lines.append(call.word("  可以办理：", "  possible: ") + call.word("、", ", ").join(error.possible))
    return lines


def _in_chinese(error: DubanError) -> str:
    """The message in Chinese; where nobody has said it, the word of its code, and the English with the details."""
    known = CODES.get(error.code)
    return error.in_chinese or (f"{known}：{error.message}" if known else error.message)


def _misuse(error: click.ClickException, call: Call) -> int:
    """The words of the call are off: exit 2 with what click says and where the help is."""
    unfinished = isinstance(error, click.exceptions.NoArgsIsHelpError)
    if unfinished and not call.json:
        print(error.format_message(), file=sys.stderr)
        return error.exit_code
    message = "Missing command." if unfinished else shortened(error.format_message())
    if call.json:
        tell(Usage(message, "usage"), call)
        return error.exit_code
    context = getattr(error, "ctx", None)
    print(plain(call.word(f"用法不对：{worded(message, call.lang)}", f"usage: {message}")), file=sys.stderr)
    if context is not None:
        print(plain(context.get_usage()), file=sys.stderr)
        print(
            call.word(f"帮助：{context.command_path} --help", f"help: {context.command_path} --help"), file=sys.stderr
        )
    return error.exit_code


def shortened(message: str) -> str:
    """Leave out the middle of a message that quotes endless words."""
    half = LONGEST_MESSAGE // 2
    return message if len(message) <= LONGEST_MESSAGE else f"{message[:half]} … {message[-half:]}"


def _fault(error: BaseException, call: Call) -> int:
    """A fault of ours: one line and where the rest is; the traceback itself only with DUBAN_DEBUG=1."""
    if os.environ.get("DUBAN_DEBUG") == "1":
        traceback.print_exception(error)
    place = keep_traceback(error, call.asked)
    message = f"{type(error).__name__}: {str(error)[:300]}"
    if call.json:
        call.write_json({"error": {"code": "fault", "message": message, "hint": place, "reasons": [], "possible": []}})
    print(
        plain(call.word(f"程序故障：{message}；详见 {place}", f"a fault of ours: {message}; see {place}")),
        file=sys.stderr,
    )
    return 1


def log_file() -> "Path":
    """Where faults are kept: ``DUBAN_LOG``, or below the user's state folder."""
    from pathlib import Path

    said = os.environ.get("DUBAN_LOG")
    state = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(said) if said else Path(state).expanduser() / "duban" / "duban.log"


def keep_traceback(error: BaseException, asked: str) -> str:
    """Append the traceback of *error* to the log; return where it is, or why it is nowhere."""
    from engine.clock import SystemClock, rfc3339

    path = log_file()
    told = "".join(traceback.format_exception(error))
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(path, "a", encoding="utf-8", errors="replace", opener=_private) as file:
            file.write(f"{rfc3339(SystemClock().now())} {plain(asked)}\n{told}\n")
    except (OSError, ValueError, RuntimeError) as why:
        return f"DUBAN_DEBUG=1 ({path}: {why})"
    return str(path)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
