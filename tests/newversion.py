"""The errand in other versions: what a migration starts from, and where it goes."""

from pathlib import Path
from typing import Any

from world import SAMPLES

from engine.canonical import canonical
from workflows.migration import Impact, migrate, plan_migration
from workflows.publication import find_version, publish_bundle, read_bundle
from workflows.workspace import Workspace

ERRAND = (SAMPLES / "small.yaml").read_text("utf-8")

RENAMED = (
    ("doing", "active"),
    ("cost_fen", "cost"),
    ("report", "paper"),
    ("  answer:\n", "  reply:\n"),
    ("extends: answer", "extends: reply"),
    ("term: {workdays: 3}", "term: {workdays: 5}"),
    ("  grade: {type", "  checked: {type: bool, label: {zh: 已核, en: Checked}}\n  grade: {type"),
    ("\ninvariants:", "\nMORE\ninvariants:"),
)
"""Other codes for a state, a fact, a document and a deadline, a longer term, and a fact that is new."""

INSPECTION = """  inspection:
    label: {zh: 抽查期限, en: Time to inspect}
    term: {days: 10}
    during: active
    basis: PLACEHOLDER
    owner: head
    ladder: campaign
"""

MIGRATION = """
migrations:
  - from: 1
    states: {doing: active}
    facts: {cost_fen: cost}
    documents: {report: paper}
    deadlines: {answer: reply}
    sets: {checked: false}
"""


def version(folder: Path, *pairs: tuple[str, str], number: int = 2, more: str = MIGRATION, base: Any = RENAMED) -> str:
    """Write the errand into *folder* as version *number*: the words of *base*, then those of *pairs*, then *more*."""
    text = ERRAND.replace("version: 1", f"version: {number}")
    for was, will in base:
        text = text.replace(was, will)
    text = text.replace("MORE", INSPECTION) + more
    for was, will in pairs:
        assert was in text, was
        text = text.replace(was, will)
    path = folder / f"errand-{number}.yaml"
    path.write_text(text, "utf-8")
    return str(path)


def published(workspace: Workspace, name: str) -> None:
    """Publish a file as the administrator, approved by the chair."""
    publish_bundle(workspace, read_bundle([name]), workspace.actor("bgs.admin"), workspace.actor("lxz.chair"))
    workspace.refresh()


def planned(workspace: Workspace, number: int = 2, *refs: str) -> Impact:
    return plan_migration(workspace, find_version(workspace, "errand", number), refs)


def gone_over(workspace: Workspace, number: int = 2, *refs: str, batch: int = 200) -> dict[str, Any]:
    """Take the live errands over, if nothing stands against it."""
    impact = planned(workspace, number, *refs)
    assert impact.sound, impact.as_json()["problems"]
    target = find_version(workspace, "errand", number)
    return migrate(workspace, target, workspace.actor("bgs.admin"), workspace.actor("lxz.chair"), refs, batch)


def standing(workspace: Workspace, ref: str) -> dict[str, Any]:
    """What a matter is, for telling whether it is again what it was: nothing that an entry counts up."""
    with workspace.database.snapshot() as tx:
        from engine.in_hand import look

        held = look(tx, workspace.campaign, ref, workspace.clock.now())
    row = held.row
    clocks = [
        (each.id, each.code, each.status, each.started_at, each.last_day, each.breach_at, each.paused_at, each.breached_at,
         each.extensions, each.rung, each.next_fire_at, each.counted, each.definition_id)
        for each in held.clocks.rows if each.status != "cancelled"
    ]  # fmt: skip
    return {
        "row": (row.definition_id, row.state, row.stage, row.closed),
        "data": canonical({"facts": held.facts, "documents": held.documents, "marks": held.marks.as_json()}),
        "clocks": sorted(clocks),
    }
