"""Somebody else's event log, read from XES or CSV. One case is held at a time, however long the log is."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

from engine.errors import Invalid
from workflows.foreign_csv import cases_of_table
from workflows.foreign_xes import cases_of_xes
from workflows.happenings import Case


def read_log(path: Path, zone: ZoneInfo, columns: Mapping[str, str] | None = None) -> Iterator[Case]:
    """Read the cases of an XES or CSV file. Raises Invalid with the line for what cannot be understood.

    An instant without an offset is one of *zone*. *columns* says for a CSV which heading is the case, the activity or the
    time, where `HEADINGS` does not know it.
    """
    try:
        with path.open("rb") as file:
            start = file.read(200).lstrip(b"\xef\xbb\xbf \t\r\n")
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}", "no_file") from None
    if start.startswith(b"<"):
        return cases_of_xes(path, zone)
    return cases_of_table(path, zone, columns or {})
