"""A trial message: whether a way out works, seen before anybody depends on it."""

from engine.clock import to_us
from engine.errors import NotFound, Unavailable
from engine.ids import new_id
from engine.rows import NoticeRow
from scheduler.marking import said
from scheduler.outgoing import one_line
from scheduler.turn import channels_of
from workflows.workspace import Workspace

WORDS = "这是一条试发的通知，无须回复。\nThis is a trial message; no answer is needed.\n"


def send_trial(workspace: Workspace, channel: str, recipient: str) -> str:
    """Send one message over *channel* and return the answer. Raises NotFound, or Unavailable with what stood against it."""
    ways = channels_of(workspace)
    if channel not in ways:
        raise NotFound(f"no channel {channel!r}; there are: {', '.join(sorted(ways))}", "no_channel")
    try:
        return one_line(ways[channel].send(_trial(workspace, channel, recipient), workspace.campaign.code))
    except Exception as error:  # whatever stood against it is the answer
        raise Unavailable(f"{channel}: {type(error).__name__}: {said(error)}", "not_sent") from error


def _trial(workspace: Workspace, channel: str, recipient: str) -> NoticeRow:
    now = to_us(workspace.clock.now())
    campaign = workspace.campaign
    return NoticeRow(
        id=new_id(), campaign_id=campaign.id, ref=None, deadline_id=None, kind="trial", level=0, recipient=recipient, body="",
        channel=channel, planned_at=now, effective_at=now, sent_at=None, acknowledged_at=None, status="owed",
        subject=f"【试发】{campaign.doc.name.zh}", text=WORDS,
        dedup="", entry_seq=None, attempts=1, next_try_at=now, lease_until=None, worker=None, last_error=None,
    )  # fmt: skip
