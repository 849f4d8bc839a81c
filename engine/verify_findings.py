"""What a check of the record finds, each thing with its code and its place; and what it cannot vouch for."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

MOST = 1000
"""Findings that are kept in full; of those beyond only the number is known."""


@dataclass(slots=True)
class Findings:
    """Findings in the order in which they are made, and reservations: what is not wrong, and not vouched for either."""

    items: list[dict[str, Any]] = field(default_factory=list)
    reservations: list[dict[str, str]] = field(default_factory=list)
    count: int = 0

    def add(
        self, code: str, message: str, stream: str | None = None, seq: int | None = None, idx: int | None = None
    ) -> None:
        """Keep a finding; *idx* is the leaf's number in the log."""
        self.count += 1
        if len(self.items) < MOST:
            self.items.append({"code": code, "stream": stream, "seq": seq, "idx": idx, "message": message})

    def reserve(self, code: str, message: str) -> None:
        """Keep a reservation."""
        self.reservations.append({"code": code, "message": message})

    def take(self, more: "Findings") -> None:
        """Add what was found elsewhere, as found next."""
        self.count += more.count
        self.items += more.items[: MOST - len(self.items)]
        self.reservations += more.reservations

    def handed(self) -> "Findings":
        """Hand over what was found so far, and begin anew."""
        handed = Findings(self.items, self.reservations, self.count)
        self.items, self.reservations, self.count = [], [], 0
        return handed

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.items)

    def first(self) -> dict[str, Any] | None:
        """The finding that comes first in the log, else in the order of streams."""
        placed = [each for each in self.items if each["stream"] is not None]
        return min(placed, key=_place) if placed else (self.items[0] if self.items else None)


def _place(finding: dict[str, Any]) -> tuple[int, str, int]:
    idx = finding["idx"]
    return (2**62 if idx is None else idx, finding["stream"] or "", finding["seq"] or 0)
