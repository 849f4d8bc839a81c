"""The properties of the database in the mirror: read once, and followed with every write."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from engine.statement import Statement
from engine.tables import Meta, table_of
from engine.transaction import Tx

K = table_of(Meta)

ALL = Statement(select(K.c.key, K.c.value))


class Properties:
    """What the database says of itself, by name."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Know nothing any more."""
        self._known: dict[str, str] | None = None

    def get(self, tx: Tx, key: str) -> str | None:
        """The property *key*; None if there is none."""
        if self._known is None:
            self._known = {str(name): str(value) for name, value in tx.rows(ALL)}
        return self._known.get(key)

    def among(self, tx: Tx, keys: Sequence[str]) -> dict[str, str]:
        """Those of *keys* that there are."""
        found = ((key, self.get(tx, key)) for key in keys)
        return {key: value for key, value in found if value is not None}

    def set(self, many: Sequence[Mapping[str, Any]]) -> None:
        """Take note of properties that are set; what cannot be followed is read again."""
        for each in many:
            key, value = each.get("key", each.get("b_key")), each.get("value")
            if self._known is not None and isinstance(key, str) and isinstance(value, str):
                self._known[key] = value
            else:
                self._known = None
