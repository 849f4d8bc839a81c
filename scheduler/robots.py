"""Group robots of WeCom (企业微信), DingTalk (钉钉) and Feishu (飞书): signed, limited, and believed only by their code.

All three answer HTTP 200 to what they refuse; the number in the answer's body decides. Their base address is
configurable, since governments run them on clouds of their own.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from engine.rows import NoticeRow
from scheduler.allowance import Allowance
from scheduler.channels import NotYet, PermanentFailure
from scheduler.outgoing import link_of, one_line
from scheduler.posting import Answer, post

SLOW_DOWN = timedelta(minutes=1)
"""How long to leave a robot alone that says it has had too many. PLACEHOLDER"""


@dataclass(frozen=True)
class Words:
    """How one provider's robot talks: where, what it may be told, and what its numbers mean.

    *longest* is in bytes of UTF-8; *most* is messages a minute; *pause* is how long to leave a robot alone that has had
    too many.
    """

    home: str
    number: tuple[str, ...]
    longest: int
    most: int
    too_many: frozenset[int]
    final: frozenset[int]
    pause: timedelta = SLOW_DOWN


WECOM = Words("https://qyapi.weixin.qq.com", ("errcode",), 2048, 20, frozenset({45009, 45033}),
              frozenset({40008, 40058, 44004, 45002, 93000, 93004}))  # fmt: skip
"""企业微信. -1 busy and 40008 wrong msgtype: its list of global codes (developer.work.weixin.qq.com/document/path/90455, read in
part, November 2026). In several copies of that list: 45009 too many calls, 45033 too many at once, 45002 too long, 93000 address
not valid or robot removed, 93004 robot stopped; 44004 nothing said, in an answer quoted by others. 2048 bytes a text and 20 a
minute: third parties' accounts of its page on group robots (path/91770), which could not be read. NOT VERIFIED: 40058."""

DINGTALK = Words("https://oapi.dingtalk.com", ("errcode",), 20_000, 20, frozenset({130101, 410100, 660026}),
                 frozenset({40035, 43004, 300001, 300005, 310000, 400013, 400101, 400102, 400105, 400106}),
                 timedelta(minutes=10))  # fmt: skip
"""钉钉. Its page on custom robots could only be read in copies by others (November 2026): 20 messages a minute, beyond that ten
minutes of silence; 130101 too fast, 410100 slowed down; 310000 keyword, signature or address refused; 300001 and (in an answer
quoted by others) 300005 no such token; 400013 group dissolved, 400101 no token, 400102 robot stopped, 400105 wrong type, 400106 no
robot, 40035 parameter missing, 43004 wrong content type; 20 000 bytes by an error message quoted by others. NOT VERIFIED:
660026, which one other program takes for slowed down."""

FEISHU = Words("https://open.feishu.cn", ("code", "StatusCode"), 18_000, 100, frozenset({11232, 99991400}),
               frozenset({9499, 19001, 19002, 19021, 19022, 19024}))  # fmt: skip
"""飞书. Its guide to custom bots (open.feishu.cn/document/client-docs/bot-v3/add-custom-bot, read November 2026): 100 a minute and 5
a second; the whole request at most 20 KB, so the text is kept shorter; 11232 under load, most at full and half hours. Its page on
frequency control: 99991400, with HTTP 429 or 400. In copies of the guide: 9499 bad request, 19021 signature or time, 19022 address,
19024 keyword; 19002 parameters in an answer quoted by others. NOT VERIFIED: 19001. The limit of 5 a second is left to 11232."""


class Robot:
    """One group's robot. *url* is the provider's address or the private cloud's."""

    words: Words

    def __init__(
        self, url: str, token: str, secret: str, now: Callable[[], datetime], trusted: str | None = None,
        *, internal: bool = False,
    ) -> None:  # fmt: skip
        self._url = (url or self.words.home).rstrip("/")
        self._token = quote(token, safe="")
        self._secret = secret
        self._now = now
        self._trusted = trusted
        self._internal = internal
        self._allowance = Allowance(self.words.most, now)

    def send(self, notice: NoticeRow, _campaign: str) -> str:
        """Tell the group. Raises PermanentFailure or NotYet by the number in the answer, else what is tried again."""
        self._allowance.take()
        below = f"\n\n签收 · Received: {link_of(notice)}" if link_of(notice) else ""
        room = self.words.longest - len(below.encode())
        url, content = self._request(shortened(words_of(notice), room) + below)
        body = json.dumps(content, ensure_ascii=False).encode()
        answer = post(
            url,
            body,
            {"Content-Type": "application/json; charset=utf-8"},
            trusted=self._trusted,
            internal=self._internal,
        )
        return self._judged(answer)

    def _request(self, text: str) -> tuple[str, dict[str, Any]]:
        raise NotImplementedError

    def _judged(self, answer: Answer) -> str:
        number, said = self._number(answer)
        if number not in self.words.too_many:
            judge_status(answer)
        if not said:
            said = _read(answer.content)
        why = one_line(str(said.get("errmsg") or said.get("msg") or said.get("StatusMessage") or ""))[:200]
        if number == 0:
            return f"{answer.status} {number}"
        if number in self.words.too_many:
            raise NotYet(self.words.pause, f"{number} {why}")
        if number in self.words.final:
            raise PermanentFailure(f"{number} {why}")
        raise OSError(f"the provider refused the message: {number} {why}")

    def _number(self, answer: Answer) -> tuple[int | None, Mapping[str, Any]]:
        """The number in an answer, and the answer; nothing if it cannot be read."""
        try:
            said = _read(answer.content)
        except OSError:
            return None, {}
        return next((said[name] for name in self.words.number if isinstance(said.get(name), int)), None), said


class WeCom(Robot):
    """A group robot of WeCom; its key is the token, there is no signature."""

    words = WECOM

    def _request(self, text: str) -> tuple[str, dict[str, Any]]:
        return f"{self._url}/cgi-bin/webhook/send?key={self._token}", {"msgtype": "text", "text": {"content": text}}


class DingTalk(Robot):
    """A custom robot of DingTalk: the signature is an HMAC-SHA256 of milliseconds and secret, in the address."""

    words = DINGTALK

    def _request(self, text: str) -> tuple[str, dict[str, Any]]:
        url = f"{self._url}/robot/send?access_token={self._token}"
        if self._secret:
            stamp = str(int(self._now().timestamp() * 1000))
            sign = quote(signature(self._secret, f"{stamp}\n{self._secret}"), safe="")
            url += f"&timestamp={stamp}&sign={sign}"
        return url, {"msgtype": "text", "text": {"content": text}}


class Feishu(Robot):
    """A custom robot of Feishu: the signature is an HMAC-SHA256 of nothing with seconds and secret as its key."""

    words = FEISHU

    def _request(self, text: str) -> tuple[str, dict[str, Any]]:
        said: dict[str, Any] = {"msg_type": "text", "content": {"text": text}}
        if self._secret:
            stamp = str(int(self._now().timestamp()))
            said = {"timestamp": stamp, "sign": signature(f"{stamp}\n{self._secret}", ""), **said}
        return f"{self._url}/open-apis/bot/v2/hook/{self._token}", said


def signature(key: str, text: str) -> str:
    """HMAC-SHA256 of *text* under *key* in Base64."""
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()).decode()


def words_of(notice: NoticeRow) -> str:
    """What a group reads: to whom, the subject, the text."""
    return f"@{one_line(notice.recipient)}\n{one_line(notice.subject)}\n\n{notice.text.rstrip()}"


def shortened(text: str, longest: int) -> str:
    """Cut *text* to *longest* bytes of UTF-8, between characters, and show that it was cut."""
    raw = text.encode()
    return text if len(raw) <= longest else raw[: longest - 3].decode(errors="ignore") + "…"


def judge_status(answer: Answer) -> None:
    """Raise for a status that is no success: a redirect or a client's fault is final, the rest is tried again."""
    status = answer.status
    if status in range(200, 300):
        return
    if status == 429:
        raise NotYet(SLOW_DOWN, "429 too many requests")
    if status in range(300, 500) and status not in (408, 425):
        raise PermanentFailure(f"HTTP {status}" + (": a redirect is not followed" if status < 400 else ""))
    raise OSError(f"HTTP {status}")


def _read(content: bytes) -> Mapping[str, Any]:
    try:
        said = json.loads(content)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise OSError("the provider's answer cannot be read; whether the message arrived is not known")
    return said
