"""Posts that nobody holds: what is owed to one is not told to anybody, and goes to its holder as soon as it has one."""

from collections.abc import Sequence
from functools import partial

from engine.campaign import Campaign
from engine.filled_posts import owe_again
from engine.people import Directory
from engine.rows import NoticeRow
from engine.store import Tx
from engine.ways import Way
from scheduler.channels import Channel, PermanentFailure


class Vacancies:
    """The empty posts of a production as one process delivers: which they are, and which have been filled since."""

    def __init__(self, campaign: Campaign) -> None:
        self.campaign = campaign
        self._held: frozenset[str] = frozenset()
        self._empty: frozenset[int] = frozenset()

    def note(self, directory: Directory, claimed: Sequence[NoticeRow], ways: dict[int, Sequence[Way]]) -> None:
        """Note which of the *claimed* notices go to an empty post without a contact."""
        self._empty = frozenset(each.id for each in claimed if not ways[each.id] and self._is_empty(directory, each))

    def refuse(self, channel: Channel, notice: NoticeRow) -> None:
        """Raise PermanentFailure for a *notice* to an empty post, where *channel* would write to that post alone.

        A robot of a group is read by whoever is in the group.
        """
        if notice.id in self._empty and _addressed(channel):
            raise PermanentFailure(f"nobody holds the post {notice.recipient}, and nobody has said how it is reached")

    def filled(self, tx: Tx, directory: Directory, now_us: int) -> int:
        """Owe again what could not be told to posts that have been filled since the last time; return how much.

        The last time is the last that was committed.
        """
        held = frozenset(f"{body}.{post}" for body, post in directory.held())
        fresh = held - self._held
        tx.after.append(partial(setattr, self, "_held", held))
        return owe_again(tx, self.campaign, fresh, now_us) if fresh else 0

    def _is_empty(self, directory: Directory, notice: NoticeRow) -> bool:
        body, _, post = notice.recipient.partition(".")
        known = notice.recipient in directory.logins
        return not known and body in self.campaign.bodies and post in self.campaign.bodies[body].posts


def _addressed(channel: Channel) -> bool:
    """Whether *channel*, or the one it leads over, writes to the recipient alone."""
    inner = getattr(channel, "inner", None)
    return _addressed(inner) if inner is not None else bool(getattr(channel, "addressed", False))
