"""What a picture costs: each of our machines drawn for the first time, drawn again, and written as Mermaid text.

python -m bench.pictures
"""

import time
from collections.abc import Callable
from statistics import median

from engine.diagram import mermaid
from engine.machine import Compiled
from web.pictures.layered import layered
from web.pictures.state_diagram import state_diagram
from workflows.library import definition_kinds, shipped_definition

ROUNDS = 9


def cost_ms(act: Callable[[], object], before: Callable[[], object] = lambda: None) -> float:
    """The median of the processor's milliseconds that *act* takes after *before*."""
    taken = []
    for _ in range(ROUNDS):
        before()
        start = time.process_time()
        act()
        taken.append((time.process_time() - start) * 1_000)
    return median(taken)


def main() -> None:
    """Print a line a machine."""
    print(f"{'kind':16} {'states':>6} {'first ms':>9} {'again ms':>9} {'mermaid ms':>11} {'first/mermaid':>14}")
    for kind in definition_kinds():
        machine = Compiled(shipped_definition(kind), 0, {})
        first = cost_ms(lambda machine=machine: state_diagram(machine, "zh"), layered.cache_clear)
        again = cost_ms(lambda machine=machine: state_diagram(machine, "zh"))
        text = cost_ms(lambda machine=machine: mermaid(machine.definition, "zh"))
        states = len(machine.tree.leaves)
        print(f"{kind:16} {states:6} {first:9.1f} {again:9.1f} {text:11.2f} {first / text:14.1f}")


if __name__ == "__main__":
    main()
