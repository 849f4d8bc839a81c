# ruff: noqa: E501  the planted texts are those of the files
"""Defects planted in our own definitions are found by the proof, with acts that lead to them on the real machine.

Here the tables of expectations are left aside; what the proof cannot miss they do (``test_expected.py``).
"""

from collections.abc import Iterator
from typing import Any

import pytest
from proof_replay import Played
from proof_world import data_of, flawed, loaded, machine_proof, proved

from engine.errors import Invalid

QUESTION = {
    "invariant_broken": "invariants", "no_way_to_end": "ends", "arrow_never_fires": "arrows", "gap": "gaps",
    "never_resumed": "pauses", "two_arrows_open": "overlaps",
}  # fmt: skip
"""Which question finds what."""

# kind, what the defect is, the text that is there, the text that takes its place, the code of the finding
PLANTED = [
    # kind, what the defect is, the text that is there, the text that takes its place, the code of the finding
    ("case", "close without the procuratorate", """     when: "(not (ever('must_transfer') or ever('threshold_met')) or visited('accepted') or done('clear_refusal'))
     and not (known('order_pending') and order_pending)", signals""", "     signals", "invariant_broken"),
    ("case", "one officer is enough", 'when: "must_transfer and officers >= 2"', 'when: "must_transfer and officers >= 1"',
     "invariant_broken"),
    ("case", "three returns for more evidence", """when: "done('return_supplement') and not at_least('return_supplement', 2)\"""",
     """when: "done('return_supplement')\"""", "invariant_broken"),
    ("case", "refused after the order", """reason: true, when: "not visited('file_ordered')",
     sets: {notice_pending: true, overdue_supervision: false, outcome: not_filed}, handover: [dept_head], copy: [dept_handler, proc],
     basis: 国务院令第310号 第八条, mark: V}""", """reason: true,
     sets: {notice_pending: true, overdue_supervision: false, outcome: not_filed}, handover: [dept_head], copy: [dept_handler, proc],
     basis: 国务院令第310号 第八条, mark: V}""", "invariant_broken"),
    ("case", "the judgment never becomes final", "rebase_on: [sign_receipt], on_expire: become_final}", "rebase_on: [sign_receipt]}",
     "arrow_never_fires"),
    ("case", "seals stay on", "optional: [notice_received_at], when: \"seals_lifted\",\n     sets: {np_kind: statutory",
     "optional: [notice_received_at],\n     sets: {np_kind: statutory", "invariant_broken"),
    ("case", "refused arrest has no arrow", "when: \"measure == 'arrest_requested' and not arrest_approved\"",
     "when: \"measure == 'arrest_refused' and not arrest_approved\"", "gap"),
    ("penalty", "a fine in place of a transfer", """when: "(not (ever('must_transfer') or ever('threshold_met')) or (known('criminal_ended') and criminal_ended)) and not running('hearing_ask')
     and (not hearing_requested or (not state('noticed') and visited('hearing'))) and (not (known""", """when: "not running('hearing_ask')
     and (not hearing_requested or (not state('noticed') and visited('hearing'))) and (not (known""", "invariant_broken"),
    ("penalty", "decided without the hearing asked for", "and (not hearing_requested or (not state('noticed') and visited('hearing'))) and (not (known",
     "and (not (known", "invariant_broken"),
    ("penalty", "a fine after the conviction", " and (not (known('licence_only') and licence_only) or (fine_amount == 0 and confiscated == 0))", "",
     "invariant_broken"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "defect", "old", "new", "code"), PLANTED, ids=[each[1] for each in PLANTED])
def test_a_planted_defect_is_found_and_its_acts_really_lead_there(
    kind: str, defect: str, old: str, new: str, code: str
) -> None:
    definition = flawed(kind, old, new)

    found = [each for each in machine_proof(definition).run(("states", QUESTION[code])) if each.code == code]

    assert found, f"{defect} was let through"
    if code == "arrow_never_fires":
        return
    for finding in found:
        assert finding.way is not None
        played = Played(definition).play(finding.way)
        if code == "invariant_broken":
            (invariant,) = [each for each in played.machine.invariants if each == finding.words["code"]]
            assert played.machine.invariants[invariant][1].lenient(played.now())


def defects(data: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each arrow gone, leading nowhere, or left to a system that nothing tells; each with the rest as it is."""
    for index, arrow in enumerate(data["transitions"]):
        name = f"{arrow['trigger']}[{index}]"
        without = [each for at, each in enumerate(data["transitions"]) if at != index]
        yield f"{name} gone", {**data, "transitions": without}
        changes: dict[str, dict[str, Any]] = {"by the system": {"role": "system"}}
        if arrow["to"] not in ("=", "@back"):
            changes["stays"] = {"to": "="}
        for how, change in changes.items():
            changed = [{**each, **change} if at == index else each for at, each in enumerate(data["transitions"])]
            yield f"{name} {how}", {**data, "transitions": changed}


HARMLESS = {
    "bulletin": {
        "return_draft[1] gone": "a draft can still be reviewed or dropped: nothing is required of returning it",
        "return_draft[1] stays": "so it can where it stays under review",
    },
    "duty": {
        "submit_plan[1] gone": "the plan can be attached without this act, which ends its clock",
        "report_progress[2] gone": "progress is reported, not required",
        "report_done[5] gone": "`conclude` and the other arrow of `report_done` lead on",
        "report_done[5] stays": "`conclude` and the other arrow of `report_done` lead on",
    },
    "joint_operation": {
        "return_plan[2] gone": "a plan can be approved or the operation cancelled",
        "return_plan[2] stays": "a plan can be approved or the operation cancelled",
        "reschedule[5] gone": "a postponed operation can be cancelled",
        "reschedule[5] stays": "a postponed operation can be cancelled",
        "record_result[8] gone": "results are recorded, not required, before the operation is concluded",
        "record_result[9] gone": "results are recorded, not required, before the operation is concluded",
    },
    "periodic_return": {
        "submit[0] stays": "a zero return leads on, and what is submitted is not required to be known",
        "report_zero[1] stays": "an ordinary return with zeros leads on",
    },
}
"""Changed machines that break no invariant, each with the reason; the table of expectations finds every one."""


@pytest.mark.parametrize("kind", HARMLESS)
def test_every_arrow_that_is_taken_away_is_missed_unless_it_is_known_why_not(kind: str) -> None:
    let_through = set()
    for name, data in defects(data_of(kind)):
        try:
            if proved(loaded(data)).ok:
                let_through.add(name)
        except Invalid:
            continue  # refused by its form, before any proof

    assert let_through == set(HARMLESS[kind])
