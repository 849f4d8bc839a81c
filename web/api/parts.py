"""What the API is made of: the workspace, what it needs from the scheduler, its bounds, and what it counts."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any, Protocol

from engine.reading import Reader
from web.api.meters import Meters
from web.machinery import Machinery, NoMachinery
from web.proof_room import ProofRoom
from workflows.workspace import Workspace


class Figures(Protocol):
    """What only the scheduler can work out; `commands.figures` hands it over."""

    def statistics(self, as_of: datetime | None, reader: Reader) -> dict[str, Any]:
        """The figures of ``report statistics``, of what *reader* sees."""
        ...

    def monitors(self) -> list[dict[str, Any]]:
        """What ``monitor list`` shows."""
        ...

    def findings(self, ref: str | None, body: str | None, as_of: datetime | None, reader: Reader) -> dict[str, Any]:
        """What ``monitor run`` shows, of what *reader* sees."""
        ...

    def must_be_usable(self, channel: str, address: str) -> None:
        """Raise Invalid for a way to somebody that the channels file does not have, or an address that it does not take."""
        ...

    def late_s(self) -> float | None:
        """Seconds by which the last beat of this process's heart was late; None without a heart that has beaten."""
        ...


@dataclass(frozen=True, slots=True)
class Bound:
    """How much is taken. Every figure is a PLACEHOLDER."""

    json_bytes: int = 512 * 1024
    upload_bytes: int = 24 * 1024 * 1024
    """A document of 20 MB with its order around it."""

    bulk_bytes: int = 8 * 1024 * 1024
    bulk_lines: int = 2_000
    depth: int = 8
    failures: int = 30
    """Failed authentications of one address in a minute; whoever shows a valid token is served nevertheless."""

    streams: int = 64
    streams_each: int = 4
    stream_s: float = 900.0
    """Seconds after which a stream of events ends; its reader comes again with the last id."""

    poll_s: float = 1.0
    heartbeat_s: float = 15.0
    late_s: float = 900.0
    """Seconds by which what is due may be late before the process is called not ready."""


@dataclass
class Parts:
    """Everything the API needs; *over* ends its streams, *metrics_token* opens ``/metrics`` to other machines.

    *machinery* and *proofs* are those of the pages, where both are served by one process.
    """

    workspace: Workspace
    figures: Figures | None = None
    bound: Bound = field(default_factory=Bound)
    metrics_token: str | None = None
    seconds: Callable[[], float] = monotonic
    over: threading.Event = field(default_factory=threading.Event)
    meters: Meters = field(default_factory=Meters)
    machinery: Machinery = field(default_factory=NoMachinery)
    proofs: ProofRoom = field(default_factory=ProofRoom)
