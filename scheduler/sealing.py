"""Sealing by itself: entries get their place in the log, and in production the root is signed and put outside."""

import os
from datetime import datetime, timedelta
from time import perf_counter

from engine.checkpoints import AT_LEAST, EVERY, last_checkpoint, put_outside, seal, stamp_outside
from engine.clock import to_us
from engine.errors import DubanError, VerificationFailed
from engine.log import logger
from engine.publishing import get_meta
from engine.sequencing import head_of, sequence
from engine.signing_key import key_path, load_key
from scheduler.configuration import note_channels
from workflows.workspace import Workspace

EVERY_S = 1.0
"""Seconds at least between two looks for entries that wait, so that a thousand orders are not a thousand looks."""

STAMPED_EVERY = timedelta(days=1)
"""How often a sealed root is stamped by the authority that ``DUBAN_TSA`` names; also when the process starts."""


class Sealing:
    """The sealing of one workspace; *every* and *at_least* are how often a root is signed, and put outside in any case.

    Not *wanted*, entries wait for their place in the log: in a database that is thrown away.
    """

    wanted = True

    def __init__(self, workspace: Workspace, every: timedelta = EVERY, at_least: timedelta = AT_LEAST) -> None:
        self.workspace = workspace
        self.every = every
        self.at_least = at_least
        self._looked: float | None = None
        self._sealed_at: datetime | None = None
        self._configured = False
        self._stamped_at: datetime | None = None

    def run(self, *, at_once: bool = False) -> None:
        """Sequence what waits, and seal if it is time; what goes wrong is logged and holds nothing else up."""
        now_s = perf_counter()
        if not self.wanted:
            return
        if not at_once and self._looked is not None and now_s - self._looked < EVERY_S:
            return
        self._looked = now_s
        workspace = self.workspace
        if workspace.mode == "production" and not self._configured:
            note_channels(workspace)
            self._configured = True
        campaign, now = workspace.campaign, workspace.clock.now()
        sequence(workspace.database, campaign.id, campaign.log, to_us(now))
        if workspace.mode != "production" or not self._due(now):
            return
        try:
            self._seal(now)
        except VerificationFailed as error:
            logger.bind(code=error.code).error("the log does not agree with its anchors: {}", error.message)
        except DubanError as error:
            logger.bind(code=error.code).error("the log could not be sealed: {}", error.message)

    def _due(self, now: datetime) -> bool:
        """Whether it is time: a minute after the last if the log has grown since, an hour in any case."""
        if self._sealed_at is not None and timedelta(0) <= now - self._sealed_at < self.every:
            return False
        with self.workspace.database.snapshot() as tx:
            last = last_checkpoint(tx, self.workspace.campaign)
            size = head_of(tx, self.workspace.campaign.id, self.workspace.campaign.log).size
        if last is None or self._sealed_at is None:
            return True
        return last.checkpoint.size != size or now - self._sealed_at >= self.at_least

    def _seal(self, now: datetime) -> None:
        workspace = self.workspace
        with workspace.database.snapshot() as tx:
            private = load_key(key_path(get_meta(tx, "identity") or ""))
        if private is None:
            return
        sealed = seal(workspace.database, workspace.campaign, now, private)
        if sealed is not None:
            put_outside(workspace.database, workspace.campaign, sealed, now)
            self._sealed_at = now
            authority = os.environ.get("DUBAN_TSA")
            if authority and (self._stamped_at is None or now - self._stamped_at >= STAMPED_EVERY):
                self._stamped_at = now
                stamp_outside(workspace.campaign, sealed, now, authority)
