"""What ``campaign check`` says: every mistake of a file, then what was proved, by which acts it fails, and on what terms."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commands.call import Call
from commands.paper import line

if TYPE_CHECKING:
    from engine.campaign import Campaign
    from engine.errors import Problem
    from engine.proof import Proof
    from engine.term_schema import Label


FIRST = "baodi-2010"
"""The campaign that texts by themselves are held against."""


@dataclass
class Checked:
    """What came of checking files: *problems* of all kinds, and the *proofs* that were made."""

    problems: "list[Problem]" = field(default_factory=list)
    proofs: "list[Proof]" = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The answer in the shape of the contract."""
        return {
            "ok": not self.problems,
            "problems": [problem.as_json() for problem in self.problems],
            "proofs": [proof.as_json() for proof in self.proofs],
        }


def check_files(
    names: Sequence[str], limit: int | None, *, corrections: bool, bound: "Campaign | None" = None
) -> Checked:
    """Check each of *names*, a kind or campaign of ours or a file. Raises NotFound if the only one is not there.

    Definitions by themselves are proved as the campaign *bound* has them, if it is given and has such a kind.
    """
    checked = Checked()
    prover = Prover(names, bound, limit, corrections=corrections)
    for name in names:
        _check(checked, name, prover, alone=len(names) < 2)
    return checked


def _check(checked: Checked, name: str, prover: "Prover", *, alone: bool) -> None:
    from engine.errors import Invalid, NotFound

    try:
        proofs = prover.proofs(name)
    except Invalid as error:
        checked.problems += error.flaws(name)
        return
    except NotFound as error:
        if alone:
            raise
        checked.problems.append(error.as_problem(name))
        return
    checked.proofs += proofs
    checked.problems += [problem for proof in proofs for problem in proof.problems]


class Prover:
    """Loads and proves what names name, all in one way; definitions *bound* to an open campaign together."""

    def __init__(self, names: Sequence[str], bound: "Campaign | None", limit: int | None, *, corrections: bool) -> None:
        from engine.exploring import MOST_SITUATIONS

        self.names, self.bound = names, bound
        self.limit, self.corrections = limit or MOST_SITUATIONS, corrections

    def proofs(self, name: str) -> "list[Proof]":
        """Prove *name*: a definition or texts if it says so, else a campaign with its definitions.

        Texts by themselves are held against our campaign; those beside a campaign file are checked with it.
        """
        from workflows.library import read_texts_alone

        if Path(name).is_dir() or _begins(Path(name), b"schema: texts/"):
            read_texts_alone(name, FIRST)
            return []
        if is_definition(name):
            return [self._definition(name)]
        return self._campaign(name)

    def _definition(self, name: str) -> "Proof":
        from workflows.library import definition_kinds
        from workflows.proving import prove_alone, prove_bound
        from workflows.publication import read_either
        from workflows.scenarios import play_ours

        definition = read_either(name)
        if self.bound is not None and definition.doc.kind in self.bound.doc.definitions:
            fellows = [read_either(each) for each in self.names if is_definition(each)]
            proof = prove_bound(definition, self.bound, fellows, limit=self.limit, corrections=self.corrections)
        else:
            proof = prove_alone(definition, limit=self.limit, corrections=self.corrections)
        if name in definition_kinds():
            proof.problems += play_ours(definition)
        return proof

    def _campaign(self, name: str) -> "list[Proof]":
        from workflows.library import read_shelf
        from workflows.proving import prove_shelf
        from workflows.scenarios import play_all, unplayed

        shelf = read_shelf(name)
        proofs = prove_shelf(shelf, limit=self.limit, corrections=self.corrections)
        proofs[0].problems += play_all(name, shelf)
        for proof, definition in zip(proofs, shelf.definitions.values(), strict=True):
            for code, spec in unplayed(definition, shelf.campaign.doc).items():
                proof.assumptions[f"unplayed_{code}"] = _unplayed(spec.label)
        return proofs


def is_definition(name: str) -> bool:
    """Say whether *name* is a definition: one of ours, or a file that says so."""
    from workflows.publication import is_definition as says_so

    return says_so(name)


def _unplayed(label: "Label") -> "Label":
    from engine.term_schema import Label

    return Label(
        zh=f"情景“{label.zh}”的日期不在本专项行动期间，未演",
        en=f"the scenario ‘{label.en}’ is dated outside this campaign and was not played",
    )


def _begins(path: Path, words: bytes) -> bool:
    """Say whether *words* stand in the beginning of a file."""
    try:
        with path.open("rb") as file:
            return words in file.read(4096)
    except OSError:
        return False


def page(call: Call, checked: Checked) -> None:
    """Print what was found."""
    for problem in checked.problems:
        line(problem.said(call.lang))
        for step in problem.trace:
            line(f"    {step['n']}. {step['text'][call.lang]}")
    for each in (advice for proof in checked.proofs for advice in proof.advice):
        line(call.word("建议：", "advice: ") + each.said(call.lang))
    problems = len(checked.problems)
    line(
        call.word("没有发现问题", "no problem found")
        if not problems
        else call.word(f"{problems} 处错误", f"{problems} problem{'s' if problems > 1 else ''}")
    )
    for proof in checked.proofs:
        told, figures = call.word("已证明", "proved") if proof.ok else call.word("未证明", "not proved"), proof.figures
        line(
            f"  {proof.kind}@{proof.version}  {told}  "
            + call.word(
                f"情形{figures.situations}，转移{figures.moves}，{figures.milliseconds:.0f}毫秒",
                f"{figures.situations} situations, {figures.moves} moves, {figures.milliseconds:.0f} ms",
            )
        )
    assumed: dict[str, list[str]] = {}
    for proof in checked.proofs:
        for text in proof.assumptions.values():
            assumed.setdefault(call.label(text), []).append(proof.kind)
    if assumed:
        line(call.word("前提", "Taken for granted"))
    for words, kinds in assumed.items():
        whose = "" if len(kinds) == len(checked.proofs) else f"{', '.join(kinds)}: "
        line(f"  {whose}{words}")
