"""What is on record about no matter: accounts, posts, definitions, the campaign. There is little of it, found by names once."""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import bindparam, func, select

from engine.rows import E
from engine.store import Statement, Tx
from engine.verify_pages import STREAMS, VALUES_OF, Named, apart

OTHERS = Statement(
    select(E.c.campaign_id, E.c.stream)
    .where(func.substr(E.c.stream, 1, len("matter/")) != "matter/", ~apart(E.c.stream))
    .distinct()
)
"""Asked of the index alone, while whatever looks for the entries by a pattern reads all of them."""

SAID = Named(
    lambda names: select(E.c.recorded_at, E.c.campaign_id, E.c.stream, E.c.seq, E.c.trigger, E.c.record).where(
        E.c.campaign_id == bindparam("campaign_id"), E.c.stream.in_(names)
    )
)


class Said(NamedTuple):
    """An entry: when and where it stands, what was done, and its text."""

    recorded_at: int
    campaign_id: int
    stream: str
    seq: int
    trigger: str
    record: str


class Others:
    """The entries of all streams but those of matters and notices, of every campaign of the database."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._names: dict[int, list[str]] = {}
        for campaign_id, stream in tx.rows(OTHERS):
            self._names.setdefault(campaign_id, []).append(stream)

    def said(self, *beginnings: str, campaign_id: int | None = None) -> list[Said]:
        """The entries of the streams that begin so, oldest first: of one campaign, or of all."""
        found = [
            Said(*row)
            for ident, names in self._names.items()
            if campaign_id in (None, ident)
            for some in _some([name for name in names if name.startswith(beginnings)])
            for row in SAID.rows(self._tx, some, campaign_id=ident)
        ]
        return sorted(found)

    def private(self, said: list[Said], *fields: str) -> Iterator[tuple[Said, str | None]]:
        """These entries of one campaign, each with its private value among *fields*; None if there is none, or none any more."""
        values: dict[tuple[str, int], list[str]] = {}
        streams = sorted({each.stream for each in said})
        for some in _some(streams):
            for stream, seq, name, _, value in VALUES_OF.rows(self._tx, some, campaign_id=said[0].campaign_id):
                if name in fields:
                    values.setdefault((stream, seq), []).append(value)
        for each in said:
            for value in values.get((each.stream, each.seq), [None]):
                yield each, value


def _some(names: list[str]) -> Iterator[list[str]]:
    yield from (names[at : at + STREAMS] for at in range(0, len(names), STREAMS))
