"""What the page of statistics shows: each axis as a chart and a table, deadlines kept, returns; each number a link."""

from dataclasses import replace
from typing import Any

from engine.figures import Figures
from engine.lists import Wanted, wanted_of
from engine.outlook import STANDINGS
from web.console.case_list import KINDS
from web.console.shell import query
from web.console.sifting import query_of
from web.console.visit import Visit
from web.pictures.charts import Bar, Stack, bar_chart, stacked_bars, trend_line

AXES = ("month", "body", "kind", "stage", "light", "infringement", "content", "area", "field", "products")
"""The axes that are shown at once; the others are a choice away."""

RETURNED = ("owed", "on_time", "zero", "late", "missing", "open")
"""The figures of returns, those of `duban report returns`."""

CHART_W, KEPT_W = 420, 1080


def figures_of(visit: Visit) -> Figures:
    """Figures over what the visitor sees."""
    desk = visit.workspace
    return Figures(desk.database, desk.campaign, visit.reader.clock, visit.reader.seen())


def rows_url(visit: Visit, wanted: Wanted) -> str:
    """The address of the list of a filter."""
    return ("/cases" if wanted.kind in KINDS else "/matters") + query_of(wanted, visit.campaign.zone)


def axis_table(visit: Visit, figures: Figures, axis: str, wanted: Wanted) -> dict[str, Any]:
    """One axis: its rows with their addresses, and its chart."""
    said = figures.by(axis, wanted)
    rows = [
        {
            **row, "name": visit.speech.label(row["label"]),
            "url": rows_url(visit, wanted_of(row["filter"])),
            "open_url": rows_url(visit, replace(wanted_of(row["filter"]), closed=False)),
        }
        for row in said["rows"]
    ]  # fmt: skip
    name = visit.speech.label(said["label"])
    bars = [
        Bar(row["name"], row["count"], row["url"], visit.t(f"未办结 {row['open']}", f"{row['open']} open"))
        for row in rows
    ]
    draw = trend_line if axis == "month" else bar_chart
    return {
        "axis": axis,
        "name": name,
        "total": said["total"],
        "rows": rows,
        "chart": draw(name, bars, visit.lang, CHART_W),
    }


def kept_table(visit: Visit, figures: Figures, wanted: Wanted) -> dict[str, Any]:
    """Deadlines kept and not, by body and kind, with the share that was kept; the chart adds the kinds of each body."""
    rows, bodies = [], dict[str, list[int]]()
    for each in figures.kept()["rows"]:
        if wanted.body not in (None, each["body"]) or wanted.kind not in (None, each["kind"]):
            continue
        kind = visit.speech.label(visit.campaign.kind(each["kind"]).doc.label)
        urls = {ended: _kept_url(each["body"], each["kind"], ended) for ended in ("met", "late")}
        share = f"{100 * each['met'] / each['of']:.1f}%" if each["of"] else "—"
        rows.append(
            {**each, "body_name": visit.speech.label(each["name"]), "kind_name": kind, "urls": urls, "share": share}
        )
        sums = bodies.setdefault(each["body"], [0, 0])
        sums[0] += each["met"]
        sums[1] += each["late"]
    stacks = [
        Stack(visit.campaign.body_name(body, visit.lang), sums, [_kept_url(body, wanted.kind, ended) for ended in ("met", "late")])
        for body, sums in bodies.items()
    ]  # fmt: skip
    name = visit.t("期限按期情况", "Deadlines kept and not kept")
    parts = [visit.t("按期", "kept"), visit.t("逾期", "not kept")]
    return {"rows": rows, "name": name, "chart": stacked_bars(name, parts, stacks, visit.lang, KEPT_W)}


def _kept_url(body: str, kind: str | None, ended: str) -> str:
    return "/statistics/kept" + str(query({}, owner=body, kind=kind, ended=ended))


def returns_table(visit: Visit, figures: Figures, wanted: Wanted) -> list[dict[str, Any]]:
    """The campaign's returns by body, and all together last: how many are owed, and how they stand; empty if it wants none."""
    specs = {spec.kind: spec.deadline for spec in visit.campaign.doc.returns}
    found: dict[str, dict[str, Any]] = {}
    sums: dict[str, Any] = {**dict.fromkeys(RETURNED), "name": visit.t("合计", "All")}
    for kind, deadline in specs.items():
        if wanted.kind not in (None, kind):
            continue
        whole = replace(wanted, kind=kind)
        asked = {"owed": whole, **{name: replace(whole, standing=f"{deadline}:{name}") for name in STANDINGS}}
        if "zero" in visit.campaign.kind(kind).doc.facts:
            asked["zero"] = replace(whole, facts=(("zero", "yes"),))
        for body, label, counts in figures.returned(whole, deadline):
            line = found.setdefault(body, {**dict.fromkeys(RETURNED), "name": visit.speech.label(label)})
            for name, which in asked.items():
                _add(line, name, counts[name], rows_url(visit, replace(which, body=body)))
                _add(sums, name, counts[name], rows_url(visit, which))
    return [*found.values(), *([sums] if len(found) > 1 else [])]


def _add(line: dict[str, Any], name: str, count: int, url: str) -> None:
    """Add to a figure of a line; it opens its rows as long as they are all in one list."""
    cell = line[name]
    if count:
        line[name] = {
            "count": count + (cell["count"] if cell else 0),
            "url": url if cell is None or cell["url"] == url else None,
        }
