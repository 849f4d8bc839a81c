"""Delivering what is owed: claimed with a lease, sent outside any transaction, marked and chained afterwards."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from uuid import uuid4

from engine.clock import from_us, to_us
from engine.deliveries import DEAD, FAILED, SENT, Attempt, record_attempts
from engine.digest_words import KIND as DIGEST
from engine.digests import MARK_MEMBERS, bundle, hold_members
from engine.failpoints import reach
from engine.holding import hold_stale
from engine.log import logger
from engine.outbox import CLAIM, CLAIMED, MARK_FAILED, MARK_SENT, MARK_WAITING, NEXT_TRY
from engine.owing import known_ways, owe_further
from engine.rows import NoticeRow
from engine.store import Tx
from engine.successors import pass_on
from engine.ways import Way
from scheduler.channels import Channel, NotYet, PermanentFailure, Usual
from scheduler.outgoing import one_line
from scheduler.vacant import Vacancies
from workflows.workspace import Workspace

LEASE = timedelta(minutes=5)
"""How long a claimed notice is somebody's; after a crash it is free again then. PLACEHOLDER"""

BATCH = 20
"""Notices claimed at once: few enough that the lease holds even if each of them takes a channel's ten seconds."""

HAND = 4
"""Notices sent before they are marked: so many, at most, does a process that dies leave to be sent again."""

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


class Dispatcher:
    """Deliver the owed notices of a workspace; *worker* is new for every process.

    *hand* are sent before they are marked: a channel that sends nothing may have its hands full. Without *bundling*
    every notice is a message, for a rehearsal whose messages nobody reads.
    """

    bundling = True

    def __init__(self, workspace: Workspace, channels: Mapping[str, Channel], hand: int = HAND) -> None:
        self.workspace = workspace
        self.channels = channels
        self.hand = hand
        self.batch = max(hand, BATCH)
        self.nowhere = all(getattr(channel, "nowhere", False) for channel in channels.values())
        self.worker = uuid4().hex
        self.held = 0
        self._ways: dict[int, Sequence[Way]] = {}
        self._vacancies = Vacancies(workspace.campaign)

    def next_at(self) -> datetime | None:
        """When the next owed notice may be tried."""
        with self.workspace.database.snapshot() as tx:
            row = tx.row(NEXT_TRY, campaign_id=self.workspace.campaign.id)
        return from_us(row[0]) if row and row[0] is not None else None

    def deliver(self, over: Callable[[], bool] = lambda: False) -> tuple[int, int]:
        """Send everything owed by now; return how many messages went out and how many did not.

        What comes in meanwhile is left to the next time, where it meets what else is due by then; once it is *over*,
        what no batch has claimed.
        """
        sent = failed = 0
        due, first_of_all = self.workspace.clock.now(), True
        self.held = 0
        while True:
            results, more = self._nowhere(due, first_of_all) if self.nowhere else self._batch(due, first_of_all)
            first_of_all = False
            failed += sum(bool(result.error) and result.wait is None for result in results)
            sent += sum(not result.error for result in results)
            if not more or over():
                return sent, failed

    def _batch(self, due: datetime, first_of_all: bool) -> tuple[list[Sent], bool]:
        """Claim, send hand by hand, mark each hand; return what became of the batch, and whether there may be more."""
        claim = partial(self._claim, due=due, first_of_all=first_of_all)
        claimed: list[NoticeRow] = self.workspace.engine.in_transaction(claim)
        if claimed:
            reach("claimed")
        found: list[Sent] = []
        for first in range(0, len(claimed), self.hand):
            results = [self._send(notice) for notice in claimed[first : first + self.hand]]
            self.workspace.engine.in_transaction(partial(self._mark_ours, results=results))
            reach("marked")
            found += results
        return found, len(claimed) == self.batch

    def _nowhere(self, due: datetime, first_of_all: bool) -> tuple[list[Sent], bool]:
        """The same in one transaction, where all channels lead nowhere: nothing is sent that a second try would repeat."""

        def work(tx: Tx) -> list[Sent]:
            results = [self._send(notice) for notice in self._claim(tx, due, first_of_all=first_of_all)]
            if results:
                self._mark(tx, results)
            return results

        found: list[Sent] = self.workspace.engine.in_transaction(work)
        return found, len(found) == self.batch

    def _claim(self, tx: Tx, due: datetime, *, first_of_all: bool) -> list[NoticeRow]:
        """Claim a batch of what was *due*; the first time after holding what is stale and bundling what goes together."""
        now = self.workspace.clock.now()

        def claim(limit: int, due: datetime) -> list[NoticeRow]:
            if tx.mirror is not None:
                times = to_us(due), to_us(now + LEASE)
                found: list[NoticeRow] = tx.mirror.outbox.claim(
                    tx, self.workspace.campaign.id, times, self.worker, limit
                )
                return found
            rows = tx.rows(
                CLAIM,
                campaign_id=self.workspace.campaign.id,
                now=to_us(due),
                until=to_us(now + LEASE),
                who=self.worker,
                limit=limit,
            )
            return sorted((NoticeRow(*row) for row in rows), key=lambda notice: (notice.next_try_at, notice.id))

        if first_of_all:
            if self.workspace.mode == "production" and self._vacancies.filled(
                tx, self.workspace.people.directory(tx, now), to_us(now)
            ):
                due = now
            self.held = hold_stale(tx, self.workspace.campaign, to_us(due), self.workspace.mode)
            self._bundle(tx, due, now)
        kept: list[NoticeRow] = []
        while claimed := claim(self.batch - len(kept), due):
            still = pass_on(tx, self.workspace.campaign, self.workspace.people, claimed, now)
            kept += still
            if len(still) == len(claimed):
                break
            due = now  # what has just come to successors goes with the rest
            self._bundle(tx, due, now)
        if kept:
            campaign = self.workspace.campaign
            self._ways = {each.id: known_ways(tx, campaign, each) for each in kept}
            self._vacancies.note(self.workspace.people.directory(tx, now), kept, self._ways)
        return kept

    def _bundle(self, tx: Tx, due: datetime, now: datetime) -> None:
        """Put together what goes together: at the beginning, and again what has come to successors."""
        if self.bundling:
            self.workspace.people.directory(tx, now)
            bundle(tx, self.workspace.campaign, to_us(due))

    def _send(self, notice: NoticeRow) -> Sent:
        channel = self.channels.get(notice.channel)
        try:
            if channel is None:
                raise PermanentFailure(f"no channel {notice.channel!r} here")
            self._vacancies.refuse(channel, notice)
            address = self._address(notice)
            addressed = notice if address == notice.recipient else replace(notice, recipient=address)
            answer = channel.send(addressed, self.workspace.campaign.code)
            reach("sent")
        except PermanentFailure as error:
            return Sent(notice, said(error), permanent=True)
        except NotYet as error:
            return Sent(notice, said(error), wait=error.wait)
        except Exception as error:  # noqa: BLE001 - one bad message must not stop the rest
            logger.bind(notice=notice.id, ref=notice.ref).warning(
                "a notice could not be sent: {}", type(error).__name__
            )
            return Sent(notice, f"{type(error).__name__}: {said(error)}"[:LONGEST_ANSWER])
        return Sent(notice, answer=one_line(answer)[:LONGEST_ANSWER])

    def _address(self, notice: NoticeRow) -> str:
        """Where the recipient is reached over the notice's channel, as known now; else the login itself."""
        ways = self._ways.get(notice.id, ())
        return next((way.address for way in ways if way.channel == notice.channel), notice.recipient)

    def _mark_ours(self, tx: Tx, results: Sequence[Sent]) -> None:
        """Mark what is still claimed by us: what took longer may be another's by now, who sends it and puts it on record."""
        whose = dict(tx.among(CLAIMED, [each.notice.id for each in results]))
        for each in results:
            if whose.get(each.notice.id) != self.worker:
                logger.bind(notice=each.notice.id).warning("a notice was no longer ours when its sending ended")
        self._mark(tx, [each for each in results if whose.get(each.notice.id) == self.worker])

    def _mark(self, tx: Tx, results: Sequence[Sent]) -> None:
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
