"""Matters to measure with: to and fro between two states, through the engine, alone or a hundred in a transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from engine.orders import Do, Open
from workflows import launch
from workflows.workspace import Workspace, open_workspace

CAMPAIGN = Path(__file__).with_name("lap_campaign.yaml")

REMARK = "情况已核实，材料齐全，拟按程序办理；请有关单位予以配合，并于期限内反馈。"
"""A fact that is stated with every act, about 100 bytes, and with its number, so that it is another one each time."""

BULK = 100
"""Orders in one transaction of the bulk measurement."""

Run = Callable[[int], None]


def ref_of(number: int) -> str:
    """The reference of a matter."""
    return f"lap/{number:06d}"


def furnish(url: str, matters: int) -> None:
    """Begin a database with *matters* matters, each ready to go."""
    workspace, _ = launch.init(url, launch.Beginning(campaign=str(CAMPAIGN), rehearsal=True))
    engine, actor = workspace.engine, workspace.actor("alpha.liaison")
    for first in range(0, matters, 1000):
        orders = [
            Open(kind="lap", body="alpha", ref=ref_of(number), facts={"ready": True})
            for number in range(first, min(first + 1000, matters))
        ]
        engine.in_transaction(lambda tx, orders=orders: [engine.run(tx, order, actor) for order in orders])  # type: ignore[misc]
    workspace.close()


@dataclass(frozen=True)
class Share:
    """The matters of one worker, by their numbers; each moves once before any moves again."""

    first: int
    matters: int

    def step(self, done: int) -> tuple[str, str]:
        """Reference and trigger of the worker's act number *done*."""
        lap, number = divmod(done, self.matters)
        return ref_of(self.first + number), ("go", "come_back")[lap % 2]


@dataclass(frozen=True)
class EngineLaps:
    """Advances through `Engine.execute`, *bulk* orders to a transaction, with a request id each if *named*, and a *reason*."""

    url: str
    bulk: int = 1
    named: bool = False
    reason: str | None = None

    def open(self) -> Workspace:
        return open_workspace(self.url)

    def worker(self, workspace: Workspace, share: Share) -> Run:
        """Make a worker; its state goes on from one round to the next."""
        engine, actor = workspace.engine, workspace.actor("alpha.liaison")
        done = 0

        def order() -> Do:
            nonlocal done
            ref, trigger = share.step(done)
            done += 1
            request_id = f"{ref}:{done}" if self.named else None
            facts = {"remark": f"{REMARK}（{done}）"}
            return Do(ref=ref, trigger=trigger, facts=facts, request_id=request_id, reason=self.reason)

        def one_by_one(times: int) -> None:
            for _ in range(times):
                engine.execute(order(), actor)

        def in_bulk(times: int) -> None:
            for _ in range(times // self.bulk):
                orders = [order() for _ in range(self.bulk)]
                engine.in_transaction(lambda tx: [engine.run(tx, each, actor) for each in orders])  # noqa: B023

        return in_bulk if self.bulk > 1 else one_by_one
