"""Marking what went out or did not, with an entry for each attempt and what is owed further where all was in vain."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from engine.clock import to_us
from engine.deliveries import DEAD, FAILED, SENT, Attempt, record_attempts
from engine.digest_words import KIND as DIGEST
from engine.digests import MARK_MEMBERS, hold_members
from engine.outbox import MARK_FAILED, MARK_SENT, MARK_WAITING
from engine.owing import owe_further
from engine.rows import NoticeRow
from engine.store import Tx
from scheduler.channels import Channel, Usual
from scheduler.outgoing import one_line
from workflows.workspace import Workspace

BACK_OFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=12))
"""Waiting times after the first to the fifth failure; after the fifth the notice is put aside as dead."""

LONGEST_ANSWER = 300
"""Characters of a provider's answer or of an error that are kept."""

JITTER = (80, 120)
"""Per cent of a waiting time between which chance decides, so that many failures do not come back as one wave."""


@dataclass(slots=True)
class Sent:
    """What became of one claimed notice; nobody changes it.

    *error* is empty if it went out, and *answer* is then what the provider said; *wait* is set if it only has to wait.
    """

    notice: NoticeRow
    error: str = ""
    permanent: bool = False
    answer: str = ""
    wait: timedelta | None = None


class Marking:
    """Mark as *worker*, who has claimed them, what *channels* did with notices; *address* says where one was sent to."""

    def __init__(
        self, workspace: Workspace, channels: Mapping[str, Channel], worker: str, address: Callable[[NoticeRow], str]
    ) -> None:
        self.workspace = workspace
        self.channels = channels
        self.worker = worker
        self._address = address

    def mark(self, tx: Tx, results: Sequence[Sent]) -> None:
        """Mark them all in the transaction *tx*."""
        now_us = to_us(self.workspace.clock.now())
        good = [result for result in results if not result.error]
        ours = {"b_worker": self.worker}
        tx.write_many(
            MARK_SENT, [{**ours, "b_id": each.notice.id, "new_status": "sent", "sent": now_us} for each in good]
        )
        waiting = [(each, each.wait) for each in results if each.wait is not None]
        tx.write_many(
            MARK_WAITING,
            [
                {**ours, "b_id": each.notice.id, "again": now_us + _us(wait), "error": each.error}
                for each, wait in waiting
            ],
        )
        failed = [each for each in results if each.error and each.wait is None]
        tx.write_many(MARK_FAILED, [self._failure(each, now_us) for each in failed])
        attempts = [attempt for each in results if each.wait is None for attempt in self._attempts(tx, each, now_us)]
        record_attempts(tx, self.workspace.campaign, attempts, now_us)
        dead = [each.notice for each in attempts if each.what == DEAD and each.notice.kind != DIGEST]
        if dead:
            self.workspace.people.directory(tx, self.workspace.clock.now())
            owe_further(tx, self.workspace.campaign, dead, now_us)

    def _failure(self, result: Sent, now_us: int) -> dict[str, object]:
        attempts = result.notice.attempts
        wait = BACK_OFF[min(attempts, len(BACK_OFF)) - 1] * random.randint(*JITTER) // 100  # noqa: S311 - not a secret
        return {
            "b_id": result.notice.id,
            "b_worker": self.worker,
            "new_status": "dead" if _is_dead(result) else "owed",
            "again": now_us + _us(wait),
            "error": result.error,
        }

    def _attempts(self, tx: Tx, result: Sent, now_us: int) -> list[Attempt]:
        """What the record says of a message: itself, and each notice that rode in it and went or is given up with it."""
        attempt = self._attempt(result)
        if result.notice.kind != DIGEST or attempt.what == FAILED:
            return [attempt]
        riding = hold_members(tx, result.notice.id, "owed")
        sent = attempt.what == SENT
        fate = {
            "new_status": "sent" if sent else "dead",
            "sent": now_us if sent else None,
            "error": result.error or None,
        }
        tx.write(MARK_MEMBERS, {"b_status": "owed", "b_digest": result.notice.id, **fate})
        rode = [replace(attempt, notice=each, inside=result.notice) for each in riding]
        return [replace(attempt, members=len(riding)), *rode]

    def _attempt(self, result: Sent) -> Attempt:
        what = SENT if not result.error else DEAD if _is_dead(result) else FAILED
        address, channel = self._address(result.notice), self.channels.get(result.notice.channel)
        return Attempt(
            result.notice, what, result.answer, result.error, address if address != result.notice.recipient else "",
            through=channel.code if isinstance(channel, Usual) else "",
        )  # fmt: skip


def _is_dead(result: Sent) -> bool:
    """Whether a failure was the last one."""
    return result.permanent or result.notice.attempts > len(BACK_OFF)


def said(error: Exception) -> str:
    """What an error says, on one line and not endless."""
    return one_line(str(error))[:LONGEST_ANSWER] or type(error).__name__


def _us(wait: timedelta) -> int:
    return wait // timedelta(microseconds=1)
