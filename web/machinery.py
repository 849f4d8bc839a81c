"""What pages need of the machinery that lets time pass: it is handed to them, since the web never imports the scheduler."""

from datetime import datetime
from typing import Any, Protocol

from engine.errors import Refused


class Machinery(Protocol):
    """The scheduler as pages see it; what a process does not run, it refuses with Refused("no_machinery")."""

    def status(self) -> dict[str, Any]:
        """How it stands.

        ``showing``: a rehearsal is being shown here; ``playing``, ``days_per_s`` and ``finished`` of that showing;
        ``heart``: a scheduler runs here; ``late_s``: seconds by which its last beat was late, None if it never beat.
        """
        ...

    def play(self, days_per_s: float) -> None:
        """Let the showing run at so many of its days a second; 0 as fast as possible."""
        ...

    def pause(self) -> None:
        """Let the showing stand still."""
        ...

    def advance(self, to: datetime) -> dict[str, Any]:
        """Move a rehearsal's clock; everything on the way falls due in order. Raises Refused in production."""
        ...


class NoMachinery:
    """A process that serves pages and runs nothing else."""

    def status(self) -> dict[str, Any]:
        return {
            "showing": False, "playing": False, "days_per_s": 0.0, "finished": False, "heart": False, "late_s": None,
        }  # fmt: skip

    def play(self, days_per_s: float) -> None:  # noqa: ARG002
        raise _nothing()

    def pause(self) -> None:
        raise _nothing()

    def advance(self, to: datetime) -> dict[str, Any]:  # noqa: ARG002
        raise _nothing()


def _nothing() -> Refused:
    return Refused("this process runs no scheduler", "no_machinery")
