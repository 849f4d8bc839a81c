"""What goes wrong at desks: two at once, twice at once, back again, a session that ended, a file that is not taken."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, Response, expect

from browser.conftest import Visitors
from browser.mornings import DECLINED, TASK, Desk, acts_of, paper, send
from browser.sites import Site, enter
from browser.watching import Watch

pytestmark = pytest.mark.stage("morning")

both = pytest.mark.parametrize("who", ["page", "plain"])

TOO_LARGE = b"%PDF-1.4\n" + b"\0" * (20 * 1024 * 1024)

REPORT = ("submit_self_check", "wujia.head")


@pytest.fixture
def desk(site: Site, who: str, request: pytest.FixtureRequest) -> Desk:
    found = Desk(site, request.getfixturevalue(who))
    found.sit("wujia.head")
    found.page.goto(f"/m/{TASK}")
    return found


@both
def test_a_second_tab_is_told_what_changed_and_keeps_what_was_typed(site: Site, desk: Desk) -> None:
    first, second = desk, Desk(site, desk.page.context.new_page())
    second.page.goto(f"/m/{TASK}")
    card = second.fill("submit_self_check", {"problems_found": "4"}, ["self_check_report"])
    first.card("attach").locator('[name="extra_kind"]').select_option("summary")
    first.card("attach").locator('[name="extra_file"]').set_input_files(paper("总结草稿.pdf"))
    send(first.card("attach"))
    expect(first.page.locator("p.said")).to_have_text("材料已提交。")

    send(card)
    card = second.page.locator("#act-submit_self_check")
    expect(card.locator("[role=alert]")).to_contain_text("您打开此页后，事项已有变动")
    expect(card.locator("[role=alert] li")).to_contain_text("wujia.head")
    expect(card.locator('[name="fact.problems_found"]')).to_have_value("4")
    expect(card).to_contain_text("已收到：self_check_report.pdf")
    assert REPORT not in acts_of(site, TASK)

    send(card)
    expect(second.page.locator("p.said")).to_contain_text("已办理：报送自查报告。")
    assert acts_of(site, TASK).count(REPORT) == 1


@both
def test_a_button_that_is_pressed_twice_acts_once(site: Site, desk: Desk) -> None:
    desk.fill("submit_self_check", {"problems_found": "0"}, ["self_check_report"]).locator(".acts button").dblclick()
    expect(desk.page.locator("main")).to_contain_text("组织实施")
    expect(desk.page.locator("#papers")).to_contain_text("self_check_report.pdf")

    assert acts_of(site, TASK).count(REPORT) == 1


@both
def test_who_goes_back_after_an_act_and_sends_again_does_nothing_twice(site: Site, desk: Desk) -> None:
    desk.act("submit_self_check", {"problems_found": "2"}, ["self_check_report"])
    desk.page.go_back()
    card = desk.page.locator("#act-submit_self_check")
    if card.count():  # the form may come from the browser's memory, or the page be asked for anew
        card = desk.card("submit_self_check")
        if not card.locator('[name="fact.problems_found"]').input_value():
            card.locator('[name="fact.problems_found"]').fill("2")
        card.locator('input[name="doc.self_check_report"]').set_input_files(paper("again.pdf"))
        send(card)
        expect(desk.page.locator("main")).to_contain_text("组织实施")

    assert acts_of(site, TASK).count(REPORT) == 1


@both
def test_a_session_that_ended_meanwhile_leads_to_the_door_and_nothing_is_done(site: Site, desk: Desk) -> None:
    card = desk.fill("submit_self_check", {"problems_found": "2"}, ["self_check_report"])
    other = desk.page.context.new_page()
    other.goto("/work")
    other.locator('form[action="/logout"] button').click()
    expect(other.get_by_role("heading", level=1)).to_have_text("以谁的身份进入？")

    send(card)

    expect(desk.page.get_by_role("heading", level=1)).to_have_text("以谁的身份进入？")
    assert REPORT not in acts_of(site, TASK)


@pytest.mark.parametrize("who", ["page"])
def test_what_was_typed_outlives_that_the_page_hears_of_the_end_of_its_session(site: Site, desk: Desk) -> None:
    card = desk.fill("submit_self_check", {"problems_found": "2"}, ["self_check_report"])

    def led_away(answer: Response) -> bool:
        asked = answer.request.redirected_from
        return asked is not None and asked.url.endswith(f"/m/{TASK}")

    with desk.page.expect_response(led_away):
        other = desk.page.context.new_page()
        other.goto("/work")
        other.locator('form[action="/logout"] button').click()
    desk.page.evaluate("fetch('/healthz').then(() => true)")  # it has heard, and has done what it does then

    expect(card.locator('[name="fact.problems_found"]')).to_have_value("2")
    send(card)

    expect(desk.page.get_by_role("heading", level=1)).to_have_text("以谁的身份进入？")
    assert REPORT not in acts_of(site, TASK)


@pytest.mark.parametrize(
    ("who", "name", "content", "said"),
    [
        ("plain", "报告.exe", b"MZ", "不收这种格式的文件"),
        ("page", "报告.pdf", b"MZ\x90\x00", "文件内容与扩展名不符"),
        ("plain", "报告.pdf", b"", "文件是空的"),
        ("page", "报告.pdf", TOO_LARGE, "文件超过 20 MB"),
        ("plain", "报告.pdf", TOO_LARGE, "文件超过 20 MB"),
    ],
    ids=["kind", "content", "empty", "large", "large-plain"],
)
def test_a_file_that_is_not_taken_is_named_beside_its_field_and_the_form_is_kept(
    site: Site, desk: Desk, name: str, content: bytes, said: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    card = desk.fill("submit_self_check", {"problems_found": "6", "difficulties": "人手不足"})
    card.locator('input[name="doc.self_check_report"]').set_input_files(tmp_path / name)
    send(card)

    card = desk.page.locator("#act-submit_self_check")
    expect(card.locator(".field-wrong", has_text="自查自纠书面报告")).to_contain_text(said, timeout=20_000)
    expect(card.locator('[name="fact.problems_found"]')).to_have_value("6")
    expect(card.locator('[name="fact.difficulties"]')).to_have_value("人手不足")
    assert REPORT not in acts_of(site, TASK)

    card.locator('input[name="doc.self_check_report"]').set_input_files(paper("报告.pdf"))
    send(card)
    expect(desk.page.locator("p.said")).to_contain_text("已办理")


@pytest.mark.parametrize("who", ["page"])
def test_somebody_elses_act_appears_by_itself_and_what_is_typed_stays(
    site: Site, desk: Desk, visitors: Visitors
) -> None:
    card = desk.fill("submit_self_check", {"difficulties": "人手不足"})
    other = Desk(site, visitors.come())
    other.sit("bgs.admin")
    other.page.goto(f"/m/{TASK}")
    other.act("urge", reason="请尽快报送")

    expect(desk.page.locator("#line")).to_contain_text("请尽快报送", timeout=15_000)
    expect(card.locator('[name="fact.difficulties"]')).to_have_value("人手不足")


@pytest.mark.parametrize("login", ["wujia.liaison"])
def test_a_matter_that_is_none_of_ones_business_does_not_exist(
    site: Site, page: Page, watch: Watch, login: str
) -> None:
    enter(page, login)
    answer = page.goto(f"/m/{DECLINED}")
    assert answer is not None and answer.status == 404
    expect(page.locator("main")).not_to_contain_text("查获假冒商标白酒一案")
