"""Until when somebody who asks about his personal data is to be answered."""

from datetime import date, datetime, timedelta

from engine.campaign import Campaign
from engine.definition_schema import Label
from engine.marks import UNVERIFIED

ANSWER_DAYS = 30
"""Days for an answer. The law says 及时 and no number (个人信息保护法 arts. 45, 46, 50). PLACEHOLDER: a recommended standard's."""

BASIS = Label(
    zh="GB/T 35273—2020 8.7：三十天内或法律法规规定的期限内答复（推荐性标准；法律只规定“及时”）",
    en="GB/T 35273-2020, 8.7: an answer within thirty days (a recommended standard; the law says “in time” and no number)",
)
"""Where the term comes from."""

MARK = UNVERIFIED
"""Nobody has read that standard's text for this."""


def answer_by(campaign: Campaign, received: date) -> date:
    """The last day for an answer to what was received on that day; the day itself is not counted."""
    del campaign
    return received + timedelta(days=ANSWER_DAYS)


def day_of(campaign: Campaign, instant: str) -> date:
    """The day of an instant (RFC 3339) in the campaign's zone."""
    return datetime.fromisoformat(instant).astimezone(campaign.zone).date()
