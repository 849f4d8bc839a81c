"""Until when the law has the file of a matter kept: the campaign's own rule, else the one of all archives."""

from datetime import date, datetime

from engine.campaign import Campaign
from engine.campaign_schema import RetentionSpec
from engine.history import read_stream
from engine.rows import MatterRow
from engine.store import Tx

ORDINARY = RetentionSpec(
    years=10,
    basis="《机关文件材料归档范围和文书档案保管期限规定》（国家档案局令第8号）：定期保管10年",
    mark="N",
)
"""What applies where a campaign says nothing. PLACEHOLDER: the shorter of that regulation's two periods, not verified."""

ACCOUNT_DAYS = 184
"""How long the name of a disabled account is kept. Source: 网络安全法, logs of the network for six months at least."""


def rule_of_retention(campaign: Campaign) -> RetentionSpec:
    """The rule that applies to a campaign's matters."""
    return campaign.doc.retention or ORDINARY


def closed_on(tx: Tx, campaign: Campaign, row: MatterRow) -> date | None:
    """The day, in the campaign's zone, on which a matter closed last; None while it is open."""
    if not row.closed:
        return None
    found: str | None = None
    for body, _, _ in read_stream(tx, campaign.id, f"matter/{row.ref}"):
        if body["kind"] in ("opened", "moved", "extension", "migration") and body["from"] != body["to"]:
            found = body["occurred_at"]
    return None if found is None else datetime.fromisoformat(found).astimezone(campaign.zone).date()


def kept_until(campaign: Campaign, kind: str, closed: date) -> date:
    """The first day on which the file of a matter need not be kept any more.

    The years count from 1 January after the one in which it closed, as those of archives do. PLACEHOLDER: not verified.
    """
    rule = rule_of_retention(campaign)
    return date(closed.year + 1 + rule.kinds.get(kind, rule.years), 1, 1)
