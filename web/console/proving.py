"""Proving oneself once more (step-up): which acts ask for it, and what stands in the way until it is done."""

from collections.abc import Iterable
from dataclasses import dataclass

from engine.campaign import Campaign
from engine.errors import DubanError
from engine.machine import Compiled
from engine.orders import Do, Extend, Order

TRANSFERS = frozenset({"approve_transfer", "immediate_transfer", "order_transfer", "transfer_out", "send_package"})
"""Triggers by which a case goes to the police: those of our definitions."""

REOPENS = ("reopen", "refile")
"""How triggers begin that take up again what was over."""


@dataclass
class ProveAgain(Exception):
    """An act asks for a fresh proof: the page that asks for it goes on with what was asked. *error*: the proof was wrong."""

    act: str
    error: DubanError | None = None


class StaleForm(Exception):
    """A form carries the token of another session than the one its sender has now."""


def grave(campaign: Campaign, order: Order) -> str | None:
    """Which of the acts that ask for a fresh proof (`engine.step_up.ACTS`) an order is; None if it is none of them."""
    kind = str(getattr(order, "ref", "")).partition("/")[0]
    if kind not in campaign.machines.newest:
        return None
    machine = campaign.kind(kind)
    if isinstance(order, Extend):
        return "extend_statutory" if _statutory(machine, [order.deadline]) else None
    return _by_trigger(machine, order.trigger) if isinstance(order, Do) else None


def _by_trigger(machine: Compiled, trigger: str) -> str | None:
    if trigger in TRANSFERS:
        return "transfer"
    if trigger.startswith(REOPENS):
        return "reopen"
    arrows = [each for found in machine.arrows.values() for each in found.get(trigger, ())]
    if any(machine.tree.leaves[each.dst].final for each in arrows):
        return "close"
    return "extend_statutory" if any(_statutory(machine, each.spec.extends) for each in arrows) else None


def _statutory(machine: Compiled, deadlines: Iterable[str]) -> bool:
    known = machine.doc.deadlines
    return any(code in known and known[code].statute is not None for code in deadlines)
