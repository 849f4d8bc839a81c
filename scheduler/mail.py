"""A notice as an e-mail: stable identity, one thread a deadline, plain text and HTML, headers nothing can be smuggled into."""

import contextlib
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

FONTS = "'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei','PingFang SC',sans-serif"


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
    if notice.deadline_id:
        mail["In-Reply-To"] = mail["References"] = f"<deadline-{notice.deadline_id}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no absence note is to answer it
    mail["X-Duban-Kind"] = notice.kind
    if notice.ref:
        mail["X-Duban-Ref"] = one_line(notice.ref)
    mail.set_content(notice.text, charset="utf-8", cte="base64")
    mail.add_alternative(page(notice), subtype="html", charset="utf-8", cte="base64")
    return mail


def page(notice: NoticeRow) -> str:
    """Write the notice as HTML: the same words, no link, no picture, nothing from outside."""
    before, items, after = table(notice) if notice.items else (notice.text, "", "")
    lines = _paragraphs(before) + items + (_paragraphs(after) if after else "")
    title = html.escape(one_line(notice.subject))
    return (
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title></head>'
        f'<body style="font-family:{FONTS};line-height:1.6;max-width:46em">'
        f'<h2 style="font-size:1.15em">{title}</h2>{lines}</body></html>'
    )


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{html.escape(line) or '&nbsp;'}</p>" for line in text.rstrip("\n").split("\n"))


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


def one_line(text: str) -> str:
    """Make *text* safe for a header or a terminal: nothing unprintable, no break of any kind, no encoded word."""
    shown = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(shown.split()).replace("=?", "= ?")
