"""Whoever follows every link of every page, as one role after another, by plain HTTP: what is there, and what leads nowhere.

Of links that differ only in which matter, notice or person they name a few are followed, of each page's queries one of
each form. What a page is made of (its tags with their classes) tells which pages a browser has to look at.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urljoin, urlsplit

from visitor import Visitor

LINK = re.compile(r"<a\s[^>]*?href=\"([^\"]*)\"")
TAG = re.compile(r"<([a-z][a-z0-9]*)\b([^>]*)>")
MADE_OF = re.compile(r"\b(class|type|role)=\"([^\"]*)\"")
AGAINST_POLICY = re.compile(
    r"<[a-z][^>]*?\s(?:style|on[a-z]+)=\"[^>]*>"
    r"|<style\b[^>]*>|<script(?![^>]*\bsrc=)[^>]*>"
    r"|<(?:script|img|link|iframe|form|source)\b[^>]*?(?:src|href|action)=\"(?:https?:)?//[^>]*>"
)
"""What the policy of our pages forbids or what asks another host, as it stands in a page's text."""

SAME = (
    (re.compile(r"^/m/([a-z_]+)/.*$"), r"/m/\1/*"),
    (re.compile(r"^/d/([a-z_]+)/.*$"), r"/d/\1/*"),
    (re.compile(r"^/(feed|people/p|proof|campaign/calendar)/.+$"), r"/\1/*"),
    (re.compile(r"/\d+"), "/*"),
)
"""Which addresses are one page with other words in it."""

MACHINES = re.compile(r"^/(m|open|campaign/machines)/[a-z_]+")
"""Addresses that show one page for every kind of matter."""

QUERIES = 4
"""Forms of query of one page that are followed."""

EACH = 1
"""Addresses of one page that are followed, from wherever links lead to it."""


@dataclass
class Found:
    """A page as one role sees it, and where a link to it stood; *tells* is what it is made of."""

    path: str
    code: int
    kind: str
    on: str
    text: str = ""

    @property
    def html(self) -> bool:
        return self.kind.startswith("text/html")

    @property
    def tells(self) -> frozenset[str]:
        return frozenset(_token(each[1], each[2]) for each in TAG.finditer(self.text))


@dataclass
class Crawl:
    """One role's way through the site."""

    visitor: Visitor
    seen: dict[str, Found] = field(default_factory=dict)
    counted: Counter[str] = field(default_factory=Counter)

    def through(self, starts: list[str], each: int = EACH) -> list[Found]:
        """Go from *starts* as far as links lead; a start counts as linked to by nothing."""
        waiting = [(path, "") for path in starts]
        while waiting:
            path, on = waiting.pop(0)
            shape = shape_of(path)
            bare = shape.partition("?")[0]
            if path in self.seen or (on and (self.counted[shape] >= each or self.counted[bare] >= QUERIES * each)):
                continue
            self.counted.update({shape, bare})
            code, body = self.visitor.fetch_page(path)
            media = self.visitor.headers.get("content-type", "")
            found = Found(path, code, media, on, body if media.startswith("text/html") else "")
            self.seen[path] = found
            if code in (302, 303, 307):
                waiting.append((ours(path, self.visitor.headers["location"]), on))
            elif code == 200 and found.html:
                waiting += [(to, path) for to in links(path, body)]
        return list(self.seen.values())


def shape_of(path: str) -> str:
    """The address without what differs from one matter, notice or day to the next."""
    parts = urlsplit(path)
    there = parts.path
    for pattern, said in SAME:
        there = pattern.sub(said, there)
    return "?".join(filter(None, (there, "&".join(sorted({one.partition("=")[0] for one in parts.query.split("&")})))))


def page_of(path: str) -> str:
    """Which page of the console it is, whatever its query and whichever kind of matter it is about."""
    return MACHINES.sub(r"/\1/+", shape_of(path).partition("?")[0])


def links(path: str, text: str) -> Iterator[str]:
    """The addresses of ours that a page links to."""
    for said in dict.fromkeys(LINK.findall(text)):
        to = ours(path, unescape(said))
        if to:
            yield to


def ours(path: str, said: str) -> str:
    """A link on *path* as an address of ours, without what it points to within its page; empty for others."""
    parts = urlsplit(urljoin(f"http://here{path}", said))
    if parts.netloc != "here" or parts.scheme != "http":
        return ""
    return parts.path + (f"?{parts.query}" if parts.query else "")


def against_policy(text: str) -> list[str]:
    """What a browser would refuse, or fetch from elsewhere."""
    return [each[0][:160] for each in AGAINST_POLICY.finditer(text)]


def _token(tag: str, attributes: str) -> str:
    return f"{tag} " + " ".join(f"{name}={value}" for name, value in MADE_OF.findall(attributes))
