"""What an erasure of personal data of one matter would take: by which name it is asked for, and where else that stands."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select

from engine.campaign import Campaign
from engine.canonical import parsed
from engine.erased_words import Needles, needles_with_guards
from engine.held import Held
from engine.history import P
from engine.privacy_record import privacy_stream
from engine.store import Statement, Tx

TITLE, REASONS, NAMES, PAPERS = "title", "reasons", "names", "papers"
"""What can be erased beside facts: the title, all free texts (reasons, comments, purposes), the names of documents, their bytes."""

FREE = ("reason", "purpose", "error")
"""The fields of entries in which free text is kept."""

SHORTEST = 2
"""Characters of a value that is looked for in other texts: a single one stands everywhere. PLACEHOLDER"""

Place = tuple[str, int, str]
"""Where a value stands: stream, number of the entry, field."""

_OURS = P.c.campaign_id == bindparam("campaign_id")
VALUES = Statement(
    select(P.c.stream, P.c.seq, P.c.field, P.c.value).where(_OURS, P.c.stream == bindparam("stream")).order_by(P.c.seq)
)


def personal_fields(held: Held) -> list[str]:
    """The facts of a matter that its definition calls personal."""
    return sorted(code for code, spec in held.machine.doc.facts.items() if spec.personal)


def erasable_fields(held: Held) -> list[str]:
    """What can be erased of a matter: its personal facts, and what is text beside facts."""
    return [*personal_fields(held), TITLE, REASONS, NAMES, PAPERS]


def streams_of_matter(ref: str) -> tuple[str, ...]:
    """The streams in which something personal may be kept about a matter."""
    return tuple(f"{of}/{ref}" for of in ("matter", "notices", "vault"))


def held_values(tx: Tx, campaign: Campaign, streams: Iterable[str]) -> dict[Place, Any]:
    """The private values of these streams that are there, by place."""
    return {
        (stream, seq, name): parsed(value)
        for each in streams
        for stream, seq, name, value in tx.rows(VALUES, campaign_id=campaign.id, stream=each)
    }


def chosen_of(held: Held, values: Mapping[Place, Any], fields: Sequence[str]) -> set[Place]:
    """The places that *fields* name."""
    wanted = {f"fact:{name}" for name in fields if name in held.machine.doc.facts}
    wanted |= {TITLE} if TITLE in fields else set()
    wanted |= set(FREE) if REASONS in fields else set()
    own = f"matter/{held.row.ref}"
    return {
        place for place in values
        if place[2] in wanted or (NAMES in fields and place[0] == own and place[2].startswith("name:"))
    }  # fmt: skip


def needles_of(values: Mapping[Place, Any], chosen: Iterable[Place]) -> list[str]:
    """The erased texts that are looked for in other texts, the longest first: facts and the title, not free texts."""
    found = {each for place in chosen if place[2] not in FREE for each in texts_of(values[place])}
    return sorted((each for each in found if len(each) >= SHORTEST), key=len, reverse=True)


def freetexts_of(held: Held, values: Mapping[Place, Any]) -> dict[Place, Any]:
    """Those of *values* that are words: a code, a day or a reference is none, though it may be spelt like a name."""
    coded = {f"fact:{code}" for code, spec in held.machine.doc.facts.items() if spec.type != "text"}
    return {place: value for place, value in values.items() if place[2] not in coded}


def with_text(values: Mapping[Place, Any], needles: Needles) -> set[Place]:
    """The places whose texts have one of *needles* in them."""
    return {place for place, value in values.items() if any(map(needles.within, texts_of(value)))}


def texts_of(value: Any) -> list[str]:
    """The texts in a value."""
    if isinstance(value, str):
        return [value]
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


@dataclass(frozen=True, slots=True)
class Plan:
    """What would go: the *values* there are, those that are *chosen*, and the *needles* that are looked for in other texts."""

    values: dict[Place, Any]
    chosen: set[Place]
    named: set[Place]
    needles: Needles


def planned(
    tx: Tx,
    campaign: Campaign,
    held: Held,
    fields: Sequence[str],
    text: str | None,
    about: Collection[int] = (),
    spare: Collection[Place] = (),
) -> Plan:
    """Plan the erasing of *fields* of a matter and of whatever has *text* in it, but not of the places to *spare*.

    *about* are the entries of the campaign's own stream about the matter: what was said in them goes too.
    """
    values = held_values(tx, campaign, streams_of_matter(held.row.ref))
    named = chosen_of(held, values, fields) - {*spare}
    needles = needles_with_guards(tx, campaign, {*([text] if text else []), *needles_of(values, named)})
    said = held_values(tx, campaign, [privacy_stream(campaign.code)])
    values |= {place: words for place, words in said.items() if place[1] in about}
    found = with_text(freetexts_of(held, values), needles) - {*spare}
    return Plan(values, named | found, named, needles)
