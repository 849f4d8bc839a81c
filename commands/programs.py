"""What the command line hands to the interface for programs: figures that only the scheduler works out, and its settings."""

import os
from collections.abc import Callable
from datetime import datetime
from typing import Any

from commands.call import read_token
from engine.reading import Reader
from scheduler.addresses import refuse_unusable
from scheduler.lookout import declared, findings
from scheduler.statistics import report
from web.api.front import Front
from web.api.parts import Parts
from web.console.house import House
from workflows.workspace import Workspace


class SchedulersFigures:
    """The figures of a workspace; *late_s* tells how late its heart was, if one beats in this process."""

    def __init__(self, workspace: Workspace, late_s: Callable[[], float | None] = lambda: None) -> None:
        self._workspace = workspace
        self._late_s = late_s

    def statistics(self, as_of: datetime | None, reader: Reader) -> dict[str, Any]:
        """What ``report statistics`` prints for *reader*."""
        return report(self._workspace, as_of, reader)

    def monitors(self) -> list[dict[str, Any]]:
        """What ``monitor list`` prints."""
        return declared(self._workspace)

    def findings(self, ref: str | None, body: str | None, as_of: datetime | None, reader: Reader) -> dict[str, Any]:
        """What ``monitor run`` prints for *reader*."""
        return findings(self._workspace, ref, body, as_of, reader)

    def must_be_usable(self, channel: str, address: str) -> None:
        """Raise Invalid as ``contact set`` does."""
        refuse_unusable(self._workspace, channel, address)

    def late_s(self) -> float | None:
        """Seconds by which the heart's last beat was late."""
        return self._late_s()


def fronted(
    workspace: Workspace,
    pages: Callable[..., Any],
    late_s: Callable[[], float | None] = lambda: None,
    house: House | None = None,
) -> Front:
    """The site with the interface for programs before its *pages*. Raises Invalid for a metrics token that cannot be read.

    *late_s* tells by how many seconds this process's heart beats late; from *house* the interface has the machinery and
    the proofs of the pages.
    """
    path = os.environ.get("DUBAN_METRICS_TOKEN_FILE")
    parts = Parts(workspace, SchedulersFigures(workspace, late_s), metrics_token=read_token(path) if path else None)
    if house is not None:
        parts.machinery, parts.proofs = house.machinery, house.proofs
    return Front(parts, pages)
