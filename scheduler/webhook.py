"""A signed webhook: the notice as a CloudEvents 1.0 document, with an HMAC over time and body."""

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import datetime

from engine.clock import from_us, rfc3339
from engine.rows import NoticeRow
from scheduler.outgoing import link_of
from scheduler.posting import post
from scheduler.robots import judge_status

SIGNATURE = "Duban-Signature"
"""The header ``t=SECONDS,v1=HEX``: HMAC-SHA256 of ``SECONDS.BODY`` under the shared secret; a receiver refuses an old time."""


class Webhook:
    """Post each notice to one address; 2xx is success. The event's id is the notice's, so that a repeat is known as one."""

    def __init__(
        self, url: str, secret: str, now: Callable[[], datetime], trusted: str | None = None, *, internal: bool = False
    ) -> None:
        self._url = url
        self._secret = secret
        self._now = now
        self._trusted = trusted
        self._internal = internal

    def send(self, notice: NoticeRow, campaign: str) -> str:
        """Send one event. Raises PermanentFailure for a final status, else what is tried again."""
        body = json.dumps(event(notice, campaign), ensure_ascii=False).encode()
        stamp = str(int(self._now().timestamp()))
        mac = hmac.new(self._secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/cloudevents+json; charset=utf-8", SIGNATURE: f"t={stamp},v1={mac}"}
        answer = post(self._url, body, headers, trusted=self._trusted, internal=self._internal)
        judge_status(answer)
        return str(answer.status)


def event(notice: NoticeRow, campaign: str) -> dict[str, object]:
    """The notice as a CloudEvents document (version 1.0, JSON format)."""
    return {
        "specversion": "1.0",
        "id": str(notice.id),
        "source": f"urn:duban:{campaign}",
        "type": f"cn.duban.notice.{notice.kind}",
        "subject": notice.ref or campaign,
        "time": rfc3339(from_us(notice.effective_at)),
        "datacontenttype": "application/json",
        "data": {
            "recipient": notice.recipient,
            "body": notice.body,
            "kind": notice.kind,
            "level": notice.level,
            "ref": notice.ref,
            "deadline": str(notice.deadline_id) if notice.deadline_id else None,
            "planned_at": rfc3339(from_us(notice.planned_at)),
            "subject": notice.subject,
            "text": notice.text,
            **({"acknowledge": link_of(notice)} if link_of(notice) else {}),
        },
    }
