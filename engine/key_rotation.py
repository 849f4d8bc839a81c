"""Changing a key that seals (the vault's, that of second factors): a new one before the old, all sealed anew, the old one put aside.

Whatever ends it on the way, doing it again goes on where it stopped: as long as a file has an older key behind the new one,
everything opens, and only the new one seals.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.accounts import APPROVERS
from engine.campaign import Campaign
from engine.errors import Forbidden, Invalid, Reason, Unavailable
from engine.failpoints import reach
from engine.log_entries import note_in_log
from engine.orders import Actor
from engine.publishing import get_meta, set_meta
from engine.scopes import refuse_outside
from engine.sealing_key import keep_keys, name_of, new_key, new_key_file, read_keys
from engine.service import Engine
from engine.sight import sight_of
from engine.store import Tx

AT_ONCE = 200
"""Values sealed anew in one transaction. PLACEHOLDER"""


@dataclass(frozen=True)
class Kept:
    """What one key seals: its *purpose*, under which property the database names it, and how some of it is sealed anew."""

    purpose: str
    current: str
    kind: str
    anew: Callable[[Tx, int], int]
    """Seals so many values anew with the first key; returns how many there were."""


def rotate(engine: Engine, kept: Kept, path: Path, actor: Actor, approver: Actor) -> dict[str, Any]:
    """Change the key in *path*; two persons stand for it, both on record.

    Raises Forbidden for who may not, or is one person with the other; Invalid, Unavailable for a file that cannot be used, and
    while another process changes a key in the same folder: the key of whoever writes the file first would be lost.
    """
    refuse_unless_two(engine.campaign, actor, approver)
    with _alone_in(path.parent):
        return _rotated(engine, kept, path, actor, approver)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Keep other processes from changing keys in *folder* meanwhile, however this one ends. Raises Unavailable."""
    if not folder.is_dir():
        yield  # there is no key either, and that is said
        return
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with suppress(OSError):  # a share without locks: then whoever changes a key looks to it that nobody else does
            _lock(held)
        yield
    finally:
        os.close(held)


def _lock(held: int) -> None:
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Unavailable(
            "a key is being changed just now; look at what comes of it, then try again", "contention"
        ) from None


def _rotated(engine: Engine, kept: Kept, path: Path, actor: Actor, approver: Actor) -> dict[str, Any]:
    keys = read_keys(path, f"the {kept.purpose}")
    if keys is None:
        raise Unavailable(f"there is no key of the {kept.purpose} at {path}", "key_file")
    resumed = len(keys) > 1
    if not resumed:
        keys = (new_key(), *keys)
        keep_keys(path, list(keys))
        reach("rotation-key")
    new, old = name_of(kept.purpose, keys[0]), [name_of(kept.purpose, each) for each in keys[1:]]
    said = {"key": new, "replaces": old, "approved_by": _who(approver)}
    _enter(engine, kept, actor, "key_changed", said, new)
    reach("rotation-begun")
    count = 0
    while done := engine.in_transaction(lambda tx: kept.anew(tx, AT_ONCE)):
        count += done
        reach("rotation-some")
    aside = [_put_aside(path, kept.purpose, each) for each in keys[1:]]
    _enter(engine, kept, actor, "sealed_anew", {"key": new, "count": count, "approved_by": _who(approver)}, new)
    reach("rotation-done")
    keep_keys(path, [keys[0]])
    return {"file": str(path), "key": new, "replaces": old, "sealed": count, "put_aside": aside, "resumed": resumed}


def _who(approver: Actor) -> dict[str, str]:
    return {"login": approver.login, "person": approver.person, "auth": approver.auth}


def _enter(engine: Engine, kept: Kept, actor: Actor, what: str, said: dict[str, Any], current: str) -> None:
    """Put a step on record, and let the database name the key that seals from now on."""

    def work(tx: Tx) -> None:
        if what == "key_changed" and get_meta(tx, kept.current) == current:
            return  # it was said already, before it was cut off
        set_meta(tx, kept.current, current)
        note_in_log(tx, engine.campaign, actor, engine.clock.now(), kept.kind, what, said)

    engine.in_transaction(work)


def _put_aside(path: Path, purpose: str, key: bytes) -> str:
    """Keep an old key in a file of its own: backups of before need it."""
    aside = path.with_name(f"{path.name}.{name_of(purpose, key)}.old")
    try:
        new_key_file(aside, key)
    except Invalid:
        if read_keys(aside, f"the {purpose}") != (key,):
            raise
    return str(aside)


def refuse_unless_two(campaign: Campaign, actor: Actor, approver: Actor) -> None:
    """Raise Forbidden unless both may change keys and are two persons, independent of one another."""
    refuse_outside(actor, "admin")
    refuse_outside(approver, "admin")
    sight_of(campaign, actor).require("keys", "更换密钥", "change a key")
    seats = {(campaign.parts.get(part), post) for part, post in APPROVERS}
    if seats.isdisjoint(approver.posts):
        sight_of(campaign, approver).require("keys", "批准更换密钥", "approve that a key is changed")
    if actor.on_behalf_of is not None or approver.on_behalf_of is not None or approver.one_with(actor.trace):
        reason = Reason(
            "distinct",
            "更换密钥须由两名相互独立的人员本人办理",
            "a key is changed by two, independent of one another, each for himself",
        )
        raise Forbidden(f"{approver.login} is no second person to {actor.login}: {reason.en}", "same_person", [reason])
