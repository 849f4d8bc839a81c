"""Hiding personal facts: one mark in the place of each value, wherever it is shown."""

from collections.abc import Mapping
from typing import Any

from engine.machine import Compiled

MASK = "***"
"""What stands in the place of a value that the reader may not see."""


def masked_private(private: Mapping[str, Any]) -> dict[str, Any]:
    """The *private* values of an entry with facts and names of documents hidden."""
    return {name: MASK if name.startswith(("fact:", "name:")) else value for name, value in private.items()}


def masked_facts(machine: Compiled, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The *facts* with those hidden that the definition calls personal."""
    specs = machine.doc.facts
    return {name: MASK if name in specs and specs[name].personal else value for name, value in facts.items()}
