"""Delivering what is owed: claimed with a lease, sent outside any transaction, marked and chained afterwards."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from uuid import uuid4

from engine.clock import from_us, to_us
from engine.digests import bundle
from engine.errors import Unavailable
from engine.failpoints import reach
from engine.holding import hold_stale
from engine.log import logger
from engine.outbox import CLAIM, MARK_WAITING, NEXT_TRY
from engine.owing import known_ways
from engine.rows import NoticeRow
from engine.store import Tx
from engine.successors import pass_on
from engine.ways import Way
from scheduler.channels import Channel, NotYet, PermanentFailure
from scheduler.claims import Claim, held_by
from scheduler.marking import BACK_OFF, LONGEST_ANSWER, Marking, Sent, said
from scheduler.outgoing import one_line
from scheduler.vacant import Vacancies
from workflows.workspace import Workspace

BATCH = 20
"""Notices claimed at once: few enough that the lease holds even if each of them takes a channel's ten seconds."""

HAND = 4
"""Notices sent before they are marked: so many, at most, does a process that dies leave to be sent again."""


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
        self._marking = Marking(workspace, channels, self.worker, self._address)
        self.held = 0
        self._claimed = Claim(workspace.clock)
        self._unmarked: Sequence[Sent] = ()
        self._over: Callable[[], bool] = lambda: False
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
        all but the message under way, and what was claimed is given back.
        """
        self._over = over
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
        self._put_on_record()
        claim = partial(self._claim, due=due, first_of_all=first_of_all)
        claimed: list[NoticeRow] = self.workspace.engine.in_transaction(claim)
        if claimed:
            reach("claimed")
        found: list[Sent] = []
        for first in range(0, len(claimed), self.hand):
            if self._claimed.lapsed():
                logger.warning(
                    "this process stood still for longer than a claim lasts; {} notices are left to whoever claims them next",
                    len(claimed) - len(found),
                )
                break
            trouble = self._send_each(claimed[first : first + self.hand])
            try:
                found += self._put_on_record()
            except Unavailable:
                raise
            except Exception:
                self._give_back(claimed[first + self.hand :])
                raise
            if trouble is not None:
                self._give_back(claimed[len(found) :], trouble)
                raise trouble
            if self._over():
                self._give_back(claimed[len(found) :])
                break
        return found, len(claimed) == self.batch

    def _send_each(self, notices: Sequence[NoticeRow]) -> Unavailable | None:
        """Send some of what was claimed, while it is ours; return the trouble if the database cannot be asked meanwhile.

        That is no fault of theirs: what was not sent by then stays owed, and that one lets the others go first.
        """
        sent: list[Sent] = []
        self._unmarked = sent
        for notice in notices:
            if self._claimed.lapsed() or (sent and self._over()):
                break
            try:
                sent.append(self._send(notice))
            except Unavailable as trouble:
                return trouble
        return None

    def _give_back(self, notices: Sequence[NoticeRow], trouble: Unavailable | None = None) -> None:
        """Let others have at once what was claimed and will not be sent by this process, as if it had not been.

        The first of them waits a little if it met with *trouble*: where it does each time it must not keep back the rest.
        """
        back = [
            {"b_id": each.id, "b_worker": self.worker, "again": each.next_try_at, "error": each.last_error}
            for each in notices
        ]
        if trouble is not None:
            back[0] |= {"again": to_us(self.workspace.clock.now() + BACK_OFF[0]), "error": said(trouble)}
        self.workspace.engine.in_transaction(lambda tx: tx.write_many(MARK_WAITING, back))

    def _put_on_record(self) -> Sequence[Sent]:
        """Mark what has gone out, also what the database did not take the last time; return it.

        What another process has claimed meanwhile, after this one stood still, is marked and put on record by that one.
        What was cancelled by then and went out all the same did go out; what did not go out stays cancelled.
        """
        sent = self._unmarked
        if not sent:
            return sent

        def work(tx: Tx) -> list[Sent]:
            held = held_by(tx, self.worker, [each.notice.id for each in sent])
            went = held.ours | held.needless
            self._marking.mark(tx, [each for each in sent if each.notice.id in (held.ours if each.error else went)])
            return [each for each in sent if each.notice.id in held.theirs and not each.error]

        try:
            twice: list[Sent] = self.workspace.engine.in_transaction(work)
        except Unavailable:
            raise
        except Exception:
            self._unmarked = self._one_by_one(sent) if len(sent) > 1 else ()
            raise
        reach("marked")
        self._unmarked = ()
        for each in twice:
            logger.bind(notice=each.notice.id, ref=each.notice.ref).warning(
                "a notice went out after another process had claimed it: its recipient may have it twice"
            )
        return sent

    def _one_by_one(self, sent: Sequence[Sent]) -> Sequence[Sent]:
        """Mark what can be marked, since what cannot must keep back nothing else; return what the database did not take."""
        left: list[Sent] = []
        for each in sent:
            self._unmarked = (each,)
            with suppress(Exception):  # the first fault is raised, and is about one of these
                self._put_on_record()
            left += self._unmarked
        return left

    def _nowhere(self, due: datetime, first_of_all: bool) -> tuple[list[Sent], bool]:
        """The same in one transaction, where all channels lead nowhere: nothing is sent that a second try would repeat."""

        def work(tx: Tx) -> list[Sent]:
            results = [self._send(notice) for notice in self._claim(tx, due, first_of_all=first_of_all)]
            if results:
                self._marking.mark(tx, results)
            return results

        found: list[Sent] = self.workspace.engine.in_transaction(work)
        return found, len(found) == self.batch

    def _claim(self, tx: Tx, due: datetime, *, first_of_all: bool) -> list[NoticeRow]:
        """Claim a batch of what was *due*; the first time after holding what is stale and bundling what goes together."""
        now, until = self.workspace.clock.now(), to_us(self._claimed.begin())

        def claim(limit: int, due: datetime) -> list[NoticeRow]:
            if tx.mirror is not None:
                times = to_us(due), until
                found: list[NoticeRow] = tx.mirror.outbox.claim(
                    tx, self.workspace.campaign.id, times, self.worker, limit
                )
                return found
            rows = tx.rows(
                CLAIM,
                campaign_id=self.workspace.campaign.id,
                now=to_us(due),
                until=until,
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
        except Unavailable:
            raise
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
