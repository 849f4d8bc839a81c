"""A campaign that was played: what exports and reports are made of."""

from pathlib import Path

from commandline import Office


def played(folder: Path, until: str = "2010-12-24", cases: int = 12) -> Office:
    """Play the Baodi campaign with typical people into a file of *folder*, as fast as it goes."""
    office = Office(f"sqlite:///{folder / 'played.db'}")
    begun = office("init", "--rehearsal")
    shown = office("up", "--no-web", "--speed", "0", "--cases", str(cases), "--until", until)
    assert (begun.code, shown.code) == (0, 0), begun.err + shown.err
    return office
