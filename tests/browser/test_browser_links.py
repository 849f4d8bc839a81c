"""A liaison says “received” in a browser: by mouse, by keyboard, on a telephone, with JavaScript off."""

import pytest
from playwright.sync_api import Page, expect

from browser.looking import flaws
from browser.sites import Site
from browser.watching import Watch

RECIPIENT = "alpha.liaison"

pytestmark = pytest.mark.stage("small")


def acknowledged(site: Site) -> list[str]:
    return [each["recipient"] for each in site.workspace.reader.notices()["items"] if each["status"] == "acknowledged"]


@pytest.mark.parametrize("who", ["page", "phone", "plain"])
def test_a_link_is_used_with_one_button(site: Site, who: str, request: pytest.FixtureRequest) -> None:
    page: Page = request.getfixturevalue(who)
    page.goto(site.link(RECIPIENT))
    assert acknowledged(site) == []

    page.get_by_role("button", name="签收").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("已签收")
    assert acknowledged(site) == [RECIPIENT]


def test_a_link_is_used_by_the_keyboard_alone(site: Site, page: Page) -> None:
    page.goto(site.link(RECIPIENT))

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_contain_text("已签收")
    assert acknowledged(site) == [RECIPIENT]


@pytest.mark.parametrize("who", ["page", "phone"])
def test_every_page_behind_a_link_is_fit_for_everybody(site: Site, who: str, request: pytest.FixtureRequest) -> None:
    page: Page = request.getfixturevalue(who)
    link = site.link(RECIPIENT)

    for path in (link, "/ack/nonsense", "/nowhere"):
        page.goto(path)
        assert flaws(page) == []
    page.goto(link)
    page.get_by_role("button").click()
    assert flaws(page) == []
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_contain_text("此前已经签收")
    assert flaws(page) == []


@pytest.mark.stage("typical")
def test_long_names_fit_a_telephone(site: Site, phone: Page, watch: Watch) -> None:
    recipients = {each["recipient"] for each in site.workspace.reader.notices()["items"] if each["status"] == "sent"}
    phone.goto(site.link(min(recipients), count=20))

    assert flaws(phone) == []
