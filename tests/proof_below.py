"""A machine and one that it opens below it, made of data, in the small campaign: for mistakes between the two."""

import json
from dataclasses import replace
from typing import Any

from commandline import SMALL

from engine.definition import Definition, load_definition
from engine.proof import Proof, prove
from workflows.library import read_shelf
from workflows.proving import setting_of

SHELF = read_shelf(SMALL)

ROLES = {
    "clerk": {"label": {"zh": "经办人", "en": "Clerk"}, "of": "matter", "posts": ["liaison"]},
    "head": {"label": {"zh": "负责人", "en": "Head"}, "of": "matter", "posts": ["head"]},
}


def label(text: str) -> dict[str, str]:
    return {"zh": text, "en": text}


def arrow(trigger: str, src: str, dst: str, role: str = "clerk", **more: Any) -> dict[str, Any]:
    return {"trigger": trigger, "label": label(trigger), "from": src, "to": dst, "role": role, **more}


def made(kind: str, arrows: list[dict[str, Any]], **more: Any) -> Definition:
    """A machine that begins in ``begun`` and may end in ``over``; the states that *arrows* name wait for who may act there."""
    names = dict.fromkeys(["begun", *(each[key] for each in arrows for key in ("from", "to") if each[key] != "=")])
    doers = {name: dict.fromkeys(each["role"] for each in arrows if each["from"] == name) for name in names}
    states = {
        name: {"label": label(name), "waits_for": [role for role in doers[name] if role != "system"]} for name in names
    }
    data = {
        "schema": "definition/1", "kind": kind, "version": 1, "label": label(kind), "initial": "begun",
        "open": {"role": "clerk", "label": label("open")}, "roles": ROLES, "transitions": arrows,
        "states": {**states, "over": {"label": label("over"), "final": True}}, **more,
    }  # fmt: skip
    return load_definition(json.dumps(data), f"{kind}.yaml", tabled=False)


def proved_with(definition: Definition, *others: Definition, **more: Any) -> Proof:
    """The proof of *definition* in the small campaign, with the *others* around; *more* changes the setting."""
    docs = {each.doc.kind: each.doc for each in (definition, *others)}
    return prove(definition, replace(setting_of(SHELF.campaign.doc, docs), **more))


def codes(proof: Proof) -> list[str]:
    return [problem.code for problem in proof.problems]


def halted(*more: dict[str, Any]) -> Definition:
    """A matter below that another halts and lets go on, or that somebody sets going by hand; *more* arrows are added."""
    return made(
        "below",
        [
            arrow("work", "begun", "over"),
            arrow("halt", "begun", "halted", role="system"),
            arrow("go_on", "halted", "begun", role="system"),
            arrow("by_hand", "halted", "begun"),
            *more,
        ],
    )
