"""Checking what was sealed: the chain of keys, the signature of every checkpoint, anchors outside, witnesses, receipts."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam, select

from engine.anchors import Anchor, Unreadable
from engine.campaign import Campaign
from engine.checkpoints import CHECKPOINTS
from engine.clock import from_us, rfc3339, to_us
from engine.errors import Invalid
from engine.log_entries import LogStory, epoch_of, log_story, log_stream, origin_of, receipt_text, rotation_text
from engine.log_policy import Policy
from engine.receipts import read_receipt
from engine.rows import E
from engine.sequencing import LEAF_AT, TornLog, head_of
from engine.signed_notes import LOG, BadNote, Key, cosigned_at, read_checkpoint, signed_by
from engine.store import Statement, Tx
from engine.verify_bounds import FOREVER, Bounds
from engine.verify_findings import Findings
from engine.verify_tree import Claim, Walked, unheld

ENTRY = Statement(
    select(E.c.hash).where(
        E.c.campaign_id == bindparam("campaign_id"), E.c.stream == bindparam("stream"), E.c.seq == bindparam("seq")
    )
)


@dataclass(frozen=True, slots=True)
class KeySpan:
    """A key with the sizes of the log that it may have signed: *first* to *last*, both included."""

    public: bytes
    first: int
    last: int

    def named(self, origin: str) -> Key:
        return Key(origin, LOG, self.public)


@dataclass(slots=True)
class Seals:
    """What was stated about the log, gathered before the tree is walked and judged after it."""

    tx: Tx
    campaign: Campaign
    found: Findings
    policy: Policy | None
    anchors: Sequence[Anchor | Unreadable]
    authority: Path | None = None
    story: LogStory = field(default_factory=LogStory)
    keys: list[KeySpan] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    epochs: dict[int, tuple[int, int]] = field(default_factory=dict)
    epoch: int = 1
    checkpoints: int = 0
    newest: Anchor | None = None
    witnessed: dict[str, tuple[int, int]] = field(default_factory=dict)
    quorum: tuple[int, int] | None = None
    stamps: list[tuple[int, str]] = field(default_factory=list)
    _earliest: list[tuple[int, int]] = field(default_factory=list)
    _latest: list[tuple[int, int]] = field(default_factory=list)

    def gather(self, extra: Sequence[Claim] = ()) -> None:
        """Read keys, checkpoints and anchors; judge every signature; list the roots that the tree is held against."""
        self.story = log_story(self.tx, self.campaign)
        try:
            self.epoch = head_of(self.tx, self.campaign.id, self.campaign.log).epoch
        except TornLog:  # found where the tree is walked
            self.epoch = max((each.epoch for each in self.story.restored), default=self.epoch)
        self._epochs()
        self._keys()
        self._stored()
        for each in self.anchors:
            if isinstance(each, Unreadable):
                self.found.add("anchor_unreadable", f"{each.place}: {each.why}")
            else:
                self._anchor(each)
        self.claims += extra
        self._bounds()

    def _epochs(self) -> None:
        """Up to which size anchors of each earlier epoch still hold, and up to which they were known to be lost."""
        for each in self.story.restored:
            self.epochs.update(dict.fromkeys(range(each.since, each.epoch), (each.agreed, each.lost_size)))
            words = f"epoch {each.epoch} began with a recovery: of {each.lost_size} entries {each.agreed} were kept"
            self.found.reserve("restored", words + (f", approved by {each.approved_by}" if each.approved_by else ""))
        told = max((each.epoch for each in self.story.restored), default=1)
        if told != self.epoch:
            self.found.add(
                "epoch", f"the log is in epoch {self.epoch}, its entries tell of {told}", log_stream(self.campaign.code)
            )

    def _keys(self) -> None:
        """The keys one after the other; a change that the old key did not sign ends the trust."""
        spans: list[KeySpan] = []
        log, stream = self.campaign.log, log_stream(self.campaign.code)
        for use in self.story.keys:
            row = self.tx.row(LEAF_AT, campaign_id=self.campaign.id, stream=stream, seq=use.seq)
            at = int(row[0]) if row else FOREVER
            public = _hex(use.public)
            if spans:
                text, old = rotation_text(log, use.replaces, use.public), spans[-1]
                sound = (
                    use.replaces == old.public.hex()
                    and old.named("").signs(_hex(use.by_old), text)
                    and Key("", LOG, public).signs(_hex(use.by_new), text)
                )
                if not sound:
                    self.found.add(
                        "key_rotation", "the key was changed without the old one's signature", stream, use.seq
                    )
                    break
                spans[-1] = KeySpan(old.public, old.first, at)
            spans.append(KeySpan(public, 0 if not spans else at + 1, FOREVER))
        self.keys = spans
        if self.policy is not None and self.policy.logs:
            pinned = {key.raw for key in self.policy.logs}
            first = next((at for at, span in enumerate(spans) if span.public in pinned), None)
            if first is None and spans:
                self.found.add("key_unknown", "the log's key is none of those in the policy", stream)
                self.keys = [KeySpan(raw, 0, FOREVER) for raw in pinned]
        elif spans:
            self.found.reserve(
                "key_not_pinned", "the log's key is believed because the database says so: give --policy"
            )

    def signature(self, note: str, epoch: int, size: int) -> str:
        """What is wrong with the signature of a note; empty if nothing is."""
        origin = origin_of(self.campaign.log, epoch)
        try:
            signers = [span for span in self.keys if signed_by(note, span.named(origin))]
        except BadNote as error:
            return str(error)
        if not signers:
            return "no key of the log has signed it"
        return "" if any(span.first <= size <= span.last for span in signers) else "its key was not in use then"

    def _stored(self) -> None:
        for epoch, size, root, note, _ in self.tx.rows(CHECKPOINTS, campaign_id=self.campaign.id):
            self.checkpoints += 1
            place = f"the checkpoint of {size} entries"
            wrong = self.signature(note, epoch, size)
            if wrong:
                self.found.add("checkpoint_signature", f"{place}: {wrong}", idx=size)
            try:
                said = read_checkpoint(note)
                same = (epoch_of(self.campaign.log, said.origin), said.size, said.root) == (epoch, size, bytes(root))
            except BadNote:
                same = False
            if not same:
                self.found.add("checkpoint_row", f"{place}: its row says something else than the note", idx=size)
            self._claim(epoch, size, bytes(root), place, "checkpoint_root")
        if self.story.keys and not self.checkpoints:
            self.found.reserve("no_checkpoint", "the log has a key and not one checkpoint; do: duban audit checkpoint")

    def _claim(self, epoch: int, size: int, root: bytes, place: str, code: str) -> bool:
        """Hold a stated root against the tree, unless a recovery has put on record that it was lost; say whether it counts."""
        agreed, lost = self.epochs.get(epoch, (FOREVER, FOREVER))
        if agreed < size <= lost and epoch < self.epoch:
            return False
        self.claims.append(Claim(size, root.hex(), place, code if epoch == self.epoch else "fork"))
        return True

    def _anchor(self, each: Anchor) -> None:
        said = each.checkpoint
        wrong = self.signature(each.note, each.epoch, said.size)
        if wrong and (self.keys or self.policy):
            self.found.add("anchor_signature", f"{each.place}: {wrong}", idx=said.size)
            return
        if not self._claim(each.epoch, said.size, said.root, each.place, "fork"):
            return
        if each.epoch > self.epoch:
            self.found.add(
                "rollback", f"{each.place} is of epoch {each.epoch}, the database of {self.epoch}", idx=said.size
            )
        if self.newest is None or (each.epoch, said.size) >= (self.newest.epoch, self.newest.checkpoint.size):
            self.newest = each
        self._witnesses(each)
        if each.tsr and self.authority is not None:
            self._stamp(each, self.authority)

    def _stamp(self, each: Anchor, authority: Path) -> None:
        from engine.timestamps import stamped_at

        try:
            at = stamped_at(base64.b64decode(each.tsr), each.checkpoint.text.encode(), authority)
        except (Invalid, ValueError) as error:
            self.found.add("timestamp", f"{each.place}: {error}", idx=each.checkpoint.size)
            return
        self.stamps.append((each.checkpoint.size, rfc3339(at)))
        self._latest.append((each.checkpoint.size, to_us(at)))

    def _witnesses(self, each: Anchor) -> None:
        policy, size = self.policy, each.checkpoint.size
        at = _us(each.at)
        times = []
        if policy is not None:
            for name, key in policy.witnesses.items():
                signed = cosigned_at(each.note, key)
                if signed is not None:
                    times.append(signed)
                    if size >= self.witnessed.get(name, (0, 0))[0]:
                        self.witnessed[name] = (size, signed)
        if times:
            self._latest.append((size, min(times) * 1_000_000))
        if at is not None and not each.witness:
            self._earliest.append((size, at))
            self._latest.append((size, at))

    def _bounds(self) -> None:
        """Sort the times by size, and find the largest size that the quorum has signed."""
        self._earliest.sort()
        self._latest.sort()
        policy = self.policy
        if policy is None or policy.quorum == "none":
            return
        sizes = sorted({size for size, _ in self.witnessed.values()}, reverse=True)
        for size in sizes:
            signed = {name for name, (reached, _) in self.witnessed.items() if reached >= size}
            if policy.satisfied(signed):
                self.quorum = size, min(at for name, (_, at) in self.witnessed.items() if name in signed)
                return
        self.found.add("quorum", f"no checkpoint has the quorum {policy.quorum!r} of witnesses")

    def bounds(self, walked: Walked) -> Bounds:
        """When which leaf can have been recorded, by its place and by anchors."""
        return Bounds(walked.firsts, walked.times, self._earliest, self._latest)

    def judge(self) -> None:
        """After the walk: what was stated for more entries than there are."""
        for claim in unheld(self.claims):
            code = "checkpoint_root" if claim.code == "checkpoint_root" else "rollback"
            self.found.add(code, f"{claim.place} states {claim.size} entries; so many are not there", idx=claim.size)

    def told(self) -> dict[str, Any]:
        """What was held against the tree, for the answer."""
        newest = self.newest
        anchored = {
            "size": newest.checkpoint.size, "root": newest.checkpoint.root.hex(), "at": newest.at, "place": newest.place,
        } if newest else None  # fmt: skip
        return {
            "checkpoints": self.checkpoints, "anchors": sum(isinstance(each, Anchor) for each in self.anchors),
            "anchored": anchored,
            "witnesses": [
                {"name": name, "size": size, "at": rfc3339(from_us(at * 1_000_000))}
                for name, (size, at) in sorted(self.witnessed.items())
            ],
            "timestamps": [{"size": size, "at": at} for size, at in self.stamps],
            "quorum": {"size": self.quorum[0], "at": rfc3339(from_us(self.quorum[1] * 1_000_000))} if self.quorum else None,
        }  # fmt: skip

    def receipt(self, said: Any, place: str) -> None:
        """Hold a receipt against the record."""
        read = read_receipt(said)
        if read is None:
            self.found.add("receipt_unreadable", f"{place} is no receipt: log, stream, seq, leaf")
            return
        log, stream, seq, leaf = read
        if log != self.campaign.log:
            self.found.add("receipt_foreign", f"{place} is of the log {log}, this is {self.campaign.log}")
            return
        signature = str(said.get("sig", ""))
        if signature and not any(
            span.named("").signs(_hex(signature), receipt_text(log, stream, seq, leaf)) for span in self.keys
        ):
            self.found.add("receipt_signature", f"{place}: no key of the log has signed it", stream, seq)
            return
        row = self.tx.row(ENTRY, campaign_id=self.campaign.id, stream=stream, seq=seq)
        if row is None or row[0] != leaf:
            words = "is gone" if row is None else "is another"
            self.found.add("receipt_missing", f"{place}: the entry that was acknowledged {words}", stream, seq)


def _hex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


def _us(text: str) -> int | None:
    try:
        return to_us(datetime.fromisoformat(text))
    except (TypeError, ValueError):
        return None
