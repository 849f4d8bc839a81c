"""The words of a digest: what several notices say to one person, the most urgent first, as text and as rows of a table."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.campaign import Campaign
from engine.clock import from_us
from engine.ids import new_id
from engine.notices import render
from engine.rows import NoticeRow
from engine.texts import clean

KIND = "digest"

LIST_HERE = "\ue000"
"""Stands for the list while the words around it are filled in: a list of many items is longer than any one value may be."""

NEVER = 2**62
"""After every date, for what has none."""

OVER = {"met": "已办结", "late": "已补办", "cancelled": "已取消"}
"""What is said of a deadline that has ended since the notice was owed."""


@dataclass(frozen=True, slots=True)
class Particular:
    """A notice that is to ride, with its matter and its deadline as they stand now, where it has them."""

    notice: NoticeRow
    title: str | None = None
    definition_id: int | None = None
    code: str | None = None
    last_day: str | None = None
    breach_at: int | None = None
    status: str | None = None

    def urgency(self) -> tuple[int, int]:
        """Longest over first, then nearest, then what has no date, each in the order in which it was owed."""
        open_until = self.breach_at if self.breach_at is not None and self.status not in OVER else NEVER
        return open_until, self.notice.id


def compose_digest(campaign: Campaign, riding: Sequence[Particular], now_us: int) -> NoticeRow:
    """Write the one message in which *riding* go, all to one recipient over one channel."""
    ordered = _one_a_deadline(sorted(riding, key=Particular.urgency))
    items = [_item(campaign, each, now_us) for each in ordered]
    first, released = ordered[0].notice, {each.notice.released_at for each in riding}
    subject, text = _words(campaign, first, items, sum(bool(each["over"]) for each in items))
    return NoticeRow(
        id=(ident := new_id()), campaign_id=campaign.id, ref=None, deadline_id=None, kind=KIND,
        level=max(each.notice.level for each in riding), recipient=first.recipient, body=first.body, channel=first.channel,
        planned_at=min(each.notice.planned_at for each in riding), effective_at=now_us, sent_at=None, acknowledged_at=None,
        status="owed", subject=subject, text=text, dedup=f"digest:{ident}", entry_seq=None, attempts=0, next_try_at=now_us,
        lease_until=None, worker=None, last_error=None, items=json.dumps(items, ensure_ascii=False),
        released_at=None if None in released else max(filter(None, released)),
    )  # fmt: skip


def _one_a_deadline(ordered: Sequence[Particular]) -> list[Particular]:
    """Of several notices of one deadline only the one of the highest rung is told; the others are merged into it."""
    best: dict[Any, Particular] = {}
    for each in ordered:
        key = each.notice.deadline_id or -each.notice.id
        if key not in best or each.notice.level > best[key].notice.level:
            best[key] = each
    return list(best.values())


def _words(campaign: Campaign, first: NoticeRow, items: Sequence[Mapping[str, Any]], over: int) -> tuple[str, str]:
    label = f"{len(items)}件" + (f"，其中逾期{over}件" if over else "")
    name = campaign.doc.name.zh
    values = {
        "campaign": name,
        "title": name,
        "body": campaign.body_name(first.body),
        "label": label,
        "list": LIST_HERE,
    }
    subject, text = render(campaign.texts, KIND, values)
    lines = "\n".join(_lines(number, item) for number, item in enumerate(items, 1))
    return subject, text.replace(LIST_HERE, lines, 1) if LIST_HERE in text else f"{text.rstrip()}\n{lines}\n"


def _lines(number: int, item: Mapping[str, Any]) -> str:
    """One item as text; what is about no matter brings its own words along."""
    what = f"{item['title']}：{item['what']}" if item["ref"] else item["what"]
    note = f"（{item['note']}）" if item["note"] else ""
    said = [f"{number}. 〔{item['rung']}〕{what}{note}"]
    about = [
        f"{name}：{item[key]}" for name, key in (("编号", "ref"), ("期限", "date"), ("依据", "basis")) if item[key]
    ]
    if about:
        said.append("   " + "；".join(about))
    said += [f"   {line}" for line in item["text"].rstrip().split("\n")] if item["text"] else []
    return "\n".join(said)


def _item(campaign: Campaign, each: Particular, now_us: int) -> dict[str, Any]:
    notice = each.notice
    rung, rest = _parted(notice.subject)
    title = clean(each.title or "")
    item = {
        "notice": str(notice.id), "ref": notice.ref or "", "rung": rung or notice.kind, "title": title,
        "what": rest.removeprefix(title).lstrip("：: ") or rest, "date": "", "basis": "", "note": "", "over": 0, "text": "",
    }  # fmt: skip
    if each.code is not None and each.definition_id is not None:
        spec = campaign.machines[each.definition_id].deadline(each.code)
        item |= {"what": spec.label.zh, "date": each.last_day or "", "basis": clean(spec.basis)}
        item |= _standing(campaign, each, now_us)
    elif notice.ref is None or notice.kind == "urge":
        item["text"] = notice.text
    return item


def _parted(subject: str) -> tuple[str, str]:
    """The bracket in front of a subject (【催办单】), and the rest."""
    if subject.startswith("【") and "】" in subject:
        rung, rest = subject[1:].split("】", 1)
        return rung, rest
    return "", subject


def _standing(campaign: Campaign, each: Particular, now_us: int) -> dict[str, Any]:
    """How far from its date something is now."""
    if each.status in OVER:
        return {"note": OVER[each.status]}
    today = from_us(now_us).astimezone(campaign.zone).date()
    left = (date.fromisoformat(str(each.last_day)) - today).days
    if each.breach_at is not None and each.breach_at <= now_us:
        return {"note": f"逾期{-left}天" if left < 0 else "已逾期", "over": 1}
    return {"note": f"还有{left}天" if left > 0 else "今日到期"}
