"""Secrets that are typed in: hidden at a terminal, or the first line of a file; never words of the command line, which all can see."""

import errno
import os
import stat
import sys
from collections.abc import Callable
from typing import Any

import click

from commands.call import Call
from commands.values import TEXT

LONGEST = 4096
"""Bytes read of a file with a secret."""


def file_option(name: str, zh: str, en: str) -> Callable[[Any], Any]:
    """An option that names a file with a secret."""
    return click.option(name, metavar="FILE", type=TEXT, help=f"{zh} · {en}; - = stdin")


def asked(call: Call, path: str | None, option: str, zh: str, en: str, *, needless: bool = False) -> str:
    """The secret: from its file, from a line of stdin (``-``), or typed unseen.

    Raises Invalid for a file that cannot be read, Usage where nobody can be asked; *needless* ones are empty then.
    """
    if path == "-":
        return sys.stdin.readline(LONGEST).rstrip("\r\n")
    if path is not None:
        return _read(path)
    if sys.stdin.isatty():
        return str(click.prompt(call.word(zh, en), hide_input=True, err=True, default="", show_default=False))
    if needless:
        return ""
    from engine.errors import Usage

    raise Usage(f"no terminal to ask at: {option} FILE", "no_secret")


NO_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO)
"""What a disk says that is full, read-only or broken: the same file may do another time."""


def _read(path: str) -> str:
    from engine.errors import Invalid

    try:
        with open(path, "rb") as file:  # noqa: PTH123  pathlib is not imported for every call
            return file.read(LONGEST).decode("utf-8").partition("\n")[0].rstrip("\r")
    except (OSError, ValueError) as error:
        raise Invalid(f"the file {path!r} cannot be read: {error}", "secret_file") from None


def keep_secret(path: str, secret: str) -> None:
    """Write a secret into a file that only its owner can read. Raises Unavailable for a disk that does not take it, else Invalid."""
    from engine.errors import Invalid, Unavailable

    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "w") as file:
            if stat.S_ISREG(os.fstat(file.fileno()).st_mode):  # a device is everybody's
                os.fchmod(file.fileno(), 0o600)
            file.write(secret + "\n")
    except OSError as error:
        if error.errno in NO_DISK:
            raise Unavailable(f"{path!r} cannot be written: {error.strerror}", "disk") from None
        raise Invalid(f"{path!r} cannot be written: {error}", "session_file") from None


def address() -> str:
    """Whence the command line is used, for the throttle and the list of sessions."""
    return f"local:{os.getuid()}"
