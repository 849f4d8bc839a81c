"""What became of every notice by the record: owed, sent, dead, held, released, passed on, received; and what its row must say."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from engine.clock import to_us
from engine.deliveries import DEAD, SENT
from engine.digest_words import KIND as DIGEST
from engine.owed_record import OWED, mark_of_notice
from engine.rows import NoticeRow

WAIT_US = timedelta(days=1) // timedelta(microseconds=1)
"""How much later than the record says an owed notice may go: after failures, and where a way takes no more. PLACEHOLDER"""

HOURS_US = timedelta(days=15) // timedelta(microseconds=1)
"""The same after a release, which goes in the office's hours: the longest holidays and what lies round them. PLACEHOLDER"""

AFTER = {
    SENT: "sent", DEAD: "dead", "acknowledge": "acknowledged", "retry": "owed", "hold": "held", "release": "owed",
    "drop": "cancelled", "passed_on": "cancelled",
}  # fmt: skip
"""How a notice stands after an act on it."""


OTHERWISE = "it is {}; by the record it is {}"

AGAIN = OTHERWISE.format("owed", "dead")
"""Of a notice that is owed again, and no entry says so."""

BENT = "to whom it goes, about what, or its words are not as it was owed"


@dataclass(slots=True)
class Fate:
    """What the record tells of one notice; *mark* is None if it does not tell that it was owed. Instants are microseconds."""

    status: str = "owed"
    mark: str | None = None
    goes_us: int | None = None
    latest_us: int | None = None
    failed: bool = False
    released_us: int | None = None
    received: tuple[str, str] | None = None
    died_in: str | None = None
    """The message of several in which it was given up, if it was."""
    seen: set[str] = field(default_factory=set)


def fates_of(bodies: Iterator[Mapping[str, Any]] | list[Mapping[str, Any]]) -> dict[str, Fate]:
    """Go through what was owed and what came of it, oldest first. What acts owe stands in their own entries."""
    fates: dict[str, Fate] = {}
    for body in bodies:
        for ident, mark, goes_us in owed_by(body):
            fates[ident] = Fate(mark=mark, goes_us=goes_us, latest_us=goes_us)
        if body.get("kind") != "notice":
            continue
        trigger, at = body["trigger"], to_us(datetime.fromisoformat(body["recorded_at"]))
        for ident in (*body.get("notices", ()), *([body["notice"]] if "notice" in body else ())):
            fate = fates.setdefault(str(ident), Fate())
            fate.status = AFTER.get(trigger, fate.status)
            fate.seen.add(trigger)
            _act(fate, trigger, at, body)
        for ident in body.get("cancelled", ()):
            fates.setdefault(str(ident), Fate()).status = "cancelled"
    return fates


def owed_by(body: Mapping[str, Any]) -> Iterator[tuple[str, str, int]]:
    """The notices that an entry says it owes: id, mark, and when each was to go; what no program has written is none."""
    said = body.get(OWED, ())
    for each in said if isinstance(said, list) else ():
        try:
            ident, mark, goes = each
            yield str(ident), str(mark), to_us(datetime.fromisoformat(goes))
        except (TypeError, ValueError):
            continue


def _act(fate: Fate, trigger: str, at: int, body: Mapping[str, Any]) -> None:
    if trigger == "release":
        fate.released_us, fate.latest_us = at, at + HOURS_US
    elif trigger in ("failed", "retry"):
        fate.failed, fate.latest_us = trigger == "failed", at
    elif trigger == DEAD:
        fate.died_in = body.get("digest")
    elif trigger == "acknowledge":
        fate.received = body["actor"], body["actor_auth"]


def flaws_of_notice(notice: NoticeRow, fate: Fate | None, digest: NoticeRow | None, *, strict: bool) -> Iterator[str]:
    """What a notice's row says otherwise than the record; *strict* if every notice must be on it. *digest* is what it rides in."""
    if fate is None or (fate.mark is None and strict):
        if strict:
            yield "nobody entered that it was owed"
        return
    if fate.mark is not None and fate.mark != mark_of_notice(notice):
        yield BENT
    if notice.kind == DIGEST and fate.status == "held":
        fate.status = "cancelled"  # it is dissolved, and what rode in it is held
    if fate.mark is not None and notice.status != fate.status:
        yield OTHERWISE.format(notice.status, fate.status)
    receipt = notice.acknowledged_by, notice.acknowledged_auth
    if (fate.received or (None, None)) != receipt and (fate.received is None or "acknowledge" in fate.seen):
        yield "who acknowledged it is another than its row says"
    if notice.sent_at is None and notice.status in ("sent", "acknowledged"):
        yield "it has no instant of sending"
    yield from _times(notice, fate)
    yield from _riding(notice, digest)


def _times(notice: NoticeRow, fate: Fate) -> Iterator[str]:
    """When it goes: never much later than was put on record, for a notice put off says nothing to anybody."""
    if fate.released_us != notice.released_at and notice.kind != DIGEST:
        yield "it was released at another time than its row says"
    if fate.goes_us is None or fate.latest_us is None:
        return
    if fate.released_us is None and notice.released_at is None and notice.effective_at != fate.goes_us:
        yield "it was to go at another time than its row says"
    if notice.status == "owed":
        moved = fate.failed or notice.last_error is not None or fate.released_us is not None or "retry" in fate.seen
        if notice.next_try_at > fate.latest_us + (WAIT_US if moved else 0) and notice.released_at is None:
            yield "it is put off beyond what the record says"


def _riding(notice: NoticeRow, digest: NoticeRow | None) -> Iterator[str]:
    """A notice that rides in a digest goes with it: one that is not there, or is another's, carries it nowhere."""
    if notice.digest_id is None:
        return
    alike = digest is not None and (digest.kind, digest.recipient, digest.channel, digest.campaign_id) == (
        DIGEST, notice.recipient, notice.channel, notice.campaign_id,
    )  # fmt: skip
    if not alike or (digest is not None and notice.status == "owed" and digest.status != "owed"):
        yield "it rides in a message that does not carry it"
