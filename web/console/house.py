"""What the console works with for the life of a process."""

from dataclasses import dataclass, field

from engine.clock import VirtualClock
from engine.publishing import stored_clock
from web.console.doors import Doors
from web.console.shell import Shell
from web.console.verifier import Verifier
from web.machinery import Machinery, NoMachinery
from web.proof_room import ProofRoom
from workflows.workspace import Workspace


@dataclass
class House:
    """The workspace, the doors through which people come in, the machinery, and how pages are made."""

    workspace: Workspace
    doors: Doors
    machinery: Machinery = field(default_factory=NoMachinery)
    shell: Shell = field(default_factory=Shell)
    proofs: ProofRoom = field(default_factory=ProofRoom)
    secure: bool = True
    """Whether cookies are for TLS only; off on this machine's own loopback, where a rehearsal is shown."""

    bundle_program: bytes = b""
    """The program that verifies a bundle without us, to be put into each."""
    verifier: Verifier = field(default_factory=Verifier)

    def look_again(self) -> None:
        """Work with the calendar, the campaign and, in a rehearsal, the clock that the database has now."""
        self.workspace.look_again()
        clock = self.workspace.clock
        if isinstance(clock, VirtualClock):
            with self.workspace.database.snapshot() as tx:
                clock.move_to(stored_clock(tx))
