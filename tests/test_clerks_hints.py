"""What a clerk is told whose own part is to bring documents: where, and that the deadlines of others run meanwhile."""

from collections.abc import Iterator

import pytest
from doorway import Served, served
from world import begin, do


@pytest.fixture
def here(sqlite_url: str) -> Iterator[Served]:
    found = begin(sqlite_url, "baodi-2010", unproved=True)
    with served(found) as made:
        yield made
    found.close()


def test_whoever_can_do_nothing_but_bring_documents_is_told_where(here: Served) -> None:
    liaison, stranger = here.visitor(), here.visitor()
    liaison.enter("wujia.liaison")
    stranger.enter("auditor")
    assert "可以先在下面补充材料，由有权的人报送" in liaison.ask("/m/department_task/wujia")[1]
    page = stranger.ask("/m/department_task/wujia")[1]
    assert "可以先在下面补充材料" not in page and "下面说明其余各项为何不能办理" in page


def test_whose_matters_wait_for_others_is_not_told_that_there_is_nothing(here: Served) -> None:
    liaison, auditor = here.visitor(), here.visitor()
    liaison.enter("wujia.liaison")
    auditor.enter("auditor")
    page = liaison.ask("/work")[1]
    assert "没有等您办理的事项" in page and "下列事项等别人办理，期限照常计算" in page and "等待部门主要负责人" in page
    assert "下列事项等别人办理" not in auditor.ask("/work")[1]


def test_whose_body_owes_what_others_do_is_led_there(here: Served) -> None:
    liaison, auditor = here.visitor(), here.visitor()
    liaison.enter("wujia.liaison")
    auditor.enter("auditor")
    do(here.house.office, "department_task/wujia", "acknowledge", "wujia.head")
    page = liaison.ask("/work")[1]
    assert "区物价局 有 2 项待本单位其他人办理或签收" in page and "/matters?waiting_for=wujia&amp;closed=false" in page
    assert "待本单位其他人办理" not in auditor.ask("/work")[1]
