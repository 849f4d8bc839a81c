"""Step-up: the acts for which somebody who is signed in proves himself once more, and how long that holds."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

from engine.definition_schema import Label
from engine.errors import Forbidden, Reason

FRESH = timedelta(minutes=5)
"""How long a proof holds. Source: OWASP ASVS 5.0, 7.5.3; the figure is ours. PLACEHOLDER"""

ROWS_WITHOUT = 100
"""Rows that are exported without a fresh proof. PLACEHOLDER"""

ACTS: Mapping[str, Label] = {
    "transfer": Label(zh="移送公安机关", en="transfer to the police"),
    "close": Label(zh="结案", en="close"),
    "reopen": Label(zh="重新启动", en="reopen"),
    "extend_statutory": Label(zh="延长法定期限", en="extend a statutory deadline"),
    "reveal": Label(zh="查看举报人信息", en="reveal a reporter"),
    "export": Label(zh=f"导出超过{ROWS_WITHOUT}行", en=f"export more than {ROWS_WITHOUT} rows"),
    "grant": Label(zh="授予或撤销岗位", en="grant or revoke a post"),
    "approve": Label(zh="批准方案或流程的变更", en="approve a change of the campaign or its machines"),
    "code": Label(zh="发放激活码", en="issue a one-time code"),
    "token": Label(zh="制作令牌", en="make a token"),
    "erase": Label(zh="删除个人信息", en="erase personal data"),
    "key_change": Label(zh="更换密钥", en="change a key"),
}
"""The acts that ask for a fresh proof. Source: OWASP ASVS 5.0, 7.5.3, as the office reads it."""


class Proved(Protocol):
    """Whoever is signed in, with when he last proved himself."""

    @property
    def stepped_up_at(self) -> datetime | None: ...


def fresh(seen: Proved, now: datetime) -> bool:
    """Say whether *seen* proved himself at most five minutes before *now*, the machine's time also in a rehearsal."""
    at = seen.stepped_up_at
    return at is not None and timedelta(0) <= now - at <= FRESH


def refuse_stale(seen: Proved, now: datetime, act: str) -> None:
    """Raise Forbidden (``step_up``) unless *seen* is fresh; *act* is one of ACTS."""
    if not fresh(seen, now):
        label = ACTS[act]
        reason = Reason("step_up", f"“{label.zh}”须重新验证身份", f"“{label.en}” asks for your password once more")
        raise Forbidden(reason.en, "step_up", [reason])
