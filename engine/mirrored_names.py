"""The references of matters in the mirror: which are taken, and the last number of each kind and year."""

from collections.abc import Sequence

from sqlalchemy import bindparam, select

from engine.rows import M, MatterRow
from engine.statement import Statement
from engine.transaction import Tx

NAMES = Statement(select(M.c.ref, M.c.kind, M.c.year, M.c.number).where(M.c.campaign_id == bindparam("campaign_id")))


class Names:
    """The references of each campaign's matters."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Know nothing any more."""
        self._refs: dict[int, set[str]] = {}
        self._numbers: dict[tuple[int, str, int | None], int] = {}

    def is_free(self, tx: Tx, campaign_id: int, ref: str) -> bool:
        """Say whether no matter has the reference."""
        return ref not in self._of(tx, campaign_id)

    def last_number(self, tx: Tx, campaign_id: int, kind: str, year: int) -> int:
        """The highest number of the *kind* in that *year*; 0 if none is counted."""
        self._of(tx, campaign_id)
        return self._numbers.get((campaign_id, kind, year), 0)

    def _of(self, tx: Tx, campaign_id: int) -> set[str]:
        refs = self._refs.get(campaign_id)
        if refs is None:
            refs = self._refs[campaign_id] = set()
            for ref, kind, year, number in tx.rows(NAMES, campaign_id=campaign_id):
                refs.add(ref)
                self._count(campaign_id, kind, year, number)
        return refs

    def taken(self, rows: Sequence[MatterRow]) -> None:
        """Take note of matters that are written."""
        for row in rows:
            refs = self._refs.get(row.campaign_id)
            if refs is not None and row.ref not in refs:
                refs.add(row.ref)
                self._count(row.campaign_id, row.kind, row.year, row.number)

    def _count(self, campaign_id: int, kind: str, year: int | None, number: int | None) -> None:
        if number is not None:
            key = campaign_id, kind, year
            self._numbers[key] = max(number, self._numbers.get(key, 0))
