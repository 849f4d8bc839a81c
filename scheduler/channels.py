"""Ways out: where a notice goes when it leaves the house."""

import contextlib
import os
import sys
import tempfile
from collections.abc import Mapping
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import IO, Protocol
from urllib.parse import quote

from engine.clock import from_us
from engine.rows import NoticeRow


class PermanentFailure(Exception):
    """The message can never be delivered so; trying again is no use."""


class Channel(Protocol):
    """Whatever can send one notice; returns the receipt, raises PermanentFailure or any other error (tried again)."""

    def send(self, notice: NoticeRow, campaign: str, /) -> str: ...


class ConsoleChannel:
    """Notices as lines for somebody who watches."""

    def __init__(self, stream: IO[str] | None = None) -> None:
        self._stream = stream

    def send(self, notice: NoticeRow, _campaign: str) -> str:
        stream = self._stream or sys.stderr
        with contextlib.suppress(BrokenPipeError):
            stream.write(f"→ {one_line(notice.recipient)}  {one_line(notice.subject)}\n")
            stream.flush()
        return "shown"


class SilentChannel:
    """For a rehearsal whose ledger is the result."""

    def send(self, _notice: NoticeRow, _campaign: str) -> str:
        return "silent"


class FileChannel:
    """One ``.eml`` file a message, complete before its name exists; the same notice always has the same name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, notice: NoticeRow, campaign: str) -> str:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self.folder / f"notice-{notice.id}.eml"
        handle, name = tempfile.mkstemp(dir=self.folder, prefix=".incoming-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(message(notice, campaign).as_bytes(policy=SMTP))
            Path(name).replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise
        return path.name


def message(notice: NoticeRow, campaign: str) -> EmailMessage:
    """The notice as an e-mail: a stable Message-ID, and a reference to its deadline so that a ladder is one thread."""
    mail = EmailMessage()
    domain = f"{campaign}.duban.invalid"
    mail["From"] = f"office@{domain}"
    mail["To"] = address(notice.recipient, domain)
    mail["Subject"] = one_line(notice.subject)
    mail["Date"] = format_datetime(from_us(notice.effective_at))
    mail["Message-ID"] = f"<notice-{notice.id}@{domain}>"
    if notice.deadline_id:
        mail["References"] = f"<deadline-{notice.deadline_id}@{domain}>"
    mail["X-Duban-Kind"] = notice.kind
    if notice.ref:
        mail["X-Duban-Ref"] = one_line(notice.ref)
    mail.set_content(notice.text, charset="utf-8", cte="base64")
    return mail


def address(recipient: str, domain: str) -> Address:
    """Where a login or a post is reached: a login that is an address is taken as it is, one in Chinese is spelt in ASCII."""
    name = one_line(recipient)
    if not name.isascii():
        return Address(name, quote(name), domain)
    if "@" in name:
        with contextlib.suppress(ValueError, IndexError, MessageError):
            return Address(addr_spec=name)
    return Address(username=name, domain=domain)


def one_line(text: str) -> str:
    """Make *text* safe for a header or a terminal: nothing unprintable, no break of any kind, no encoded word."""
    shown = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(shown.split()).replace("=?", "= ?")


def channels_for(outbox: Path, console: IO[str] | None = None) -> Mapping[str, Channel]:
    """The channels of one process: ``console`` and ``file``."""
    return {"console": ConsoleChannel(console), "file": FileChannel(outbox)}
