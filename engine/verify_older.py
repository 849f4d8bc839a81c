"""Entries in the form used before: what follows from them is checked as far as it goes, and the rest is told, not accused.

A notice that was passed on named the heirs in ``to``, where the state of a matter belongs, and no entry said that each of
theirs was owed. Of theirs all that the passing on left alone follows from the notice that was passed on, whose own mark is
checked; by which way it goes is checked with its sending alone. A message of several that was sent again had no entry for
each that rode in it: until it is sent, those that died in it are owed again with it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select

from engine.campaign import Campaign
from engine.clock import to_us
from engine.deliveries import stream_of_notice
from engine.owed_record import OWED, mark_of_notice
from engine.rows import E, NoticeRow
from engine.store import Tx
from engine.verify_fates import Fate

TO = 5
"""Where ``to`` stands among what is copied into columns."""


def is_older(body: Mapping[str, Any]) -> bool:
    """Whether this is the entry of a passing on in the form used before."""
    return (
        body.get("trigger") == "passed_on" and body.get("kind") == "notice" and isinstance(body.get("to"), list)
        and OWED not in body and "heirs" not in body
    )  # fmt: skip


def copied_before(body: Mapping[str, Any], said: Sequence[Any], columns: Sequence[Any]) -> bool:
    """Whether columns say the same as an entry in that form: its ``to`` was no state, and its column has none."""
    return is_older(body) and (*said[:TO], "", *said[TO + 1 :]) == tuple(columns)


def passed_on_before(
    bodies: Iterable[Mapping[str, Any]],
    notices: Mapping[str, NoticeRow],
    own: Iterable[NoticeRow],
    fates: dict[str, Fate],
) -> Iterator[tuple[str, int, NoticeRow | None]]:
    """Give the notices of such heirs the mark that follows, each once; yields heir, number of the entry and notice.

    The notice is None if the entry names an heir who has none.
    """
    older = [each for each in bodies if is_older(each)]
    by_dedup = {each.dedup: each for each in own} if older else {}
    for body in older:
        source = notices.get(str(body.get("notice")))
        for heir in map(str, body["to"]) if source is not None else ():
            found = by_dedup.pop(f"{source.dedup}>{heir}", None) if source is not None else None
            yield heir, body["seq"], found
            if found is not None and source is not None:
                _follows(fates.setdefault(str(found.id), Fate()), found, source, body)


def _follows(fate: Fate, found: NoticeRow, source: NoticeRow, body: Mapping[str, Any]) -> None:
    """What was owed to an heir: the same as *source*, at once, in his own name."""
    if fate.mark is None:
        heir = found.dedup.removeprefix(f"{source.dedup}>")
        at = to_us(datetime.fromisoformat(body["recorded_at"]))
        fate.mark = mark_of_notice(replace(source, recipient=heir, dedup=found.dedup, channel=found.channel))
        fate.goes_us, fate.latest_us = at, at if fate.latest_us is None else fate.latest_us


def sent_again_before(tx: Tx, campaign: Campaign, notice: NoticeRow, fate: Fate, digest: NoticeRow | None) -> bool:
    """Whether a notice is owed again with the message in which it died, which was sent again, as its own entry says."""
    if (
        digest is None
        or (notice.status, fate.status, digest.status) != ("owed", "dead", "owed")
        or fate.died_in != str(digest.id)
    ):
        return False
    rows = tx.select(
        select(E.c.record).where(
            E.c.campaign_id == campaign.id, E.c.stream == stream_of_notice(campaign, digest), E.c.kind == "notice",
            E.c.trigger == "retry", E.c.record.like(f'%"notice":"{digest.id}"%'),
        )
    )  # fmt: skip
    return bool(rows)
