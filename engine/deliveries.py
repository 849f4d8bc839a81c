"""What became of each attempt to deliver a notice, on the chained record: sent, failed, or put aside as dead."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from engine.campaign import Campaign
from engine.canonical import digest
from engine.history import Line, append, chain_at, insert_plain, link
from engine.orders import SYSTEM
from engine.rows import NoticeRow
from engine.shapes import at
from engine.store import Tx

SENT, FAILED, DEAD = "", "failed", "dead"
"""The triggers of such entries; that of a sending is empty, as it was in the first entries of this kind."""


@dataclass(slots=True)
class Attempt:
    """One attempt: *what* it came to, the provider's *answer* or the *error*, and the *address* if it is not the login.

    *inside* is the message that the notice rode in, if it was not one by itself: its words are those that went out.
    *members* is how many rode in a message of several. *through* is the channel over which the usual one led, if another.
    """

    notice: NoticeRow
    what: str
    answer: str = ""
    error: str = ""
    address: str = ""
    inside: NoticeRow | None = None
    members: int = 0
    through: str = ""


def stream_of_notice(campaign: Campaign, notice: NoticeRow) -> str:
    """The stream that proves what became of *notice*: that of its matter, else that of the campaign."""
    return f"notices/{notice.ref or campaign.code}"


def words_of(notice: NoticeRow) -> str:
    """The hash of subject and text, as it stands in the entry of a sending."""
    return digest(f"{notice.subject}\n{notice.text}")


def record_attempts(tx: Tx, campaign: Campaign, attempts: Iterable[Attempt], now_us: int) -> None:
    """Append *attempts* in order to their streams. Error and address are free text and personal: commitments only.

    The entries between two with such a commitment are written in one statement.
    """
    streams: dict[str, list[Attempt]] = {}
    for each in attempts:
        streams.setdefault(stream_of_notice(campaign, each.notice), []).append(each)
    entries: list[dict[str, Any]] = []
    for stream, found in sorted(streams.items()):
        chain = chain_at(tx, campaign.id, campaign.log, stream)
        for attempt in found:
            line = _line(attempt, now_us)
            if not line.private:
                entries.append(link(chain, line))
                continue
            tx.write_many(insert_plain(tx), entries)
            entries = []
            append(tx, chain, line)
    tx.write_many(insert_plain(tx), entries)


def _line(attempt: Attempt, now_us: int) -> Line:
    notice = attempt.notice
    said = {
        "notice": str(notice.id), "notice_kind": notice.kind, "level": notice.level, "recipient": notice.recipient,
        "channel": notice.channel, "planned_at": at(notice.planned_at), "words": words_of(attempt.inside or notice),
    }  # fmt: skip
    if attempt.inside is not None:
        said["digest"] = str(attempt.inside.id)
    if attempt.through:
        said["through"] = attempt.through
    if attempt.members:
        said["members"] = attempt.members
    if attempt.what == SENT:
        said["answer"] = attempt.answer
    else:
        said["attempt"] = notice.attempts
    private = {name: value for name, value in (("error", attempt.error), ("address", attempt.address)) if value}
    occurred = notice.effective_at if attempt.what == SENT else now_us
    return Line("notice", SYSTEM, occurred, now_us, trigger=attempt.what, private=private, more=said)
