"""Rehearsals to look at: played once in a session, copied for each test.

``typical``: the Baodi campaign on 20 January 2011 with typical people and 60 cases; beside them matters with a very long
name, with markup in its name, with an English one, and notices that never got through. ``crowded``: 3,000 cases of all
enforcing bodies, every seventh with a long name, on the second day. ``empty``: the first day, nothing but what the
campaign itself opened. ``small``: the two bodies and few errands of the tests' own campaign. ``morning``: Baodi on
8 December 2010 at 9, with matters that wait for somebody to do the next step by hand.
"""

import os
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from random import Random

from case_beginnings import FIVE, MUST
from world import advance, begin, do, local, open_one

from engine.delegating import Delegations
from engine.orders import Actor, Open
from engine.rows import NoticeRow
from engine.store import Tx
from scheduler.channels import PermanentFailure
from scheduler.rehearse import play, stage_of
from scheduler.turn import Turn
from workflows.launch import Beginning, init
from workflows.workspace import Workspace

DAY = "2011-01-20T10:00"
"""Where the typical stage stands: in the third phase, with what was breached, returned, transferred and closed."""

CROWD = 3000

LONG = "关于" + "在全区范围内进一步深入开展打击侵犯知识产权和制售假冒伪劣商品" * 4 + "专项检查中发现涉嫌侵权商品一案"
MARKUP = '<script>alert("侵权")</script> & "引号" \'单引号\' {{ 7*7 }}'
ENGLISH = "Counterfeit mobile telephones found at the wholesale market in Chaoyang Road, stalls 12 to 19, second floor"

UNREACHED = "wujia.liaison"
"""Whoever never gets what is sent, because the address does not exist."""

INFRINGEMENTS = {
    "gongshang": ("c213", "c214", "c215"), "xwcb": ("c217", "c218"), "zhijian": ("c140", "c146"),
    "shiyao": ("c141", "c142", "c145"),
}  # fmt: skip

TITLES = ("检查发现涉嫌侵权假冒商品", "市场巡查发现涉嫌假冒注册商标商品", "专项检查发现涉嫌伪劣商品", "侵权手机案")


class Unreliable:
    """A way that takes everything but what goes to `UNREACHED`."""

    def send(self, notice: NoticeRow, _campaign: str) -> str:
        if notice.recipient == UNREACHED:
            raise PermanentFailure("550 5.1.1 no such user here")
        return "taken"


def typical(url: str) -> None:
    workspace, _ = init(url, Beginning("baodi-2010", rehearsal=True))
    stage = stage_of(workspace, "typical", 1, 60)
    stage.turn = Turn(workspace, {"console": Unreliable(), "file": Unreliable()}, hand=200)
    play(stage, local(DAY))
    _open_cases(workspace, [("gongshang", LONG), ("zhijian", MARKUP), ("xwcb", ENGLISH)])
    workspace.close()


def crowded(url: str) -> None:
    workspace, _ = init(url, Beginning("baodi-2010", rehearsal=True))
    rng = Random(1)
    bodies = [rng.choice(list(INFRINGEMENTS)) for _ in range(CROWD)]
    _open_cases(
        workspace, [(body, LONG if n % 7 == 3 else f"{TITLES[n % 4]}（{n + 1}）") for n, body in enumerate(bodies)]
    )
    advance(workspace, "2010-11-26T17:00")
    workspace.close()


def empty(url: str) -> None:
    init(url, Beginning("baodi-2010", rehearsal=True))[0].close()


def small(url: str) -> None:
    workspace = begin(url)
    advance(workspace, "2010-11-03T09:00")
    workspace.close()


def morning(url: str) -> None:
    workspace, _ = init(url, Beginning("baodi-2010", rehearsal=True))
    advance(workspace, "2010-11-26T09:00")
    for body in ("wujia", "xwcb"):
        do(workspace, f"department_task/{body}", "acknowledge", f"{body}.head")
        do(workspace, f"department_task/{body}", "submit_plan", f"{body}.head", docs="own_plan organisation")
    head, day = workspace.actor("wujia.head"), local("2010-12-08T00:00")
    Delegations(workspace.engine, head).make("wujia.head", "wujia.liaison", day, day + timedelta(days=9), "外出开会")
    advance(workspace, "2010-12-07T14:00")
    for title in ("查获假冒商标手机一案", "查获假冒商标皮具一案", "查获假冒商标白酒一案"):
        _report(workspace, title)
    for ref in ("case/2010-0002", "case/2010-0003"):
        do(workspace, ref, "approve_transfer", "gongshang.head", docs="approval_form")
        do(workspace, ref, "send_package", "gongshang.officer", docs=FIVE)
    do(workspace, "case/2010-0003", "deliver_package", "gongan.head", docs="receipt")
    advance(workspace, "2010-12-08T09:00")
    do(
        workspace,
        "case/2010-0003",
        "decline_filing",
        "gongan.head",
        docs="refusal_notice returned_files",
        reason="没有犯罪事实",
    )
    workspace.close()


def _report(workspace: Workspace, title: str) -> None:
    """Bring a new case to where its department's head decides whether it goes to the police."""
    ref = open_one(
        workspace, "case", "gongshang.officer", title=title, infringement="c213", seized_goods=False
    ).matter.ref
    do(workspace, ref, "form_task_force", "gongshang.head", officers=2, **MUST)
    do(workspace, ref, "submit_report", "gongshang.officer", docs="team_report")


STAGES: dict[str, Callable[[str], None]] = {each.__name__: each for each in (typical, crowded, empty, small, morning)}


class Wardrobe:
    """Stages as they stand at their beginning; each is built when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def copy(self, name: str, folder: Path) -> str:
        """Put a copy of the stage *name* into *folder* and return its URL."""
        made = self._folder / name
        if not made.exists():
            STAGES[name](f"sqlite:///{_making(self._folder / f'{name}.part')}")
            (self._folder / f"{name}.part").rename(made)
        shutil.copyfile(made / "duban.db", folder / "duban.db")
        papers = made / "duban.db.documents"
        if papers.exists():  # they are named by their hash and never written again
            shutil.copytree(papers, folder / "duban.db.documents", copy_function=os.link)
        return f"sqlite:///{folder / 'duban.db'}"


def _making(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder / "duban.db"


def _open_cases(workspace: Workspace, cases: list[tuple[str, str]]) -> None:
    """Open cases of *(body, title)* in one transaction."""
    rng = Random(2)

    def work(tx: Tx) -> None:
        actors: dict[str, Actor] = {}
        for body, title in cases:
            actor = actors.setdefault(body, workspace.actor(f"{body}.officer"))
            facts = {"infringement": rng.choice(INFRINGEMENTS[body])}
            workspace.engine.run(tx, Open(kind="case", body=body, title=title, facts=facts), actor)

    workspace.engine.in_transaction(work)
