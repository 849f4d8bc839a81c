"""A campaign with one matter of each class that the policy tells apart, and who sees which: written down, not computed."""

from typing import Any

import world
from case_beginnings import ACCEPTED, DETECTED
from scenarioplay import Play

from workflows.workspace import Workspace

TASK, PLAIN, SENT, LEAD, ITEM = "task", "plain", "sent", "lead", "item"
"""A department's task (物价局), a case with the department (工商), a case with the police, a lead, a supervision item."""

ALL = {TASK, PLAIN, SENT, LEAD, ITEM}

SEES: dict[str, set[str]] = {
    "bgs.admin": ALL,
    "bgs.head": ALL,
    "lxz.chair": ALL,
    "lxz.head": ALL,
    "auditor": ALL,
    "wujia.liaison": {TASK, ITEM},
    "wujia.head": {TASK, ITEM},
    "gongshang.officer": {PLAIN, SENT},
    "gongshang.head": {PLAIN, SENT},
    "gongshang.legal": {PLAIN, SENT},
    "zhijian.officer": {LEAD},
    "zhijian.head": {LEAD},
    "gongan.officer": {SENT},
    "gongan.head": {SENT},
    "jianchayuan.officer": {SENT},
    "fayuan.officer": set(),
    "other_police.head": set(),
    "shangwu.liaison": set(),
    "xuanchuan.head": set(),
}
"""Which classes of matters each login sees: reliability rows “case content”, “transfer to police”, own department."""

MASKED = {"auditor"}
"""Who sees them without the personal facts."""

POSTS = {**dict.fromkeys(SEES), "bgs.operator": ("bgs", "operator"), "bgs.security": ("bgs", "security")}
"""The logins of the table; operator and security administrator by the posts they will hold."""

_EVERYBODY = set(SEES) - {"auditor"}

MAY: dict[str, set[str]] = {
    "exports_all": {"bgs.admin", "bgs.head", "lxz.chair", "lxz.head"},
    "exports_own": _EVERYBODY,
    "exports_audit": {"auditor"},
    "audit": {"auditor", "bgs.admin", "bgs.head", "lxz.chair", "lxz.head"},
    "security_log": {"auditor"},
    "statistics": set(SEES),
    "supervise": {"bgs.admin", "bgs.head", "lxz.chair", "lxz.head", "auditor", "jianchayuan.officer"},
    "urge": {"bgs.admin", "bgs.head"},
    "hold": {"bgs.admin", "bgs.head"},
    "vault_approve": {login for login in SEES if login.endswith(".head")},
    "privacy": {"bgs.admin", "auditor", "bgs.security", *(login for login in SEES if login.endswith(".head"))},
    "vault_list": {"auditor", "jianchayuan.officer"},
    "channels": {"bgs.operator"},
    "backup": {"bgs.operator"},
    "accounts": {"bgs.security", "bgs.admin"},
    "grants": {"bgs.security", "bgs.admin"},
    "keys": {"bgs.operator", "bgs.security"},
}
"""Who has which function. The office stands in for operator and security administrator in a campaign without those posts."""


def played(url: str) -> tuple[Workspace, dict[str, str]]:
    """Play the beginnings; return the workspace and the reference of each class."""
    play = Play(url)
    play.run("case", "gongshang", ACCEPTED)
    desk, sent, play.ref = play.desk, play.ref, ""
    play.order({**DETECTED[0], "occurred": "2010-12-03T16:00:00+08:00"}, "case", "gongshang")
    said: dict[str, Any] = {"channel": "letter", "anonymous": False, "content": "举报内容"}
    lead = world.open_one(desk, "lead", "bgs.admin", "bgs", **said).ref
    world.do(desk, lead, "register", "bgs.admin", secrecy="internal")
    world.do(desk, lead, "assign", "bgs.admin", assignee="zhijian")
    item = world.open_one(desk, "supervision", "bgs.admin", "wujia", **asked(desk)).ref
    return desk, {TASK: "department_task/wujia", PLAIN: play.ref, SENT: sent, LEAD: lead, ITEM: item}


def asked(desk: Workspace) -> dict[str, Any]:
    """What the opening of a supervision item must state, said somehow."""
    doc = desk.campaign.kind("supervision").doc
    some = {"text": "督办要求", "bool": False, "int": 1, "date": "2010-12-20", "body": "wujia", "money": 0}
    return {
        name: doc.facts[name].values[0] if doc.facts[name].type == "enum" else some[doc.facts[name].type]
        for name in doc.open.asks
    }
