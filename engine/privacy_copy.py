"""A copy of what is held of a person, for himself (个人信息保护法, article 45): readable, in Chinese, without what is another's."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from engine.campaign import Campaign
from engine.canonical import canonical
from engine.clock import from_us
from engine.erased_words import APART, Needles, needles_with_guards
from engine.erasing_plan import held_values, texts_of
from engine.history import E, P
from engine.machine import Compiled
from engine.rows import MATTER_BY_REF, MatterRow
from engine.sight import Sight
from engine.store import Tx

SENTENCE = re.compile(r"[^。；;！!？?\n]*[。；;！!？?\n]?")

OTHERS = "〔他人信息，略〕"

HEAD = """个人信息副本
依据：《中华人民共和国个人信息保护法》第四十五条
专项行动：{campaign}
查询内容：{text}
制作时间：{at}

"""

TAIL = """
说明
1. 依法应当保密、不需要告知，或者告知将妨碍国家机关履行法定职责的（第十八条第一款、第三十五条），不在本副本之内。
2. 同一条记录中他人的信息从略。
3. 认为不准确、不完整的，可以请求更正、补充（第四十六条）；符合第四十七条第一款情形的，可以请求删除。
4. 对拒绝请求不服的，可以依法向人民法院提起诉讼（第五十条第二款）。
"""


@dataclass(frozen=True, slots=True)
class Copied:
    """A copy, and of how many matters and values it tells."""

    text: str
    matters: int
    values: int


def copied(
    tx: Tx, campaign: Campaign, sight: Sight, text: str, now: datetime, holds: Collection[str], only: str | None
) -> Copied:
    """What is held with *text* in it, in the closed matters that are seen with their personal facts.

    Left out are matters that are open or on hold (telling would hinder the work: articles 18 and 35), kinds that keep who
    reported something in the vault (whom it protects), messages, and what is said of others in the same value.
    """
    needles = needles_with_guards(tx, campaign, {text})
    parts, matters, count = [HEAD.format(campaign=campaign.doc.name.zh, text=text, at=_local(campaign, now))], 0, 0
    for row in _matters(tx, campaign, sight, text, only):
        machine = campaign.machines[row.definition_id]
        if not row.closed or row.ref in holds or machine.vaulted:
            continue
        values = held_values(tx, campaign, [f"matter/{row.ref}"])
        lines = []
        when = _when(tx, campaign, row.ref)
        for (_, seq, name), value in sorted(values.items()):
            own = [each for said in texts_of(value) for each in _own(name, said, needles)]
            if own:
                lines.append(f"  {when[seq]}  {_field(machine, name)}：{' '.join(own)}\n")
        if lines:
            matters, count = matters + 1, count + len(lines)
            parts += [f"{machine.doc.label.zh} {row.ref}（{campaign.body_name(row.body)}）\n", *lines, "\n"]
    if not count:
        parts.append("没有可以提供的个人信息。\n")
    return Copied("".join([*parts, TAIL]), matters, count)


def _matters(tx: Tx, campaign: Campaign, sight: Sight, text: str, only: str | None) -> Iterator[MatterRow]:
    """The matters in whose record *text* stands, that are seen with their personal facts."""
    written = canonical(text)[1:-1]
    found = select(P.c.stream).where(
        P.c.campaign_id == campaign.id, P.c.stream.startswith("matter/"), P.c.value.contains(written, autoescape=True)
    )
    refs = sorted({stream.partition("/")[2] for (stream,) in tx.select(found)})
    for ref in refs if only is None else [each for each in refs if each == only]:
        read: Any = tx.row(MATTER_BY_REF, campaign_id=campaign.id, ref=ref)
        row = MatterRow(*read) if read is not None else None
        if row is not None and sight.sees(tx, row) and not sight.masks(tx, row):
            yield row


def _own(name: str, said: str, needles: Needles) -> list[str]:
    """What of a value is the person's: the names in a list that are his, the sentences of a text that name him."""
    pieces = [each for each in APART.split(said) if each] if name.startswith("fact:") and len(said) <= 200 else None
    pieces = pieces if pieces is not None else SENTENCE.findall(said)
    own = [each.strip() for each in pieces if needles.within(each)]
    return [*own, OTHERS] if own and len(own) < len([each for each in pieces if each.strip()]) else own


def _when(tx: Tx, campaign: Campaign, ref: str) -> dict[int, str]:
    stream = select(E.c.seq, E.c.recorded_at).where(E.c.campaign_id == campaign.id, E.c.stream == f"matter/{ref}")
    return {seq: _local(campaign, from_us(at)) for seq, at in tx.select(stream)}


def _local(campaign: Campaign, at: datetime) -> str:
    return f"{at.astimezone(campaign.zone):%Y-%m-%d %H:%M}"


def _field(machine: Compiled, name: str) -> str:
    kind, _, code = name.partition(":")
    if kind == "fact" and code in machine.doc.facts:
        return machine.doc.facts[code].label.zh
    if kind == "name" and code in machine.doc.documents:
        return f"{machine.doc.documents[code].label.zh}（材料名称）"
    return {"title": "标题", "reason": "说明"}.get(name, "其他记载")
