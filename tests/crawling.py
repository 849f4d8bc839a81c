"""A visitor who follows every link of a site, a page of each form, and what is written on these pages."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

from visitor import Visitor

VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])

SAID_BY = ("title", "placeholder", "aria-label", "alt")
"""Attributes that are read or heard."""

UNREAD = frozenset(("code", "pre", "script", "style", "textarea"))
"""Where what is written is for programs, or was typed by people."""

CODED = frozenset(("mono", "ref", "ref-line"))
"""Classes that mark references, hashes and the like."""

KEPT = frozenset(("tab", "show", "by"))
"""Parts of an address that make another page of it; others only narrow or order it."""


class Reading(HTMLParser):
    """The texts of a page, and where its links lead."""

    def __init__(self, lang: str) -> None:
        super().__init__()
        self._lang, self._stack = lang, list[tuple[str, dict[str, Any]]]()
        self.texts: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "a" and found.get("href"):
            self.links.append(str(found["href"]))
        if self._read([*self._stack, (tag, found)]):
            self.texts += [str(found[name]) for name in SAID_BY if found.get(name)]
        if tag not in VOID:
            self._stack.append((tag, found))

    def handle_endtag(self, tag: str) -> None:
        while self._stack and self._stack.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if (said := " ".join(data.split())) and self._read(self._stack):
            self.texts.append(said)

    def _read(self, stack: list[tuple[str, dict[str, Any]]]) -> bool:
        """Whether it is for the reader in his own language: not marked as another, as a code or as somebody's input."""
        return not any(
            tag in UNREAD
            or CODED & set((found.get("class") or "").split())
            or (tag != "html" and (found.get("lang") or self._lang)[:2] != self._lang)
            for tag, found in stack
        )


@dataclass(frozen=True)
class Seen:
    """A page that was read."""

    path: str
    code: int
    texts: tuple[str, ...]


def crawl(site: str, login: str | None, lang: str, begin: tuple[str, ...] = ("/", "/login")) -> Iterator[Seen]:
    """Follow the links of *site* as *login*, from *begin*; of pages that differ only in what they are about, one is read."""
    visitor = Visitor(site)
    visitor.cookies["duban-lang"] = lang
    if login is not None:
        visitor.enter(login)
    waiting, met = list(begin), Counter[str]()
    while waiting:
        path = waiting.pop(0)
        form = form_of(path)
        met[form] += 1
        if met[form] > 1:
            continue
        code, page = visitor.fetch_page(path)
        if code in (302, 303):
            waiting.insert(0, visitor.headers["location"])
        if not visitor.headers.get("content-type", "").startswith("text/html"):
            continue
        reading = Reading(lang)
        reading.feed(page)
        yield Seen(path, code, tuple(dict.fromkeys(reading.texts)))
        waiting += [each for link in reading.links if (each := _inside(site, path, link))]


def _inside(site: str, path: str, link: str) -> str:
    """Where a link leads, if that is a page of the site that changes nothing."""
    to = urlsplit(urljoin(site + path, link))
    there = to.path + (f"?{to.query}" if to.query else "")
    return there if to.netloc == urlsplit(site).netloc and not to.path.startswith("/static") else ""


def form_of(path: str) -> str:
    """What pages have in common that differ only in what they are about: kinds of matters stay apart, numbers do not."""
    to = urlsplit(path)
    plain = re.sub(r"/(?:[0-9a-f]{16,}|\d+)(?=/|$)", "/#", to.path)
    plain = re.sub(r"^(/(?:m|d|do|open|urge)/[a-z_]+)/.*", r"\1/#", plain)
    plain = re.sub(r"^(/people)/[^/]+", r"\1/#", plain)
    kept = [each for each in to.query.split("&") if each.partition("=")[0] in KEPT]
    return plain + ("?" + "&".join(sorted(kept)) if kept else "")
