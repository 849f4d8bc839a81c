"""Where a newcomer begins in a rehearsal: some posts that show what the system does, each with what to try there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from web.console.visit import Visit


@dataclass(frozen=True)
class Beginning:
    """A login to come in as, its body and post, where to look first, and what is to be seen there."""

    login: str
    body: str
    post: str
    next: str
    zh: str
    en: str


WAYS: tuple[tuple[tuple[str, ...], tuple[str, ...], str, str, str], ...] = (
    (("office",), ("admin",), "/rehearsal", "按“播放”，看行动自己推进：谁被提醒，谁逾期，谁被催办；再到“进度总览”看红黄绿灯。",
     "Press play and see the campaign run: who is reminded, who is late, who is urged; then see the lights on the board."),
    (("department",), ("head",), "/work", "看本部门欠什么、哪天到期；点开部门任务，签收并报送材料。",
     "See what a department owes and when; open its task, acknowledge it and send the documents."),
    (("department",), ("officer",), "/cases", "登记一个案件，当场对照立案追诉标准；看移送公安要哪些材料。",
     "Enter a case and see it held against the standards of prosecution; see what a transfer to the police takes."),
    (("police",), ("head",), "/work", "签收移送的案件，决定是否立案；不立案要说明理由。",
     "Sign for cases that are transferred, and decide whether they are filed; a refusal needs its reason."),
    (("supervisor",), ("auditor",), "/audit", "逐条查谁在何时做了什么，并核验记录没有被改动。",
     "Read who did what and when, and verify that nothing of it was changed."),
)  # fmt: skip
"""Of which parts and posts, where each begins, and what there is to try."""


def beginnings(visit: Visit) -> list[Beginning]:
    """One login for each of these ways that the campaign's rehearsal has, in their order."""
    found, taken = [], set[str]()
    people: Mapping[str, Iterable[tuple[str, str]]] = visit.workspace.people.rehearsal
    for parts, posts, then, zh, en in WAYS:
        for login, held in people.items():
            fitting = [
                (body, post)
                for body, post in sorted(held)
                if post in posts and body in visit.campaign.bodies and visit.campaign.bodies[body].part in parts
            ]
            if fitting and login not in taken:
                taken.add(login)
                found.append(Beginning(login, *fitting[0], then, zh, en))
                break
    return found
