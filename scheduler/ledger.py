"""The ledger of a rehearsal: who was told what, when and on what ground, what was late, and a summary of each body."""

import csv
import io
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from engine.clock import from_us, to_us
from engine.errors import Unavailable
from engine.lookout import late_entries
from engine.marks import UNVERIFIED, said
from engine.notice_pages import Told, all_told
from engine.rows import DeadlineRow, MatterRow
from engine.shapes import rule_of
from engine.watches import WATCHED
from scheduler.statistics import entered_late, kept, of_body, returns_made, summed
from scheduler.summary import Page, deliverables_of
from scheduler.telling import Lang
from workflows.event_table import defused
from workflows.workspace import Workspace

COLUMNS = ("at", "kind", "level", "recipient", "body", "ref", "deadline", "last_day", "basis", "mark", "what")
"""The columns of the ledger, in order."""

NO_GROUND = {"deadline": "", "last_day": "", "basis": "", "mark": ""}
"""What the ledger says of the ground of a notice that no clock has caused."""

MINUTE = len("2010-11-25 15:00")

T = TypeVar("T")

Played = tuple[int, Sequence[Mapping[str, Any]]]
"""How many orders people gave, and those that were refused."""

MOST_REFUSALS = 20
"""How many refusals the summary tells in full; it counts all of them. PLACEHOLDER"""


class Ledger:
    """Draws ledger and summary from a rehearsed workspace; only plain values that the seed decides, in a fixed order."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._campaign = workspace.campaign
        self._names = {body.code: body.name.zh for body in workspace.campaign.doc.bodies}
        self._zone = workspace.campaign.zone
        self._late = Counter[str]()
        self._made: dict[str, dict[str, dict[str, int]]] = {}

    def draw(
        self, about: Mapping[str, Any], played: Played, end: datetime
    ) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """The summary and the ledger; *played* is how many orders people gave and which were refused."""
        reader = self._workspace.reader
        with self._workspace.database.snapshot() as tx:
            pairs = reader.matters(tx)
            self._late = entered_late(late_entries(tx, self._campaign))
            notices = all_told(tx, self._campaign.id)
        self._made = returns_made(self._campaign, pairs, to_us(end))
        ledger = sorted([*self._told(notices, pairs), *self._breaches(pairs)], key=_in_order)
        return self._summary(about, played, end, pairs, notices), ledger

    def _local(self, at: datetime) -> str:
        return at.astimezone(self._zone).isoformat(" ", "minutes")[:MINUTE]

    def _told(
        self, notices: Iterable[Told], pairs: Sequence[tuple[MatterRow, list[DeadlineRow]]]
    ) -> Iterator[dict[str, Any]]:
        clocks = {row.id: (matter, row) for matter, rows in pairs for row in rows}
        grounds: dict[int | None, dict[str, Any]] = {None: NO_GROUND}
        moments: dict[int, str] = {}
        for notice in notices:
            ident, at_us = notice.deadline_id, notice.planned_at
            if ident not in grounds:
                grounds[ident] = self._ground(*clocks[ident]) if ident in clocks else NO_GROUND
            if at_us not in moments:
                moments[at_us] = self._local(from_us(at_us))
            yield {
                "at": moments[at_us], "kind": notice.kind, "level": notice.level, "recipient": notice.recipient,
                "body": notice.body, "ref": notice.ref or "", **grounds[ident], "what": notice.subject,
            }  # fmt: skip

    def _ground(self, matter: MatterRow, row: DeadlineRow) -> dict[str, Any]:
        spec = rule_of(self._campaign, self._campaign.machines[matter.definition_id], row)
        basis = f"{spec.basis} [{said(spec.mark, 'zh')}]"
        return {"deadline": spec.label.zh, "last_day": row.last_day, "basis": basis, "mark": spec.mark}

    def _breaches(self, pairs: Sequence[tuple[MatterRow, list[DeadlineRow]]]) -> list[dict[str, Any]]:
        return [
            {
                "at": self._local(from_us(row.breached_at)), "kind": "breach", "level": "", "recipient": "",
                "body": row.owner_body, "ref": matter.ref, **self._ground(matter, row), "what": f"逾期：{matter.title}",
            }
            for matter, rows in pairs
            for row in rows
            if row.breached_at is not None
        ]  # fmt: skip

    def _summary(
        self, about: Mapping[str, Any], played: Played, end: datetime,
        pairs: Sequence[tuple[MatterRow, list[DeadlineRow]]], notices: Sequence[Told],
    ) -> dict[str, Any]:  # fmt: skip
        doc = self._campaign.doc
        orders, refusals = played
        cases = [matter for matter, _ in pairs if matter.kind == "case"]
        own, got = _by_body(pairs, lambda pair: pair[0].body), _by_body(notices, lambda notice: notice.body)
        return {
            **about,
            "from": doc.launched_at,
            "until": self._local(end),
            "totals": {
                "matters": dict(sorted(Counter(matter.kind for matter, _ in pairs).items())),
                "orders": orders,
                "refusals": len(refusals),
                "notices": dict(sorted(Counter(notice.kind for notice in notices).items())),
                "deadlines": dict(
                    sorted(
                        Counter(row.status for _, rows in pairs for row in rows if row.status not in WATCHED).items()
                    )
                ),
                "breaches": sum(row.breached_at is not None for _, rows in pairs for row in rows),
                "on_time": kept(self._campaign, pairs),
                "late_entries": self._late.total(),
                "findings": sum(row.status in ("found", "cleared") for _, rows in pairs for row in rows),
                "returns": {code: summed(bodies.values()) for code, bodies in self._made.items()},
                "cases_by_stage": dict(sorted(Counter(case.stage for case in cases).items())),
                "prosecuted": sum("prosecuted" in json.loads(case.data)["marks"]["visited"] for case in cases),
                "duties_done": self._duties_done(pairs),
            },
            "departments": [self._department(body, own[body], got[body]) for body in doc.roster],
            "unverified": self._unverified(pairs),
            "refused": list(refusals[:MOST_REFUSALS]),
        }

    def _unverified(self, pairs: Sequence[tuple[MatterRow, list[DeadlineRow]]]) -> list[dict[str, Any]]:
        """The rules that nobody has verified and by which clocks ran, with how many did."""
        machines = self._campaign.machines
        clocks = ((matter, row) for matter, rows in pairs for row in rows if row.status not in WATCHED)
        rules = (rule_of(self._campaign, machines[matter.definition_id], row) for matter, row in clocks)
        found = Counter((rule.label.zh, rule.label.en, rule.basis) for rule in rules if rule.mark == UNVERIFIED)
        return [
            {"deadline": zh, "label": {"zh": zh, "en": en}, "basis": basis, "clocks": count}
            for (zh, en, basis), count in sorted(found.items())
        ]

    def _duties_done(self, pairs: Sequence[tuple[MatterRow, list[DeadlineRow]]]) -> int:
        """How many duties have every matter of theirs accepted."""
        stages: dict[str, list[str]] = {}
        for matter, _ in pairs:
            if matter.kind == "duty":
                stages.setdefault(matter.ref.split("/")[1], []).append(matter.stage)
        return sum(all(stage == "accepted" for stage in found) for found in stages.values())

    def _department(
        self, body: str, own: Sequence[tuple[MatterRow, list[DeadlineRow]]], got: Sequence[Told]
    ) -> dict[str, Any]:
        task = next(((matter, rows) for matter, rows in own if matter.kind == "department_task"), None)
        wanted = deliverables_of(self._campaign)
        deliverables = {row.code: row.status for row in (task[1] if task else []) if row.code in wanted}
        return {
            "body": body,
            "name": self._names[body],
            "task": task[0].state if task else None,
            "deliverables": dict(sorted(deliverables.items())),
            "breaches": sum(row.breached_at is not None for _, rows in own for row in rows if row.owner_body == body),
            "on_time": kept(self._campaign, own, body),
            "late_entries": self._late[body],
            "returns": of_body(self._made, body),
            "cases_by_stage": dict(sorted(Counter(matter.stage for matter, _ in own if matter.kind == "case").items())),
            "supervision_items": sum(matter.kind == "supervision" for matter, _ in own),
            "notices": len(got),
            "highest_rung": max((notice.level for notice in got if notice.deadline_id), default=0),
        }

    def write(self, folder: Path, summary: Mapping[str, Any], ledger: Sequence[Mapping[str, Any]]) -> list[str]:
        """Write the four files, all or none; the same input gives the same bytes. Raises Unavailable if they cannot be."""
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ledger)
        files = {
            "ledger.jsonl": lines,
            "ledger.csv": table(ledger),
            "summary.json": json.dumps(summary, ensure_ascii=False, indent=2) + "\n",
            "summary.md": self.page(summary),
        }
        try:
            _write_all(folder, files)
        except OSError as error:
            raise Unavailable(f"{error.filename or folder} cannot be written: {error.strerror}", "disk") from None
        return sorted(files)

    def page(self, summary: Mapping[str, Any], lang: Lang = "zh") -> str:
        """The summary as a page to read."""
        return Page(self._campaign, lang).draw(summary)


def _in_order(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(map(str, row.values()))


def _by_body(all_of_them: Iterable[T], body_of: Callable[[T], str]) -> defaultdict[str, list[T]]:
    found = defaultdict[str, list[T]](list)
    for each in all_of_them:
        found[body_of(each)].append(each)
    return found


def _write_all(folder: Path, files: Mapping[str, str]) -> None:
    """Write new files, and put them in their places when the last one is whole."""
    folder.mkdir(parents=True, exist_ok=True)
    fresh = {name: folder / f".{name}.new" for name in files}
    try:
        for name, text in files.items():
            fresh[name].write_bytes(text.encode())
        for name, path in fresh.items():
            path.replace(folder / name)
    finally:
        for path in fresh.values():
            with suppress(OSError):
                path.unlink(missing_ok=True)


def table(ledger: Sequence[Mapping[str, Any]]) -> str:
    """The ledger as CSV; no cell can be taken for a formula."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in ledger:
        writer.writerow([defused(str(row[name])) for name in COLUMNS])
    return stream.getvalue()
