"""Proofs of our own definitions with something changed, in the campaign of 2010.

Their tables of expectations are left aside, so that what is found is found by the proof.
"""

import copy
import json
from collections.abc import Iterable
from typing import Any

from engine.campaign import parts_of
from engine.definition import Definition, load_definition
from engine.exploring import MOST_SITUATIONS, Explorer
from engine.machine import Compiled
from engine.proof import Proof, prove
from engine.proof_machine import QUESTIONS, MachineProof
from engine.surroundings import surroundings_of
from workflows.library import HERE, Shelf, read_shelf, statutes
from workflows.proving import setting_of

BAODI: Shelf = read_shelf("baodi-2010")


def text_of(kind: str) -> str:
    """The text of one of our definitions."""
    return (HERE / f"{kind}.yaml").read_text("utf-8")


def data_of(kind: str) -> dict[str, Any]:
    """One of our definitions as data, for changing."""
    return copy.deepcopy(BAODI.definitions[kind].source.data)


def loaded(data: dict[str, Any]) -> Definition:
    """A definition made of changed data. Raises Invalid if it is refused before any proof."""
    return load_definition(json.dumps(data, ensure_ascii=False), "changed.yaml", statutes(), tabled=False)


def flawed(kind: str, old: str, new: str) -> Definition:
    """One of our definitions with *new* in the place of *old*."""
    text = text_of(kind)
    assert text.count(old) >= 1, old
    return load_definition(text.replace(old, new, 1), f"{kind}.yaml", statutes(), tabled=False)


def proved(definition: Definition, questions: Iterable[str] = QUESTIONS, limit: int = MOST_SITUATIONS) -> Proof:
    """The proof of *definition* in the campaign of 2010, with the other kinds as they are."""
    docs = {kind: each.doc for kind, each in BAODI.definitions.items()} | {definition.doc.kind: definition.doc}
    return prove(definition, setting_of(BAODI.campaign.doc, docs), questions=questions, limit=limit)


def machine_proof(definition: Definition, **more: Any) -> MachineProof:
    """The questions about the machine of *definition*, ready to be asked."""
    docs = {kind: each.doc for kind, each in BAODI.definitions.items()} | {definition.doc.kind: definition.doc}
    machine = Compiled(definition, 0, parts_of(BAODI.campaign.doc))
    return MachineProof(Explorer(machine, surroundings_of(definition.doc, docs, BAODI.campaign.doc), **more))
