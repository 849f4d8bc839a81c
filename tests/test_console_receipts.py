"""Receipts on the pages: the way to them after an act of every family, their file, and that nobody gets a foreign one."""

import html
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from doorway import Served, served
from production import admin, producing
from standalone import held_against, keyed, sealed
from test_calendar_page import NOTICE
from test_console_matter import Clerk, hidden_of
from test_console_vault import lead
from test_draft_pages import changed, propose
from visitor import Visitor
from world import begin, do, sql

from web.console.said import Said, carried
from web.proof_room import ProofRoom
from workflows.workspace import Workspace

WAY = re.compile(r'<a class="receipt" href="([^"]+)">回执')
LINE = re.compile(r'href="(/receipts\?of=[^"]+)">回执')


@pytest.fixture
def office(db_url: str) -> Iterator[Workspace]:
    found = begin(db_url)
    yield found
    found.close()


def way(page: str) -> str:
    """Where the page after an act leads for its receipt."""
    found = WAY.findall(page)
    assert len(found) == 1, page[:3000]
    return html.unescape(found[0])


def kept(visitor: Visitor, where: str) -> str:
    """The file of the receipts at *where*."""
    code, text = visitor.ask(where.replace("/receipts?", "/receipts/file?"))
    assert code == 200 and visitor.headers["content-disposition"].startswith("attachment")
    return text


def after(visitor: Visitor, asked: tuple[int, str]) -> str:
    """The file of the receipts of an act that has just been done, wherever its answer stands."""
    code, page = asked
    assert code in (200, 303), page
    where = way(page if code == 200 else visitor.follow()[1])
    code, page = visitor.ask(where)
    assert code == 200 and "下载回执文件" in page
    return kept(visitor, where)


def of_the_small_one(site: str) -> dict[str, Callable[[], str]]:
    """An act of each family that every campaign has."""
    people = {name: Clerk(site) for name in ("alpha.liaison", "alpha.head", "bgs.admin", "lxz.chair")}
    for login, each in people.items():
        each.enter(login)
    clerk, head, desk, chair = people.values()

    def of(visitor: Clerk, path: str, **form: str) -> str:
        return after(visitor, visitor.ask(path, {"csrf": visitor.csrf(), **form}))

    def on_errand(visitor: Clerk, act: str, key: str, **form: str) -> str:
        where = f"/{act}/errand/alpha"
        return after(visitor, visitor.send(where, hidden_of(visitor.ask("/m/errand/alpha")[1], key) | form))

    def draft(how: str, visitor: Clerk, **form: str) -> str:
        where = propose(desk, changed(("Bureau Alpha", f"Bureau {how}")))
        return of(visitor, f"{where}/{how}", **form)

    def proposed() -> str:
        propose(desk, changed(("Bureau Alpha", "Bureau proposed")))
        return after(desk, (303, ""))

    away = {"to": "alpha.liaison", "since": "2010-11-26", "until": "2010-11-30", "reason": "出差"}
    ended = {"delegator": "alpha.head", "delegate": "alpha.liaison", "body": "alpha", "post": "head"}
    return {
        "an order": lambda: on_errand(clerk, "do", "take"),
        "an urging": lambda: on_errand(desk, "urge", "urge", reason="请今日办结"),
        "a comment": lambda: on_errand(desk, "comment", "comment", reason="知悉"),
        "a contact": lambda: of(head, "/account/contacts", channel="file", address="x@alpha.example"),
        "a contact dropped": lambda: of(head, "/account/contacts/drop", channel="file"),
        "a delegation": lambda: of(head, "/account/delegations", **away),
        "its end": lambda: of(head, "/account/delegations/end", **ended),
        "a calendar address": lambda: of(head, "/deadlines/feed", act="make"),
        "a hold": lambda: of(desk, "/notices/held", act="hold_all", reason="停电"),
        "a release": lambda: of(desk, "/notices/held", act="release", which="all", reason="核定"),
        "a calendar": lambda: of(desk, "/campaign/calendar", name="n.yaml", content=NOTICE, action="apply"),
        "a proposal": proposed,
        "a withdrawal": lambda: draft("withdraw", desk),
        "a rejection": lambda: draft("reject", chair, reason="不妥"),
        "an approval": lambda: draft("approve", chair),
    }  # fmt: skip


def test_every_family_of_acts_shows_the_way_to_a_receipt_that_the_program_without_us_accepts(
    office: Workspace, visitor: Visitor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = keyed(office, tmp_path, monkeypatch)
    monkeypatch.setattr(ProofRoom, "ask", lambda self, job: {"ok": True, "problems": [], "proofs": [], "failed": ""})
    files = {}
    for name, act in of_the_small_one(visitor.site.geturl()).items():
        files[name] = act()
        assert all(json.loads(line)["sig"] for line in files[name].splitlines()), name
    sealed(office, key)

    said = held_against(office, tmp_path, files.values())

    assert (said["ok"], said["findings"]) == (True, [])
    wrong = files["a contact"].replace('"seq": 1', '"seq": 77')
    assert {each["code"] for each in held_against(office, tmp_path, [wrong])["findings"]} == {"receipt_missing"}


def test_posts_codes_and_tokens_have_their_receipts(
    db_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with producing(db_url) as office, served(office) as here:
        secrets = [here.house.settle(login, "bgs.admin") for login in ("shen", "wang")]
        shen, wang = (here.inside(login, secret) for login, secret in zip(("shen", "wang"), secrets, strict=True))
        key = keyed_in_production(office, tmp_path, monkeypatch)
        files = [after(shen, shen.ask("/people", {"csrf": shen.csrf(), "login": "li", "name": "李某"}))]
        for path, form in (
            ("/people/p/li/code", {}),
            ("/people/p/li/grant", {"seat": "alpha.head", "until": "2027-01-31"}),
            ("/account/tokens", {"days": "7", "scope": "read"}),
        ):
            files.append(after(shen, shen.ask(path, {"csrf": shen.csrf(), **form})))
        ident = wang.ask("/people/proposals")[1].split('name="id" value="')[1].split('"')[0]
        files.append(after(wang, wang.ask("/people/decide", {"csrf": wang.csrf(), "id": ident, "what": "approve"})))
        files.append(after(shen, shen.ask("/people/p/li/revoke", {"csrf": shen.csrf(), "seat": "alpha.head"})))
        sealed(office, key)

        assert held_against(office, tmp_path, files)["ok"]
        where = "/receipts?of=authz/li/1"
        assert shen.ask(where)[0] == 200 and "已封存" in shen.ask(where)[1]


def keyed_in_production(office: Workspace, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(type(office), "actor", lambda *_: admin(office).actor)
    key = keyed(office, folder, monkeypatch)
    monkeypatch.undo()
    monkeypatch.setenv("DUBAN_KEY", str(key))
    monkeypatch.setenv("DUBAN_STATE", str(folder / "state"))
    return key


@pytest.fixture
def here(sqlite_url: str) -> Iterator[Served]:
    found = begin(sqlite_url, "baodi-2010", unproved=True)
    with served(found) as made:
        made.house.office = found
        yield made
    found.close()


def test_the_vault_gives_receipts_to_who_asked_approved_and_read(
    here: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref, key = lead(here), keyed(here.house.office, tmp_path, monkeypatch)
    officer, head, other = (here.visitor() for _ in range(3))
    for visitor, login in ((officer, "gongshang.officer"), (head, "gongshang.head"), (other, "wujia.head")):
        visitor.enter(login)
    files = [after(officer, officer.ask("/vault", {"csrf": officer.csrf(), "ref": ref, "purpose": "核实举报"}))]
    ident = head.ask("/vault")[1].split('name="id" value="')[1].split('"')[0]
    files.append(after(head, head.ask("/vault/approve", {"csrf": head.csrf(), "id": ident})))
    files.append(after(officer, officer.ask("/vault/reveal", {"csrf": officer.csrf(), "id": ident})))
    sealed(here.house.office, key)

    assert held_against(here.house.office, tmp_path, files)["ok"]
    assert [json.loads(each)["stream"] for each in files] == [f"vault/{ref}"] * 3
    for seq in (1, 2, 3, 4):
        assert other.ask(f"/receipts?of=vault/{ref}/{seq}")[0] == 404
    assert head.ask(f"/receipts?of=vault/{ref}/3")[0] == 404, "who read it is for the auditor"


def test_a_line_of_a_matter_and_of_the_record_leads_to_its_receipt(office: Workspace, visitor: Visitor) -> None:
    do(office, "errand/alpha", "take", "alpha.liaison")
    visitor.enter("bgs.admin")
    for page in ("/m/errand/alpha", "/audit?ref=errand/alpha"):
        ways = [html.unescape(each) for each in LINE.findall(visitor.ask(page)[1])]
        assert f"/receipts?of=matter%2Ferrand%2Falpha%2F{len(ways)}" in ways, page
        for each in ways:
            code, shown = visitor.ask(each)
            assert code == 200 and "未签名" in shown and "尚未封存" in shown
            said = json.loads(kept(visitor, each))
            row = sql(
                office.database, f"select hash from entry where stream = '{said['stream']}' and seq = {said['seq']}"
            )
            assert (row[0][0], said["sealed"]) == (said["leaf"], None)


def test_nobody_sees_or_takes_the_receipt_of_what_is_not_his(office: Workspace, visitor: Visitor) -> None:
    do(office, "errand/alpha", "take", "alpha.liaison")
    visitor.enter("alpha.liaison")
    visitor.send("/account/contacts", channel="file", address="x@alpha.example")
    mine = ("matter/errand/alpha/1", "contacts/alpha.liaison/1")
    assert [visitor.ask(f"/receipts?of={each}")[0] for each in mine] == [200, 200]
    visitor.enter("beta.head")
    for each in (*mine, "matter/errand/alpha/99", "nothing/1", "matter/errand/alpha/0", "x", "", "a/b/²", f"x/{10**9}"):
        for path in ("/receipts?of=", "/receipts/file?of="):
            code, page = visitor.ask(path + html.escape(each).replace("²", "%C2%B2"))
            assert code == 404 and "已封存" not in page, (path, each)
    assert visitor.ask("/receipts?of=matter/errand/beta/1&of=matter/errand/alpha/1")[0] == 404, "all or nothing"


def test_ones_own_are_listed_and_searched_by_day(office: Workspace, visitor: Visitor) -> None:
    visitor.enter("alpha.head")
    assert "这段时间没有您办理的留痕" in visitor.ask("/receipts")[1]
    visitor.send("/account/contacts", channel="file", address="x@alpha.example")
    do(office, "errand/alpha", "take", "alpha.liaison")

    code, page = visitor.ask("/receipts")

    assert code == 200 and page.count("contacts/alpha.head #1") == 1 and "matter/errand/alpha" not in page
    assert "contacts/alpha.head" not in visitor.ask("/receipts?until=2010-10-31")[1]
    assert visitor.ask("/receipts?from=soon")[0] == 422 and visitor.ask("/receipts?cursor=xyz")[0] == 422
    visitor.speak("en")
    assert "My receipts" in visitor.ask("/receipts")[1]


def test_who_only_comes_in_looks_or_is_refused_is_offered_no_receipt(office: Workspace, visitor: Visitor) -> None:
    visitor.enter("alpha.head")
    assert not WAY.search(visitor.follow()[1])
    code, page = visitor.send("/account/contacts", channel="nothing", address="")
    assert code == 422 and not WAY.search(page)
    visitor.send("/logout")
    assert not WAY.search(visitor.follow()[1])


@pytest.mark.parametrize(
    "packed", ["%%", "W10=", "eyJhIjoxfQ==", "WyJ4IixbMV1d", "WyJ4IixbWyJzIiwieCJdXV0=", "x" * 5000]
)
def test_a_cookie_that_is_none_of_ours_says_nothing(packed: str) -> None:
    assert carried(packed) == Said()
