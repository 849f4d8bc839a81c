"""Where a picture of the whole campaign begins on a telephone: at today, with the names beside the marks."""

from playwright.sync_api import Page

from browser.sites import Site, enter
from browser.watching import Watch

SEEN = """() => {
  const frame = document.querySelector('.picture-scroll').getBoundingClientRect();
  const now = document.querySelector('[data-now]').getBoundingClientRect();
  return now.left >= frame.left && now.right <= frame.right;
}"""


def test_the_timeline_begins_at_today_and_names_who_stands_there(site: Site, phone: Page, watch: Watch) -> None:
    enter(phone, "wujia.liaison")
    phone.goto(f"{site.url}/deadlines/timeline")

    assert phone.evaluate("document.querySelector('.picture-scroll').scrollLeft") > 100
    assert phone.evaluate(SEEN)
    beside = phone.locator(".p-narrow").first
    assert beside.is_visible() and (beside.text_content() or "").startswith("区物价局")
    assert not phone.locator(".p-wide").first.is_visible()


def test_on_a_desk_the_names_have_their_column(site: Site, page: Page, watch: Watch) -> None:
    enter(page, "wujia.liaison")
    page.goto(f"{site.url}/deadlines/timeline")
    assert page.locator(".p-wide").first.is_visible() and not page.locator(".p-narrow").first.is_visible()


def test_without_scripts_the_link_to_today_leads_there(site: Site, plain: Page, watch: Watch) -> None:
    plain.set_viewport_size({"width": 390, "height": 844})
    enter(plain, "wujia.liaison")
    plain.goto(f"{site.url}/deadlines/timeline")
    plain.get_by_role("link", name="今日").click()
    assert plain.url.endswith("/deadlines/timeline#today")
    box, frame = plain.locator("[data-now]").bounding_box(), plain.locator(".picture-scroll").bounding_box()
    assert box and frame and box["x"] >= frame["x"] and box["x"] + box["width"] <= frame["x"] + frame["width"]
