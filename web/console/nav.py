"""The console's way about: which rooms there are, in which order, and who is shown the door to each."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from web.console.visit import Visit


@dataclass(frozen=True)
class Room:
    """A room: its address, its name, and the function (of the policy) without which nobody is led there."""

    url: str
    zh: str
    en: str
    function: str = ""
    rehearsal: bool = False
    """Whether it is there only in a rehearsal."""


ROOMS = (
    Room("/work", "我的待办", "My work"),
    Room("/board", "进度总览", "Board"),
    Room("/matters", "事项", "Matters"),
    Room("/cases", "案件", "Cases"),
    Room("/deadlines", "期限与日历", "Deadlines"),
    Room("/notices", "通知", "Notices", "notices"),
    Room("/statistics", "统计", "Statistics", "statistics"),
    Room("/campaign", "方案与流程", "Campaign"),
    Room("/audit", "审计", "Audit", "audit"),
    Room("/people", "人员与权限", "People", "accounts"),
    Room("/vault", "举报人信息", "Vault", "vault_list"),
    Room("/privacy", "个人信息", "Personal data", "privacy"),
    Room("/rehearsal", "推演", "Rehearsal", rehearsal=True),
)


def navigation(visit: "Visit") -> list[tuple[Room, bool]]:
    """The rooms that the visitor is shown, each with whether he is in it."""
    here = visit.request.url.path
    return [
        (room, here == room.url or here.startswith(room.url + "/"))
        for room in ROOMS
        if not (room.rehearsal and visit.workspace.mode != "rehearsal")
        and (not room.function or visit.sight.may(room.function))
    ]
