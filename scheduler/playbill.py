"""What a rehearsal's database remembers of its people: which model, seed and number of cases, what they did, who plays them."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from engine.errors import Conflict
from engine.publishing import get_meta, hold_meta, set_meta
from engine.store import Tx

KEY = "playbill"


class Superseded(Exception):
    """Another process has begun to play the people of this database."""


@dataclass
class Playbill:
    """The sheet of one performance. *player* names the process that plays; the newest one wins."""

    people: str
    seed: int
    cases: int
    orders: int = 0
    refused: list[dict[str, Any]] = field(default_factory=list)
    player: str = ""

    def write(self, tx: Tx) -> None:
        """Remember it, in the transaction that it tells of."""
        set_meta(tx, KEY, json.dumps(asdict(self), ensure_ascii=False))

    def must_be_ours(self, tx: Tx) -> None:
        """Raise Superseded if another process plays now; one that begins to waits for the end of *tx*."""
        stored = _held(tx)
        if stored is not None and stored.player != self.player:
            raise Superseded


def read_playbill(tx: Tx) -> Playbill | None:
    """The sheet of the database; None if nobody has played in it."""
    return _read(get_meta(tx, KEY))


def _held(tx: Tx) -> Playbill | None:
    """The same, for whoever writes it: nobody else does until the end."""
    return _read(hold_meta(tx, KEY))


def _read(text: str | None) -> Playbill | None:
    return Playbill(**json.loads(text)) if text else None


def take_over(tx: Tx, people: str, seed: int | None, cases: int | None, player: str) -> Playbill:
    """Go on with the performance of the database, or begin one. Raises Conflict for another seed or number of cases."""
    bill = _held(tx)
    if bill is None:
        bill = Playbill(people, 1 if seed is None else seed, 60 if cases is None else cases)
    for name, asked, stands in (("seed", seed, bill.seed), ("cases", cases, bill.cases)):
        if asked is not None and asked != stands:
            raise Conflict(
                f"this rehearsal was begun with --{name} {stands}; it goes on with that. For --{name} {asked} take "
                "another --db, or delete this one",
                "other_people",
            )
    bill.player = player
    bill.write(tx)
    return bill
