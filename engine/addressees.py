"""To whom a sheet of urging (催办单) on a matter goes, and what it holds against each: who is late, else who is waited for."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from engine.campaign import Campaign
from engine.clock import from_us
from engine.handovers import waits
from engine.list_lines import overdue_of
from engine.rows import DeadlineRow, MatterRow
from engine.shapes import rule_of
from engine.sheets import standing, until

OVER = {
    "zh": "；其中“{label}”应于{until}前办结，{standing}",
    "en": "; “{label}” was due by {until}: {standing}",
}
"""What the sheet says of each deadline that is over."""


def addressees(
    campaign: Campaign, matter: MatterRow, rows: Sequence[DeadlineRow], now_us: int
) -> dict[str, list[DeadlineRow]]:
    """The bodies that are pressed on a matter, each with its deadlines that are over: of what is over whoever owes it.

    Where nothing is over it is whoever the matter waits for, and where nobody is waited for its own body.
    """
    late: dict[str, list[DeadlineRow]] = {}
    for row in overdue_of(campaign, matter, rows, now_us):
        late.setdefault(row.owner_body or matter.body, []).append(row)
    waiting = () if late else (each["body"] for each in waits(campaign, matter))
    return late or {body: [] for body in bodies_of((), waiting, matter.body)}


def bodies_of(owners: Iterable[str], waiting: Iterable[str | None], own: str) -> list[str]:
    """The same from a line of a list: the *owners* of what is over, else who is waited for, else its *own* body."""
    return list(dict.fromkeys(owners)) or list(dict.fromkeys(each for each in waiting if each)) or [own]


def pressed_on(line: Mapping[str, Any]) -> list[str]:
    """The bodies that an urging on the matter of this *line* of a list would go to."""
    owners = line["overdue"]["owners"] if line["overdue"] else ()
    return bodies_of(owners, (each["body"] for each in line["waits_for"]), line["body"])


def held_against(
    campaign: Campaign, matter: MatterRow, late: Sequence[DeadlineRow], now_us: int, lang: str = "zh"
) -> str:
    """What the sheet says of the deadlines that are over; nothing where none is."""
    today, machine = from_us(now_us).astimezone(campaign.zone).date(), campaign.machines[matter.definition_id]
    said = []
    for row in late:
        last, ends = date.fromisoformat(row.last_day), from_us(row.breach_at).astimezone(campaign.zone)
        words = {"label": getattr(rule_of(campaign, machine, row).label, lang), "until": until(last, ends, lang)}
        said.append(OVER[lang].format(**words, standing=standing((last - today).days, over=True, lang=lang)))
    return "".join(said)
