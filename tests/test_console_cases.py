"""The list of cases over HTTP: what narrows it down, who finds what, kept filters, and the list as a file."""

import csv
import io
import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import urlencode

import pytest
import world
from sightworld import LEAD, PLAIN, SENT, played
from visitor import Visitor

from commands.serving import Standing, serving_console
from workflows.workspace import Workspace

PARTY = "宏达商行"


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Workspace, dict[str, str], str]]:
    desk, refs = played(f"sqlite:///{tmp_path_factory.mktemp('cases')}/c.db")
    said = {"parties": PARTY, "products": ["seeds"], "goods_value": 6_000_000, "place": "=2+2 集市"}
    world.do(desk, refs[PLAIN], "record_facts", "gongshang.officer", **said)
    with serving_console(desk, Standing(desk, heart=False), "127.0.0.1", 0) as site:
        yield desk, refs, site
    desk.close()


def at(hall: tuple[Workspace, dict[str, str], str], login: str) -> Visitor:
    visitor = Visitor(hall[2])
    visitor.enter(login)
    return visitor


def found(visitor: Visitor, **asked: str) -> tuple[int, set[str]]:
    """The number that a list says and the references that it shows; both must agree."""
    code, page = visitor.ask("/cases?" + urlencode(asked))
    if code == 303:
        code, page = visitor.ask(visitor.headers["location"])
    assert code == 200, page
    refs = set(re.findall(r'href="/m/([^"]+)"', page))
    total = int(page.split('id="cases-total">')[1].split("<")[0])
    assert total == len(refs)
    return total, refs


def test_cases_are_narrowed_down_by_what_they_are_about(hall: tuple[Workspace, dict[str, str], str]) -> None:
    _, refs, _ = hall
    office = at(hall, "bgs.admin")
    both, plain = {refs[PLAIN], refs[SENT]}, {refs[PLAIN]}
    assert found(office)[1] == found(office, kind="case")[1] == both
    assert found(office, kind="lead")[1] == {refs[LEAD]}
    assert found(office, kind="case", state="detected")[1] == plain
    assert found(office, kind="case", **{"fact.products": "seeds"})[1] == plain
    assert found(office, kind="case", **{"not.referred": "yes"})[1] == plain
    assert found(office, kind="case", sum="goods_value", sum_from="60,000", sum_to="")[1] == plain
    assert found(office, kind="case", **{"amount.goods_value.to": "59999.99"})[1] == set()
    assert found(office, kind="case", text=PARTY)[1] == plain
    assert found(office, kind="case", text=refs[SENT])[1] == {refs[SENT]}
    assert found(office, kind="case", opened_from="2010-12-03", opened_until="2010-12-03")[1] == plain
    assert found(office, kind="case", body="zhijian")[1] == set()


def test_an_address_is_tidied_and_keeps_its_filters(hall: tuple[Workspace, dict[str, str], str]) -> None:
    office = at(hall, "bgs.admin")
    asked = {
        "kind": "case",
        "text": "",
        "fact.products": "seeds",
        "sum": "loss",
        "sum_from": "5",
        "sum_to": "",
        "body": "",
    }
    assert office.ask("/cases?" + urlencode(asked))[0] == 303
    assert office.headers["location"] == "/cases?kind=case&fact.products=seeds&amount.loss.from=5"
    _, page = office.ask(office.headers["location"])
    assert '<option value="seeds" selected>' in page and 'name="sum_from" inputmode="decimal" value="5"' in page


def test_what_cannot_be_read_is_said_and_stays_in_the_form(hall: tuple[Workspace, dict[str, str], str]) -> None:
    office = at(hall, "bgs.admin")
    for asked in ({"amount.loss.from": "many"}, {"light": "blue"}, {"sort": "x"}, {"cursor": "x"}, {"text": "一"}):
        code, page = office.ask("/cases?" + urlencode({"kind": "case", **asked}))
        assert code == 422 and 'class="refusal"' in page, asked
    assert 'value="一"' in page


def test_who_sees_a_case_masked_finds_nothing_by_its_party(hall: tuple[Workspace, dict[str, str], str]) -> None:
    _, refs, _ = hall
    auditor = at(hall, "auditor")
    assert refs[PLAIN] in found(auditor, kind="case")[1]
    assert found(auditor, kind="case", text=PARTY)[1] == set()
    assert PARTY not in auditor.ask("/cases")[1]
    assert found(at(hall, "gongshang.officer"), kind="case", text=PARTY)[1] == {refs[PLAIN]}
    assert found(at(hall, "gongan.head"), kind="case", text=PARTY)[1] == set()
    assert found(at(hall, "gongan.head"), kind="case")[1] == {refs[SENT]}


def test_a_filter_is_kept_shown_as_a_tab_and_removed(hall: tuple[Workspace, dict[str, str], str]) -> None:
    office = at(hall, "bgs.head")
    form = {"csrf": office.csrf(), "query": "kind=case&fact.products=seeds", "name": "种子案"}
    assert office.ask("/cases/views", form)[0] == 303
    _, page = office.ask(office.headers["location"])
    assert "★ 种子案" in page and 'class="tab-view here"' in page
    code, page = office.ask("/cases/views", form)
    assert code == 409 and 'class="field field-wrong"' in page and 'value="种子案"' in page
    assert "种子案" not in at(hall, "bgs.admin").ask("/cases")[1]
    assert office.ask("/cases/views/drop", {"csrf": form["csrf"], "name": "种子案", "query": ""})[0] == 303
    assert "★" not in office.ask("/cases")[1]


def test_the_list_is_exported_defused_and_on_record(hall: tuple[Workspace, dict[str, str], str]) -> None:
    desk, refs, _ = hall
    office = at(hall, "gongshang.officer")
    code, page = office.ask("/cases/export", {"csrf": office.csrf(), "query": "kind=case&fact.products=seeds"})
    assert code == 200 and office.headers["content-disposition"].startswith("attachment")
    heads, row = list(csv.reader(io.StringIO(page.removeprefix("\ufeff"))))
    said = dict(zip(heads, row, strict=True))
    assert said["编号"] == refs[PLAIN] and said["案发地点"] == "'=2+2 集市" and said["货值金额（元）"] == "60000.00"
    assert said["当事人"] == PARTY and said["重点查处产品"] == "种子"
    with desk.database.snapshot() as tx:
        from engine.history import read_stream

        streams = [body for body, _, _ in read_stream(tx, desk.campaign.id, "log/" + desk.campaign.code)]
    noted = [body for body in streams if body["kind"] == "export"]
    assert noted[-1]["trigger"] == "matters" and noted[-1]["actor"] == "gongshang.officer"


def test_the_auditor_takes_no_list_out_of_the_house(hall: tuple[Workspace, dict[str, str], str]) -> None:
    auditor = at(hall, "auditor")
    assert auditor.ask("/cases/export", {"csrf": auditor.csrf(), "query": "kind=case"})[0] == 403


def test_markup_in_a_filter_is_only_text(hall: tuple[Workspace, dict[str, str], str]) -> None:
    office = at(hall, "bgs.admin")
    _, page = office.ask("/cases?" + urlencode({"kind": "case", "text": '"><script>x</script>'}))
    assert "<script>x" not in page and '"><script>x</script>' in unescape(page)
