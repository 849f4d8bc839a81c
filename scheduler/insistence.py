"""Once a working day, at the hour of reminders: what nobody acknowledged comes again, what lies goes further up."""

from datetime import UTC, date, datetime, timedelta

from engine.chores import LAST_DONE, note_done
from engine.repeating import insist
from engine.store import Tx
from workflows.workspace import Workspace

CODE = "insist"
"""Under which name its days are kept among the chores that are done."""


class Insistence:
    """Insist for one workspace, if its campaign wants that."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._last: str | None = None
        self._next: tuple[object, datetime, datetime] | None = None

    def wanted(self) -> bool:
        """Whether the campaign repeats or tells further up."""
        spec = self.workspace.campaign.delivery.spec
        return spec is not None and (spec.repeat is not None or spec.idle is not None)

    def next_at(self) -> datetime | None:
        """When there is something to insist on at the earliest; None if the campaign does not."""
        if not self.wanted():
            return None
        if self._last is None:
            with self.workspace.database.snapshot() as tx:
                self._last = self._done(tx)
        return self._following()

    def upcoming(self, tx: Tx) -> datetime | None:
        """The same, seen from inside a transaction."""
        if not self.wanted():
            return None
        if self._last is None:
            self._last = self._done(tx)
        return self._following()

    def _following(self) -> datetime:
        """The next time; from the moment at which it was worked out it stands until it has come."""
        now, basis = self.workspace.clock.now(), (self.workspace.campaign, self._last)
        if self._next is not None and self._next[0] == basis and self._next[1] <= now <= self._next[2]:
            return self._next[2]
        following = self._after(now)
        self._next = basis, now, following
        return following

    def _after(self, now: datetime) -> datetime:
        campaign = self.workspace.campaign
        today = now.astimezone(campaign.zone).date()
        if self._last and self._last >= today.isoformat():
            today = date.fromisoformat(self._last) + timedelta(days=1)
        day = campaign.work.calendar.roll(today)
        return datetime.combine(day, campaign.work.remind_at, campaign.zone).astimezone(UTC)

    def run(self) -> int:
        """Insist unless somebody has today; return how many notices were owed."""
        due = self.next_at()
        now = self.workspace.clock.now()
        if due is None or due > now:
            return 0
        day = now.astimezone(self.workspace.campaign.zone).date().isoformat()
        owed: int = self.workspace.engine.in_transaction(lambda tx: self._insist(tx, day, now))
        self._last = day
        return owed

    def _done(self, tx: Tx) -> str:
        return str(tx.rows(LAST_DONE, campaign_id=self.workspace.campaign.id, code=CODE)[0][0] or "")

    def _insist(self, tx: Tx, day: str, now: datetime) -> int:
        campaign = self.workspace.campaign
        if self._done(tx) >= day:
            return 0
        note_done(tx, campaign, CODE, day, now)
        return insist(tx, campaign, self.workspace.people, now)
