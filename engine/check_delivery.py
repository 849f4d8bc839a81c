"""Checks of how a campaign's notices are to leave the house."""

from engine.campaign_schema import CampaignDoc
from engine.delivery import ABOUT_ONE_MATTER
from engine.source import Findings, Path

PLACE: Path = ("delivery",)


def check_delivery(doc: CampaignDoc, found: Findings) -> None:
    """Report a window that the hour of reminders misses, and kinds and circles that are none."""
    spec = doc.delivery
    if spec is None:
        return
    if spec.window is not None and not spec.window[:5] <= doc.remind_at < spec.window[6:]:
        message = f"reminders fall due at {doc.remind_at}, outside the window {spec.window}: each would come a day late"
        found.add((*PLACE, "window"), "window_misses", message, "a window that holds remind_at")
    if spec.digest is not None:
        for kind in spec.digest.kinds:
            found.expect((*PLACE, "digest", "kinds"), "kind that a digest takes up", kind, ABOUT_ONE_MATTER)
        for circle in spec.digest.circles:
            found.expect((*PLACE, "digest", "circles"), "circle", circle, doc.circles)
    if spec.idle is not None:
        found.expect((*PLACE, "idle", "to"), "circle", spec.idle.to, {"head", *doc.circles})
