"""The streams of entries in the mirror: which there are, and since when each matter is in its state."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, select

from engine.changes import ALL_TIMES, NOT_OF_VERSION
from engine.rows import E
from engine.statement import Statement
from engine.transaction import Tx

STREAMS = Statement(select(E.c.stream).where(E.c.campaign_id == bindparam("campaign_id")).distinct())

MATTERS = "matter/"
"""How the streams of matters begin."""


class Streams:
    """The streams of each campaign; of those of matters, when the last entry of each sort was made."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Know nothing any more."""
        self._known: dict[int, set[str]] = {}
        self._times: dict[int, dict[str, tuple[int, int]]] = {}

    def is_new(self, tx: Tx, campaign_id: int, stream: str) -> bool:
        """Say whether nothing was ever entered in *stream*."""
        known = self._known.get(campaign_id)
        if known is None:
            known = self._known[campaign_id] = {each for (each,) in tx.rows(STREAMS, campaign_id=campaign_id)}
        return stream not in known

    def times(self, tx: Tx, campaign_id: int, stream: str) -> tuple[int, int]:
        """Since when the matter of *stream* is in its state, and when it was changed last, in microseconds."""
        known = self._times.get(campaign_id)
        if known is None:
            rows = tx.rows(ALL_TIMES, campaign_id=campaign_id)
            known = self._times[campaign_id] = {each: (entered, changed) for each, entered, changed in rows}
        return known[stream]

    def entered(self, many: Sequence[Mapping[str, Any]]) -> None:
        """Take note of new entries."""
        for each in many:
            campaign_id, stream = each["campaign_id"], each["stream"]
            known = self._known.get(campaign_id)
            if known is not None:
                known.add(stream)
            times = self._times.get(campaign_id)
            if times is not None and stream.startswith(MATTERS):
                self._follow(times, each)

    @staticmethod
    def _follow(times: dict[str, tuple[int, int]], entry: Mapping[str, Any]) -> None:
        stream, at = entry["stream"], entry["recorded_at"]
        entered, changed = times.get(stream, (0, 0))
        if entry["src"] != entry["dst"]:
            entered = max(entered, at)
        if entry["kind"] not in NOT_OF_VERSION:
            changed = max(changed, at)
        times[stream] = entered, changed
