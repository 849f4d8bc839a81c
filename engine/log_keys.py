"""Changing the log's key: each change is an entry in every campaign of the database, the later ones signed by both keys."""

from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.accounts import refuse_unless_administrator
from engine.campaign import Campaign
from engine.checkpoints import introduce
from engine.errors import Conflict, DubanError, NotFound, Unavailable
from engine.failpoints import reach
from engine.log_entries import begin_in_log, log_story, note_in_log, origin_of, rotation_text
from engine.orders import Actor
from engine.private_files import sync_folder, write_private
from engine.sequencing import head_of
from engine.service import Engine
from engine.signing_key import load_key, new_key, public_key
from engine.store import Tx

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def _next(path: Path) -> Path:
    """Where a new key waits until it is on record."""
    return path.with_name(path.name + ".next")


def begin_key(engine: Engine, actor: Actor, path: Path) -> dict[str, Any]:
    """Make the first key. Raises Forbidden, Conflict if there is one, Unavailable if its file cannot be written."""
    refuse_unless_administrator(engine.campaign.parts, actor, "make the log's key")
    with engine.database.snapshot() as tx:
        _refuse_another(tx, engine.campaign)
    private = new_key(path)
    public = private.public_key().public_bytes_raw().hex()

    def work(tx: Tx) -> None:
        begin_in_log(tx, engine.campaign)
        _refuse_another(tx, engine.campaign)
        introduce(tx, engine.campaign, actor, engine.clock.now(), public)

    try:
        engine.in_transaction(work)
    except BaseException:
        if _surely_not_entered(engine, public):
            path.unlink(missing_ok=True)
        raise
    return _said(engine, private, path)


def _refuse_another(tx: Tx, campaign: Campaign) -> None:
    if log_story(tx, campaign).keys:
        raise Conflict("the log has a key already; to change it: duban audit key rotate", "key")


def _surely_not_entered(engine: Engine, public: str) -> bool:
    """Whether the record does not have the key: one that it may have is not thrown away, or nobody could seal any more."""
    with suppress(DubanError), engine.database.snapshot() as tx:
        return log_story(tx, engine.campaign).public != public
    return False


def shown_key(engine: Engine, path: Path) -> dict[str, Any]:
    """The public key. Raises NotFound if there is none."""
    return _said(engine, _there(path), path)


def _there(path: Path) -> "Ed25519PrivateKey":
    private = load_key(path)
    if private is None:
        raise NotFound(f"there is no key at {path}; do: duban audit key new, or point DUBAN_KEY at it", "no_key")
    return private


def rotate_key(engine: Engine, actor: Actor, path: Path) -> dict[str, Any]:
    """Change the key; one that was interrupted is finished. Raises NotFound, Forbidden, Conflict, Unavailable."""
    refuse_unless_administrator(engine.campaign.parts, actor, "change the log's key")
    old = _there(path)
    waits = _next(path)
    fresh = load_key(waits) or new_key(waits)
    engine.in_transaction(lambda tx: _enter(tx, engine.campaign, actor, engine.clock.now(), old, fresh))
    reach("rotated")
    was = old.public_key().public_bytes_raw().hex()
    try:
        with suppress(FileExistsError):  # it was put aside already, before it was cut off
            write_private(path.with_name(f"{path.name}.retired-{was[:8]}"), path.read_bytes())
        reach("put_aside")
        waits.replace(path)
    except OSError as error:
        raise Unavailable(f"the key file {path} cannot be changed: {error.strerror}", "key_file") from None
    sync_folder(path.parent)
    return {**_said(engine, fresh, path), "replaces": was}


def _enter(
    tx: Tx, campaign: Campaign, actor: Actor, now: datetime, old: "Ed25519PrivateKey", fresh: "Ed25519PrivateKey"
) -> None:
    was, public = (key.public_key().public_bytes_raw().hex() for key in (old, fresh))
    begin_in_log(tx, campaign)
    known = log_story(tx, campaign).public
    if known == public:
        return
    if known != was:
        raise Conflict("the key in the file is not the log's key; point DUBAN_KEY at the one in use", "key_retired")
    text = rotation_text(campaign.log, was, public)
    said = {"public": public, "replaces": was, "by_old": old.sign(text).hex(), "by_new": fresh.sign(text).hex()}
    note_in_log(tx, campaign, actor, now, "key", "rotate", said)


def _said(engine: Engine, private: "Ed25519PrivateKey", path: Path) -> dict[str, Any]:
    campaign = engine.campaign
    with engine.database.snapshot() as tx:
        origin = origin_of(campaign.log, head_of(tx, campaign.id, campaign.log).epoch)
    key = public_key(private, origin)
    return {"vkey": str(key), "public": key.raw.hex(), "origin": origin, "log": campaign.log, "file": str(path)}
