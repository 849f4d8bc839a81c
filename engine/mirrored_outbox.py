"""The outbox in the mirror: the notices that are owed and ride in no digest, in the order in which they are to go."""

import heapq
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, select, update

from engine.outbox import OWED
from engine.rows import N, NoticeRow
from engine.statement import Statement
from engine.transaction import Tx

ALL_OWED = Statement(select(N).where(OWED, N.c.campaign_id == bindparam("campaign_id"), N.c.digest_id.is_(None)))
CLAIM_ONE = Statement(
    update(N)
    .where(N.c.id == bindparam("b_id"))
    .values(lease_until=bindparam("until"), worker=bindparam("who"), attempts=N.c.attempts + 1)
)
"""What a claim writes; which notices it takes is known here."""


class Outbox:
    """The owed notices of each campaign."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Know nothing any more."""
        self._heaps: dict[int, list[tuple[int, int]]] = {}
        self._rows: dict[int, NoticeRow] = {}

    def claim(self, tx: Tx, campaign_id: int, times: tuple[int, int], who: str, limit: int) -> list[NoticeRow]:
        """Claim for *who* at most *limit* notices that are to go, as `CLAIM` of engine/outbox.py does, and in its order.

        *times* are by when they are to go, and until when they are claimed, in microseconds.
        """
        now_us, until_us = times
        heap = self._heap(tx, campaign_id)
        found: list[NoticeRow] = []
        leased: list[tuple[int, int]] = []
        while heap and heap[0][0] <= now_us and len(found) < limit:
            at = heapq.heappop(heap)
            row = self._rows.get(at[1])
            if row is None or row.next_try_at != at[0]:
                continue
            if row.lease_until is not None and row.lease_until > now_us:
                leased.append(at)
                continue
            row.attempts += 1
            row.lease_until, row.worker = until_us, who
            found.append(row)
        for at in leased:
            heapq.heappush(heap, at)
        tx.write_many(CLAIM_ONE, [{"b_id": row.id, "until": until_us, "who": who} for row in found])
        return found

    def _heap(self, tx: Tx, campaign_id: int) -> list[tuple[int, int]]:
        heap = self._heaps.get(campaign_id)
        if heap is None:
            rows = [NoticeRow(*values) for values in tx.rows(ALL_OWED, campaign_id=campaign_id)]
            self._rows.update((row.id, row) for row in rows)
            heap = self._heaps[campaign_id] = [(row.next_try_at, row.id) for row in rows]
            heapq.heapify(heap)
        return heap

    def owed(self, rows: Sequence[NoticeRow]) -> None:
        """Take note of new notices."""
        for row in rows:
            heap = self._heaps.get(row.campaign_id)
            if heap is not None and row.status == "owed" and row.digest_id is None:
                self._rows[row.id] = row
                heapq.heappush(heap, (row.next_try_at, row.id))

    def marked(self, many: Sequence[Mapping[str, Any]]) -> None:
        """Take note of what becomes of notices: those that are owed no longer are let go, what else is changed is read again."""
        for each in many:
            if "who" in each or ("b_id" in each and each.get("new_status", "owed") != "owed"):
                self._rows.pop(each["b_id"], None)
            else:
                self.forget()
                return
