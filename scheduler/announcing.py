"""What the office makes known at a fixed time: to whom, in which words, and on record in the campaign's own stream."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.checkpoints import short_root
from engine.clock import to_us
from engine.history import Line, append, chain_at
from engine.notices import compose
from engine.orders import SYSTEM
from engine.owing import owe
from engine.store import Tx
from workflows.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Occasion:
    """What is made known: the kind of notice, the chore or return it belongs to, its period, and when it was due."""

    kind: str
    code: str
    period: str
    at: datetime


class Announcer:
    """Tell and record for one workspace, inside the transaction of whoever has something to make known."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def named(self, matters: Sequence[tuple[str, str]]) -> str:
        """Name each body once, with the numbers of its matters where the body alone would not tell which."""
        numbers: dict[str, list[str]] = {}
        for body, ref in matters:
            number = ref.partition("/")[2].removesuffix(f"/{body}")
            numbers.setdefault(body, []).extend([number] * (number != body))
        names = [self.workspace.campaign.body_name(body) + _in_brackets(found) for body, found in numbers.items()]
        return "、".join(names)

    def reached(self, tx: Tx, circles: Sequence[str], now: datetime) -> dict[str, str]:
        """Everybody in *circles* with the body for which they are told; who sits in two is told for the first."""
        campaign, directory = self.workspace.campaign, self.workspace.people.directory(tx, now)
        reached: dict[str, str] = {}
        for circle in circles:
            body = campaign.circles[circle].body(campaign.parts, "", {})
            for recipient in directory.reach(body, campaign.circle_posts[circle]) if body else ():
                reached.setdefault(recipient, body or "")
        return reached

    def tell(
        self, tx: Tx, what: Occasion, reached: Mapping[str, str], values: Mapping[str, str], now: datetime
    ) -> None:
        """Owe each of *reached* a message for the body it is reached for."""
        campaign = self.workspace.campaign
        for recipient, body in reached.items():
            notice = compose(
                campaign, kind=what.kind, recipient=recipient, body=body, planned_us=to_us(what.at), now_us=to_us(now),
                dedup=f"{campaign.id}:{what.kind}:{what.code}:{what.period}:{body}:{recipient}", values=values,
            )  # fmt: skip
            owe(tx, campaign, [notice])

    def with_root(self, tx: Tx, lines: Sequence[str]) -> list[str]:
        """What is made known, and below it the newest sealed root of the log, where there is one: paper is an anchor."""
        root = short_root(tx, self.workspace.campaign)
        return [*lines, f"留痕根值：{root}"] if root else list(lines)

    def record(self, tx: Tx, trigger: str, text: str, now: datetime) -> None:
        """Put *text* on record as a comment of the campaign."""
        campaign = self.workspace.campaign
        chain = chain_at(tx, campaign.id, campaign.log, f"campaign/{campaign.code}")
        append(tx, chain, Line("comment", SYSTEM, to_us(now), to_us(now), trigger=trigger, more={"text": text}))


def _in_brackets(numbers: Sequence[str]) -> str:
    return f"（{'，'.join(numbers)}）" if numbers else ""
