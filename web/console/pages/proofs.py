"""The proof (检查与证明): what was found in the campaign in force, each flaw with the acts that lead to it, told and drawn."""

import re
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from engine.machine import Compiled
from web.console.pages.campaign import tabs
from web.console.visit import Visit, Visitor
from web.pictures.machine_drawing import Marks
from web.pictures.machine_graph import moves_of_counterexample
from web.pictures.state_diagram import state_diagram
from workflows.checking import campaign_job

router = APIRouter()

CODE = re.compile(r"(?<![a-z0-9_-])[a-z][a-z0-9_]+(?![a-z0-9_])")
COMMAND = re.compile(r"（加 --corrections 一并查证）| \(--corrections includes them\)")
"""Codes in the prover's words, and what it says of the command line."""

OF_THE_FILE = ("open_question", "old_quote")
"""Advice about the campaign file and no machine in it."""

MOST_DRAWN = 5
"""Counterexamples that are drawn; the others are told. PLACEHOLDER"""


@router.get("/campaign/check")
def check(visit: Visitor) -> Response:
    """What ``campaign check`` says of the campaign in force; while it is at work the page comes again by itself."""
    visit.sight.require("definitions", "查看检查与证明", "see checks and proofs")
    answer = visit.house.proofs.ask(campaign_job(visit.campaign))
    machines = {
        machine.kind: machine
        for machine in map(visit.campaign.machines.__getitem__, visit.campaign.machines.newest.values())
    }
    return visit.page("proof.html", proof=proof_told(visit, answer, machines), tabs=tabs(visit))


@router.post("/campaign/check")
def anew(visit: Visitor) -> Response:
    """Work it out once more."""
    visit.sight.require("definitions", "查看检查与证明", "see checks and proofs")
    visit.house.proofs.forget(campaign_job(visit.campaign))
    return visit.back("/campaign/check")


def proof_told(visit: Visit, answer: Mapping[str, Any] | None, machines: Mapping[str, Compiled]) -> dict[str, Any]:
    """An answer of the proof room for a page: findings with their pictures, what was taken for granted, by whom."""
    if answer is None:
        return {"running": True}
    assumed: dict[str, list[str]] = {}
    for proof in answer["proofs"]:
        for each in proof["assumptions"]:
            words = _without_codes(visit, visit.speech.label(each["text"]), machines.get(proof["kind"]))
            assumed.setdefault(words, []).append(_name(visit, machines, proof["kind"]))
    count = len(answer["proofs"])
    return {
        "running": False, "ok": answer["ok"], "failed": answer["failed"],
        "findings": [_finding(visit, each, machines, drawn=at < MOST_DRAWN) for at, each in enumerate(answer["problems"])],
        "advice": [
            _finding(visit, each, machines, drawn=False)
            | {"name": "" if each["code"] in OF_THE_FILE else _name(visit, machines, proof["kind"])}
            for proof in answer["proofs"] for each in proof.get("advice", ())
        ],
        "proofs": [{**each, "name": _name(visit, machines, each["kind"])} for each in answer["proofs"]],
        "assumed": [(words, "" if len(kinds) == count else visit.t("、", ", ").join(kinds)) for words, kinds in assumed.items()],
    }  # fmt: skip


def _without_codes(visit: Visit, words: str, machine: Compiled | None) -> str:
    """Words of the prover for a page: names for codes, and nothing of the command line."""
    words = COMMAND.sub("", words)
    if machine is None:
        return words
    doc, kinds = machine.doc, visit.campaign.machines.newest

    def named(found: re.Match[str]) -> str:
        code = found[0]
        spec = doc.facts.get(code) or doc.invariants.get(code) or doc.deadlines.get(code)
        if spec is not None and (visit.lang == "zh" or "_" in code):
            return visit.speech.label(spec.label)
        return visit.speech.label(visit.campaign.kind(code).doc.label) if code in kinds else code

    words = CODE.sub(named, words)
    return words.replace(", ", "、").replace("ladder", "提醒阶梯") if visit.lang == "zh" else words


def _name(visit: Visit, machines: Mapping[str, Compiled], kind: str) -> str:
    return visit.speech.label(machines[kind].doc.label) if kind in machines else kind


def _finding(
    visit: Visit, problem: Mapping[str, Any], machines: Mapping[str, Compiled], *, drawn: bool
) -> dict[str, Any]:
    text = problem["text"][visit.lang] if "text" in problem else problem["message"]
    place = f"{problem['file']}:{problem['line']}:{problem['column']}" if problem["line"] else problem["file"]
    machine, trace = machines.get(problem.get("kind", "")), problem.get("trace", [])
    picture = ""
    if drawn and machine is not None and trace:
        picture = state_diagram(machine, visit.lang, Marks(way=moves_of_counterexample(trace), counterexample=True))
    return {"text": text, "hint": problem["hint"], "place": place, "trace": [each["text"][visit.lang] for each in trace],
            "picture": picture, "name": _name(visit, machines, machine.kind) if machine else ""}  # fmt: skip
