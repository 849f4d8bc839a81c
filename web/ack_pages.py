"""The pages behind a link: Chinese and English, one form with one button, no script, nothing from outside."""

import base64
import hashlib
import html
from collections.abc import Iterator

from engine.ack_desk import Standing
from engine.campaign import Campaign
from engine.clock import from_us
from engine.rows import NoticeRow
from web.problem_titles import TITLES

STYLE = (
    "body{font-family:'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei','PingFang SC',sans-serif;line-height:1.7;"
    "max-width:40em;margin:2em auto;padding:0 1em;color:#1a1a1a}h1{font-size:1.3em}dl{border:1px solid #bbb;padding:.8em 1em}"
    "dt{color:#555;font-size:.9em}dd{margin:0 0 .6em}button{font:inherit;font-size:1.15em;padding:.6em 1.6em;background:#a40000;"
    "color:#fff;border:0;border-radius:4px}p.en,small{color:#555}"
)

_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()

SECURITY = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_HASH}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "interest-cohort=()",
}
"""Headers of every page: nothing but its own style, no copy kept, no address told, not to be framed or guessed at."""

HEADINGS = {
    "open": ("签收通知", "Acknowledge a notice"),
    "received": ("已签收", "Acknowledged"),
    "done": ("此前已经签收", "Acknowledged before"),
    "expired": ("链接已过期", "This link has expired"),
    "over": ("事项已经办结，无须签收", "The matter is closed; nothing is left to acknowledge"),
    "cancelled": ("该通知已经取消", "This notice was cancelled"),
    "early": ("通知尚在发送，请稍后再试", "The notice is still being sent; please try again in a minute"),
    "unknown": ("链接无效", "This link is not valid"),
}

WORDS = {
    "open": ("按下按钮即表示本单位已经收到下列通知。签收不停止期限，事项仍须按时办理。",
             "The button says that your body has received the notice below. It stops no deadline: the act is still due."),
    "received": ("签收已记录在案。签收不停止期限，事项仍须按时办理。",
                 "It is on record. No deadline stops by it: the act is still due."),
    "done": ("每个链接只能使用一次，无须再办。", "A link works once; nothing more is to be done."),
    "expired": ("没有记录签收。请用系统签收，或与领导小组办公室联系。",
                "Nothing was recorded. Please acknowledge in the system, or ask the leading group's office."),
    "over": ("没有记录签收。", "Nothing was recorded."),
    "cancelled": ("没有记录签收。", "Nothing was recorded."),
    "early": ("没有记录签收。", "Nothing was recorded."),
    "unknown": ("没有记录签收。请核对链接是否完整，或与领导小组办公室联系。",
                "Nothing was recorded. Please see that the address is complete, or ask the leading group's office."),
}  # fmt: skip


RECEIPT = (
    "签收回执证明签收已记入留痕：日后谁若删改，凭此可以查出。请下载保存。",
    "The receipt proves that the acknowledgement is on record: if anybody drops or changes it later, this shows it. Keep it.",
)
"""What a receipt is good for."""


def standing_page(token: str, standing: Standing, campaign: Campaign, *, posted: bool) -> str:
    """The page for the link with *token* as it stands; after a *posted* one that stood open, that it is acknowledged now.

    What was acknowledged leads to its receipt, the file beside this page.
    """
    status = "received" if posted and standing.status == "open" else standing.status
    parts = [_both(WORDS[status])]
    if standing.notices:
        parts.append(f"<dl>{''.join(_about(standing, campaign))}</dl>")
    if status == "open":
        parts.append('<form method="post"><button type="submit">签收 · Received</button></form>')
    if status in ("received", "done"):
        parts.append(_both(RECEIPT))
        parts.append(f'<p><a href="{html.escape(token)}/receipt" download>下载签收回执 · Download the receipt</a></p>')
    return _page(HEADINGS[status], "".join(parts))


def problem_page(code: int) -> str:
    """The page for what is no link at all."""
    return _page(TITLES[code], "")


def _about(standing: Standing, campaign: Campaign) -> Iterator[str]:
    """What is acknowledged: the campaign, and of each notice its subject, to whom it went, and when."""
    yield _said("专项行动 · campaign", campaign.doc.name.zh)
    for row in standing.notices:
        sent = row.sent_at if row.sent_at is not None else row.effective_at
        yield _said("通知 · notice", row.subject)
        yield _said("收件人 · to", f"{row.recipient}（{campaign.body_name(row.body)}）")
        yield _said("发出 · sent", _local(sent, campaign))
        yield from _acknowledged(row, campaign)


def _acknowledged(row: NoticeRow, campaign: Campaign) -> Iterator[str]:
    if row.acknowledged_at is not None:
        yield _said("签收 · acknowledged", f"{_local(row.acknowledged_at, campaign)}  {row.acknowledged_by or ''}")


def _local(at_us: int, campaign: Campaign) -> str:
    return from_us(at_us).astimezone(campaign.zone).strftime("%Y-%m-%d %H:%M")


def _said(name: str, value: str) -> str:
    return f"<dt>{html.escape(name)}</dt><dd>{html.escape(value)}</dd>"


def _both(words: tuple[str, str]) -> str:
    return f'<p>{html.escape(words[0])}</p><p class="en" lang="en">{html.escape(words[1])}</p>'


def _page(heading: tuple[str, str], content: str) -> str:
    zh, en = map(html.escape, heading)
    return (
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{zh} · {en}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head>'
        f'<body><h1>{zh} <small lang="en">{en}</small></h1>{content}</body></html>'
    )
