"""By whose rule a clock counts: that of its matter's definition, or that of the version in which it began."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from engine.clock import from_us
from engine.counted import rule_kept
from engine.definition_schema import DeadlineSpec
from engine.machine import Compiled
from engine.rows import DeadlineRow
from engine.statutes import RuledDeadline

KEPT = ("term", "statute", "basis", "mark", "roll", "extension", "ladder", "version")
"""What of its rule a clock keeps when its matter goes over to another version; the rest is that of the new version."""


def own_machine(machines: Mapping[int, Compiled], machine: Compiled, row: DeadlineRow) -> Compiled:
    """The machine in which *row* has its code: *machine*, that of its matter, or an earlier one for what ended before."""
    return machine if row.definition_id == machine.id else machines[row.definition_id]


def law_machine(machines: Mapping[int, Compiled], machine: Compiled, row: DeadlineRow) -> Compiled:
    """The machine whose statutes *row* counts by."""
    kept = rule_kept(row.counted)
    return own_machine(machines, machine, row) if kept is None else machines[kept[0]]


def ruled(machines: Mapping[int, Compiled], machine: Compiled, row: DeadlineRow, zone: ZoneInfo) -> RuledDeadline:
    """The deadline of *row* with the rule in force when it started; of a watch, its monitor's."""
    own = own_machine(machines, machine, row)
    if row.code in own.monitors:
        return RuledDeadline.model_construct(**dict(own.monitors[row.code].clock))
    kept, began = rule_kept(row.counted), from_us(row.started_at)
    if kept is None:
        return own.definition.rules.of(row.code, began, zone)
    return carried(own.doc.deadlines[row.code], machines[kept[0]].definition.rules.of(kept[1], began, zone))


def carried(spec: DeadlineSpec, rule: RuledDeadline) -> RuledDeadline:
    """The deadline *spec* of one version, counting by the *rule* of another."""
    said = dict(spec.__dict__) | {name: getattr(rule, name) for name in KEPT}
    return RuledDeadline.model_construct(set(said), **said)
