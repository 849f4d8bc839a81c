"""What is looked for in texts when something is erased, and the longer words that are left alone although it stands in them."""

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from sqlalchemy import select

from engine.campaign import Campaign
from engine.canonical import canonical, parsed
from engine.erasure_grounds import ERASED_MARK
from engine.history import P
from engine.people import P as PEOPLE
from engine.store import Tx

RUN = re.compile(r"\w+")
"""A run of letters and signs without a blank or a point: the words in which the definition's own names stand."""

APART = re.compile(r"[\s、,，;；/／|()（）:：。]+")
"""What stands between the names in a field of parties."""

HAN = re.compile(r"[\u3400-\u9fff·]+")

LONGEST_NAME = 4
"""Characters of the name of a person: whatever in a field of parties is no longer and has the name in it is another's. PLACEHOLDER"""

ORGANISATIONS = ("公司", "店", "厂", "中心", "超市", "商行", "商店", "合作社", "集团", "企业", "部", "社", "院", "所", "行", "馆", "站",
                 "坊", "铺", "学校", "医院")  # fmt: skip
"""How names of organisations end. PLACEHOLDER: the usual ones."""

NO_NAME = frozenset("等某的案系与和及诉称被将向因在于人家")
"""Signs that stand beside a name without making another one of it. PLACEHOLDER"""


class Needles:
    """Texts that are looked for, the longest first, and the longer words in which they are left alone (*guards*)."""

    def __init__(self, texts: Iterable[str], guards: Iterable[str] = ()) -> None:
        self.texts = tuple(sorted({*texts}, key=lambda each: (-len(each), each)))
        wanted = set(self.texts)
        self.guards = tuple(sorted({g for g in guards if g not in wanted and any(t in g for t in wanted)}))
        ways = sorted(
            [*((t, "gone") for t in self.texts), *((g, "kept") for g in self.guards)], key=lambda w: -len(w[0])
        )
        self._found = re.compile("|".join(f"({re.escape(text)})" for text, _ in ways)) if self.texts else None
        self._gone = tuple(how == "gone" for _, how in ways)

    def __bool__(self) -> bool:
        return bool(self.texts)

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where in *text* one of them stands by itself."""
        for found in self._found.finditer(text) if self._found else ():
            if found.lastindex is not None and self._gone[found.lastindex - 1]:
                yield found.span()

    def within(self, text: str) -> bool:
        """Say whether one of them stands in *text* by itself."""
        return next(self.spans(text), None) is not None

    def guarded(self, text: str) -> list[str]:
        """The longer words in *text* that are left alone."""
        found = self._found.finditer(text) if self._found else ()
        return sorted({each.group() for each in found if each.lastindex and not self._gone[each.lastindex - 1]})

    def blotted(self, text: str) -> str:
        """*text* with a mark in the place of each of them."""
        if self._found is None:
            return text
        return self._found.sub(
            lambda each: ERASED_MARK if each.lastindex and self._gone[each.lastindex - 1] else each.group(), text
        )


def needles_with_guards(tx: Tx, campaign: Campaign, texts: Collection[str]) -> Needles:
    """The needles for *texts*, with the words of the campaign, the names of accounts and of other parties that contain one."""
    if not texts:
        return Needles(())
    guards = {word for word in _own_words(campaign) if any(each in word for each in texts)}
    return Needles(texts, guards | _names(tx, texts) | _parties(tx, campaign, texts))


def _own_words(campaign: Campaign) -> Iterator[str]:
    """The words of the campaign's file and of its definitions: names of bodies, places, products, statutes."""
    said: list[Any] = [campaign.doc.model_dump(), *(each.doc.model_dump() for each in campaign.machines.values())]
    while said:
        each = said.pop()
        if isinstance(each, dict):
            said.extend(each.values())
        elif isinstance(each, list | tuple | set | frozenset):
            said.extend(each)
        elif isinstance(each, str):
            yield from RUN.findall(each)


def _names(tx: Tx, texts: Collection[str]) -> set[str]:
    """The names of the holders of accounts that have one of *texts* in them."""
    found: set[str] = set()
    for text in texts:
        rows = tx.select(select(PEOPLE.c.name).where(PEOPLE.c.name.contains(text, autoescape=True)))
        found |= {name for (name,) in rows}
    return found


def _parties(tx: Tx, campaign: Campaign, texts: Collection[str]) -> set[str]:
    """The names in personal facts of this campaign's matters that have one of *texts* in them and are another's."""
    found: set[str] = set()
    for text in texts:
        written = canonical(text)[1:-1]
        rows = tx.select(
            select(P.c.value).where(
                P.c.campaign_id == campaign.id,
                P.c.field.startswith("fact:"),
                P.c.value.contains(written, autoescape=True),
            )
        )
        for (value,) in rows:
            said = parsed(value)
            for each in [said] if isinstance(said, str) else said if isinstance(said, list) else ():
                found |= {name for name in APART.split(str(each)) if _another(name, text)}
    return found


def _another(name: str, text: str) -> bool:
    """Say whether *name* is that of another person or of an organisation, and not *text* with a word beside it."""
    rest = name.replace(text, "", 1)
    if not rest or text not in name or not HAN.fullmatch(name):
        return False
    if name.endswith(ORGANISATIONS):
        return True
    return len(name) <= LONGEST_NAME and not NO_NAME & set(rest)
