"""What an order did, told in the shape of the contract only when somebody asks."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.campaign import Campaign
from engine.clock import to_us
from engine.outlook import lit
from engine.rows import DeadlineRow, MatterRow, NoticeRow
from engine.shapes import deadline_json, entry_json, light_of, notice_json, shown_json


@dataclass(slots=True)
class Outcome:
    """The matter after the order, its entry, and what the entry says of clocks; *children* are refs opened by it.

    *deadlines* are all of a *replayed* one; else some that had ended before may be left out.
    """

    campaign: Campaign
    matter: MatterRow
    deadlines: Sequence[DeadlineRow]
    facts: Mapping[str, Any]
    entry: Mapping[str, Any]
    digest: str
    private: Mapping[str, Any]
    notices: Sequence[NoticeRow]
    now: datetime
    replayed: bool = False
    children: Sequence[str] = field(default_factory=list)

    @property
    def ref(self) -> str:
        return self.matter.ref

    def as_json(self) -> dict[str, Any]:
        """The answer of ``open``, ``do``, ``correct``, ``attach`` and ``deadline extend``."""
        said = {
            "matter": shown_json(self.campaign, self.matter, json.loads(self.matter.data), self._light()),
            "entry": entry_json(self.entry, self.digest, self.private, self.campaign.late_after),
            "deadlines_started": self._deadlines({"started"}),
            "deadlines_stopped": self._deadlines({"stopped"}),
            "notices": [notice_json(notice) for notice in self.notices],
            "children": list(self.children),
            "receipt": self.receipt(),
        }
        return {**said, "replayed": True} if self.replayed else said

    def receipt(self) -> dict[str, Any]:
        """What whoever acted takes away: the entry by its log, stream and number, and the leaf that it is."""
        log, stream, seq = self.campaign.log, self.entry["stream"], self.entry["seq"]
        return {"log": log, "stream": stream, "seq": seq, "leaf": self.digest}

    def _light(self) -> str | None:
        if self.replayed:
            return light_of(self.campaign, self.matter, self.deadlines, self.now)
        return lit(self.matter, to_us(self.now))

    def _deadlines(self, ops: set[str]) -> list[dict[str, Any]]:
        wanted = {effect["id"] for effect in self.entry.get("clocks", ()) if effect["op"] in ops}
        machine = self.campaign.machines[self.matter.definition_id]
        return [
            deadline_json(self.campaign, machine, row, self.matter.ref, to_us(self.now), self.facts)
            for row in self.deadlines
            if str(row.id) in wanted
        ]
