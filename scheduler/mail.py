"""A notice as an e-mail: stable identity, one thread a deadline, plain text and HTML, headers nothing can be smuggled into."""

import contextlib
import hashlib
import html
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import quote

from engine.clock import from_us
from engine.ids import domain_of
from engine.rows import NoticeRow
from scheduler.digest_page import table
from scheduler.enclosing import Enclosure
from scheduler.outgoing import Outgoing, one_line, postscript
from scheduler.sheet_page import sheet

FONTS = "'FangSong','STFangsong','Noto Serif CJK SC','Source Han Serif SC','Songti SC',serif"
"""Fonts of the text, as far as a reader has them. Source: GB/T 9704, the body is in 仿宋."""


def message(
    notice: NoticeRow, campaign: str, sender: Address | None = None, recipient: Address | None = None
) -> EmailMessage:
    """Write the notice as a message: its Message-ID is always the same, its deadline makes the thread."""
    mail = EmailMessage()
    domain = domain_of(campaign)
    mail["From"] = sender or Address(username="office", domain=domain)
    mail["To"] = recipient or address(notice.recipient, domain)
    mail["Subject"] = one_line(notice.subject)
    mail["Date"] = format_datetime(from_us(notice.effective_at))
    mail["Message-ID"] = f"<notice-{notice.id}@{domain}>"
    thread = thread_of(notice, domain)
    if thread:
        mail["In-Reply-To"] = mail["References"] = thread
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no absence note is to answer it
    mail["X-Duban-Kind"] = notice.kind
    if notice.ref:
        mail["X-Duban-Ref"] = one_line(notice.ref)
    below = "".join(f"{words}{link}\n" for words, link in postscript(notice))
    text = f"{notice.text.rstrip()}\n\n{below}" if below else notice.text
    mail.set_content(text, charset="utf-8", cte="base64")
    mail.add_alternative(page(notice), subtype="html", charset="utf-8", cte="base64")
    for each in notice.enclosures if isinstance(notice, Outgoing) else ():
        _enclose(mail, each)
    return mail


def _enclose(mail: EmailMessage, file: Enclosure) -> None:
    """Add a file; a calendar says in its type that it only makes known (RFC 6047, section 2.4)."""
    main, _, sub = file.type.partition("/")
    params = {"method": "PUBLISH", "charset": "utf-8"} if file.type == "text/calendar" else None
    mail.add_attachment(file.content, maintype=main, subtype=sub, filename=file.name, params=params)


def thread_of(notice: NoticeRow, domain: str) -> str:
    """The name of the conversation a notice belongs to: that of its deadline (a ladder is one thread), else of its matter."""
    if notice.deadline_id:
        return f"<deadline-{notice.deadline_id}@{domain}>"
    return f"<matter-{hashlib.sha256(notice.ref.encode()).hexdigest()[:24]}@{domain}>" if notice.ref else ""


def page(notice: NoticeRow) -> str:
    """Write the notice as HTML: the same sheet of the same words, no picture, nothing from outside, no link but its own."""
    before, items, after = table(notice) if notice.items else (notice.text, "", "")
    body = sheet(before) + items + (sheet(after, ending=True) if after else "")
    title = html.escape(one_line(notice.subject))
    return (
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title></head>'
        f'<body style="font-family:{FONTS};font-size:16px;line-height:1.75;max-width:46em;margin:1.5em auto;padding:0 1em">'
        f"{body}{_below(notice)}</body></html>"
    )


def _below(notice: NoticeRow) -> str:
    lines = [
        f'<p style="margin:.4em 0">{html.escape(words)}'
        + (f'<a href="{html.escape(link)}" rel="noreferrer">{html.escape(link)}</a>' if link else "")
        + "</p>"
        for words, link in postscript(notice)
    ]
    return f'<hr style="margin-top:2em">{"".join(lines)}' if lines else ""


def address(recipient: str, domain: str) -> Address:
    """Where a login or a post is reached: a login that is an address is taken as it is, one in Chinese is spelt in ASCII."""
    name = one_line(recipient)
    if not name.isascii():
        return Address(name, quote(name), domain)
    return real_address(name) or Address(username=name, domain=domain)


def real_address(text: str) -> Address | None:
    """Read *text* as an address with a domain, or as ``name <address>``; None if it is none."""
    shown, _, rest = text.strip().rpartition("<")
    spec = rest.removesuffix(">").strip() if shown or text.strip().startswith("<") else text.strip()
    if not spec.isascii() or "@" not in spec or one_line(spec) != spec or " " in spec:
        return None
    with contextlib.suppress(ValueError, IndexError, MessageError):
        return Address(one_line(shown), addr_spec=spec)
    return None
