"""A restored backup does not know what was erased after it was made: the ledger of erasures is applied to it again."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from engine.erasing_plan import erasable_fields
from engine.erasure_grounds import GROUNDS
from engine.errors import Forbidden, Invalid, NotFound, Reason, Refused
from engine.history import E
from engine.in_hand import look
from engine.log_entries import log_story
from engine.privacy_desk import PrivacyDesk
from engine.privacy_record import Request, note_privacy, privacy_story
from engine.receipts import Signing
from engine.scopes import refuse_outside
from engine.signed_ledger import check_signature, keys_of, under_signature
from engine.store import Statement, Tx

FORM, FORMER = "duban-erasures/2", "duban-erasures/1"
"""The form of a ledger: what was erased of which matter and account on which ground, by whom and when; no value, no note.

The former one had no signature: it is read where the log has no key."""

SAID = ("id", "target", "fields", "ground", "asked_by", "decided_by", "decided_at")
"""What a line of the ledger says, beside the entries (by stream, number, hash and fields) and the notices it was taken from."""

HASH = Statement(
    select(E.c.hash).where(
        E.c.campaign_id == bindparam("campaign_id"), E.c.stream == bindparam("stream"), E.c.seq == bindparam("seq")
    )
)


def ledger(desk: PrivacyDesk) -> dict[str, Any]:
    """All erasures of a campaign so far. Raises Forbidden for whoever may neither see all nor keep accounts."""
    desk.sight.require("audit", "查阅全部留痕", "read the whole record")
    with desk.engine.database.snapshot() as tx:
        story = privacy_story(tx, desk.campaign)
        done = [_line(tx, desk, each) for each in story.requests.values() if each.status == "erased"]
        keys = keys_of(log_story(tx, desk.campaign))
    said = {
        "form": FORM, "campaign": desk.campaign.code, "log": desk.campaign.log, "last": story.last, "keys": keys,
        "erasures": done,
    }  # fmt: skip
    return under_signature(said, Signing(desk.engine.database, desk.campaign))


def _line(tx: Tx, desk: PrivacyDesk, done: Request) -> dict[str, Any]:
    entries = [
        [stream, int(seq), _hash(tx, desk, stream, int(seq)), names]
        for stream, seqs in done.streams.items()
        for seq, names in seqs.items()
    ]
    return {
        **{name: getattr(done, name) for name in SAID},
        "entries": entries,
        "notices": sorted(done.marks),
        "spare": done.spare,
    }


def _hash(tx: Tx, desk: PrivacyDesk, stream: str, seq: int) -> str | None:
    """The hash of an entry; None if there is none. By it an entry of a restored database is known to be the same one."""
    row = tx.row(HASH, campaign_id=desk.campaign.id, stream=stream, seq=seq)
    return None if row is None else str(row[0])


def read_ledger(text: bytes, desk: PrivacyDesk) -> list[dict[str, Any]]:
    """The erasures of a ledger.

    Raises Invalid for what is none, is of another campaign or database, or is not as the log's key has signed it.
    """
    try:
        said = json.loads(text)
        form, log, erasures = said["form"], said["log"], said["erasures"]
        sound = form in (FORM, FORMER) and all(_sound(each) for each in erasures)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Invalid(f"this is no ledger of erasures ({FORM})", "ledger") from None
    if not sound:
        raise Invalid(f"this is no ledger of erasures ({FORM})", "ledger")
    if log != desk.campaign.log:
        raise Invalid("the ledger is of another campaign or another database", "another_log")
    with desk.engine.database.snapshot() as tx:
        check_signature(said, log_story(tx, desk.campaign))
    return list(erasures)


def _sound(each: dict[str, Any]) -> bool:
    texts = all(isinstance(each[name], str) for name in SAID if name not in ("target", "fields"))
    target = len(each["target"]) == 1 and each["target"].keys() <= {"matter", "person"}
    fields = isinstance(each["fields"], list) and all(isinstance(name, str) for name in each["fields"])
    entries = all(
        isinstance(stream, str) and type(seq) is int and isinstance(names, list)
        for stream, seq, _, names in each["entries"]
    )
    notices = all(str(ident).isdecimal() for ident in each["notices"])
    notices = notices and all(isinstance(place, str) for place in each.get("spare", ()))
    return texts and target and fields and entries and notices and each["ground"] in GROUNDS


def erase_again(erasures: list[dict[str, Any]], asking: PrivacyDesk, deciding: PrivacyDesk) -> list[dict[str, Any]]:
    """Erase again what this database still has, each in a transaction of its own; what was done here already is left alone.

    Two persons do it. A ledger is a file that anybody can write: what this database has to keep, since the matter is open, its
    period has not ended or somebody holds it, is kept and told with the reasons. Raises Forbidden.
    """
    refuse_outside(asking.actor, "act")
    refuse_outside(deciding.actor, "approve")
    if deciding.actor.one_with(asking.actor.trace):
        reason = Reason("distinct", "批准人不得是申请人本人", "whoever asks does not decide")
        raise Forbidden(f"{deciding.actor.login} asked for it: another decides", "same_person", [reason])
    now = asking.engine.clock.now()
    return [asking.engine.in_transaction(_one(each, asking, deciding, now)) for each in erasures]


def _fields(tx: Tx, desk: PrivacyDesk, each: dict[str, Any]) -> list[str]:
    """The fields that a line names, of a matter those that can be erased."""
    ref = each["target"].get("matter")
    known = None if ref is None else erasable_fields(look(tx, desk.campaign, ref, desk.engine.clock.now()))
    return [name for name in each["fields"] if known is None or name in known]


def _one(
    each: dict[str, Any], asking: PrivacyDesk, deciding: PrivacyDesk, now: datetime
) -> Callable[[Tx], dict[str, Any]]:
    def work(tx: Tx) -> dict[str, Any]:
        campaign, ident = asking.campaign, each["id"]
        story = privacy_story(tx, campaign, to_change=True)
        known = story.requests.get(ident)
        said = {"id": ident, **each["target"], "values": 0}
        if known is not None and known.status == "erased":
            return {**said, "status": "already"}
        try:
            for desk in (asking, deciding):
                desk.refuse_unfit_for(tx, each["target"])
            asking.refuse_kept_for(tx, each["target"], story, now)
        except NotFound:
            return {**said, "status": "not_there"}
        except Refused as error:
            status = "already" if error.code == "nothing_held" else "kept"
            return {**said, "status": status, "reasons": [why.as_json() for why in error.reasons]}
        if known is None:
            again = {name: each[name] for name in ("asked_by", "decided_by", "decided_at")}
            request = {
                "request": ident, "target": each["target"], "fields": _fields(tx, asking, each), "ground": each["ground"],
                "basis": GROUNDS[each["ground"]].statute.zh, "trace": asking.actor.trace, "again": again,
                "spare": list(each.get("spare", ())),
            }  # fmt: skip
            note_privacy(tx, campaign, asking.actor, now, "request", request)
            known = privacy_story(tx, campaign).requests[ident]
        places = frozenset(
            (stream, seq, name)
            for stream, seq, digest, names in each["entries"]
            if _hash(tx, asking, stream, seq) == digest
            for name in names
        )
        try:
            gone = deciding.erase(tx, known, now, places, frozenset(map(str, each["notices"])))
        except Refused as error:
            if error.code != "document_used":
                raise
            return {**said, "status": "kept", "reasons": [why.as_json() for why in error.reasons]}
        return {**said, "status": "erased", "values": gone.values}

    return work
