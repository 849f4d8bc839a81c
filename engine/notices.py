"""Notices owed: written in the transaction that owes them, one row a recipient, each with a key that makes it once only."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from engine.campaign import Campaign
from engine.clock import from_us
from engine.ids import new_id
from engine.machine import Arrow, Compiled
from engine.people import Directory
from engine.rows import MatterRow, NoticeRow
from engine.sheets import number_of, sheet_date
from engine.texts import Draft, Texts

Found = TypeVar("Found")

KEPT = 4000
"""Of how many definitions, bodies and states a campaign keeps what texts say of them. PLACEHOLDER"""

OWN = ("ref", "number", "title")
"""What a text says of a matter that it says of no other."""


def compose(
    campaign: Campaign,
    *,
    kind: str,
    recipient: str,
    body: str,
    planned_us: int,
    now_us: int,
    dedup: str,
    values: Mapping[str, Any],
    ref: str | None = None,
    deadline_id: int | None = None,
    level: int = 0,
    entry_seq: int | None = None,
    template: str | None = None,
    which: Iterable[str] = (),
    urgent: bool = False,
) -> NoticeRow:
    """Write one notice; *dedup* tells it from every other, so that owing it twice is impossible.

    *which* are the rung and the circle that the campaign may have words of its own for; an *urgent* one goes at its hour
    whatever the window.
    """
    said = {"date": _today(campaign.zone, now_us), **values}
    subject, text = campaign.texts.render(template or kind, "zh", said, which)
    return NoticeRow(
        new_id(), campaign.id, ref, deadline_id, kind, level, recipient, body, campaign.channel, planned_us, now_us, None, None,
        "owed", subject, text, dedup, entry_seq, 0, now_us, None, None, None, int(urgent or kind == "handover"),
    )  # fmt: skip


@lru_cache(maxsize=256)
def _today(zone: ZoneInfo, now_us: int) -> str:
    """The date that a sheet of this instant bears; an order and those after it ask for the same."""
    return sheet_date(from_us(now_us).astimezone(zone).date())


def render(texts: Texts, kind: str, values: Mapping[str, Any], which: Iterable[str] = ()) -> tuple[str, str]:
    """Subject and text in Chinese, the working language of the recipients."""
    return texts.render(kind, "zh", values, which)


def matter_values(campaign: Campaign, machine: Compiled, matter: MatterRow, lang: str = "zh") -> dict[str, Any]:
    """What a template may say of a matter; its title and its number are what they are in any language."""
    key = machine.id, matter.body, matter.state, lang
    alike: Mapping[str, str] | None = campaign.said.get(key)
    if alike is None:
        alike = _keep(campaign, key, _said_alike(campaign, machine, matter, lang))
    return {**alike, "ref": matter.ref, "number": number_of(matter.ref, lang), "title": matter.title}


def _keep(campaign: Campaign, key: Any, found: Found) -> Found:
    """Keep with *campaign* what was worked out, and give it back."""
    if len(campaign.said) >= KEPT:
        campaign.said.clear()
    campaign.said[key] = found
    return found


def _said_alike(campaign: Campaign, machine: Compiled, matter: MatterRow, lang: str) -> Mapping[str, str]:
    """What a template says alike of all matters of one definition and body in one state."""
    body = campaign.body_name(matter.body, lang)
    return {
        "label": getattr(machine.doc.label, lang),
        "body": body,
        "owner": body,
        "state": getattr(machine.tree.leaves[matter.state].label, lang),
        "campaign": getattr(campaign.doc.name, lang),
    }


def to_be_told(
    campaign: Campaign,
    machine: Compiled,
    matter: MatterRow,
    facts: Mapping[str, Any],
    wanted: Iterable[tuple[str, Iterable[str]]],
) -> list[tuple[str, str, str]]:
    """Who is told of a move: kind of notice, role or circle, and its body, for the kinds and roles *wanted*."""
    found = [
        (kind, role, campaign.seat_body(machine, role, matter.body, facts)) for kind, roles in wanted for role in roles
    ]
    return [each for each in found if each[2]]


def told_of_move(
    campaign: Campaign, machine: Compiled, matter: MatterRow, facts: Mapping[str, Any], arrow: Arrow
) -> Sequence[tuple[str, str, str]]:
    """The same for the hand-overs and copies of *arrow*; kept, if no fact of a matter decides."""
    key = machine.id, matter.body, arrow.index
    kept: Sequence[tuple[str, str, str]] | None = campaign.said.get(key)
    if kept is not None:
        return kept
    spec = arrow.act
    told = to_be_told(campaign, machine, matter, facts, (("handover", spec.handover), ("copy", spec.copy_to)))
    seats = [machine.seats.get(role) or campaign.circles.get(role) for role in (*spec.handover, *spec.copy_to)]
    if not any(kind == "fact" for seat in seats if seat for kind, _ in seat.sources):
        _keep(campaign, key, told)
    return told


def of_move(
    campaign: Campaign,
    directory: Directory,
    machine: Compiled,
    matter: MatterRow,
    told: Iterable[tuple[str, str, str]],
    label: str,
    now_us: int,
) -> list[NoticeRow]:
    """The copies (抄送) and hand-overs (移送) that a move owes: kind, role or circle, and its body in *told*.

    The move is the next entry of *matter*.
    """
    seq, today = matter.seq + 1, _today(campaign.zone, now_us)
    values = {"ref": matter.ref, "number": number_of(matter.ref), "title": matter.title}
    notices: dict[str, NoticeRow] = {}
    for kind, role, body in told:
        subject, text = _draft(campaign, machine, matter, (kind, role, label, today)).filled(values)
        for recipient in directory.reach(body, campaign.seat_posts(machine, role)):
            dedup = f"{campaign.id}:{matter.ref}:{seq}:{kind}:{recipient}"
            notices[dedup] = NoticeRow(
                new_id(), campaign.id, matter.ref, None, kind, 0, recipient, body, campaign.channel, now_us, now_us, None,
                None, "owed", subject, text, dedup, seq, 0, now_us, None, None, None, int(kind == "handover"),
            )  # fmt: skip
    return list(notices.values())


def _draft(campaign: Campaign, machine: Compiled, matter: MatterRow, about: tuple[str, str, str, str]) -> Draft:
    """The words of a move's notice, *about* its kind, its role or circle, its label and date; but for the matter's own."""
    key = machine.id, matter.body, matter.state, about
    draft: Draft | None = campaign.said.get(key)
    if draft is None:
        kind, role, label, today = about
        values = {**matter_values(campaign, machine, matter), "label": label, "date": today}
        draft = _keep(campaign, key, campaign.texts.draft(kind, "zh", values, OWN, (role,)))
    return draft
