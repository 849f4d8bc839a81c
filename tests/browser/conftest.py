"""What a test of pages may ask for: a site over a stage of its own, and visitors of several kinds, all watched over.

Without a browser these tests are skipped; with CI=true a skipped test is a failure.
"""

from collections.abc import Generator, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from browser.chromium import MISSING, Size, program, running, visitor
from browser.sites import Site, site_of
from browser.stages import STAGES, Wardrobe
from browser.watching import Watch


def pytest_configure(config: pytest.Config) -> None:
    """Let a test name its stage."""
    config.addinivalue_line("markers", f"stage(name): the rehearsal that is visited: {', '.join(STAGES)}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Fail a test whose pages the browser complained about, and say so beside what else failed in it."""
    watch = getattr(item, "funcargs", {}).get("watch")
    try:
        yield
    except BaseException as error:
        if watch is not None:
            for each in watch.findings():
                error.add_note(f"the browser complains: {each}")
        raise
    if watch is not None:
        watch.check()


@pytest.fixture(scope="session")
def wardrobe(tmp_path_factory: pytest.TempPathFactory) -> Wardrobe:
    """Keep the stages of this session."""
    return Wardrobe(tmp_path_factory.mktemp("stages"))


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Run the machine's browser while tests of this folder run."""
    path = program()
    if path is None:
        pytest.skip(MISSING)
    with running(path) as browser:
        yield browser


@pytest.fixture
def site(request: pytest.FixtureRequest, wardrobe: Wardrobe, tmp_path: Path) -> Iterator[Site]:
    """Serve a fresh copy of the stage that ``@pytest.mark.stage`` names; without it, of the typical one."""
    mark = request.node.get_closest_marker("stage")
    folder = tmp_path / "site"
    folder.mkdir()
    with site_of(wardrobe.copy(mark.args[0] if mark else "typical", folder)) as found:
        yield found


@pytest.fixture
def watch(site: Site) -> Watch:
    """Watch over every page of the test; ``watch.expect(pattern)`` for what must be wrong."""
    return Watch(site.url)


@pytest.fixture
def visitors(chromium: Browser, site: Site, watch: Watch) -> Iterator["Visitors"]:
    """Let several people look at the site at once, each with a browser of his own."""
    with ExitStack() as open_ones:
        yield Visitors(chromium, site, watch, open_ones)


class Visitors:
    """People who come with a browser."""

    def __init__(self, browser: Browser, site: Site, watch: Watch, open_ones: ExitStack) -> None:
        self._browser, self._site, self._watch, self._open = browser, site, watch, open_ones

    def come(self, size: Size = "desk", *, javascript: bool = True) -> Page:
        """Give one more of them an empty page."""
        context = self._open.enter_context(visitor(self._browser, self._site.url, size, javascript=javascript))
        self._watch.over(context)
        return context.new_page()


@pytest.fixture
def page(visitors: Visitors) -> Page:
    """Look from an office computer: 1366×768."""
    return visitors.come()


@pytest.fixture
def phone(visitors: Visitors) -> Page:
    """Look from a telephone: 390×844."""
    return visitors.come("phone")


@pytest.fixture
def plain(visitors: Visitors) -> Page:
    """Look from an office computer with JavaScript off."""
    return visitors.come(javascript=False)
