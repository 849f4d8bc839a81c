"""The machine's own Chromium: found, never downloaded, and cut off from every other host."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]  # fmt: skip

Size = Literal["desk", "phone"]

SIZES: dict[Size, tuple[int, int]] = {"desk": (1366, 768), "phone": (390, 844)}
"""Width and height in CSS pixels: an office computer, a telephone."""

MISSING = "no browser: install one (Debian: apt install chromium fonts-noto-cjk) or name its program in DUBAN_CHROMIUM"

PATIENCE_MS = 45_000
"""How long a page may let a test wait before that is an error: it costs nothing where it comes, and machines are crowded."""

EXPECTED_MS = 20_000
"""The same for what is to be seen in a page that is there."""


def program() -> str | None:
    """Where the browser is: what ``DUBAN_CHROMIUM`` names, else the first one on the path."""
    return os.environ.get("DUBAN_CHROMIUM") or next(filter(None, map(shutil.which, PROGRAMS)), None)


@contextmanager
def running(path: str) -> Iterator[Browser]:
    """Run the browser at *path*."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def visitor(browser: Browser, site: str, size: Size = "desk", *, javascript: bool = True) -> Iterator[BrowserContext]:
    """Somebody with a browser of his own: no cookie of anybody else, paths relative to *site*, the office's zone."""
    width, height = SIZES[size]
    context = browser.new_context(
        base_url=site, viewport={"width": width, "height": height}, java_script_enabled=javascript,
        locale="zh-CN", timezone_id="Asia/Shanghai", has_touch=size == "phone", is_mobile=size == "phone",
        device_scale_factor=1, reduced_motion="reduce",
    )  # fmt: skip
    context.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=EXPECTED_MS)
    try:
        yield context
    finally:
        context.close()
