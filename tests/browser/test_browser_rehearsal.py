"""An administrator plays the rehearsal in a browser and sees the campaign move."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from browser.performing import performed
from browser.sites import Site, enter, site_of
from browser.stages import Wardrobe
from workflows.workspace import open_workspace


@pytest.fixture
def site(wardrobe: Wardrobe, tmp_path: Path) -> Iterator[Site]:
    url = wardrobe.copy("empty", tmp_path)
    stage = open_workspace(url)
    with performed(stage) as machinery, site_of(url, machinery) as found:
        yield found
    stage.close()


def counted(page: Page, light: str) -> int:
    return int(page.locator(f".tile-{light} .tile-number").inner_text())


def test_the_rehearsal_is_played_forward_and_the_board_changes(site: Site, page: Page) -> None:
    enter(page, "bgs.admin")
    page.goto("/board")
    before = counted(page, "red")
    page.get_by_role("link", name="推演", exact=True).click()
    clock = page.locator("#player .player-clock time")
    expect(clock).to_have_text("2010-11-25 15:00")
    expect(page.locator("#happened")).to_contain_text("还没有发出通知。")

    page.get_by_role("button", name="▶| 次日9时").click()
    expect(clock).to_have_text("2010-11-26 09:00", timeout=30_000)
    page.get_by_label("推演到").fill("2010-11-29T09:00")
    page.get_by_role("button", name="开始").click()
    expect(clock).to_have_text("2010-11-29 09:00", timeout=60_000)  # the page renews itself while it plays

    expect(page.locator("#happened")).not_to_contain_text("还没有发出通知。")
    page.goto("/board")
    assert counted(page, "red") > before
    assert site.workspace.reader.listed(light="red")["items"]


def test_play_and_pause_are_buttons(site: Site, plain: Page) -> None:
    enter(plain, "bgs.admin")
    plain.goto("/rehearsal")
    plain.get_by_role("button", name="▶ 每秒 0.1 天").click()
    expect(plain.locator("#player")).to_contain_text("播放中")
    plain.get_by_role("button", name="暂停").click()
    expect(plain.locator("#player")).to_contain_text("已暂停")


def test_who_may_not_play_it_only_looks_on(site: Site, page: Page) -> None:
    enter(page, "wujia.liaison")
    page.goto("/rehearsal")

    expect(page.locator("#player")).to_be_visible()
    expect(page.locator("main button")).to_have_count(0)
