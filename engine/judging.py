"""Whether an expression holds at a place of an exploration, and what must be looked at in each state to know."""

from engine.exploring import Judge
from engine.expr import Expr
from engine.expr_partly import NO, UNSTATED, YES, Partly, Var, read_here, vars_of
from engine.forgetting import Looks, looking
from engine.machine import Compiled
from engine.places import Place
from engine.steps import Steps


def holding(machine: Compiled, expr: Expr) -> Judge:
    """Look for places in which *expr* holds."""
    read, leaves = vars_of(expr.node), machine.tree.leaves

    def judge(scene: Steps, place: Place) -> tuple[bool, frozenset[Var]]:
        bits = Partly(leaves[place[0]].scopes, scene.known(place), lenient=True).outcomes(expr.node)
        doubts = read - frozenset(scene.followed) if bits & (NO | UNSTATED) else frozenset()
        return bool(bits & YES), doubts

    return judge


def seen(machine: Compiled, expr: Expr) -> Looks:
    """What is looked at in each state to know whether *expr* holds there."""
    leaves = machine.tree.leaves.items()
    return looking(machine, [(leaf, read_here(expr.node, each.scopes, lenient=True)) for leaf, each in leaves])
