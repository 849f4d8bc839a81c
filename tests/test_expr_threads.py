"""Expressions read by many threads at once."""

import gc
import sys
from concurrent.futures import ThreadPoolExecutor

from test_expr import NAMES

from engine.expr import compile_expr


class Loop:
    """Garbage whose end is Python code: while it runs, another thread may have its turn."""

    def __init__(self) -> None:
        self.me = self

    def __del__(self) -> None:
        for _ in range(50):
            pass


def test_many_threads_read_expressions_at_once() -> None:
    long = " and ".join(f"(met or not (urgent and officers >= {number}))" for number in range(10))
    interval, threshold = sys.getswitchinterval(), gc.get_threshold()

    def read(_: int) -> frozenset[str]:
        Loop(), Loop(), Loop()
        return frozenset(compile_expr(long, NAMES).facts)

    try:
        sys.setswitchinterval(1e-6)
        gc.set_threshold(20)
        with ThreadPoolExecutor(8) as pool:
            found = set(pool.map(read, range(400)))
    finally:
        sys.setswitchinterval(interval)
        gc.set_threshold(*threshold)

    assert found == {frozenset({"met", "urgent", "officers"})}
