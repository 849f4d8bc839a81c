"""Checking the tree: every leaf in its place, every kept node, and every root that anybody ever stated."""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, select

from engine.campaign import Campaign
from engine.hashes import hash_of
from engine.merkle import Frontier
from engine.sequencing import H, L, TornLog, head_of
from engine.store import Statement, Tx
from engine.verify_findings import Findings

CHUNK = 4096
"""Leaves read at once; a multiple of the size of every node that is compared with them."""

LEAVES = Statement(
    select(L.c.idx, L.c.hash, L.c.sequenced_at)
    .where(L.c.campaign_id == bindparam("campaign_id"), L.c.idx >= bindparam("low"))
    .order_by(L.c.idx)
)
NODES = Statement(
    select(H.c.level, H.c.idx, H.c.hash)
    .where(
        H.c.campaign_id == bindparam("campaign_id"), H.c.level == bindparam("level"),
        H.c.idx >= bindparam("low"), H.c.idx <= bindparam("high"),
    )
)  # fmt: skip

BACKWARDS_US = 120 * 1_000_000
"""How far the clock of a sequencer may lie before that of the one before it: another machine, a small correction."""


@dataclass(slots=True)
class Claim:
    """A root that somebody stated for a size: a checkpoint of the database, an anchor outside, a printed line."""

    size: int
    root: str
    place: str
    code: str = "fork"
    held: bool = False


@dataclass(slots=True)
class Walked:
    """The tree as it was found: its size and root, and when which leaves got their place."""

    size: int = 0
    root: bytes = b""
    firsts: "array[int]" = field(default_factory=lambda: array("q"))
    times: "array[int]" = field(default_factory=lambda: array("q"))


def walk_tree(
    tx: Tx, campaign: Campaign, claims: Iterable[Claim], found: Findings, *, timed: bool, start: Frontier | None = None
) -> Walked:
    """Build the tree anew from the leaves, hold each claim against it, and the stored nodes and edge as well."""
    walker = _Walker(tx, campaign, claims, found, timed, start or Frontier(hash_of(campaign.log)))
    for rows in tx.stream(LEAVES, CHUNK, campaign_id=campaign.id, low=walker.tree.size):
        if not walker.take(rows):
            break
    return walker.finish()


class _Walker:
    def __init__(
        self, tx: Tx, campaign: Campaign, claims: Iterable[Claim], found: Findings, timed: bool, start: Frontier
    ) -> None:
        self.tx, self.campaign, self.found, self.timed = tx, campaign, found, timed
        self.tree = start
        self.walked = Walked()
        self.wanted: dict[int, list[Claim]] = {}
        for claim in claims:
            self.wanted.setdefault(claim.size, []).append(claim)
        self.torn = False
        self._hold()

    def _hold(self) -> None:
        for claim in self.wanted.pop(self.tree.size, ()):
            claim.held = True
            root = self.tree.root().hex()
            if not root.startswith(claim.root):
                self.found.add(
                    claim.code, f"{claim.place}: the root of {claim.size} entries is {root[:16]}…, not {claim.root[:16]}…",
                    idx=claim.size,
                )  # fmt: skip

    def take(self, rows: Sequence[Any]) -> bool:
        """Take in the next leaves; say whether it can go on."""
        tree, walked, wanted = self.tree, self.walked, self.wanted
        nodes: list[tuple[int, int, bytes]] = []
        for idx, leaf, at in rows:
            if idx != tree.size:
                self.found.add("leaf_gap", f"leaf {tree.size} is not there; the next is {idx}", idx=tree.size)
                self.torn = True
                break
            if not walked.times or at != walked.times[-1]:
                self._batch(idx, at)
            full = tree.append(bytes(leaf))
            if full:
                nodes += full
            if tree.size in wanted:
                self._hold()
        self._compare(nodes)
        return not self.torn

    def _batch(self, idx: int, at: int) -> None:
        walked = self.walked
        if self.timed and walked.times and at < walked.times[-1] - BACKWARDS_US:
            self.found.add("time", f"leaf {idx} got its place before leaf {idx - 1}: a clock was set back", idx=idx)
        walked.firsts.append(idx)
        walked.times.append(at)

    def _compare(self, nodes: Sequence[tuple[int, int, bytes]]) -> None:
        """Hold the nodes made of this chunk against the stored ones."""
        levels: dict[int, list[tuple[int, bytes]]] = {}
        for level, idx, root in nodes:
            levels.setdefault(level, []).append((idx, root))
        for level, made in levels.items():
            rows = self.tx.rows(NODES, campaign_id=self.campaign.id, level=level, low=made[0][0], high=made[-1][0])
            stored = {idx: bytes(root) for _, idx, root in rows}
            wrong = [idx for idx, root in made if stored.get(idx) != root]
            if wrong:
                self.found.add(
                    "node", f"the stored node {wrong[0]} of level {level} is not that of its leaves", idx=wrong[0] << level
                )  # fmt: skip

    def finish(self) -> Walked:
        self.walked.size, self.walked.root = self.tree.size, self.tree.root()
        try:
            head = head_of(self.tx, self.campaign.id, self.campaign.log)
        except TornLog as error:
            self.found.add("edge", str(error), idx=self.tree.size)
            return self.walked
        if (head.size, head.frontier.nodes) != (self.tree.size, self.tree.nodes):
            words = f"the log's row states {head.size} entries, its leaves make {self.tree.size}, or another root"
            self.found.add("edge", words, idx=min(head.size, self.tree.size))
        return self.walked


def unheld(claims: Iterable[Claim]) -> list[Claim]:
    """The claims of sizes that the tree did not reach."""
    return [claim for claim in claims if not claim.held]


def place_of(tx: Tx, campaign_id: int, idx: int) -> dict[str, Any]:
    """Which entry stands at a leaf."""
    rows = tx.select(select(L.c.stream, L.c.seq).where(L.c.campaign_id == campaign_id, L.c.idx == idx))
    return {"stream": rows[0][0], "seq": rows[0][1]} if rows else {"stream": None, "seq": None}
