"""Contenders take turns: a round of each, again and again, so that a busy minute of the machine hurts all alike."""

import multiprocessing
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median
from typing import Any, Protocol

from bench.laps import Run, Share


class Work(Protocol):
    """Something that is measured: *open* once a process, then a *worker* each; it can be sent to a process."""

    def open(self) -> Any: ...

    def worker(self, opened: Any, share: Share) -> Run: ...


def shares(matters: int, workers: int) -> list[Share]:
    """Divide the matters among the workers; the first one is left for the pattern."""
    each = (matters - 1) // workers
    return [Share(1 + number * each, each) for number in range(workers)]


class Threads:
    """Workers in threads of this process; one worker works in a thread of its own, too."""

    def __init__(self, work: Work, divided: Sequence[Share]) -> None:
        self._pool = ThreadPoolExecutor(len(divided))
        opened = work.open()
        self._gate = threading.Barrier(len(divided))
        self._runs = [work.worker(opened, share) for share in divided]

    def measure(self, times: int) -> float:
        """Let all workers do *times* acts together; give acts a second."""
        each = times // len(self._runs)
        spans = list(self._pool.map(lambda run: _timed(run, each, self._gate), self._runs))
        return each * len(spans) / (max(end for _, end in spans) - min(begun for begun, _ in spans))

    def close(self) -> None:
        self._pool.shutdown()


class Processes:
    """Workers in processes of their own."""

    def __init__(self, work: Work, divided: Sequence[Share]) -> None:
        context = multiprocessing.get_context("spawn")
        gate = context.Barrier(len(divided))
        self._pipes, self._processes = [], []
        for share in divided:
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(work, share, theirs, gate), daemon=True)
            process.start()
            self._pipes.append(ours)
            self._processes.append(process)
        for pipe in self._pipes:
            pipe.recv()

    def measure(self, times: int) -> float:
        """Let all workers do *times* acts together; give acts a second."""
        each = times // len(self._pipes)
        for pipe in self._pipes:
            pipe.send(each)
        spans = [pipe.recv() for pipe in self._pipes]
        return each * len(spans) / (max(end for _, end in spans) - min(begun for begun, _ in spans))

    def close(self) -> None:
        for pipe in self._pipes:
            pipe.send(0)
        for process in self._processes:
            process.join()


def _timed(run: Run, times: int, gate: Any) -> tuple[float, float]:
    gate.wait()
    begun = time.perf_counter()
    run(times)
    return begun, time.perf_counter()


def _serve(work: Work, share: Share, pipe: Any, gate: Any) -> None:
    run = work.worker(work.open(), share)
    pipe.send("ready")
    while times := pipe.recv():
        pipe.send(_timed(run, times, gate))


@dataclass
class Contender:
    """A named crew; *floor* is the contender it is compared with."""

    name: str
    crew: Threads | Processes
    floor: "Contender | None" = None
    times: int = 1000


def contest(title: str, contenders: Sequence[Contender], rounds: int) -> None:
    """Let the contenders take turns for *rounds* rounds after one that does not count, then print the medians."""
    rates: dict[str, list[float]] = {each.name: [] for each in contenders}
    for number in range(rounds + 1):
        for each in contenders:
            rate = each.crew.measure(each.times if number else max(each.times // 4, 200))
            if number:
                rates[each.name].append(rate)
    say(f"\n{title}, median of {rounds} rounds")
    for each in contenders:
        mine = rates[each.name]
        line = f"  {each.name:<58}{median(mine):>9,.0f}/s"
        if each.floor is not None:
            ratio = median(ours / theirs for ours, theirs in zip(mine, rates[each.floor.name], strict=True))
            line += f"  {ratio:5.2f} of the floor"
        say(line)
        each.crew.close()


def say(line: str) -> None:
    print(line)
    sys.stdout.flush()
