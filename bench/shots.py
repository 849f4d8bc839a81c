"""Every page as every role sees it, on an office computer and on a telephone: pictures and contact sheets to look at.

python -m bench.shots OUT [--stage NAME] [--as LOGIN]… [--only PREFIX]… [--also PATH]… [--size desk|phone] [--lang en]
                      [--check]

Pages are those of the application's own router; where an address needs more, it is filled in from the stage. OUT gets
ROLE/SIZE/PAGE.png, a contact sheet sheet-ROLE-SIZE-N.png for each dozen, index.html, and findings.txt: what the browser
complained about, what answered otherwise than with a page, which addresses could not be filled in, and with --check
what is unfit (axe, names, keyboard, width).
"""

import argparse
import html
import re
import sys
import tempfile
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from browser.addresses import addresses, paths  # noqa: E402
from browser.chromium import MISSING, SIZES, program, running, visitor  # noqa: E402
from browser.looking import flaws  # noqa: E402
from browser.sites import Site, enter, site_of  # noqa: E402
from browser.stages import STAGES, Wardrobe  # noqa: E402
from browser.watching import Watch  # noqa: E402
from playwright.sync_api import Browser, Error, Page  # noqa: E402 - ours come first, whatever is installed

NOBODY = "nobody"
"""Whoever has not come in."""

DOOR = "/login"
"""Where one comes in; where there is none nobody can."""

ROLES = (
    NOBODY,
    "bgs.admin",
    "lxz.chair",
    "gongshang.officer",
    "gongshang.head",
    "wujia.liaison",
    "gongan.head",
    "auditor",
)

TALLEST = 4000
"""Pixels of a page's height that are shown; a list of thousands is no better in full."""

DOZEN = 12

SHEET = (
    "<!doctype html><meta charset=utf-8><title>{said}</title><style>body{{font:13px sans-serif;margin:8px;width:1584px}}"
    "figure{{display:inline-block;margin:4px;vertical-align:top}}img{{object-fit:cover;object-position:top;border:1px solid "
    "#999}}figcaption{{width:290px;overflow-wrap:anywhere}}</style><h1>{said}</h1>{figures}"
)

THUMBS = {"desk": (516, 290), "phone": (290, 627)}
"""Width and height of a picture on a sheet, in pixels."""


@dataclass
class Album:
    """What was taken, and what there is to say about it."""

    folder: Path
    taken: dict[tuple[str, str], list[tuple[str, Path]]] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)

    def note(self, who: str, size: str, path: str, what: str) -> None:
        self.findings.append(f"{who} {size} {path}: {what}")


def main() -> int:
    asked = _arguments()
    path = program()
    if path is None:
        sys.exit(MISSING)
    album = Album(asked.out.resolve())
    with tempfile.TemporaryDirectory(prefix="duban-shots-") as name, running(path) as browser:
        folder = Path(name)
        (folder / "site").mkdir()
        with site_of(Wardrobe(folder).copy(asked.stage, folder / "site")) as site:
            roles = (asked.roles or ROLES) if DOOR in paths(site) else (NOBODY,)
            for who, size in product(roles, asked.size or SIZES):
                _look(album, browser, site, who, size, asked)
        _sheets(album, browser)
    (album.folder / "findings.txt").write_text("".join(f"{each}\n" for each in album.findings), "utf-8")
    print(f"{sum(map(len, album.taken.values()))} pictures, {len(album.findings)} findings: {album.folder}/index.html")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.shots", description=__doc__.partition("\n")[0])
    parser.add_argument("out", type=Path, metavar="OUT")
    parser.add_argument("--stage", choices=STAGES, default="typical")
    parser.add_argument("--as", dest="roles", action="append", metavar="LOGIN", help="several are possible")
    parser.add_argument("--only", action="append", default=[], metavar="PREFIX", help="only pages that begin so")
    parser.add_argument("--also", action="append", default=[], metavar="PATH", help="one more address, with a query")
    parser.add_argument("--size", action="append", choices=SIZES)
    parser.add_argument("--lang", choices=("zh", "en"), default="zh")
    parser.add_argument("--check", action="store_true", help="look for what is unfit as well")
    return parser.parse_args()


def _look(album: Album, browser: Browser, site: Site, who: str, size: Any, asked: argparse.Namespace) -> None:
    """Let *who* go through all pages at *size*."""
    watch, shown = Watch(site.url), set[str]()
    with visitor(browser, site.url, size) as context:
        watch.over(context)
        context.add_cookies([{"name": "duban-lang", "value": asked.lang, "url": site.url}])
        page = context.new_page()
        if who != NOBODY:
            enter(page, who)
        unfilled: list[str] = []
        for path in [*addresses(site, asked.only, unfilled), *asked.also]:
            if who != NOBODY and path.startswith("/ack/"):
                continue  # a link is the same for everybody
            taken = _shoot(album, page, who, size, path, shown)
            for each in watch.take() + (flaws(page) if taken and asked.check else []):
                album.note(who, size, path, each)
        for each in unfilled:
            album.note("-", "-", "", each)


def _shoot(album: Album, page: Page, who: str, size: str, path: str, shown: set[str]) -> bool:
    """Take a picture of one page, unless it led to one that was taken, or was refused like one before; say whether."""
    try:
        answer = page.goto(path)
    except Error as error:
        album.note(who, size, path, f"no page: {error.message.splitlines()[0]}")
        return False
    code = answer.status if answer else 0
    there = page.url.partition("//")[2].partition("/")[2]
    kind = answer.headers.get("content-type", "") if answer else ""
    if code >= 400 or not kind.startswith("text/html"):
        album.note(who, size, path, f"answered {code} {kind}")
    key = there if code < 400 else str(code)
    if key in shown or not kind.startswith("text/html"):
        return False
    shown.add(key)
    file = album.folder / who / size / f"{re.sub(r'[^0-9A-Za-z.-]+', '_', path)[:80].strip('_') or 'front'}.png"
    file.parent.mkdir(parents=True, exist_ok=True)
    width, height = SIZES[size]  # type: ignore[index]
    page.evaluate("document.fonts.ready")
    height = max(height, min(TALLEST, page.evaluate("document.documentElement.scrollHeight")))
    page.screenshot(path=file, full_page=True, clip={"x": 0, "y": 0, "width": width, "height": height})
    album.taken.setdefault((who, size), []).append((f"{path} → {code}", file))
    return True


def _sheets(album: Album, browser: Browser) -> None:
    """Put a dozen pictures each on a sheet, and all of them on one page."""
    page = browser.new_page(viewport={"width": 1600, "height": 100})
    everything = ""
    for (who, size), pictures in album.taken.items():
        for number, at in enumerate(range(0, len(pictures), DOZEN), 1):
            said, name = f"{who} {size} {number}", f"sheet-{who}-{size}-{number}"
            figures = "".join(_figure(album, size, *each) for each in pictures[at : at + DOZEN])
            everything += f"<h2>{said}</h2>{figures}"
            sheet = album.folder / f"{name}.html"
            sheet.write_text(SHEET.format(said=said, figures=figures), "utf-8")
            page.goto(sheet.as_uri())
            page.screenshot(path=album.folder / f"{name}.png", full_page=True)
            sheet.unlink()
    album.folder.mkdir(parents=True, exist_ok=True)
    (album.folder / "index.html").write_text(SHEET.format(said="duban", figures=everything), "utf-8")
    page.close()


def _figure(album: Album, size: str, said: str, file: Path) -> str:
    name, (width, height) = html.escape(str(file.relative_to(album.folder))), THUMBS[size]
    image = f'<img src="{name}" alt="" width="{width}" height="{height}">'
    return f'<figure><a href="{name}">{image}</a><figcaption>{html.escape(said)}</figcaption></figure>'


if __name__ == "__main__":
    sys.exit(main())
