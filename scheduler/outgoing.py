"""A notice as it goes out: with the link that says “received” and the files that go along."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.rows import NoticeRow
from scheduler.enclosing import Enclosure


@dataclass(slots=True)
class Outgoing(NoticeRow):
    """A notice as it goes out. *link* is empty if there is none; *missing* says which documents could not be enclosed."""

    link: str = ""
    link_until: str = ""
    enclosures: Sequence[Enclosure] = ()
    missing: Sequence[str] = ()


def link_of(notice: NoticeRow) -> str:
    """The link of a notice that has one."""
    return notice.link if isinstance(notice, Outgoing) else ""


def postscript(notice: NoticeRow) -> list[tuple[str, str]]:
    """What a message says below its text, each line with the address that it ends in, if any."""
    if not isinstance(notice, Outgoing):
        return []
    lines = [("附件未能附送：" + each, "") for each in notice.missing]
    if notice.link:
        said = f"签收请打开下面的链接并按“签收”（只表示收到，不停止期限；一次有效，{notice.link_until}前使用）："
        lines += [(said, ""), ("", notice.link)]
    return lines


def one_line(text: str) -> str:
    """Make *text* safe for a header or a terminal: nothing unprintable, no break of any kind, no encoded word."""
    shown = text if text.isprintable() else "".join(char if char.isprintable() else " " for char in text)
    return " ".join(shown.split()).replace("=?", "= ?")
