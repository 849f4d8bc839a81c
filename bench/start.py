"""What people wait for: a rehearsal of a whole campaign, and the first line of help.

python -m bench.start [--quick]

The floor of a command is Python itself, begun and ended, with click. Compiled bytecode is made first.
"""

import argparse
import compileall
import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from statistics import median

from bench.contest import say
from bench.places import ROOT

CASES = (60, 500)
"""Cases that arrive in a rehearsal: the default, and a large one."""

CALL = ("-c", "import cli; cli.main()")
"""What the installed command does."""

COMMANDS = {
    "python -c 'import click'": ("-c", "import click"),
    "duban --help": (*CALL, "--help"),
    "duban list --help": (*CALL, "list", "--help"),
}


def _spent(*words: str) -> tuple[float, float]:
    """Seconds by the wall and of the processor that a Python with these words takes."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    subprocess.run([sys.executable, *words], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, check=True)
    wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _told(name: str, spans: Sequence[tuple[float, float]], unit: int, word: str) -> None:
    wall, processor = ([span[at] * unit for span in spans] for at in (0, 1))
    line = f"{median(wall):>9,.1f} {word}  (best {min(wall):,.1f}; processor {median(processor):,.1f}, best {min(processor):,.1f})"
    say(f"  {name:<40}{line}")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.start")
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    rounds, long_rounds = (10, 1) if parser.parse_args(arguments).quick else (40, 3)
    for folder in ("commands", "engine", "scheduler", "workflows"):
        compileall.compile_dir(ROOT / folder, quiet=1)
    compileall.compile_file(ROOT / "cli.py", quiet=1)
    say(f"# what people wait for: lower is better, median of {rounds} and {long_rounds} rounds\n")
    spans: dict[str, list[tuple[float, float]]] = {name: [] for name in COMMANDS}
    for _ in range(rounds):
        for name, words in COMMANDS.items():
            spans[name].append(_spent(*words))
    for name in COMMANDS:
        _told(name, spans[name], 1000, "ms")
    for cases in CASES:
        found = [_spent(*CALL, "rehearse", "--cases", str(cases)) for _ in range(long_rounds)]
        _told(f"duban rehearse --cases {cases}", found, 1, "s")


if __name__ == "__main__":
    main()
