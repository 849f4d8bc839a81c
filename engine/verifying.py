"""Checking the record: every chain, every copy, the tree and all that was stated of it, and every row that hangs on it."""

import gc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam, select

from engine.anchors import Anchor, Unreadable
from engine.campaign import Campaign
from engine.clock import from_us, rfc3339
from engine.documents import DocumentStore
from engine.hashes import hash_name
from engine.log_entries import log_stream, origin_of
from engine.log_policy import Policy
from engine.merkle import Frontier
from engine.sequencing import L, Q, StoredTree, TornLog
from engine.store import Statement, Tx
from engine.verify_access import check_access
from engine.verify_accounts import BEFORE_ALL, check_accounts, log_since
from engine.verify_affairs import check_affairs
from engine.verify_coverage import uncovered
from engine.verify_definitions import check_definitions
from engine.verify_entries import Counted, EntryCheck
from engine.verify_findings import Findings
from engine.verify_matters import check_documents
from engine.verify_others import Others
from engine.verify_pages import parts_of
from engine.verify_reach import check_reach
from engine.verify_requests import check_requests
from engine.verify_seals import Seals
from engine.verify_sharing import Helper, Sharing
from engine.verify_strays import check_strays
from engine.verify_tree import Claim, place_of, walk_tree

TOUCHED = Statement(
    select(L.c.stream).where(L.c.campaign_id == bindparam("campaign_id"), L.c.idx >= bindparam("low")).distinct()
)
WAITING = Statement(select(Q.c.stream).where(Q.c.campaign_id == bindparam("campaign_id")).distinct())


@dataclass(frozen=True, slots=True)
class Scope:
    """What is checked and against what.

    *matter* limits it to one matter, *since* (a size with its root, from an earlier check) to what came after. *timed* if
    the clock is a real one. *receipts* are read from files named by their keys; *printed* are roots from paper,
    *authority* is the file with the root certificate of the time-stamping authority.
    """

    anchors: Sequence[Anchor | Unreadable] = ()
    policy: Policy | None = None
    documents: DocumentStore | None = None
    matter: str | None = None
    since: tuple[int, str] | None = None
    timed: bool = False
    receipts: Mapping[str, Any] = field(default_factory=dict)
    printed: Sequence[tuple[int, str]] = ()
    authority: Path | None = None


def verify(tx: Tx, campaign: Campaign, scope: Scope | None = None, helpers: Sequence[Helper] = ()) -> dict[str, Any]:
    """Verify a campaign's record; each finding has its code and its place: stream, sequence number, leaf.

    Of a whole record the *helpers* check parts as well. Raises Unavailable if one of them does not end what it began.
    """
    collecting = gc.isenabled()
    gc.disable()  # a million small objects come and go by themselves; looking for circles among them takes a third more
    try:
        return _verify(tx, campaign, scope or Scope(), helpers)
    finally:
        if collecting:
            gc.enable()


def _verify(tx: Tx, campaign: Campaign, scope: Scope, helpers: Sequence[Helper]) -> dict[str, Any]:
    tx.unhurried()
    found = Findings()
    seals = Seals(tx, campaign, found, scope.policy, scope.anchors, scope.authority)
    printed = [Claim(size, root, f"the printed root {root}@{size}") for size, root in scope.printed]
    seals.gather(printed)
    walked = walk_tree(
        tx, campaign, seals.claims, found, timed=scope.timed, start=_start(tx, campaign, scope, seals, found)
    )
    seals.judge()
    bounds = seals.bounds(walked) if scope.timed else None
    streams, check = _streams(tx, campaign, scope), EntryCheck(tx, campaign, Findings(), bounds)
    parts = parts_of(tx, campaign.id, walked.size + len(check.pending)) if streams is None else []
    sharing = Sharing(parts, helpers if parts else (), bounds)
    accounts, beside = _beside(tx, campaign, whole=streams is None)
    if streams is not None:
        counted = check.some(streams)
        found.take(check.found)
    else:
        counted = sharing.run(check, found)
        if counted.leaves != walked.size:
            found.add("leaf_without_entry", f"{walked.size} leaves, {counted.leaves} of them with an entry")
    found.take(beside)
    papers = check_documents(tx, campaign, scope.documents, found) if scope.documents and not scope.matter else None
    for place, said in scope.receipts.items():
        seals.receipt(said, place)
    _reserve(found, seals, walked.size, counted, papers, scope)
    _name_places(tx, campaign, found)
    return {
        "ok": not found.count, "log": campaign.log, "origin": origin_of(campaign.log, seals.epoch), "epoch": seals.epoch,
        "hash": hash_name(campaign.log), "size": walked.size, "root": walked.root.hex(),
        "short_root": f"{walked.root.hex()[:16]}@{walked.size}",
        "scope": "matter" if scope.matter else "since" if scope.since else "full",
        "streams": counted.streams, "entries": counted.entries, "matters": counted.matters, "notices": counted.notices,
        "documents": papers, "accounts": accounts, "waiting": counted.unplaced, "receipts": len(scope.receipts),
        **seals.told(), "verified": not found.count and not _open_questions(found), "first": found.first(),
        "count": found.count, "findings": found.items, "reservations": found.reservations,
        "not_covered": uncovered(),
    }  # fmt: skip


def _beside(tx: Tx, campaign: Campaign, *, whole: bool) -> tuple[int, Findings]:
    """Check what is not about matters: how many rows there are, and what was found."""
    found, others = Findings(), Others(tx)
    accounts = check_accounts(tx, campaign.id, others, found)
    since = log_since(tx, campaign.id)
    accounts += check_access(tx, others, found, whole=since == BEFORE_ALL)
    accounts += check_reach(tx, campaign.id, since, others, found)
    if whole:
        check_definitions(tx, campaign.id, campaign.code, others, found)
        accounts += check_affairs(tx, campaign, others, found)
        check_strays(tx, found)
        check_requests(tx, campaign.id, found)
    return accounts, found


HARMLESS = {
    "restored",
    "waiting",
    "after_anchor",
    "older_accounts",
    "older_reach",
    "older_notices",
    "not_timed",
    "erased",
    "erased_documents",
}
"""Reservations that say what is not covered, and still leave the rest vouched for."""


def _open_questions(found: Findings) -> bool:
    return any(each["code"] not in HARMLESS for each in found.reservations)


def _start(tx: Tx, campaign: Campaign, scope: Scope, seals: Seals, found: Findings) -> Frontier | None:
    """The edge of the tree at which the walk begins: where the last check ended, if the tree still has that root."""
    if scope.since is None:
        return None
    size, root = scope.since
    edge = _edge(StoredTree(tx, campaign.id, campaign.log), size)
    if edge is None or edge.root().hex() != root:
        found.add(
            "fork", f"the last check ended at {size} entries with the root {root[:16]}…; it is not there", idx=size
        )
        return None
    seals.claims = [claim for claim in seals.claims if claim.size >= size]
    return edge


def _edge(tree: StoredTree, size: int) -> Frontier | None:
    """The edge of the stored tree at *size*; None if it has not so much."""
    nodes, low = [], 0
    try:
        for level in reversed(range(size.bit_length())):
            if size >> level & 1:
                nodes.append(tree(level, low >> level))
                low += 1 << level
    except TornLog:
        return None
    return Frontier(tree.hashing, size, nodes)


def _streams(tx: Tx, campaign: Campaign, scope: Scope) -> set[str] | None:
    if scope.matter is not None:
        return {f"{of}/{scope.matter}" for of in ("matter", "notices", "owed")}
    if scope.since is None:
        return None
    touched = tx.rows(TOUCHED, campaign_id=campaign.id, low=scope.since[0])
    return {row[0] for row in (*touched, *tx.rows(WAITING, campaign_id=campaign.id))} | {log_stream(campaign.code)}


def _reserve(found: Findings, seals: Seals, size: int, counted: Counted, papers: int | None, scope: Scope) -> None:
    """Say what the answer does not vouch for."""
    if not seals.keys:
        found.reserve("no_key", "the log is not signed: no checkpoint can be made; do: duban audit key new")
    if seals.newest is None:
        found.reserve(
            "no_anchor", "no anchor outside the database was given: whoever owns it could have rewritten all of it"
        )
    elif seals.newest.checkpoint.size < size:
        words = f"{size - seals.newest.checkpoint.size} entries are younger than the newest anchor; only receipts cover them"
        found.reserve("after_anchor", words)
    if counted.unplaced and counted.oldest_us is not None:
        since = rfc3339(from_us(counted.oldest_us))
        found.reserve(
            "waiting", f"{counted.unplaced} entries wait for their place in the log, the oldest since {since}"
        )
    if counted.first_erased is not None:
        stream, seq = counted.first_erased
        words = f"{counted.erased} private values were erased by law, the first of {stream} #{seq}; only commitments are left"
        found.reserve("erased", words)
    if counted.older:
        found.reserve(
            "older_notices",
            f"{counted.older} notices passed on, or sent again within a message, were entered in the form used before: held against "
            "what they came from, but not by which way they go until they are sent",
        )
    if not scope.timed:
        found.reserve("not_timed", "times were not judged: the clock of a rehearsal can be moved")
    if papers is None and scope.matter is None:
        found.reserve("no_documents", "the bytes of documents were not read")


def _name_places(tx: Tx, campaign: Campaign, found: Findings) -> None:
    """Name the entry of a finding of which only the leaf is known."""
    for each in found.items[:20]:
        if each["stream"] is None and each["idx"] is not None and each["code"] in ("leaf_gap", "node", "time"):
            each.update(place_of(tx, campaign.id, each["idx"]))
