"""Values of which only the commitment is left: each must be covered by an entry that erased it, and stay gone."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Field = tuple[int, str]
"""The number of an entry and the name of one of its private values."""


@dataclass(slots=True)
class Missed:
    """What is missing in one stream, and what its entries say was erased, with the number of the entry that says so."""

    gone: dict[Field, None] = field(default_factory=dict)
    covered: dict[Field, int] = field(default_factory=dict)
    alone: list[int] = field(default_factory=list)

    def miss(self, seq: int, names: Iterable[str]) -> None:
        """Note that the values *names* of the entry *seq* are not there."""
        self.gone.update(dict.fromkeys((seq, name) for name in sorted(names)))

    def take(self, body: Mapping[str, Any], seq: int) -> None:
        """Take in an entry that erased something; it speaks only of entries before it."""
        said = body.get("erased")
        fields = said.get("fields") if isinstance(said, dict) else None
        if not isinstance(said, dict) or not isinstance(fields, dict):
            return
        if said.get("asked_by") in (body.get("actor"), body.get("person")):
            self.alone.append(seq)
        for number, names in fields.items():
            if number.isdecimal() and int(number) < seq and isinstance(names, list):
                self.covered.update({(int(number), str(name)): seq for name in names})

    def lawful(self) -> list[Field]:
        """What was erased and is gone."""
        return [each for each in self.gone if each in self.covered]

    def flaws(self) -> Iterator[tuple[str, str, int]]:
        """What is wrong: code, words and entry."""
        for seq, name in self.gone:
            if (seq, name) not in self.covered:
                yield "private_gone", f"the value of {name} is gone, and no entry says that it was erased", seq
        for (seq, name), by in self.covered.items():
            if (seq, name) not in self.gone:
                yield "erased_there", f"the value of {name} was erased by entry {by}, and is there", seq
        for seq in self.alone:
            yield "erased_alone", "one person both asked for it and decided it", seq
