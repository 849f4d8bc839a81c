"""Sharing the check of the record among several: each takes the next part when it is done with one, all see the same.

What is found stands in the order of the parts, so that the answer is the same however many there are.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from engine.verify_bounds import Bounds
from engine.verify_entries import Counted, EntryCheck
from engine.verify_findings import Findings
from engine.verify_pages import Part


@dataclass(frozen=True, slots=True)
class Checked:
    """A part that was checked: what was read, and what was found."""

    counted: Counted
    found: Findings


class Helper(Protocol):
    """Somebody who checks parts as well, in a process of its own with the same view of the database."""

    def begin(self, bounds: Bounds | None) -> None:
        """Get ready; *bounds* are None if instants are not judged. Raises Unavailable where it is no more."""

    def check(self, part: Part) -> Checked:
        """Check a part. Raises Unavailable where it is no more."""


class Sharing:
    """The parts of a record, given out one after the other to this process and its *helpers*."""

    def __init__(self, parts: Sequence[Part], helpers: Sequence[Helper], bounds: Bounds | None) -> None:
        self._parts, self._bounds = parts, bounds
        self._next = 0
        self._lock = threading.Lock()
        self._done: dict[int, Checked] = {}
        self._failed: list[Exception] = []
        self._threads = [threading.Thread(target=self._helped, args=(each,), daemon=True) for each in helpers]
        for thread in self._threads:
            thread.start()

    def run(self, check: EntryCheck, found: Findings) -> Counted:
        """Check what is left until nothing is; add all that was found to *found*. Raises what a helper has failed with."""
        while (number := self._taken()) is not None:
            self._done[number] = checked(check, self._parts[number])
            self._fail()
        for thread in self._threads:
            thread.join()
        self._fail()
        counted = Counted()
        for number in range(len(self._parts)):
            counted.add(self._done[number].counted)
            found.take(self._done[number].found)
        return counted

    def _taken(self) -> int | None:
        with self._lock:
            self._next += 1
            return self._next - 1 if self._next <= len(self._parts) else None

    def _helped(self, helper: Helper) -> None:
        try:
            helper.begin(self._bounds)
            while (number := self._taken()) is not None:
                self._done[number] = helper.check(self._parts[number])
        except Exception as error:  # noqa: BLE001 - it is raised where the answer is put together
            self._failed.append(error)

    def _fail(self) -> None:
        if self._failed:
            raise self._failed[0]


def checked(check: EntryCheck, part: Part) -> Checked:
    """Check a part in this process."""
    counted = check.part(part)
    return Checked(counted, check.found.handed())


def as_json(done: Checked) -> dict[str, Any]:
    """What was read and found, for another process."""
    counted = {name: getattr(done.counted, name) for name in Counted.__slots__}
    return {"counted": counted, "items": done.found.items, "count": done.found.count}


def from_json(said: dict[str, Any]) -> Checked:
    """The same, read again."""
    counted = Counted(**said["counted"])
    if counted.first_erased is not None:
        stream, seq = counted.first_erased
        counted.first_erased = stream, seq
    return Checked(counted, Findings(said["items"], count=said["count"]))
