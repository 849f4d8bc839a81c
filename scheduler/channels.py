"""Ways out: where a notice goes when it leaves the house."""

import contextlib
import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO, Protocol

from engine.private_files import make_folder, sync_folder
from engine.rows import NoticeRow
from scheduler.outgoing import one_line


class PermanentFailure(Exception):
    """The message can never be delivered so; trying again is no use."""


class NotYet(Exception):
    """The way is sound but takes no more for now: the message waits and nothing has failed."""

    def __init__(self, wait: timedelta, why: str) -> None:
        super().__init__(why)
        self.wait = wait


class Channel(Protocol):
    """Whatever can send one notice; returns the receipt, raises PermanentFailure, NotYet or any other error (tried again)."""

    def send(self, notice: NoticeRow, campaign: str, /) -> str: ...


@dataclass(frozen=True, slots=True)
class Usual:
    """The usual channel of a campaign where it leads over the channel *code* of a channels file: the record says so."""

    code: str
    inner: Channel

    def send(self, notice: NoticeRow, campaign: str) -> str:
        return self.inner.send(notice, campaign)


class ConsoleChannel:
    """Notices as lines for somebody who watches, at *most* so many; *sent* counts them all."""

    def __init__(self, stream: IO[str] | None = None, most: int | None = None) -> None:
        self._stream = stream
        self._most = most
        self.sent = 0

    def send(self, notice: NoticeRow, _campaign: str) -> str:
        self.sent += 1
        if self._most is not None and self.sent > self._most:
            return "not shown"
        stream = self._stream or sys.stderr
        with contextlib.suppress(BrokenPipeError):
            stream.write(f"→ {one_line(notice.recipient)}  {one_line(notice.subject)}\n")
            stream.flush()
        return "shown"


class SilentChannel:
    """For a rehearsal whose ledger is the result. It leads *nowhere*, so nothing goes out that might go out twice."""

    nowhere = True

    def send(self, _notice: NoticeRow, _campaign: str) -> str:
        return "silent"


class FileChannel:
    """One ``.eml`` file a message, complete before its name exists; the same notice always has the same name.

    It is *addressed*: nobody but its recipient reads it. A *durable* one is on the disk, and its name too, before it counts
    as sent: it costs two flushes of the disk a message.
    """

    addressed = True

    def __init__(self, folder: Path, *, durable: bool = False) -> None:
        self.folder = folder
        self.durable = durable

    def send(self, notice: NoticeRow, campaign: str) -> str:
        from email.policy import SMTP

        from scheduler.mail import message

        if self.durable:
            make_folder(self.folder)
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self.folder / f"notice-{notice.id}.eml"
        handle, name = tempfile.mkstemp(dir=self.folder, prefix=".incoming-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(message(notice, campaign).as_bytes(policy=SMTP))
                if self.durable:
                    file.flush()
                    os.fsync(file.fileno())
            Path(name).replace(path)
            if self.durable:
                sync_folder(self.folder)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise
        return path.name


def channels_for(outbox: Path, console: IO[str] | None = None, *, durable: bool = False) -> Mapping[str, Channel]:
    """The channels of one process: ``console`` and ``file``; the files of a *durable* one outlive a power cut."""
    return {"console": ConsoleChannel(console), "file": FileChannel(outbox, durable=durable)}
