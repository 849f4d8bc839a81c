"""A loss put on record: two people state that an older database was put back, and the log goes on in another epoch."""

from dataclasses import dataclass
from typing import Any

from engine.accounts import refuse_unless_administrator
from engine.anchors import Anchor
from engine.campaign import Campaign
from engine.checkpoints import bent, outside, seal
from engine.clock import to_us
from engine.errors import Invalid, Refused, Unavailable
from engine.log_entries import begin_in_log, note_in_log, origin_of
from engine.merkle import root_of
from engine.orders import Actor
from engine.saying import says_something
from engine.sequencing import BATCH, StoredTree, TornLog, sequence_in, store_head, take_head
from engine.signing_key import key_path, load_key
from engine.store import Tx
from engine.transacting import transact
from workflows.amendment import refuse_unless_second
from workflows.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Loss:
    """What is lost: the log stands in *epoch* and agrees with its anchors up to *agreed*; *last* is the newest of them."""

    epoch: int
    size: int
    agreed: int
    agreed_root: str
    last: Anchor
    code: str

    def as_json(self) -> dict[str, Any]:
        return {
            "code": self.code, "epoch": self.epoch, "size": self.size,
            "agreed": {"size": self.agreed, "root": self.agreed_root},
            "lost": {
                "size": self.last.checkpoint.size, "root": self.last.checkpoint.root.hex(), "epoch": self.last.epoch,
                "at": self.last.at, "entries": max(self.last.checkpoint.size - self.agreed, 0),
            },
        }  # fmt: skip


def loss(tx: Tx, campaign: Campaign) -> Loss | None:
    """What the database lacks of what was anchored; None if it agrees with all of it."""
    anchors = outside(campaign.log)
    finding = bent(tx, campaign, anchors)
    if finding is None:
        return None
    from engine.sequencing import head_of

    head, tree = head_of(tx, campaign.id, campaign.log), StoredTree(tx, campaign.id, campaign.log)
    last = max(anchors, key=lambda each: (each.epoch, each.checkpoint.size))
    agreed = head.size if finding["code"] == "rollback" else _agreeing(tree, campaign, head.epoch, head.size)
    return Loss(head.epoch, head.size, agreed, root_of(tree.hashing, tree, 0, agreed).hex(), last, finding["code"])


def _agreeing(tree: StoredTree, campaign: Campaign, epoch: int, size: int) -> int:
    """The largest anchored size up to which a forked log still agrees."""
    from engine.anchors import anchor_folders, read_anchors

    best = 0
    for each in read_anchors([folder for folder in anchor_folders() if folder.is_dir()], campaign.log):
        if isinstance(each, Anchor) and each.epoch == epoch and best < each.checkpoint.size <= size:
            try:
                if root_of(tree.hashing, tree, 0, each.checkpoint.size) == each.checkpoint.root:
                    best = each.checkpoint.size
            except TornLog:
                continue
    return best


def recover(workspace: Workspace, actor: Actor, approver: Actor, reason: str) -> dict[str, Any]:
    """Put a loss on record and begin another epoch. Raises Forbidden, Invalid, Refused if nothing is lost, Unavailable."""
    campaign = workspace.campaign
    refuse_unless_administrator(campaign.parts, actor, "put a loss on record")
    if not says_something(reason):
        raise Invalid("say why: --reason", "no_reason")
    refuse_unless_second(campaign.parts, actor, approver)
    said, _ = transact(workspace.database, lambda tx: _enter(workspace, tx, actor, approver, reason))
    now = workspace.clock.now()
    private = load_key(key_path(campaign.log.partition("/")[0]))
    if private is not None:
        from engine.checkpoints import put_outside

        sealed = seal(workspace.database, campaign, now, private)
        if sealed is not None:
            put_outside(workspace.database, campaign, sealed, now)
    return {**said, "sealed": private is not None, "origin": origin_of(campaign.log, said["epoch"])}


def _enter(workspace: Workspace, tx: Tx, actor: Actor, approver: Actor, reason: str) -> dict[str, Any]:
    campaign, now = workspace.campaign, workspace.clock.now()
    begin_in_log(tx, campaign)
    found = loss(tx, campaign)
    if found is None:
        raise Refused("the database agrees with all of its anchors; nothing is lost", "nothing_lost")
    _sequence_all(tx, campaign, to_us(now))
    said = {
        **found.as_json(), "since": found.epoch, "epoch": max(found.epoch, found.last.epoch) + 1, "reason": reason,
        "approved_by": approver.login, "approved_auth": approver.auth,
    }  # fmt: skip
    note_in_log(tx, campaign, actor, now, "restored", found.code, said)
    tx.flush()
    _sequence_all(tx, campaign, to_us(now))
    head = take_head(tx, campaign.id, campaign.log)
    if head is None:
        raise Unavailable("another process is at the log; try again", "busy")
    head.epoch = said["epoch"]
    store_head(tx, campaign.id, head)
    return said


def _sequence_all(tx: Tx, campaign: Campaign, now_us: int) -> None:
    while done := sequence_in(tx, campaign.id, campaign.log, now_us):
        if done < BATCH:
            return
    if done is None:
        raise Unavailable("another process is at the log; try again", "busy")
