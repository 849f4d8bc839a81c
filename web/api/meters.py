"""What is counted, for Prometheus: in a registry of its own, so that two applications in one process do not meet."""

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, generate_latest

from engine.gauges import Gauges

METRICS = CONTENT_TYPE_LATEST
"""The media type of the text format."""


class Meters:
    """The counters and gauges of one API."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "duban_api_requests", "Requests by route and status.", ("method", "route", "code"), registry=self.registry
        )
        self.failures = Counter("duban_api_failed_authentications", "Refused tokens.", registry=self.registry)
        self.streams = self._gauge("duban_api_streams", "Open streams of events.")
        self._due = self._gauge("duban_due_deadlines", "Deadlines that are due and not fired.")
        self._due_s = self._gauge("duban_due_lateness_seconds", "How long the oldest of them has been due.")
        self._turn_s = self._gauge("duban_turn_age_seconds", "Since the last mark of a scheduler (every ten minutes).")
        self._owed_s = self._gauge("duban_oldest_owed_notice_seconds", "How long the oldest owed notice could go.")
        self._placed = self._gauge("duban_log_entries", "Entries with a place in the log.")
        self._waiting = self._gauge("duban_log_waiting", "Entries without a place in the log.")
        self._unscrubbed = self._gauge(
            "duban_erasures_unscrubbed", "Erasures after which the database's files were not written anew."
        )
        self._late_s = self._gauge(
            "duban_heart_late_seconds", "By how much this process's heart is late; NaN without one."
        )
        self._offset = self._gauge("duban_clock_offset_seconds", "Our clock minus the database's; 0 without one there.")
        self._doubt = self._gauge(
            "duban_clock_in_doubt_seconds",
            "By how much the clock seems wrong; not 0: nothing is recorded, fired or sent.",
        )
        self._notices = Gauge("duban_notices", "Notices by status.", ("status",), registry=self.registry)

    def _gauge(self, name: str, about: str) -> Gauge:
        return Gauge(name, about, registry=self.registry)

    def count(self, method: str, route: str, code: int) -> None:
        """Count an answer; *route* is the pattern, never the path, of which there are too many."""
        self.requests.labels(method, route, str(code)).inc()

    def take(self, found: Gauges, turn_s: float | None, offset_s: float, late_s: float | None) -> None:
        """Take over figures just read; None is what there is not."""
        for gauge, value in (
            (self._due, found.due), (self._due_s, found.due_s), (self._owed_s, found.owed_s), (self._offset, offset_s),
            (self._placed, found.sequenced), (self._waiting, found.unsequenced), (self._unscrubbed, found.unscrubbed),
            (self._turn_s, float("nan") if turn_s is None else turn_s), (self._late_s, float("nan") if late_s is None else late_s),
        ):  # fmt: skip
            gauge.set(value)
        self._notices.clear()
        for status, count in found.notices.items():
            self._notices.labels(status).set(count)

    def doubt(self, seconds: float) -> None:
        """Take over by how much the machine's clock is in doubt."""
        self._doubt.set(seconds)

    def text(self) -> bytes:
        """Everything in the text format."""
        return bytes(generate_latest(self.registry))
