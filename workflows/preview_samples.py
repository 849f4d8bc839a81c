"""What notices about the whole campaign are filled with when they are only shown: its own bodies, dates and clocks."""

from typing import Any

from engine.campaign import Campaign
from engine.campaign_schema import CampaignDoc
from engine.marks import said
from engine.reading import Rows
from engine.shapes import rule_of
from engine.watches import WATCHED

MOST_LINES = 6
"""Lines of a list that is only shown."""

TO_OFFICE = {"milestone", "returns", "silence", "late_load", "unreachable"}
"""Kinds that the office gets."""


def values_of_campaign(campaign: Campaign, rows: Rows, kind: str, lang: str) -> dict[str, Any]:
    """The values of a notice that is about no single matter; ``body_code`` is whose people it would go to."""
    doc = campaign.doc
    office = campaign.parts.get("office", doc.bodies[0].code)
    body = office if kind in TO_OFFICE or not doc.roster else doc.roster[0]
    name = getattr(doc.name, lang)
    subject, day = _occasion(doc, kind, lang)
    basis, mark = _basis(doc, kind, lang)
    return {
        "body_code": body, "body": campaign.body_name(body, lang), "owner": campaign.body_name(body, lang), "campaign": name,
        "title": day or name, "label": subject, "last_day": day, "breach_at": day, "basis": basis, "mark": mark, "level": 3,
        "list": "\n".join(_lines(campaign, rows, body, kind, lang)), "rung": "", "days_left": 0, "days_over": 0,
    }  # fmt: skip


def _occasion(doc: CampaignDoc, kind: str, lang: str) -> tuple[str, str]:
    """What it is about, by its name and its day or period."""
    if kind == "milestone" and doc.milestones:
        first = doc.milestones[0]
        return getattr(first.label, lang), doc.dates[first.date]
    if kind == "chore" and doc.chores:
        return getattr(doc.chores[0].label, lang), doc.chores[0].first
    if kind == "returns" and doc.returns:
        return getattr(doc.returns[0].label, lang), doc.returns[0].first
    if kind == "silence" and doc.monitors:
        return getattr(doc.monitors[0].label, lang), doc.returns[0].first if doc.returns else doc.start
    if kind == "recounted":
        return ("2项期限" if lang == "zh" else "2 deadlines"), ""
    return (doc.start if kind == "unreachable" else ""), doc.start


def _basis(doc: CampaignDoc, kind: str, lang: str) -> tuple[str, str]:
    if kind == "silence" and doc.monitors:
        return doc.monitors[0].basis, said(doc.monitors[0].mark, lang)
    if kind == "returns" and doc.returns:
        return doc.returns[0].policy, said(doc.returns[0].mark, lang)
    if kind == "recounted":
        return ("国办发明电〔2010〕40号" if lang == "zh" else "a notice of holidays"), ""
    return doc.source.title, said("V", lang)


def _lines(campaign: Campaign, rows: Rows, body: str, kind: str, lang: str) -> list[str]:
    """A few lines of the campaign's own clocks or bodies, in the form of the real list."""
    names = [campaign.body_name(code, lang) for code in campaign.doc.roster[:MOST_LINES]]
    if kind == "unreachable":
        return [f"{name}  {code}.liaison" for name, code in zip(names, campaign.doc.roster, strict=False)]
    if kind in ("milestone", "returns", "silence"):
        return ["、".join(names) if lang == "zh" else ", ".join(names)]
    own = [pair for pair in rows if pair[0].body == body] or rows
    lines: list[str] = []
    for matter, clocks in own:
        machine = campaign.machines[matter.definition_id]
        for row in clocks:
            if row.status not in WATCHED and len(lines) < MOST_LINES:
                label = getattr(rule_of(campaign, machine, row).label, lang)
                lines.append(f"{matter.title}（{matter.ref}）{label}：{row.last_day}")
    return lines
