"""When a notice may leave the house, by the campaign's policy: its hours on its days, and what rides together."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from engine.campaign_schema import CampaignDoc
from engine.clock import from_us, to_us
from engine.delivery_schema import DeliverySpec
from engine.workdays import WorkCalendar

CLOSING = "18:00"
"""When the office closes, for a campaign that does not say. PLACEHOLDER"""

AT_ONCE = frozenset({"handover", "urge"})
"""Kinds of notice that wait for nobody: what is handed over is to be signed for, an urging is somebody's own act now.

An urging keeps to the hours of the window all the same; it only is in no digest.
"""

ABOUT_ONE_MATTER = frozenset({"reminder", "overdue", "escalation", "copy", "finding", "repeat", "idle"})
"""Kinds of notice that a digest takes up of itself: short words about one matter.

Lists (milestones, returns, changed dates, the daily alarm) are to be read whole and stay messages of their own.
"""

KEPT = 4000
"""Answers that are kept; the instants of a campaign's notices repeat. PLACEHOLDER"""


@dataclass
class Delivery:
    """The delivery policy of one campaign, ready to be asked."""

    zone: ZoneInfo
    calendar: WorkCalendar
    opens: time
    closes: str
    spec: DeliverySpec | None
    quiet_bodies: frozenset[str]
    """The bodies of circles that want every message by itself."""
    _known: dict[int, int] = field(default_factory=dict, repr=False)

    def free_us(self, at_us: int) -> int:
        """The first instant from *at_us* on that lies in the window, in microseconds."""
        known = self._known.get(at_us)
        if known is None:
            if len(self._known) >= KEPT:
                self._known.clear()
            known = self._known[at_us] = self._free_us(at_us)
        return known

    def _free_us(self, at_us: int) -> int:
        local = from_us(at_us).astimezone(self.zone)
        day = local.date()
        if self._goes_on(day):
            if self.opens <= local.time() and f"{local:%H:%M}" < self.closes:
                return at_us
            if local.time() >= self.opens:
                day += timedelta(days=1)
        while not self._goes_on(day):
            day += timedelta(days=1)
        return to_us(datetime.combine(day, self.opens, self.zone))

    def _goes_on(self, day: date) -> bool:
        return (self.spec is not None and self.spec.days == "all") or self.calendar.is_workday(day)

    @property
    def limit(self) -> timedelta:
        """How late a notice may be before a person decides whether it still goes out."""
        return timedelta(hours=self.spec.hold_after_hours if self.spec else 24)

    def digests(self, kind: str, body: str) -> bool:
        """Whether a notice of *kind* to somebody of *body* may ride with others."""
        wanted = self.spec.digest if self.spec else None
        if wanted is None or kind not in ABOUT_ONE_MATTER or body in self.quiet_bodies:
            return False
        return wanted.kinds.get(kind, wanted.default) == "on"

    @property
    def digesting(self) -> bool:
        """Whether there are digests at all."""
        return self.spec is not None and self.spec.digest is not None


def delivery_of(doc: CampaignDoc, zone: ZoneInfo, calendar: WorkCalendar, parts: dict[str, str]) -> Delivery:
    """Make the policy of *doc* ready; without one of its own the window opens at its hour of reminders."""
    spec = doc.delivery
    opens, closes = doc.remind_at, CLOSING if doc.remind_at < CLOSING else "24:00"
    if spec is not None and spec.window is not None:
        opens, closes = spec.window.split("-")
    off = spec.digest.circles if spec and spec.digest else {}
    quiet = {
        parts.get(doc.circles[name].part, "") for name, said in off.items() if said == "off" and name in doc.circles
    }
    return Delivery(zone, calendar, time.fromisoformat(opens), closes, spec, frozenset(quiet))
