"""The board (进度总览): bodies by phases, duties by bodies, bodies by kinds, with lights, now or as of any day."""

from collections import Counter
from datetime import date, datetime, time, timedelta
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from engine.errors import Invalid
from web.console.visit import Visit, Visitor

router = APIRouter()

DAY = timedelta(days=1)


@router.get("/board")
def board(visit: Visitor) -> Response:
    """The whole campaign at a glance."""
    as_of = _as_of(visit)
    views = _views(visit)
    chosen = next((view for view in views if view["code"] == visit.asked("view")), views[0])
    table = _table(visit, chosen, as_of)
    lights = _lights(visit, chosen, table, as_of)
    return visit.page(
        "board.html", views=views, chosen=chosen, table=table, lights=lights, as_of=as_of, days=_days(visit, as_of),
        total=sum(lights.values()),
    )  # fmt: skip


def _views(visit: Visit) -> list[dict[str, Any]]:
    """What the board can show: each kind that the campaign opens for its roster or its duties, and all kinds together."""
    found = []
    for opening in visit.campaign.doc.opens:
        label = visit.speech.label(visit.campaign.kind(opening.kind).doc.label)
        across = visit.t("× 阶段", "× phases") if opening.each == "roster" else visit.t("× 单位", "× bodies")
        found.append({"code": opening.kind, "label": f"{label} {across}", "each": opening.each})
    found.append({"code": "kinds", "label": visit.t("单位 × 事项类型", "Bodies × kinds"), "each": ""})
    return found


def _table(visit: Visit, view: dict[str, Any], as_of: datetime | None) -> dict[str, Any]:
    if view["code"] == "kinds":
        return visit.reader.kinds(as_of)
    if view["each"] == "roster":
        return visit.reader.phases(view["code"], as_of)
    return visit.reader.duties(view["code"], as_of)


def _lights(
    visit: Visit, view: dict[str, Any], table: dict[str, Any], as_of: datetime | None
) -> dict[str, int]:  # fmt: skip
    """How many matters have which light in the whole campaign; a table of all kinds has them all, and need not be read twice."""
    everything = view["code"] == "kinds"
    counted = [cell for row in table["rows"] for cell in row["cells"].values()] if everything else None
    lights: Counter[str] = Counter()
    for each in counted if counted is not None else visit.reader.board(as_of)["rows"]:
        lights.update(each["lights"])
    return dict(lights)


def _as_of(visit: Visit) -> datetime | None:
    """The end of the day that is asked for; None for now. Raises Invalid."""
    asked = visit.asked("day")
    if not asked:
        return None
    try:
        day = date.fromisoformat(asked)
    except ValueError:
        raise Invalid(f"not a day: {asked[:40]!r}; write 2010-12-10", "day") from None
    first, last = _span(visit)
    end = datetime.combine(min(max(day, first), last) + DAY, time(0), visit.campaign.zone) - timedelta(seconds=1)
    return end if end < visit.now else None


def _span(visit: Visit) -> tuple[date, date]:
    """The campaign's first day, and today."""
    zone = visit.campaign.zone
    return visit.campaign.launched_at.astimezone(zone).date(), visit.now.astimezone(zone).date()


def _days(visit: Visit, as_of: datetime | None) -> dict[str, Any]:
    """For the slider: how many days there are, which one is shown, and the one before and after it."""
    first, today = _span(visit)
    shown = as_of.astimezone(visit.campaign.zone).date() if as_of else today
    return {
        "first": first.isoformat(), "today": today.isoformat(), "shown": shown.isoformat(), "count": (today - first).days,
        "at": (shown - first).days, "before": (shown - DAY).isoformat() if shown > first else "",
        "after": (shown + DAY).isoformat() if shown < today else "",
    }  # fmt: skip
