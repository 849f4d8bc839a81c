"""Whoever says “received”, by a link or on the page of a notice, can take the receipt of it away, and nobody else's."""

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from doorway import served
from standalone import held_against, keyed, sealed
from test_links import desk, token_for
from test_web import ask, site_of
from world import advance, begin, everything, notices, sql

from workflows.workspace import Workspace

WAY = re.compile(r'href="([^"]+)" download>下载签收回执')
RECEIPT = re.compile(r'<a href="(/receipts\?of=notices[^"]+)">签收回执')


@pytest.fixture
def reminded(db_url: str) -> Iterator[Workspace]:
    found = begin(db_url)
    advance(found, "2010-11-03T09:00")
    yield found
    found.close()


def test_a_link_leads_to_the_receipt_of_what_it_acknowledged_also_later_and_with_its_seal(
    reminded: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, token = keyed(reminded, tmp_path, monkeypatch), token_for(reminded, "alpha.liaison")
    with site_of(reminded) as site:
        before = [ask(f"{site}/ack/{token}"), ask(f"{site}/ack/{token}/receipt")]
        assert [each.code for each in before] == [200, 404] and not WAY.search(before[0].page)
        first = ask(f"{site}/ack/{token}", "POST")
        (where,) = WAY.findall(first.page)
        assert where == f"{token}/receipt", "beside the page, wherever the links stand"
        fresh = ask(f"{site}/ack/{where}")
        sealed(reminded, key)
        still = everything(reminded)
        later = ask(f"{site}/ack/{WAY.findall(ask(f'{site}/ack/{token}').page)[0]}")
        assert ask(f"{site}/ack/{where}", "HEAD").code == 200 and everything(reminded) == still

    assert (fresh.code, fresh.headers["content-type"], later.code) == (200, "application/json", 200)
    assert (
        fresh.headers["content-disposition"].startswith("attachment") and "no-store" in fresh.headers["cache-control"]
    )
    said = json.loads(fresh.page)
    (seq, leaf) = sql(reminded.database, "select seq, hash from entry where trigger = 'acknowledge'")[0]
    assert (said["stream"], said["seq"], said["leaf"]) == ("notices/errand/alpha", seq, leaf)
    assert said["sealed"] is None and said["sig"] and json.loads(later.page)["sealed"]["size"] > 0
    assert held_against(reminded, tmp_path, [fresh.page, later.page])["ok"]


def test_a_link_has_the_receipt_of_each_notice_that_it_is_for_and_no_other(reminded: Workspace) -> None:
    both, beta = token_for(reminded, "alpha.liaison", "beta.liaison"), token_for(reminded, "beta.liaison")
    work = desk(reminded)
    assert work.receipts(both) == work.receipts(beta) == []
    work.acknowledge(token_for(reminded, "alpha.liaison"))
    assert work.receipts(both) == work.receipts(beta) == [], "as long as something of it waits, the button is there"
    work.acknowledge(both)

    assert [each.body["recipient"] for each in work.receipts(both)] == ["alpha.liaison", "beta.liaison"]
    assert [each.body["recipient"] for each in work.receipts(beta)] == ["beta.liaison"]
    assert work.receipts("x") == [] and work.receipts(both[:-2] + "AA") == []


def test_the_page_of_a_notice_leads_to_the_receipt_of_its_acknowledgement(reminded: Workspace) -> None:
    (ident,) = [each["id"] for each in notices(reminded) if each["recipient"] == "alpha.liaison"]
    with served(reminded) as here:
        liaison, head, stranger = (here.visitor() for _ in range(3))
        for visitor, login in ((liaison, "alpha.liaison"), (head, "alpha.head"), (stranger, "beta.head")):
            visitor.enter(login)
        assert not RECEIPT.search(liaison.ask(f"/notices/{ident}")[1])
        assert liaison.send(f"/notices/{ident}/ack")[0] == 303

        where = {
            html.unescape(each)
            for visitor in (liaison, head)
            for each in RECEIPT.findall(visitor.ask(f"/notices/{ident}")[1])
        }

        assert len(where) == 1
        assert [visitor.ask(*where)[0] for visitor in (liaison, head, stranger)] == [200, 200, 404]


def test_who_sees_a_digest_sees_the_receipt_of_its_acknowledgement(db_url: str) -> None:
    office = begin(db_url)
    advance(office, "2010-11-03T09:00")
    sql(office.database, "update notice set ref = null where recipient = 'alpha.liaison'")
    (ident,) = [each["id"] for each in notices(office) if each["recipient"] == "alpha.liaison"]
    with served(office) as here:
        liaison, head, stranger = (here.visitor() for _ in range(3))
        for visitor, login in ((liaison, "alpha.liaison"), (head, "alpha.head"), (stranger, "beta.head")):
            visitor.enter(login)
        liaison.send(f"/notices/{ident}/ack")
        (where,) = RECEIPT.findall(head.ask(f"/notices/{ident}")[1])
        assert [visitor.ask(html.unescape(where))[0] for visitor in (liaison, head, stranger)] == [200, 200, 404]
    office.close()
