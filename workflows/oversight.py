"""The procuratorate's view (检察监督): what is transferred, what should have been, and what the police refused, as filters.

Codes are those of our `case` and `penalty`; a campaign whose definitions have no such state or deadline has no such figure.
Source: 国务院令第310号 第三条至第十四条；高检会〔2006〕2号；高检发释字〔2001〕4号.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from engine.campaign import Campaign
from engine.lists import Wanted
from engine.term_schema import Label

MUST, REFERRED, ENDED = ("must_transfer", "yes"), ("referred", "yes"), ("criminal_ended", "yes")


@dataclass(frozen=True)
class Figure:
    """A number with the filter that lists what it counts; *clocks* are the deadlines that are shown with its rows."""

    code: str
    label: Label
    wanted: Wanted
    basis: str = ""
    bad: bool = False
    clocks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Group:
    """Figures that belong together."""

    code: str
    label: Label
    figures: list[Figure] = field(default_factory=list)


REFUSALS = (
    ("not_filed", ("recon_ask",)), ("reconsidering", ("recon_decide",)), ("not_filed_upheld", ("supervise_ask",)),
    ("supervision_requested", ("overdue_answer",)), ("explaining", ("explain",)), ("file_ordered", ("file_order",)),
    ("supervision_closed", ("reason_tell",)),
)  # fmt: skip
"""The states from the refusal of the police to the end of the supervision, each with the clocks that run in it."""

HANDOVERS = ("approve", "handover", "sign_package", "review", "forward", "supplement", "goods")
"""The deadlines of handing over, in the order in which they come."""


def oversight(campaign: Campaign) -> list[Group]:
    """The figures that a campaign has, group by group."""
    groups = [
        Group("transfers", Label(zh="移送情况", en="Transfers"), list(_transfers())),
        Group("untransferred", Label(zh="应移送未移送", en="Should have been transferred"), list(_untransferred())),
        Group("instead", Label(zh="以罚代刑", en="Penalty in place of transfer"), list(_instead())),
        Group("refusals", Label(zh="不予立案与立案监督", en="Refusals to file and their supervision"), list(_refusals(campaign))),
        Group("overdue", Label(zh="逾期移送、移交", en="Hand-overs not in time"), list(_overdue(campaign))),
    ]  # fmt: skip
    kept = [
        Group(each.code, each.label, [one for one in each.figures if _there(campaign, one.wanted)]) for each in groups
    ]
    return [each for each in kept if each.figures]


def _there(campaign: Campaign, wanted: Wanted) -> bool:
    """Whether the definitions have what a filter speaks of."""
    if wanted.kind not in campaign.machines.newest:
        return False
    machine = campaign.kind(wanted.kind or "")
    states = {*machine.tree.leaves, *machine.doc.states}
    facts = {code for code, _ in (*wanted.facts, *wanted.lacks)}
    return (
        all(each is None or each in states for each in (wanted.state, wanted.stage))
        and facts <= set(machine.doc.facts)
        and (wanted.late is None or wanted.late in machine.doc.deadlines)
    )


def _transfers() -> Iterator[Figure]:
    yield Figure("referred", Label(zh="已移送公安机关", en="Transferred to the police"), Wanted(kind="case", facts=(REFERRED,)),
                 "国务院令第310号 第六条")  # fmt: skip
    yield Figure("pending", Label(zh="待负责人批准移送", en="Transfer awaits approval"),
                 Wanted(kind="case", state="transfer_pending"), "国务院令第310号 第五条", clocks=("approve",))  # fmt: skip
    yield Figure("handing", Label(zh="已批准，移送中", en="Approved, being handed over"),
                 Wanted(kind="case", state="handing_over"), "国务院令第310号 第五条", clocks=("handover", "sign_package"))  # fmt: skip
    yield Figure("filed", Label(zh="公安机关已立案", en="Filed by the police"), Wanted(kind="case", facts=(("filed", "yes"),)),
                 "国务院令第310号 第八条")  # fmt: skip


def _untransferred() -> Iterator[Figure]:
    basis = "国务院令第310号 第三条、第十四条"
    yield Figure("case_must", Label(zh="案件：应移送，尚在核查审批", en="Cases that must be transferred and are not yet"),
                 Wanted(kind="case", stage="detected", facts=(MUST,), lacks=(REFERRED,)), basis, bad=True)  # fmt: skip
    yield Figure("case_refused", Label(zh="案件：不批准移送", en="Cases whose transfer was refused"),
                 Wanted(kind="case", state="transfer_refused"), basis, bad=True, clocks=("refusal_review",))  # fmt: skip
    yield Figure("case_routed", Label(zh="案件：转行政处理", en="Cases routed to the administrative track"),
                 Wanted(kind="case", state="routed_admin"), basis)  # fmt: skip
    for stage, zh, en in (("clue", "线索核查中", "checked"), ("handling", "办理中", "handled")):
        label = Label(zh=f"行政处罚：应移送，{zh}", en=f"Penalties that must be transferred, being {en}")
        yield Figure(
            f"penalty_{stage}",
            label,
            Wanted(kind="penalty", stage=stage, facts=(MUST,), lacks=(ENDED,)),
            basis,
            bad=True,
        )


def _instead() -> Iterator[Figure]:
    basis = "国务院令第310号 第三条、第十一条：不得以行政处罚代替移送"
    yield Figure("decided", Label(zh="应移送而已作处罚决定", en="Decided though it must be transferred"),
                 Wanted(kind="penalty", stage="concluded", facts=(MUST,), lacks=(ENDED,)), basis, bad=True)  # fmt: skip
    yield Figure("closed", Label(zh="应移送而已结案", en="Closed though it must be transferred"),
                 Wanted(kind="penalty", stage="closed", facts=(MUST,), lacks=(ENDED,)), basis, bad=True)  # fmt: skip
    yield Figure("found_after", Label(zh="处罚后发现涉嫌犯罪", en="A crime was found after the penalty"),
                 Wanted(kind="penalty", facts=(("crime_found_after", "yes"),)), "高检会〔2006〕2号 第一条")  # fmt: skip


def _refusals(campaign: Campaign) -> Iterator[Figure]:
    leaves = campaign.kind("case").tree.leaves if "case" in campaign.machines.newest else {}
    for state, clocks in REFUSALS:
        if state in leaves:
            yield Figure(
                state, leaves[state].label, Wanted(kind="case", state=state), "国务院令第310号 第八条、第九条；高检发释字〔2001〕4号",
                clocks=clocks,
            )  # fmt: skip


def _overdue(campaign: Campaign) -> Iterator[Figure]:
    deadlines = campaign.kind("case").doc.deadlines if "case" in campaign.machines.newest else {}
    for code in HANDOVERS:
        if code in deadlines:
            yield Figure(code, deadlines[code].label, Wanted(kind="case", late=code), bad=True, clocks=(code,))
