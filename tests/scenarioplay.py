"""Plays a scripted life of a matter on the real engine: orders, refusals and waits, on a rehearsal's clock."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from engine.documents import MemoryStore
from engine.errors import DubanError
from engine.firing import fire_due, next_due
from engine.orders import Do, Document, Open
from engine.outcome import Outcome
from workflows.launch import Beginning, init


class Play:
    """A rehearsal of the campaign of 2010 from 30 November (or *at*) on, moved by the steps of a script."""

    def __init__(self, url: str, at: str = "2010-11-30T09:00") -> None:
        beginning = Beginning(rehearsal=True, at=at)
        self.desk, _ = init(url, beginning, documents=MemoryStore())
        self.ref = ""

    def until(self, at: datetime) -> None:
        """Let everything fall due in its order, up to *at*."""
        while (due := next_due(self.desk.engine)) is not None and due <= at:
            self._move(due)
            fire_due(self.desk.engine)
        self._move(at)

    def _move(self, at: datetime) -> None:
        with self.desk.database.tx() as tx:
            self.desk.move_clock(tx, max(at, self.desk.clock.now()))

    def order(self, step: dict[str, Any], kind: str, body: str) -> Outcome:
        said: dict[str, Any] = {
            "facts": step["facts"],
            "documents": tuple(map(paper, step["documents"])),
            "reason": step["reason"],
            "occurred_at": datetime.fromisoformat(step["occurred"]),
        }
        actor = self.desk.actor(step["as"])
        if self.ref:
            return self.desk.engine.execute(Do(ref=self.ref, trigger=step["trigger"], **said), actor)
        outcome = self.desk.engine.execute(Open(kind=kind, body=body, **said), actor)
        self.ref = outcome.ref
        return outcome

    def run(self, kind: str, body: str, steps: Iterable[dict[str, Any]]) -> None:
        """Play *steps* from the opening on; fail at the first that ends elsewhere than it says."""
        for step in steps:
            self.until(datetime.fromisoformat(step.get("wait") or step["occurred"]))
            told = f"{step.get('trigger', 'wait')} at {step.get('wait') or step['occurred']}"
            if "wait" in step:
                assert self.shown()["state"] == step["expect_state"], told
            elif "expect_code" in step:
                assert self._refusal(step, kind, body) == step["expect_code"], told
            else:
                assert self.order(step, kind, body).as_json()["matter"]["state"] == step["expect_state"], told

    def _refusal(self, step: dict[str, Any], kind: str, body: str) -> str:
        before = self.shown()
        try:
            self.order(step, kind, body)
        except DubanError as error:
            assert self.shown() == before, "a refusal changed something"
            return error.code
        return "it was done"

    def shown(self, ref: str | None = None) -> dict[str, Any]:
        return self.desk.reader.show(ref or self.ref)

    def clock(self, code: str) -> tuple[str, str]:
        """Status and last day of the latest deadline *code*."""
        found = [row for row in self.shown()["deadlines"] if row["code"] == code]
        return found[-1]["status"], found[-1]["last_day"]


def paper(kind: str) -> Document:
    return Document(kind, f"{kind}.pdf", hashlib.sha256(kind.encode()).hexdigest(), 1)
