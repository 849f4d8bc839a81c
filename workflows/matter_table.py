"""Lists of matters, and any other table, as CSV: UTF-8 with its mark, nothing in it that a spreadsheet would run."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from engine.campaign import Campaign
from engine.lists import MOST, Page, Wanted
from engine.machine import Compiled
from engine.marks import Lang
from engine.reading import Reader
from workflows.event_table import defused
from workflows.words import LIGHTS

HEADS = (
    ("编号", "Number"), ("标题", "Title"), ("类型", "Kind"), ("单位", "Body"), ("阶段", "Stage"), ("状态", "State"),
    ("灯", "Light"), ("最近期限", "Next deadline"), ("到期日", "Last day"), ("开立", "Opened"), ("更新", "Updated"),
)  # fmt: skip
"""The columns of every matter; behind them stand the facts that its opening may state."""

YES_NO = {True: ("是", "yes"), False: ("否", "no")}


def table_csv(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A table as the bytes of a CSV file."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(heads)
    for row in rows:
        writer.writerow([defused(each) for each in row])
    return b"\xef\xbb\xbf" + written.getvalue().encode()


def everything(reader: Reader, wanted: Wanted, order: str) -> Iterable[dict[str, Any]]:
    """All matters that fit, read page by page."""
    cursor = None
    while True:
        found = reader.matching(wanted, page=Page(order, MOST, cursor))
        yield from found["items"]
        cursor = found["next"]
        if cursor is None:
            return


def matter_csv(campaign: Campaign, items: Iterable[Mapping[str, Any]], kind: str | None, lang: Lang) -> bytes:
    """Matters as a table; those of one *kind* with the facts of its opening, as far as the reader saw them."""
    machine = campaign.kind(kind) if kind is not None else None
    facts = [] if machine is None else [*machine.doc.open.asks, *machine.doc.open.optional]
    heads = [head[lang == "en"] for head in HEADS]
    if machine is not None:
        for code in facts:
            spec = machine.doc.facts[code]
            unit = {"zh": "（元）", "en": " (yuan)"}[lang] if spec.type == "money" else ""
            heads.append(getattr(spec.label, lang) + unit)
    return table_csv(heads, (_row(campaign, machine, each, facts, lang) for each in items))


def _row(
    campaign: Campaign, machine: Compiled | None, each: Mapping[str, Any], facts: Sequence[str], lang: Lang
) -> list[Any]:
    due = each["due"] or {"label": {lang: ""}, "last_day": ""}
    light = LIGHTS[each["light"]][lang == "en"] if each["light"] else ""
    label = campaign.kind(each["kind"]).doc.label
    return [
        each["ref"], each["title"], getattr(label, lang), campaign.body_name(each["body"], lang), each["stage_label"][lang],
        each["state_label"][lang], light, due["label"][lang], due["last_day"], _local(campaign, each["opened_at"]),
        _local(campaign, each["updated_at"]),
        *(shown_fact(campaign, machine, code, each["facts"].get(code), lang) for code in facts if machine is not None),
    ]  # fmt: skip


def _local(campaign: Campaign, at: str) -> str:
    from datetime import datetime

    return datetime.fromisoformat(at).astimezone(campaign.zone).strftime("%Y-%m-%d %H:%M")


def shown_fact(campaign: Campaign, machine: Compiled, code: str, value: Any, lang: Lang) -> str:
    """The value of a fact in words: amounts in yuan, codes by the names that they have."""
    spec = machine.doc.facts[code]
    if value is None:
        return ""
    if isinstance(value, bool):
        return YES_NO[value][lang == "en"]
    if spec.type == "money" and isinstance(value, int):
        return f"{value // 100}.{value % 100:02d}"
    if spec.type == "body":
        return campaign.body_name(str(value), lang)
    if spec.type == "instant" and value != "***":
        return _local(campaign, str(value))
    names = {code: getattr(label, lang) for code, label in spec.value_labels.items()}
    names |= {taxon.code: getattr(taxon.name, lang) for taxon in campaign.doc.taxonomies.get(spec.taxonomy or "", ())}
    many = value if isinstance(value, list) else [value]
    return {"zh": "、", "en": ", "}[lang].join(names.get(str(one), str(one)) for one in many)
