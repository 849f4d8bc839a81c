"""What an erasure would take, each place with the words around it, for whoever asks for it and whoever decides it."""

import hashlib
import re
from collections.abc import Collection, Mapping
from typing import Any

from engine.campaign import Campaign
from engine.canonical import canonical
from engine.erased_texts import Blots, touched_notices
from engine.erased_words import Needles
from engine.erasing_plan import TITLE, Place, Plan, texts_of
from engine.held import Held
from engine.store import Tx

AROUND = 16
"""Characters shown on both sides of what is found. PLACEHOLDER"""

WHOLE = 60
"""Characters shown of a value that goes because it was named. PLACEHOLDER"""

WRITTEN = re.compile(r"(?P<stream>.+)#(?P<seq>\d{1,9}):(?P<field>.+)")

NOTICE = "notice/"
"""How a notice is named among the places."""


def written(place: Place) -> str:
    """A place as it is named: ``matter/case/2010-0001#3:reason``."""
    return f"{place[0]}#{place[1]}:{place[2]}"


def places_of(names: Collection[str]) -> tuple[frozenset[Place], frozenset[str]]:
    """The places and the ids of notices that *names* name; what names none is left out."""
    found = [WRITTEN.fullmatch(each) for each in names]
    notices = frozenset(each.removeprefix(NOTICE) for each in names if each.startswith(NOTICE))
    return frozenset((each["stream"], int(each["seq"]), each["field"]) for each in found if each), notices


def preview(tx: Tx, campaign: Campaign, held: Held, plan: Plan, spare: Collection[str]) -> dict[str, Any]:
    """What *plan* would take of a matter: values of entries, messages, the title; *kept* are longer words left alone."""
    needles = plan.needles
    titled = any(place[2] == TITLE for place in plan.chosen)
    blots = Blots(needles, held.row.title if titled else None, frozenset(), places_of(spare)[1])
    notices = touched_notices(tx, campaign, held.row, blots)
    texts = [text for value in plan.values.values() for text in texts_of(value)]
    after = needles.blotted(held.row.title) if titled else held.row.title
    return {
        "items": [_item(plan, place) for place in sorted(plan.chosen)],
        "notices": [
            {"place": f"{NOTICE}{row.id}", "to": row.recipient, "context": around(f"{row.subject} {row.text}", needles)}
            for row, _ in notices
        ],
        "title": {"before": held.row.title, "after": after},
        "left_out": sorted(spare),
        "kept": sorted({word for text in (*texts, held.row.title) for word in needles.guarded(text)}),
    }  # fmt: skip


def digest_of_preview(found: Mapping[str, Any]) -> str:
    """By what a preview is known: the places that it names and what the title becomes."""
    places = [each["place"] for name in ("items", "notices", "papers") for each in found[name]]
    return hashlib.sha256(canonical([places, found["title"]["after"]]).encode()).hexdigest()[:32]


def _item(plan: Plan, place: Place) -> dict[str, Any]:
    value, named = plan.values[place], place in plan.named
    text = "、".join(texts_of(value)) or canonical(value)
    context = text[:WHOLE] + "…" * (len(text) > WHOLE) if named else around(text, plan.needles)
    why = "named" if named else "text"
    if place[0].startswith("privacy/"):  # said of several matters, of which whoever looks may see but this one
        context = "".join(f"【{text[begin:end]}】" for begin, end in list(plan.needles.spans(text))[:1])
    return {
        "place": written(place), "stream": place[0], "seq": place[1], "field": place[2], "why": why, "context": context,
    }  # fmt: skip


def around(text: str, needles: Needles) -> str:
    """The first place in *text* at which something is found, in brackets, with the words around it."""
    found = next(needles.spans(text), None)
    if found is None:
        return text[:WHOLE]
    begin, end = found
    before, after = text[max(0, begin - AROUND) : begin], text[end : end + AROUND]
    ways = "…" * (begin > AROUND), "…" * (len(text) > end + AROUND)
    return f"{ways[0]}{before}【{text[begin:end]}】{after}{ways[1]}".replace("\n", " ")
