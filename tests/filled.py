"""Two campaigns in which between them every table has a row: what a check of the record must hold against it."""

from pathlib import Path

from commandline import Office
from house import House
from production import admin, hire, own_token, watch
from test_amendment import LATER, changed

from engine.accounts import Accounts
from engine.campaign_proposals import OPEN, REJECTED, Proposed, decide, propose
from engine.canonical import digest
from engine.store import Tx
from workflows.workspace import Workspace

LEAD = ("channel=letter", "anonymous=false", "content=市场三排有假货", "reporter=赵某")
WUJIA, XWCB = "department_task/wujia", "department_task/xwcb"


def lived(url: str, folder: Path) -> None:
    """A week of the campaign of 2010 with everything in it that leaves a row, but for what only a production has."""
    office = Office(url)

    def done(*words: str) -> None:
        ended = office(*words)
        assert ended.code == 0, (words, ended.out, ended.err)

    def as_(login: str, *words: str) -> None:
        done("--as", login, *words)

    done("vault", "key", "new", str(folder / "vault.key"))
    done("init", "--rehearsal", "--calendar", "asof")
    done("audit", "key", "new")
    as_("wujia.head", "do", WUJIA, "acknowledge")
    as_("gongshang.officer", "open", "case", "--body", "gongshang", "--fact", "infringement=c214")
    as_("gongshang.officer", "do", "case/2010-0001", "record_facts", "--fact", "sales_amount=6000000")
    facts = [word for fact in LEAD for word in ("--fact", fact)]
    ref = office.json("--as", "gongshang.officer", "open", "lead", "--body", "gongshang", *facts)["matter"]["ref"]
    asked = office.json("--as", "gongshang.officer", "vault", "request", ref, "--purpose", "核实")["request"]["id"]
    as_("gongshang.head", "vault", "approve", asked)
    as_("gongshang.officer", "vault", "reveal", asked)
    done("user", "feed-token", "wujia.head")
    done(
        "user",
        "delegate",
        "wujia.head",
        "--to",
        "wujia.liaison",
        "--from",
        "2010-11-26",
        "--until",
        "2010-12-03",
        "--reason",
        "出差",
    )
    done(
        "contact", "set", "wujia.head", "--channel", "file", "--address", "head@wujia.example", "--quiet", "22:00-07:00"
    )
    as_("bgs.admin", "view", "save", "red", "--light", "red")
    assert office.as_("wujia.head", "show", ref).code == 3
    done("comment", WUJIA, "--text", "请于周五前报送", "--copy-to", "gongshang")
    done("notice", "urge", XWCB, "--text", "请抓紧")
    paper = folder / "plan.txt"
    paper.write_text("实施方案", "utf-8")
    as_("wujia.head", "attach", WUJIA, "--doc", f"own_plan={paper}")
    done("clock", "advance", "--to", "2010-12-10T08:00")
    sent = office.json("notice", "list", "--status", "sent")["items"]
    done("notice", "ack", next(each["id"] for each in sent if each["ref"] == WUJIA))
    done("calendar", "import", "cn-2011", "--apply")
    done("campaign", "amend", changed(folder / "amended", *LATER), "--apply", "--approve-by", "lxz.chair")
    done("clock", "advance", "--to", "2010-12-13T12:00")
    done("notice", "urge", XWCB, "--text", "再次请抓紧")
    done("comment", XWCB, "--text", "再次", "--copy-to", "gongshang", "--copy-to", "wujia")
    owed = office.json("notice", "list", "--status", "owed")["items"]
    done("notice", "hold", owed[-1]["id"], "--reason", "核查")
    done("audit", "checkpoint")


def inhabited(office: Workspace) -> None:
    """Persons, posts, tokens, codes, passwords, sessions and failures; posts and drafts that wait for another's word."""
    house = House(office)
    hire(office, "wang.fang", "beta.liaison")
    admin(office).disable("wang.fang")
    for login, post in (("li.ming", "alpha.head"), ("an.quan", "bgs.admin"), ("zu.zhang", "lxz.chair")):
        house.settle(login, post)
    watch(office).later(minutes=5)
    house.attempt("li.ming")
    house.sessions.remember("li.ming", "")
    house.attempt("li.ming", "wrong")
    house.code("li.ming")
    keeper = Accounts(office.engine, office.actor(token=own_token(office, "an.quan")))
    keeper.grant("li.ming", "alpha", "officer")
    ident = keeper.grant("li.ming", "alpha", "liaison")["proposal"]
    keeper.decline(ident)
    draft = Proposed(0, "amend", digest("{}"), "改期", "cd" * 32, "", "", "", 0, OPEN, None, None, None, "{}")
    now, chair = office.clock.now(), office.actor(token=own_token(office, "zu.zhang"))

    def propose_both(tx: Tx) -> None:
        for _ in range(2):
            last = propose(tx, office.campaign, draft, keeper.actor, now)
        decide(tx, office.campaign, last, REJECTED, chair, now, "不同意")

    office.engine.in_transaction(propose_both)
