"""Every page as every role sees it: no link that leads nowhere, nothing the browser complains about, nothing unfit.

By plain HTTP each role goes as far as links lead. A browser then looks at each page as the role who sees most of it, and
again as whoever sees something on it that nobody before him did: with axe (its rules for names are serious ones) and, the
first time, the keyboard, every form unfolded; and for its width on a telephone, in both languages, in English also for the
names of its buttons (axe compares none with Chinese words).
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from visitor import Visitor

from browser.addresses import paths
from browser.chromium import SIZES, Size, visitor
from browser.crawling import Crawl, Found, against_policy, page_of
from browser.looking import misnamed, serious, too_wide, unreachable
from browser.sites import Site, enter, site_of
from browser.stages import Wardrobe
from browser.watching import Watch
from browser.wording import unheaded

ROLES = (
    "bgs.admin", "gongshang.officer", "gongshang.head", "wujia.liaison", "wujia.head", "gongan.officer",
    "jianchayuan.head", "jianchayuan.officer", "fayuan.officer", "lxz.chair", "auditor", "bgs.security", "bgs.operator",
)  # fmt: skip
"""Who looks, whoever sees most first."""

NO_PAGES = ("/ack/", "/healthz", "/readyz", "/pulse", "/api", "/static", "/metrics")
"""What is asked for by programs."""

REFUSED = (
    ("/cases/new?kind=case", "#entry"),
    ("/open/lead", 'main form[action^="/open"]'),
    ("/m/department_task/wujia", 'form[action^="/do/"]'),
    ("/rehearsal", 'main form[action="/rehearsal/advance"].filters'),
)
"""Forms that are sent with nothing in them."""

UNFOLD = "() => document.querySelectorAll('main details').forEach(each => { each.open = true; })"


@pytest.fixture(scope="module")
def stood(wardrobe: Wardrobe, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One typical rehearsal for all that only look."""
    with site_of(wardrobe.copy("typical", tmp_path_factory.mktemp("walked"))) as found:
        yield found


@pytest.fixture(scope="module")
def walked(stood: Site) -> dict[str, tuple[Visitor, list[Found]]]:
    """What each role found, and as whom it is asked for again."""
    starts = [path for path in paths(stood) if "{" not in path and not path.startswith(NO_PAGES)]
    found = {}
    for login in ROLES:
        guest = Visitor(stood.url)
        guest.enter(login)
        found[login] = guest, Crawl(guest).through(["/work", *starts])
    return found


def chosen(walked: dict[str, tuple[Visitor, list[Found]]]) -> Iterator[tuple[str, str, bool]]:
    """Who has to look at which page: on which something stands that nobody before him saw there, and who is the first."""
    known: dict[str, set[str]] = {}
    for login, (_, pages) in walked.items():
        for each in pages:
            seen = known.setdefault(page_of(each.path), set())
            if each.code == 200 and each.html and not each.tells <= seen:
                yield login, each.path, not seen
                seen |= each.tells


def as_whom(page: Page, site: Site, guest: Visitor, lang: str) -> None:
    cookies = {**guest.cookies, "duban-lang": lang}
    page.context.clear_cookies()
    page.context.add_cookies([{"name": name, "value": value, "url": site.url} for name, value in cookies.items()])


@pytest.mark.parametrize("login", ROLES)
def test_no_link_leads_nowhere_and_no_page_has_what_its_policy_forbids(
    walked: dict[str, tuple[Visitor, list[Found]]], login: str
) -> None:
    found = walked[login][1]

    assert len(found) > 30
    assert [f"{each.code}: {each.path} on {each.on}" for each in found if each.code >= (400 if each.on else 500)] == []
    assert [f"{each.path}: {said}" for each in found for said in against_policy(each.text)] == []


def test_every_page_is_fit_for_eyes_ears_and_hands(
    walked: dict[str, tuple[Visitor, list[Found]]], stood: Site, chromium: Browser
) -> None:
    watch, found = Watch(stood.url), []
    with visitor(chromium, stood.url) as context:
        watch.over(context)
        page = context.new_page()
        for login, path, first in chosen(walked):
            as_whom(page, stood, walked[login][0], "zh")
            page.set_viewport_size(dict(zip(("width", "height"), SIZES["desk"], strict=True)))  # type: ignore[arg-type]
            page.goto(path)
            page.evaluate(UNFOLD)
            wrong = unreachable(page) if first else []
            wrong += serious(page) + unheaded(page) + too_wide(page)
            page.set_viewport_size(dict(zip(("width", "height"), SIZES["phone"], strict=True)))  # type: ignore[arg-type]
            found += [f"{login} {path}: {each}" for each in wrong + too_wide(page) + watch.take()]

    assert found == []


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_a_refused_form_is_fit_and_says_what_is_wrong(stood: Site, chromium: Browser, size: Size) -> None:
    watch, found = Watch(stood.url), []
    with visitor(chromium, stood.url, size) as context:
        watch.over(context)
        page = context.new_page()
        enter(page, "bgs.admin")
        for path, form in REFUSED:
            page.goto(path)
            page.evaluate(UNFOLD)
            page.locator(form).first.evaluate("form => { form.noValidate = true; form.requestSubmit(); }")
            page.locator('[role="alert"], .error').first.wait_for()
            found += [f"{path}: {each}" for each in serious(page) + too_wide(page) + watch.take()]

    assert found == []


def test_every_page_has_room_in_english_on_a_telephone_and_calls_its_buttons_by_their_words(
    walked: dict[str, tuple[Visitor, list[Found]]], stood: Site, chromium: Browser
) -> None:
    watch, found = Watch(stood.url), []
    with visitor(chromium, stood.url, "phone") as context:
        watch.over(context)
        page = context.new_page()
        for login, path, first in chosen(walked):
            if not first:
                continue
            as_whom(page, stood, walked[login][0], "en")
            page.goto(path)
            found += [f"{login} {path}: {each}" for each in too_wide(page) + misnamed(page) + watch.take()]

    assert found == []
