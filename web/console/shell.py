"""How a page is made: Jinja2 over our templates, texts in the visitor's language, times in the campaign's zone."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from engine.problem_words import worded
from web.console.acknowledging import receipt_url
from web.console.column_names import named
from workflows.words import ENTRIES, LIGHTS, NOTICES, POSTS, STATUSES

HERE = Path(__file__).parent.parent
TEMPLATES, STATIC = HERE / "templates", HERE / "static"

Lang = Literal["zh", "en"]

WORDS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "light": LIGHTS, "status": STATUSES, "entry": ENTRIES, "notice": NOTICES, "post": POSTS,
}  # fmt: skip
"""The codes that pages show in words, by what they are codes of."""

BEIJING = ("Asia/Shanghai", "PRC")
"""The zones whose time is called Beijing time."""

WEEKDAYS = (("一", "Mon"), ("二", "Tue"), ("三", "Wed"), ("四", "Thu"), ("五", "Fri"), ("六", "Sat"), ("日", "Sun"))


@dataclass(frozen=True)
class Speech:
    """The language of a visitor and the zone in which he reads times: what templates speak with."""

    lang: Lang
    zone: ZoneInfo

    def t(self, zh: str, en: str) -> str:
        """Choose by language."""
        return zh if self.lang == "zh" else en

    def label(self, label: Any) -> str:
        """The text of a label ``{zh, en}``, of a `Label`, or the text itself; nothing for None."""
        if label is None or isinstance(label, str):
            return label or ""
        return str(label[self.lang] if isinstance(label, Mapping) else getattr(label, self.lang))

    def word(self, of: str, code: str | None) -> str:
        """The word for a *code* of ``light``, ``status``, ``entry``, ``notice`` or ``post``; an unknown code stays."""
        return "" if code is None else self.t(*WORDS[of].get(code, (code, code)))

    def worded(self, message: str) -> str:
        """A message of the program in the visitor's language, if anybody has said it so."""
        return worded(message, self.lang)

    def when(self, at: str | datetime | None, *, seconds: bool = False) -> str:
        """An instant (RFC 3339 or a datetime) as the zone's ``2010-11-26 09:00``."""
        if not at:
            return ""
        found = datetime.fromisoformat(at) if isinstance(at, str) else at
        return found.astimezone(self.zone).strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M")

    def zone_name(self) -> str:
        """The zone in which times are shown, as people call it."""
        return self.t("北京时间", "Beijing time") if self.zone.key in BEIJING else self.zone.key

    def day(self, day: str | date | None, *, week: bool = False) -> str:
        """A day as ``2010-11-26``, with its weekday if wanted."""
        if not day:
            return ""
        found = date.fromisoformat(day[:10]) if isinstance(day, str) else day
        name = WEEKDAYS[found.weekday()]
        return found.isoformat() + (self.t(f"（周{name[0]}）", f" ({name[1]})") if week else "")

    def yuan(self, fen: int | None) -> str:
        """An amount in fen as yuan with separators."""
        return "" if fen is None else f"{fen / 100:,.2f}"


class Shell:
    """The templates, read once."""

    def __init__(self) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
            lstrip_blocks=True, auto_reload=False,
        )  # fmt: skip
        self._environment.globals.update(static=static, query=query, matter_url=matter_url, receipt_url=receipt_url)

    def render(self, template: str, speech: Speech, **values: Any) -> str:
        """The page; a value that a template asks for and nobody gives is a fault."""
        said = {name: getattr(speech, name) for name in ("t", "label", "word", "worded", "when", "day", "yuan", "lang")}
        return named(self._environment.get_template(template).render(**said, **values))


@lru_cache
def static(name: str) -> str:
    """The address of a file of ours; it changes with the content, so that it may be kept for ever."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


def query(base: Mapping[str, Any], **changes: Any) -> str:
    """The query string of *base* with *changes*; what is None or empty is left out. It begins with a question mark."""
    merged = {**base, **changes}
    pairs = {name: value for name, value in merged.items() if value not in (None, "", False)}
    return "?" + urlencode(pairs)


def matter_url(ref: str) -> str:
    """Where the page of a matter is."""
    return "/m/" + quote(ref, safe="/")


def picture(drawn: str) -> Markup:
    """A picture that we have drawn ourselves, every text in it escaped, for a template."""
    return Markup(drawn)  # noqa: S704 - web/pictures escapes what it is given
