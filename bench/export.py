"""The record as an event log: entries a second, and the room it takes, for a short and a long record side by side.

python -m bench.export [--quick]
"""

import argparse
import multiprocessing
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from bench.contest import say
from bench.laps import furnish
from bench.places import folder
from workflows.event_log import event_log
from workflows.event_table import event_table
from workflows.ocel import ocel
from workflows.ocel_sqlite import write_ocel
from workflows.workspace import Workspace, open_workspace
from workflows.xes import xes

MATTERS = 1_000_000
"""Each with one entry."""


def written(pieces: Iterable[str], path: Path) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(pieces)


def forms(workspace: Workspace, out: Path) -> dict[str, Callable[[], object]]:
    def read() -> Iterable:
        return event_log(workspace.database, workspace.campaign)

    return {
        "read only": lambda: sum(1 for _ in read()),
        "csv": lambda: written(event_table(read()), out / "log.csv"),
        "xes": lambda: written(xes(read(), "bench", "zh"), out / "log.xes"),
        "ocel json": lambda: written(ocel(read, workspace.campaign), out / "log.json"),
        "ocel sqlite": lambda: write_ocel(out / "log.sqlite", read(), workspace.campaign),
    }


def one(url: str, form: str, out: str) -> tuple[float, int]:
    """Seconds, and the largest room in MiB, of one form in a process of its own."""
    workspace = open_workspace(url)
    begun = time.perf_counter()
    forms(workspace, Path(out))[form]()
    spent = time.perf_counter() - begun
    workspace.close()
    return spent, largest_room_mib()


def largest_room_mib() -> int:
    """What the kernel says of this process alone; `getrusage` would count what its parent had."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) // 1024


def measure(place: Path, matters: int) -> None:
    url = f"sqlite:///{place}/record{matters}.db"
    furnish(url, matters)
    workspace = open_workspace(url)
    entries = sum(1 for _ in event_log(workspace.database, workspace.campaign))
    names = list(forms(workspace, place))
    workspace.close()
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        for form in names:
            spent, room = pool.apply(one, (url, form, str(place)))
            say(f"{entries:>9,} entries  {form:<12} {entries / spent:>9,.0f} a second  {room:>5} MiB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    with folder() as place:
        for matters in (MATTERS // 200, MATTERS // (25 if quick else 1)):
            part = place / str(matters)
            part.mkdir()
            measure(part, matters)


if __name__ == "__main__":
    main()
