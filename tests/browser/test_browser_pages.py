"""Every page that the router has, as somebody sees it who works with it: nothing wrong, nothing untold."""

import pytest
from playwright.sync_api import Page

from browser.addresses import addresses
from browser.chromium import Size
from browser.conftest import Visitors
from browser.looking import too_wide
from browser.sites import Site, enter
from browser.watching import Watch
from browser.wording import unheaded, untold

pytestmark = pytest.mark.stage("morning")

NO_PAGES = ("/ack/", "/d/", "/healthz", "/pulse", "/api", "/static", "/metrics")
"""What is asked for by programs, brings a file, or is looked at elsewhere."""

FILES_OF_DEFINITIONS = "/campaign/"
"""Rooms that show definitions as they are written: the values of a fact are codes there, and have no words of their own."""

LET_PASS = (
    "/m/supervision/2010-0001: says 'plan'",  # the deadline that is supervised, by its code
)
"""What is known and not mended yet."""

VISITS: tuple[tuple[str, Size, str], ...] = (
    ("gongan.officer", "desk", "zh"),
    ("auditor", "phone", "zh"),
    ("bgs.security", "desk", "zh"),
)
"""Who looks from where, and in which language: the pairs that differ in what is shown."""


@pytest.mark.parametrize(("login", "size", "lang"), VISITS)
def test_every_page_is_told_in_words(
    site: Site, visitors: Visitors, watch: Watch, login: str, size: Size, lang: str
) -> None:
    page = visitors.come(size)
    page.context.add_cookies([{"name": "duban-lang", "value": lang, "url": site.url}])
    enter(page, login)
    found, shown = [], set()

    for path in addresses(site, [], []):
        if path.startswith(NO_PAGES) or not page_at(page, path) or page.url in shown:
            continue
        shown.add(page.url)
        wrong = unheaded(page)
        if not path.startswith(FILES_OF_DEFINITIONS):
            wrong += untold(page, site.workspace, chinese=lang == "zh")
        wrong += too_wide(page) if size == "phone" else []
        found += [f"{path}: {each}" for each in wrong + watch.take() if not f"{path}: {each}".startswith(LET_PASS)]

    assert len(shown) > 8
    assert found == []


def page_at(page: Page, path: str) -> bool:
    """Whether a page stands at *path*; a file does not, and what is refused is no page of somebody's."""
    answer = page.request.get(path, max_redirects=3)
    kind = answer.headers.get("content-type", "")
    assert answer.status < 500, f"{path}: {answer.status}"
    if answer.status >= 400 or not kind.startswith("text/html"):
        return False
    page.goto(path)
    return True


@pytest.mark.parametrize("path", ["/board", "/statistics"])
def test_what_is_printed_fits_the_sheet(site: Site, page: Page, path: str) -> None:
    enter(page, "bgs.admin")
    page.set_viewport_size({"width": 1040, "height": 720})  # A4 across, at 96 dots an inch, within its margins
    page.goto(path)
    page.emulate_media(media="print")

    assert too_wide(page) == []
    assert not page.locator("nav.rooms").is_visible()
    cut = """() => [...document.querySelectorAll('.table-wrap')].filter(each => each.scrollWidth > each.clientWidth + 1)
      .map(each => `${each.scrollWidth} of ${each.clientWidth} px`)"""
    assert page.evaluate(cut) == []


@pytest.mark.parametrize("path", ["/matters", "/deadlines"])
def test_a_card_on_a_telephone_says_what_its_values_are_without_javascript(
    site: Site, visitors: Visitors, path: str
) -> None:
    page = visitors.come("phone", javascript=False)
    enter(page, "bgs.admin")
    page.goto(site.url + path)

    cells = page.locator("table.rows tbody td[data-label]:nth-child(n+3)")
    names = {cells.nth(number).get_attribute("data-label") for number in range(min(cells.count(), 12))}
    assert len(names) > 2
    assert names < set(page.locator("table.rows thead th").all_text_contents())


SHEET = 688
"""Dots across A4 upright between its margins, at 96 an inch."""

PRINTED = ("/work", "/board", "/statistics", "/deadlines/calendar", "/cases/supervision", "/m/department_task/wujia")

CUT = """(across) => [...document.querySelectorAll('main table, main svg, main .card')].filter(each => each.checkVisibility())
  .map(each => [each, each.getBoundingClientRect().right]).filter(([_, right]) => right > across + 1)
  .map(([each, right]) => `${each.tagName} ${each.className} ends at ${Math.round(right)}`)"""

TORN = """() => [...document.querySelectorAll('main tr, main .tile, main svg, main .paper, main .told, main .line > li')]
  .filter(each => getComputedStyle(each).breakInside !== 'avoid').map(each => each.outerHTML.slice(0, 80))"""

KEPT_WHOLE = """() => [...document.querySelectorAll('main .card, main .table-wrap')]
  .filter(each => each.clientHeight > 900 && getComputedStyle(each).breakInside === 'avoid').map(each => each.className)"""


@pytest.mark.parametrize("path", PRINTED)
def test_upright_sheets_hold_all_that_is_wide_and_break_between_rows(site: Site, page: Page, path: str) -> None:
    enter(page, "bgs.admin")
    page.set_viewport_size({"width": SHEET, "height": 1123})  # what some browsers ask the style for
    page.goto(path)
    page.emulate_media(media="print")

    assert page.evaluate(CUT, SHEET) == []
    assert page.locator("main table thead:visible").count() == page.locator("main table thead").count()
    assert page.evaluate(TORN) == []
    assert page.evaluate(KEPT_WHOLE) == []
    assert page.locator("main form:visible, nav:visible:not(.tabs)").count() == 0
    assert (
        page.locator("main h2:visible").evaluate_all(
            "all => all.filter(e => getComputedStyle(e).breakAfter !== 'avoid').length"
        )
        == 0
    )


@pytest.mark.parametrize(("path", "inside", "what"), [
    ("/rehearsal", ".rooms", ".rooms .here"), ("/m/department_task/wujia", ".strip", ".strip .p-current"),
])  # fmt: skip
def test_on_a_telephone_what_is_wider_begins_where_one_is(
    site: Site, phone: Page, path: str, inside: str, what: str
) -> None:
    phone.context.add_cookies([{"name": "duban-lang", "value": "en", "url": site.url}])
    enter(phone, "bgs.admin")
    phone.goto(path)

    frame, here = phone.locator(inside).bounding_box(), phone.locator(what).bounding_box()
    assert frame is not None and here is not None
    assert frame["x"] <= here["x"] + 1
    assert here["x"] + here["width"] <= frame["x"] + frame["width"] + 1


def test_whoever_moves_the_slider_by_the_keyboard_goes_on_moving_it(site: Site, page: Page) -> None:
    enter(page, "bgs.admin")
    page.goto("/board")
    slider = page.locator("#f-slide")
    first = int(slider.input_value())
    slider.focus()
    for number in (1, 2):
        with page.expect_navigation():
            page.keyboard.press("ArrowLeft")
        assert int(slider.input_value()) == first - number
