"""Entering a case over HTTP: the form of the definition, and what the standards say of it before anything is written."""

from collections.abc import Iterator

import pytest
from visitor import Visitor, visiting
from world import begin

from workflows.workspace import Workspace


@pytest.fixture
def office(db_url: str) -> Iterator[Workspace]:
    found = begin(db_url, "baodi-2010", unproved=True)
    yield found
    found.close()


@pytest.fixture
def visitor(office: Workspace) -> Iterator[Visitor]:
    with visiting(office) as found:
        found.enter("gongshang.officer")
        yield found


def cases(office: Workspace) -> list[str]:
    return [each["ref"] for each in office.reader.listed(kind="case")["items"]]


def form(visitor: Visitor, **said: str) -> dict[str, str]:
    facts = {f"fact.{name}": value for name, value in said.items() if name not in ("title", "body", "kind", "request")}
    rest = {name: said[name] for name in ("title", "body", "request") if name in said}
    return {"csrf": visitor.csrf(), "kind": said.get("kind", "case"), **rest, **facts}


def test_a_case_is_entered_for_ones_own_body_and_shown(office: Workspace, visitor: Visitor) -> None:
    code, page = visitor.ask("/cases/new?kind=case")
    assert code == 200 and "工商宝坻分局" in page and 'name="fact.sales_amount"' in page
    said = form(
        visitor,
        title="某商行销售假冒商品",
        infringement="c214",
        sales_amount="60,000.50",
        parties="某商行",
        request="r1",
    )
    assert visitor.ask("/cases/new", said)[0] == 303
    assert visitor.headers["location"] == "/m/case/2010-0001"
    shown = office.reader.show("case/2010-0001")
    assert (shown["body"], shown["title"]) == ("gongshang", "某商行销售假冒商品")
    assert shown["facts"]["sales_amount"] == 6_000_050 and shown["facts"]["must_transfer"] is True
    assert visitor.ask("/cases/new", said)[0] == 303
    assert cases(office) == ["case/2010-0001"]


def test_the_verdict_follows_what_is_typed_and_writes_nothing(office: Workspace, visitor: Visitor) -> None:
    before = visitor.ask("/pulse")
    _, page = visitor.ask("/cases/verdict", form(visitor))
    assert "请先选择涉嫌类型" in page and "<html" not in page
    _, page = visitor.ask("/cases/verdict", form(visitor, infringement="c214"))
    assert "尚不能判断" in page and "还需填写：销售金额" in page and "法释〔2004〕19号" in page
    _, page = visitor.ask("/cases/verdict", form(visitor, infringement="c214", sales_amount="49999.99", unsold_value="0",
                                                 on_site="false", clearly_over="false"))  # fmt: skip
    assert "■" not in page and "已达到" not in page
    _, page = visitor.ask("/cases/verdict", form(visitor, infringement="c214", sales_amount="50000"))
    assert "已达到" in page and "应当移送公安机关：是" in page and "国务院令第310号" in page
    assert (visitor.ask("/pulse"), cases(office)) == (before, [])


def test_without_scripts_a_button_tries_it_and_keeps_what_was_typed(office: Workspace, visitor: Visitor) -> None:
    code, page = visitor.ask("/cases/new", {**form(visitor, infringement="c214", sales_amount="50000"), "try": "1"})
    assert code == 200 and "应当移送公安机关：是" in page and 'value="50000"' in page
    assert cases(office) == []


def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_lost(office: Workspace, visitor: Visitor) -> None:
    code, page = visitor.ask("/cases/new", form(visitor, sales_amount="六万", place="集市"))
    assert code == 422 and 'id="e-sales_amount"' in page and 'id="e-infringement"' in page
    assert 'value="六万"' in page and 'value="集市"' in page
    denied = form(visitor, infringement="c214", sales_amount="60000", threshold_met="false")
    code, page = visitor.ask("/cases/new", denied)
    assert code == 409 and 'id="e-threshold_met"' in page and "不得填写为否" in page
    code, page = visitor.ask("/cases/new", form(visitor, infringement="c214", must_transfer="true"))
    assert code == 409 and 'id="e-must_transfer_ground"' in page
    assert cases(office) == []


def test_the_office_chooses_the_body_and_who_may_not_open_is_refused(office: Workspace, visitor: Visitor) -> None:
    visitor.enter("bgs.admin")
    _, page = visitor.ask("/cases/new?kind=penalty")
    assert '<select id="f-body"' in page
    assert visitor.ask("/cases/new", form(visitor, kind="penalty"))[0] == 422
    assert visitor.ask("/cases/new", form(visitor, kind="penalty", body="zhijian"))[0] == 303
    assert office.reader.show("penalty/2010-0001")["body"] == "zhijian"
    visitor.enter("gongan.liaison")
    assert visitor.ask("/cases/new?kind=case")[0] == 403
    assert visitor.ask("/cases/new", form(visitor, infringement="c214"))[0] == 403
    assert visitor.ask("/cases/new?kind=duty")[0] == 404


def test_another_body_than_ones_own_is_refused(office: Workspace, visitor: Visitor) -> None:
    assert visitor.ask("/cases/new", form(visitor, infringement="c214", body="zhijian"))[0] == 403
    assert cases(office) == []
