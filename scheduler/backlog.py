"""The daily line to the office that something is held: one short message, which is not held itself."""

from datetime import datetime

from engine.chores import LAST_DONE, note_done
from engine.clock import to_us
from engine.holding import ALARM, held_count, standing
from engine.notices import compose
from engine.owing import owe
from engine.store import Tx
from workflows.workspace import Workspace

MOST_NAMED = 20
"""Recipients that the message names; it counts all of them. PLACEHOLDER"""


class Backlog:
    """Tell the office once a day that notices wait for its word, and at once when the first of them are held."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._looked = ""

    def run(self, *, just_held: bool = False) -> int:
        """Tell it unless it was told today; return how many notices are held, 0 if nothing was to be told."""
        now = self.workspace.clock.now()
        day = now.astimezone(self.workspace.campaign.zone).date().isoformat()
        if day == self._looked and not just_held:
            return 0
        with self.workspace.database.snapshot() as tx:
            waits = (
                bool(held_count(tx, self.workspace.campaign)) or standing(tx, self.workspace.campaign).mode is not None
            )
        told: int = self.workspace.engine.in_transaction(lambda tx: self._tell(tx, day, now)) if waits else 0
        self._looked = day
        return told

    def _tell(self, tx: Tx, day: str, now: datetime) -> int:
        campaign = self.workspace.campaign
        found = held_count(tx, campaign)
        mode = standing(tx, campaign).mode
        if not found and mode is None:
            return 0
        if tx.rows(LAST_DONE, campaign_id=campaign.id, code=ALARM)[0][0] == day:
            return 0
        note_done(tx, campaign, ALARM, day, now)
        lines = [f"{recipient}：{count}件" for recipient, count in found.most_common(MOST_NAMED)]
        if len(found) > MOST_NAMED:
            lines.append(f"……共{len(found)}人")
        values = {
            "campaign": campaign.doc.name.zh, "title": campaign.doc.name.zh, "list": "\n".join(lines) or "（目前没有）",
            "label": f"{found.total()}件通知暂缓发出", "level": found.total(),
        }  # fmt: skip
        office, posts = campaign.parts.get("office", ""), campaign.circle_posts.get("office", ("admin",))
        reached = self.workspace.people.directory(tx, now).reach(office, posts)
        at = to_us(now)
        notices = [
            compose(
                campaign, kind=ALARM, recipient=recipient, body=office, planned_us=at, now_us=at,
                dedup=f"{campaign.id}:{ALARM}:{day}:{recipient}", values=values,
            )
            for recipient in reached
        ]  # fmt: skip
        owe(tx, campaign, notices)
        return max(found.total(), 1)
