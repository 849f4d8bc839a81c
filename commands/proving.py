"""What ``campaign check`` says: every mistake of a file, then what was proved, by which acts it fails, and on what terms."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commands.call import Call
from commands.paper import line

if TYPE_CHECKING:
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


def check_files(names: Sequence[str], limit: int | None, *, corrections: bool) -> Checked:
    """Check each of *names*, a kind or campaign of ours or a file. Raises NotFound if the only one is not there."""
    checked = Checked()
    for name in names:
        _check(checked, name, limit, alone=len(names) < 2, corrections=corrections)
    return checked


def _check(checked: Checked, name: str, limit: int | None, *, alone: bool, corrections: bool) -> None:
    from engine.errors import Invalid, NotFound, Problem
    from engine.exploring import MOST_SITUATIONS

    try:
        proofs = _proofs(name, limit or MOST_SITUATIONS, corrections=corrections)
    except Invalid as error:
        checked.problems += error.problems or [Problem(name, 0, 0, error.code, error.message, error.hint)]
        return
    except NotFound as error:
        if alone:
            raise
        checked.problems.append(Problem(name, 0, 0, error.code, error.message, error.hint))
        return
    checked.proofs += proofs
    checked.problems += [problem for proof in proofs for problem in proof.problems]


def _proofs(name: str, limit: int, *, corrections: bool) -> "list[Proof]":
    """Load what *name* names and prove it: a definition or texts if it says so, else a campaign with its definitions.

    Texts by themselves are held against our campaign; those beside a campaign file are checked with it.
    """
    from workflows.library import definition_kinds, read_definition, read_shelf, read_texts_alone, shipped_definition
    from workflows.proving import prove_alone, prove_shelf
    from workflows.scenarios import play_all, play_ours, unplayed

    if name in definition_kinds():
        definition = shipped_definition(name)
        proof = prove_alone(definition, limit=limit, corrections=corrections)
        proof.problems += play_ours(definition)
        return [proof]
    if Path(name).is_dir() or _begins(Path(name), b"schema: texts/"):
        read_texts_alone(name, FIRST)
        return []
    if _begins(Path(name), b"definition/"):
        return [prove_alone(read_definition(Path(name)), limit=limit, corrections=corrections)]
    shelf = read_shelf(name)
    proofs = prove_shelf(shelf, limit=limit, corrections=corrections)
    proofs[0].problems += play_all(name, shelf)
    for proof, definition in zip(proofs, shelf.definitions.values(), strict=True):
        for code, spec in unplayed(definition, shelf.campaign.doc).items():
            proof.assumptions[f"unplayed_{code}"] = _unplayed(spec.label)
    return proofs


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
