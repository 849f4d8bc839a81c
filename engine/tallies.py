"""The tally of recurring returns (报表汇总): of a period who has made his return, and what all of them state together."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from engine.campaign import Campaign
from engine.campaign_schema import ReturnSpec
from engine.errors import NotFound
from engine.several import all_with_clocks, days_of
from engine.suggest import did_you_mean
from engine.viewing import View

STANDINGS = ("on_time", "late", "missing", "open")
"""How a body stands with a return: made in time, made late, not made and over, not yet due; each is in one of them."""

MADE = ("on_time", "late")
"""Where figures were stated."""


def is_zero(facts: Mapping[str, Any]) -> bool:
    """Say whether a return states figures and all of them are zero (零申报)."""
    stated = False
    for value in facts.values():
        if type(value) is int:  # a yes or no is no figure
            if value:
                return False
            stated = True
    return stated


def return_of(campaign: Campaign, code: str) -> ReturnSpec:
    """A return of the campaign by its code. Raises NotFound."""
    known = {each.code: each for each in campaign.doc.returns}
    if code not in known:
        message = f"no return {code!r}; there are: {', '.join(known) or '–'}"
        raise NotFound(message, "no_return", hint=did_you_mean(code, known))
    return known[code]


def periods(view: View, spec: ReturnSpec) -> list[dict[str, Any]]:
    """Every period of a return that was opened, the earliest first: its last day, and how many owe it, made it, and so on.

    Like `tally` it is of what *view* sees.
    """
    counts: dict[str, Counter[str]] = {}
    days: dict[str, str] = {}
    for each in _lines(view, spec, ""):
        counts.setdefault(each["period"], Counter()).update([each["standing"], *(["zero"] if each["zero"] else [])])
        days[each["period"]] = max(days.get(each["period"], ""), each["last_day"])
    return [
        {"period": period, "last_day": days[period], "owed": sum(count[name] for name in STANDINGS),
         **{name: count[name] for name in (*STANDINGS, "zero")}}
        for period, count in sorted(counts.items(), key=lambda pair: (days[pair[0]], pair[0]))
    ]  # fmt: skip


def named_periods(view: View, spec: ReturnSpec) -> list[tuple[str, int]]:
    """The periods of a return by name, each with the instant at which it is over; read from one body's returns alone."""
    owing = view.campaign.doc.roster if spec.owed_by == "roster" else spec.owed_by
    own = [body for body in owing if view.sight is not None and body in view.sight.bodies]
    under = f"{spec.kind}/{spec.code}/"
    found = {
        ref.removeprefix(under).partition("/")[0]: over
        for body in (own or list(owing))[:1]
        for ref, _, over in days_of(view, spec.kind, under, f"/{body}", spec.deadline)
    }
    return list(found.items())


def tally(view: View, spec: ReturnSpec, period: str) -> dict[str, Any]:
    """One period: each body with its standing and figures, and every figure that anybody stated, summed up.

    *sum* is of all who made their return, *on_time* of those who made it in time (whoever is late may count as no data).
    Raises NotFound for a period of which nothing is seen.
    """
    lines = _lines(view, spec, period)
    if not lines:
        known = [name for name, _ in named_periods(view, spec)]
        message = f"no period {period!r} of {spec.code}; there are: {', '.join(known) or '–'}"
        raise NotFound(message, "no_period", hint=did_you_mean(period, known))
    made = [each for each in lines if each["standing"] in MADE]
    stated = [each["figures"] for each in made]
    in_time = [each["figures"] for each in made if each["standing"] == "on_time"]
    facts = view.campaign.kind(spec.kind).doc.facts
    figures = [
        {"code": code, "label": fact.label.model_dump(), "type": fact.type, "unit": fact.unit,
         "sum": _sum(stated, code), "on_time": _sum(in_time, code)}
        for code, fact in facts.items()
        if any(code in each for each in stated)
    ]  # fmt: skip
    lists = {name: [each["body"] for each in lines if each["standing"] == name] for name in STANDINGS}
    return {
        "return": spec.code, "label": spec.label.model_dump(), "period": period, "last_day": lines[0]["last_day"],
        "owed": len(lines), "lists": {**lists, "zero": [each["body"] for each in made if each["zero"]]},
        "figures": figures, "rows": lines,
    }  # fmt: skip


def _sum(stated: Iterable[Mapping[str, int]], code: str) -> int:
    return sum(each.get(code, 0) for each in stated)


def _lines(view: View, spec: ReturnSpec, period: str) -> list[dict[str, Any]]:
    """The returns of a period, or of all, in the order of the roster."""
    under = f"{spec.kind}/{spec.code}/" + (f"{period}/" if period else "")
    found = [_line(view.campaign, each, spec) for each in all_with_clocks(view, spec.kind, under, [spec.deadline])]
    place = {body: at for at, body in enumerate(view.campaign.bodies)}
    return sorted(found, key=lambda each: (place.get(each["body"], len(place)), each["ref"]))


def _line(campaign: Campaign, each: Mapping[str, Any], spec: ReturnSpec) -> dict[str, Any]:
    clock: Mapping[str, Any] = each["clocks"][-1] if each["clocks"] else {"status": "running", "last_day": ""}
    over = clock["status"] in ("breached", "cancelled")
    standing = {"met": "on_time", "late": "late"}.get(clock["status"]) or ("missing" if over else "open")
    facts = campaign.kind(spec.kind).doc.facts
    figures = {
        code: value
        for code, value in each["facts"].items()
        if code in facts and facts[code].type in ("int", "money") and type(value) is int
    }
    return {
        "body": each["body"], "name": campaign.body_name(each["body"]), "ref": each["ref"],
        "period": each["ref"].removeprefix(f"{spec.kind}/{spec.code}/").partition("/")[0], "last_day": clock["last_day"],
        "state": each["state"], "state_label": each["state_label"], "standing": standing,
        "zero": standing in MADE and is_zero(each["facts"]), "figures": figures if standing in MADE else {},
    }  # fmt: skip
