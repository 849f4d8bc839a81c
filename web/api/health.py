"""For whoever watches over the process: is it ready, and its figures for Prometheus."""

import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from engine.clock import SystemClock, to_us
from engine.errors import DubanError, Unavailable
from engine.gauges import Gauges, gauges
from engine.log import logger
from engine.timekeeping import Doubt
from web.api.callers import address_of
from web.api.meters import METRICS
from web.api.parts import Parts
from web.api.problems import Problem, answer

PLAIN = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}

LOOPBACK = ("127.0.0.1", "::1")

FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
"""Who has one of these comes through a proxy, wherever it stands."""


def health_of(parts: Parts) -> APIRouter:
    """``/readyz`` and ``/metrics``, for the root of the site."""
    found = APIRouter()

    @found.get("/readyz")
    def readyz() -> Response:
        """Say whether the database answers and what is due is fired; nothing of what is in it."""
        try:
            said = ready(parts)
        except DubanError:
            said = {"status": "unavailable", "database": False}
        except Exception as error:  # noqa: BLE001 - whatever it is: not ready
            logger.error("readyz failed: {}", type(error).__name__)
            said = {"status": "unavailable", "database": False}
        return JSONResponse(said, 200 if said["status"] == "ready" else 503, PLAIN)

    @found.get("/metrics")
    def metrics(request: Request) -> Response:
        """Give the figures to this machine, or to the holder of the metrics token."""
        if not _may(parts, request):
            return answer(
                Problem(
                    401,
                    "no_token",
                    "only for this machine or with the metrics token",
                    headers={"WWW-Authenticate": "Bearer"},
                )
            )
        try:
            read(parts)
        except Unavailable:
            return answer(Problem(503, "database", "the database cannot be used", headers={"Retry-After": "30"}))
        return Response(parts.meters.text(), 200, PLAIN, METRICS)

    return found


def ready(parts: Parts) -> dict[str, Any]:
    """How ready the process is: *late_s* of its heart, *due* deadlines not fired, the *oldest_owed_s*. Raises Unavailable."""
    seen = read(parts)
    found, late = seen.gauges, seen.late_s
    in_time = parts.workspace.mode == "rehearsal" or max(found.due_s, late or 0.0) <= parts.bound.late_s
    status = "clock" if seen.doubt is not None else "ready" if in_time else "late"
    return {
        "status": status,
        "clock_believed": seen.doubt is None, "database": True, "in_time": in_time, "late_s": _short(late), "due": found.due,
        "due_s": _short(found.due_s), "oldest_owed_s": _short(found.owed_s), "clock_offset_s": _short(seen.offset_s),
    }  # fmt: skip


def _short(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)


@dataclass(frozen=True, slots=True)
class Seen:
    """The figures of the database, the clock minus the database's, how late the heart is, why the clock is in doubt."""

    gauges: Gauges
    offset_s: float
    late_s: float | None
    doubt: Doubt | None


def read(parts: Parts) -> Seen:
    """Read the figures and hand them to the meters. Raises Unavailable."""
    workspace = parts.workspace
    now = workspace.clock.now()
    with workspace.database.snapshot() as tx:
        found = gauges(tx, workspace.campaign, to_us(now))
        wall = tx.wall_us()
        ours = to_us(SystemClock().now())
    turn_s = (now - datetime.fromisoformat(found.turned_at)).total_seconds() if found.turned_at else None
    offset_s = 0.0 if wall is None else (ours - wall) / 1e6
    late_s = parts.figures.late_s() if parts.figures is not None else None
    doubt = workspace.doubt()
    parts.meters.take(found, turn_s, offset_s, late_s)
    parts.meters.doubt(0.0 if doubt is None else doubt.by_us / 1e6)
    return Seen(found, offset_s, late_s, doubt)


def _may(parts: Parts, request: Request) -> bool:
    said = request.headers.get("authorization", "")
    if parts.metrics_token and hmac.compare_digest(said.encode(), f"Bearer {parts.metrics_token}".encode()):
        return True
    through = any(name in request.headers for name in FORWARDED)
    return not through and not said and address_of(request.scope) in LOOPBACK
