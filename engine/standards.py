"""Standards in force: the rows that count for a crime on a day, of all the files of a family."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from engine.canonical import canonical, digest
from engine.standard_file import Row, Standard

MOST_KEPT = 4096
"""Answers that are kept; somebody may state any day as that of the discovery. PLACEHOLDER"""


class Standards:
    """The standards that a process works with; made once, never changed."""

    def __init__(self, files: Iterable[Standard] = ()) -> None:
        self.files = tuple(files)
        self._rows = {row.code: row for file in self.files for row in file.rows}
        self._digests = {file.doc.code: file.digest for file in self.files}
        self._found: dict[tuple[str, str, date], tuple[Row, ...]] = {}

    @property
    def digest(self) -> str:
        """The digest of all files together."""
        return digest(canonical(self._digests))

    def family(self, name: str) -> tuple[Standard, ...]:
        """The files of a family."""
        return tuple(file for file in self.files if file.doc.family == name)

    def in_force(self, family: str, crime: str, on: date) -> tuple[Row, ...]:
        """The rows that count for *crime* on the day *on*: its own and those of every crime."""
        key = (family, crime, on)
        if len(self._found) > MOST_KEPT:
            self._found.clear()
        if key not in self._found:
            rows = (row for file in self.family(family) for row in file.rows if row.covers(crime, on))
            self._found[key] = tuple(rows)
        return self._found[key]

    def row(self, code: str) -> Row | None:
        """The row with this code, if the files still have it."""
        return self._rows.get(code)

    def in_order(self, codes: Iterable[str]) -> list[str]:
        """Sort codes of rows as the files have them; those that are no longer there come last."""
        place = {code: at for at, code in enumerate(self._rows)}
        return sorted(codes, key=lambda code: (place.get(code, len(place)), code))

    def are_current(self, versions: Mapping[str, str]) -> bool:
        """Say whether the files still are what they were when an answer was given."""
        return all(self._digests.get(code) == version for code, version in versions.items())

    def versions(self, rows: Sequence[Row]) -> dict[str, str]:
        """The digests of the files that *rows* come from, by their codes."""
        codes = dict.fromkeys(row.code.partition(".")[0] for row in rows)
        return {code: self._digests[code] for code in codes}
