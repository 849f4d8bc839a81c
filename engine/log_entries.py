"""What the log says of itself: keys, restorations, exports and configuration, each an entry of the stream ``log/<campaign>``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.campaign import Campaign
from engine.clock import to_us
from engine.hashes import hash_name
from engine.history import Line, append, chain_at, read_stream
from engine.orders import Actor
from engine.store import Tx

KEPT = ("chores", "owed")
"""What the record keeps from its beginning beyond the first release: a row of it without an entry was put there by nobody."""

FIRST_EPOCH = 1
"""Every recovery that loses entries begins another epoch; its origin says so."""


def log_stream(code: str) -> str:
    """The stream in which a campaign's log speaks of itself."""
    return f"log/{code}"


def origin_of(log: str, epoch: int = FIRST_EPOCH) -> str:
    """The origin of a log: what a checkpoint is of, and the name of its key."""
    return f"duban/{log}" + (f"/epoch{epoch}" if epoch > FIRST_EPOCH else "")


def epoch_of(log: str, origin: str) -> int | None:
    """Which epoch of *log* this is the origin of; None if it is another log's."""
    base = origin_of(log)
    if origin == base:
        return FIRST_EPOCH
    number = origin.removeprefix(base + "/epoch")
    return int(number) if origin.startswith(base + "/epoch") and number.isdecimal() else None


def begin_in_log(tx: Tx, campaign: Campaign) -> None:
    """Look for the end of the log's own stream, before it is decided by what it tells what comes next.

    Who enters something at the same moment is met there: one tries again and decides anew.
    """
    chain_at(tx, campaign.id, campaign.log, log_stream(campaign.code))


def note_in_log(
    tx: Tx, campaign: Campaign, actor: Actor, now: datetime, kind: str, trigger: str, said: Mapping[str, Any]
) -> tuple[dict[str, Any], str]:
    """Append an entry of *kind* to the log's own stream; return its body and its leaf."""
    chain = chain_at(tx, campaign.id, campaign.log, log_stream(campaign.code))
    line = Line(kind, actor, to_us(now), to_us(now), trigger=trigger, more={kind: dict(said)})
    return append(tx, chain, line), chain.head


@dataclass(frozen=True, slots=True)
class KeyUse:
    """A key of the log with the entry that brought it; *replaces* is the key before it and *signed* its signatures."""

    public: str
    seq: int
    replaces: str = ""
    by_old: str = ""
    by_new: str = ""


@dataclass(frozen=True, slots=True)
class Restored:
    """A recovery that began *epoch*: up to where the epochs from *since* on still agree, and how far they were anchored."""

    epoch: int
    seq: int
    agreed: int
    lost_size: int
    since: int = 1
    approved_by: str = ""


@dataclass(slots=True)
class LogStory:
    """What the log's own stream tells: its keys one after the other, its recoveries, the channels file last used, what it keeps."""

    keys: list[KeyUse] = field(default_factory=list)
    restored: list[Restored] = field(default_factory=list)
    channels: str = ""
    kept: frozenset[str] = frozenset()

    @property
    def public(self) -> str:
        """The key in use, hex; empty if there never was one."""
        return self.keys[-1].public if self.keys else ""


def log_story(tx: Tx, campaign: Campaign) -> LogStory:
    """Read the log's own stream."""
    story = LogStory()
    for body, _, _ in read_stream(tx, campaign.id, log_stream(campaign.code)):
        said = body.get(body.get("kind", ""))
        if not isinstance(said, dict):
            continue
        if body["kind"] == "key":
            names = ("public", "replaces", "by_old", "by_new")
            public, replaces, by_old, by_new = (str(said.get(name, "")) for name in names)
            story.keys.append(KeyUse(public, body["seq"], replaces, by_old, by_new))
        elif body["kind"] == "restored":
            story.restored.append(
                Restored(said["epoch"], body["seq"], said["agreed"]["size"], said["lost"]["size"], int(said.get("since", 1)),
                         said.get("approved_by", ""))
            )  # fmt: skip
        elif body["kind"] == "configured" and body["trigger"] == "init":
            story.kept = frozenset(said.get("keeps", ()))
        elif body["kind"] == "configured" and body["trigger"] == "channels":
            story.channels = said.get("sha256", "")
    return story


def rotation_text(log: str, old: str, new: str) -> bytes:
    """What both keys sign when the one replaces the other."""
    return f"duban key rotation/v1\n{log}\n{hash_name(log)}\n{old}\n{new}\n".encode()


def receipt_text(log: str, stream: str, seq: int, leaf: str) -> bytes:
    """What the log's key signs on a receipt."""
    return f"duban receipt/v1\n{log}\n{stream}\n{seq}\n{leaf}\n".encode()
