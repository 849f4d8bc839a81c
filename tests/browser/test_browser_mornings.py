"""The morning of each role, done by hand in a browser, with JavaScript and without: what people read, and what is on record."""

import re

import pytest
from playwright.sync_api import Page, expect

from browser.mornings import DECLINED, ENCLOSURES, PENDING, RED, SENT, TASK, Desk, acts_of, history, send, state
from browser.sites import Site

pytestmark = pytest.mark.stage("morning")

both = pytest.mark.parametrize("who", ["page", "plain"])


@pytest.fixture
def desk(site: Site, who: str, request: pytest.FixtureRequest) -> Desk:
    return Desk(site, request.getfixturevalue(who))


@both
def test_a_liaison_sends_the_report_the_office_returns_it_and_the_liaison_sends_it_again(
    site: Site, desk: Desk
) -> None:
    page = desk.page
    desk.sit("wujia.liaison")
    page.goto(f"/m/{TASK}")
    expect(page.locator("#act-submit_self_check")).to_contain_text("转为“组织实施”")
    desk.act("submit_self_check", {"problems_found": "3"}, ["self_check_report"])
    expect(page.locator("p.said")).to_have_text("已办理：报送自查报告。现为“组织实施”。")
    expect(page.locator("#papers")).to_contain_text("自查自纠书面报告")
    expect(page.locator("#papers a", has_text="self_check_report.pdf")).to_be_visible()
    expect(page.locator("#facts tr", has_text="自查发现问题数")).to_contain_text("3")

    desk.sit("bgs.admin")
    page.goto(f"/m/{TASK}")
    desk.act("return_report", reason="问题数与台账不一致，请核实后重报")
    expect(page.locator(".matter-head")).to_contain_text("自查自纠")

    desk.sit("wujia.liaison")
    desk.find(TASK, "wujia.head")
    expect(page.locator("#line")).to_contain_text("问题数与台账不一致，请核实后重报")
    desk.act("submit_self_check", {"problems_found": "5"}, ["self_check_report"])
    expect(page.locator("#papers summary", has_text="历次版本")).to_contain_text("（2）")

    assert acts_of(site, TASK)[-3:] == [
        ("submit_self_check", "wujia.liaison"),
        ("return_report", "bgs.admin"),
        ("submit_self_check", "wujia.liaison"),
    ]
    assert {each["on_behalf_of"] for each in history(site, TASK) if each["actor"] == "wujia.liaison"} == {"wujia.head"}
    assert state(site, TASK) == "implementing"
    assert site.workspace.reader.show(TASK)["facts"]["problems_found"] == 5


@both
def test_a_case_goes_to_the_police_with_its_enclosures(site: Site, desk: Desk) -> None:
    page = desk.page
    desk.sit("gongshang.head")
    desk.find(PENDING)
    desk.act("approve_transfer", papers=["approval_form"])
    expect(page.locator("p.said")).to_contain_text("已办理：批准移送。")

    desk.sit("gongshang.officer")
    desk.find(PENDING)
    expect(page.locator("#act-send_package")).to_contain_text("涉嫌犯罪案件移送书")
    desk.act("send_package", papers=ENCLOSURES)
    for kind in ENCLOSURES:
        expect(page.locator("#papers a", has_text=f"{kind}.pdf")).to_be_visible()
    expect(page.locator("#handed")).to_contain_text("公安宝坻分局")

    assert acts_of(site, PENDING)[-2:] == [
        ("approve_transfer", "gongshang.head"),
        ("send_package", "gongshang.officer"),
    ]
    assert set(ENCLOSURES) < {each["kind"] for each in site.workspace.reader.show(PENDING)["documents"]}


@both
def test_the_police_sign_and_decline_and_say_why(site: Site, desk: Desk) -> None:
    page = desk.page
    desk.sit("gongan.head")
    desk.find(SENT)
    desk.act("deliver_package", papers=["receipt"])
    send(desk.fill("decline_filing", papers=["refusal_notice"]))
    if desk.page.locator("[role=alert]").count() == 0:  # a browser asks for what is marked as required by itself
        assert state(site, SENT) == "accepted"
    page.goto(f"/m/{SENT}")
    desk.act("decline_filing", papers=["refusal_notice", "returned_files"], reason="情节轻微，没有犯罪事实")
    expect(page.locator("#line")).to_contain_text("情节轻微，没有犯罪事实")

    assert acts_of(site, SENT)[-2:] == [("deliver_package", "gongan.head"), ("decline_filing", "gongan.head")]
    assert state(site, SENT) == "not_filed"


@both
def test_the_agency_asks_for_reconsideration_and_the_procuratorate_sees_the_refusal(site: Site, desk: Desk) -> None:
    page = desk.page
    desk.sit("gongshang.head")
    desk.find(DECLINED)
    expect(page.locator("#deadlines")).to_contain_text("提请复议或建议立案监督")
    desk.act("ask_reconsideration", papers=["recon_request"])

    desk.sit("jianchayuan.head")
    page.goto(f"/m/{DECLINED}")
    expect(page.locator("#line")).to_contain_text("没有犯罪事实")
    expect(page.locator("#line")).to_contain_text("提请复议")
    expect(page.locator(".matter-head")).to_contain_text("复议中")

    assert acts_of(site, DECLINED)[-1] == ("ask_reconsideration", "gongshang.head")
    told = [each["recipient"] for each in site.workspace.reader.notices()["items"] if each["ref"] == DECLINED]
    assert {"jianchayuan", "gongan"} <= {each.partition(".")[0] for each in told}


@both
def test_the_office_urges_who_is_late(site: Site, desk: Desk) -> None:
    page = desk.page
    desk.sit("bgs.admin")
    page.goto("/board")
    page.goto(f"/m/{RED}")
    expect(page.locator(".matter-head .light-red")).to_contain_text("红")
    desk.act("urge", reason="实施方案至今未报，请于今日下班前报送")
    expect(page.locator("p.said")).to_contain_text("已催办，通知")

    entry = history(site, RED)[-1]
    assert (entry["actor"], entry["reason"]) == ("bgs.admin", "实施方案至今未报，请于今日下班前报送")
    urged = [each for each in site.workspace.reader.notices()["items"] if each["ref"] == RED and each["kind"] == "urge"]
    assert {each["recipient"] for each in urged} == {"nongwei.head", "nongwei.liaison"}


@both
def test_a_newcomer_finds_in_three_clicks_who_is_late(site: Site, who: str, request: pytest.FixtureRequest) -> None:
    page: Page = request.getfixturevalue(who)
    page.goto("/")
    page.get_by_role("button", name=re.compile("auditor")).last.click()
    page.get_by_role("link", name="进度总览").click()
    expect(page.locator(".tile-red .tile-number")).not_to_have_text("0")
    page.locator("td.cell-red a").first.click()

    late = {each["title"] for each in site.workspace.reader.listed(light="red")["items"]}
    assert late
    expect(page.get_by_role("heading", level=1)).to_contain_text("事项")
    rows = page.locator("main tbody tr")
    expect(rows.first).to_contain_text("红")
    assert any(title in rows.first.inner_text() for title in late)


@both
def test_an_auditor_verifies_the_record_and_reads_what_came_of_it(site: Site, desk: Desk) -> None:
    page = desk.page
    desk.sit("auditor")
    page.get_by_role("link", name="审计", exact=True).click()
    page.get_by_role("link", name="核验", exact=True).click()
    expect(page.locator("main")).to_contain_text("本进程启动以来尚未核验。")
    page.get_by_role("button", name="开始核验").click()

    again = page.get_by_role("link", name="查看进展")  # without JavaScript nothing comes by itself
    while again.count():
        again.click()
    expect(page.locator("main")).to_contain_text("未发现问题，但有下列保留", timeout=60_000)
    expect(page.locator("main")).to_contain_text("没有库外锚点")
    assert verify_counts(page.locator("main").inner_text()) == len(site.workspace.reader.listed()["items"])


def verify_counts(said: str) -> int:
    """How many matters the page says were checked."""
    found = re.search(r"(\d+)\s*个事项", said)
    assert found is not None, said
    return int(found[1])
