"""The daily alarm: who could not be reached since yesterday, told to the office, which would otherwise hear nothing."""

from datetime import datetime, timedelta

from engine.chores import LAST_DONE, note_done
from engine.clock import to_us
from engine.notices import compose
from engine.outbox import UNDELIVERED
from engine.owing import owe
from engine.rows import NoticeRow
from engine.store import Tx
from engine.ways import ways_of, ways_to
from workflows.workspace import Workspace

CODE = "unreachable"
"""Under which name the alarm's days are kept among the chores that are done."""

BACK = timedelta(days=1)
"""How far the first alarm of a campaign looks back."""


class Unreached:
    """Once a day, from the hour of reminders on, tell the office of posts that nobody holds and of dead notices.

    In a rehearsal every post is held, so there is nothing to tell.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._last = ""

    def run(self) -> int:
        """Tell it unless somebody has today; return how many were told of."""
        now, campaign = self.workspace.clock.now(), self.workspace.campaign
        local = now.astimezone(campaign.zone)
        day = local.date().isoformat()
        if self.workspace.mode != "production" or day == self._last or local.time() < campaign.work.remind_at:
            return 0
        told: int = self.workspace.engine.in_transaction(lambda tx: self._tell(tx, day, now))
        self._last = day
        return told

    def _tell(self, tx: Tx, day: str, now: datetime) -> int:
        campaign = self.workspace.campaign
        period, done_at = tx.rows(LAST_DONE, campaign_id=campaign.id, code=CODE)[0]
        if period == day:
            return 0
        note_done(tx, campaign, CODE, day, now)
        lost = self._lost(tx, to_us(now - BACK) if done_at is None else done_at, now)
        if lost:
            owe(tx, campaign, [self._notice(recipient, lost, day, now) for recipient in self._office(tx, now)])
        return len(lost)

    def _lost(self, tx: Tx, since_us: int, now: datetime) -> list[str]:
        """A line for each recipient to whom something was owed and who cannot be reached."""
        campaign, ways = self.workspace.campaign, ways_of(tx, self.workspace.campaign.id)
        directory = self.workspace.people.directory(tx, now)
        known = directory.logins | {f"{body}.{post}" for body, post in directory.held()}  # whose it was, or is by now
        lines: dict[str, str] = {}
        for recipient, body, status, count, subject in tx.rows(
            UNDELIVERED, campaign_id=campaign.id, since=since_us, now=to_us(now)
        ):
            nobody = recipient not in known and not ways_to(ways, recipient, body, ())
            if nobody or status == "dead":
                why = "无人任职，也无联系方式" if nobody else "未能送达"
                lines[recipient] = f"{campaign.body_name(body)}  {recipient}：{why}（{count}件，如{subject}）"
        return list(lines.values())

    def _office(self, tx: Tx, now: datetime) -> list[str]:
        campaign = self.workspace.campaign
        posts = campaign.circle_posts.get("office", ("admin",))
        return self.workspace.people.directory(tx, now).reach(campaign.parts.get("office", ""), posts)

    def _notice(self, recipient: str, lost: list[str], day: str, now: datetime) -> NoticeRow:
        campaign = self.workspace.campaign
        at = to_us(now)
        values = {
            "campaign": campaign.doc.name.zh,
            "title": campaign.doc.name.zh,
            "list": "\n".join(lost),
            "label": day,
        }
        return compose(
            campaign, kind=CODE, recipient=recipient, body=campaign.parts.get("office", ""), planned_us=at, now_us=at,
            dedup=f"{campaign.id}:{CODE}:{day}:{recipient}", values={**values, "level": len(lost)},
        )  # fmt: skip


def unreachable_bodies(workspace: Workspace) -> list[str]:
    """The codes of the bodies with posts that nobody holds, and with no contact of a post or of the body itself.

    In a rehearsal every post is held.
    """
    campaign = workspace.campaign
    with workspace.database.snapshot() as tx:
        held = {body for body, _ in workspace.people.directory(tx, workspace.clock.now()).held()}
        reached = {holder.partition(".")[0] for holder in ways_of(tx, campaign.id)}
    return [code for code, body in campaign.bodies.items() if body.posts and code not in held and code not in reached]
