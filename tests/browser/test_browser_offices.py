"""The mornings of the other offices, done by hand in a browser, with JavaScript and without: each from its own work."""

import pytest
from playwright.sync_api import Page, expect

from browser.mornings import DECLINED, RED, TASK, Desk, acts_of, state
from browser.sites import Site

pytestmark = pytest.mark.stage("morning")

both = pytest.mark.parametrize("who", ["page", "plain"])

DUTY = "duty/3.5.5/fayuan"


@pytest.fixture
def desk(site: Site, who: str, request: pytest.FixtureRequest) -> Desk:
    return Desk(site, request.getfixturevalue(who))


def counted(page: Page, group: str) -> int:
    """The number of a group of one's work, as its tile says it."""
    page.goto("/work")
    return int(page.locator(f'.tiles a[href*="group={group}"] .tile-number').inner_text())


@both
def test_a_head_signs_for_the_task_of_the_department_and_sends_its_plan(site: Site, desk: Desk) -> None:
    desk.sit("nongwei.liaison")
    assert (counted(desk.page, "receipt"), counted(desk.page, "waiting")) == (0, 1)
    expect(desk.page.locator("#g-waiting + .table-wrap")).to_contain_text("等待部门主要负责人：签收")

    desk.sit("nongwei.head")
    assert counted(desk.page, "receipt") == 1
    desk.find(RED)
    desk.act("acknowledge")
    desk.act("submit_plan", papers=["own_plan", "organisation"])
    expect(desk.page.locator(".matter-head")).to_contain_text("自查自纠")

    assert counted(desk.page, "receipt") == 0
    assert acts_of(site, RED)[-2:] == [("acknowledge", "nongwei.head"), ("submit_plan", "nongwei.head")]


@both
def test_an_officer_enters_a_case_and_finds_it_in_the_work_list(site: Site, desk: Desk, who: str) -> None:
    page = desk.page
    desk.sit("gongshang.officer")
    before = counted(page, "act")
    page.get_by_role("link", name="案件", exact=True).click()
    page.get_by_role("link", name="登记案件").click()
    page.locator('[name="title"]').fill("查获假冒商标香烟一案")
    page.locator('[name="fact.infringement"]').select_option("c214")
    page.locator('[name="fact.sales_amount"]').fill("60,000.50")
    if who == "plain":
        page.get_by_role("button", name="试算").click()
        expect(page.locator('[name="title"]')).to_have_value("查获假冒商标香烟一案")
    expect(page.locator("#verdict .verdict-met").first).to_be_visible()
    page.locator("#entry").get_by_role("button", name="登记", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("查获假冒商标香烟一案")

    ref = page.locator(".matter-head .ref").first.inner_text()
    assert site.workspace.reader.show(ref)["facts"]["must_transfer"] is True
    assert counted(page, "act") == before + 1


@both
def test_the_procuratorate_requires_the_reasons_of_the_police(site: Site, desk: Desk) -> None:
    desk.sit("gongshang.head")
    desk.find(DECLINED)
    desk.act("go_to_proc_directly", papers=["supervision_proposal"])

    desk.sit("jianchayuan.head")
    desk.find(DECLINED)
    desk.act("require_reasons", papers=["reasons_request"])
    assert state(site, DECLINED) == "explaining"

    desk.sit("gongan.head")
    desk.find(DECLINED)
    expect(desk.page.locator("#doing")).to_contain_text("说明不立案理由")
    assert acts_of(site, DECLINED)[-1] == ("require_reasons", "jianchayuan.head")


@both
def test_the_leading_group_suspends_a_task_and_resumes_it(site: Site, desk: Desk) -> None:
    desk.sit("lxz.chair")
    desk.page.goto("/board")
    desk.page.goto(f"/m/{TASK}")
    desk.act("suspend", {"decision_no": "宝打侵办〔2010〕7号"})
    expect(desk.page.locator(".matter-head")).to_contain_text("中止")

    desk.find(TASK)
    desk.act("resume", {"decision_no": "宝打侵办〔2010〕8号"})
    assert state(site, TASK) == "self_check"
    assert acts_of(site, TASK)[-2:] == [("suspend", "lxz.chair"), ("resume", "lxz.chair")]


@both
def test_the_court_takes_up_its_duty(site: Site, desk: Desk) -> None:
    desk.sit("fayuan.head")
    desk.find(DUTY)
    desk.act("acknowledge")
    desk.act("submit_plan", papers=["breakdown"])
    expect(desk.page.locator("#papers a", has_text="breakdown.pdf")).to_be_visible()

    assert acts_of(site, DUTY)[-2:] == [("acknowledge", "fayuan.head"), ("submit_plan", "fayuan.head")]


@both
def test_the_operator_lets_the_next_morning_come_and_sees_no_matter(site: Site, desk: Desk) -> None:
    page = desk.page
    desk.sit("bgs.operator")
    expect(page.locator("main")).to_contain_text("事项不向其开放")
    page.get_by_role("link", name="推演", exact=True).click()
    page.get_by_role("button", name="次日9时").click()
    expect(page.locator(".player-clock time")).to_have_text("2010-12-09 09:00", timeout=30_000)
    page.get_by_role("link", name="事项", exact=True).click()
    expect(page.locator("main")).to_contain_text("还没有您能看到的事项。")


@both
def test_the_security_administrator_finds_who_holds_which_post(site: Site, desk: Desk) -> None:
    page = desk.page
    desk.sit("bgs.security")
    expect(page.locator("main")).to_contain_text("事项不向安全管理员开放")
    page.get_by_role("link", name="人员与权限", exact=True).click()
    page.locator("main").get_by_role("link", name="gongshang.head", exact=True).click()
    expect(page.locator("main")).to_contain_text("工商宝坻分局")
    assert page.get_by_role("link", name="通知", exact=True).count() == 0
