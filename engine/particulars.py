"""What a matter is about, put down for searching and counting: its words, its enumerated facts, and its amounts.

One narrow row a matter and one a sum of money, written with the matter's own row whenever its facts have changed.
Personal words stand apart: whoever may not see them never finds anything by them.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, True_, and_, bindparam, delete, or_, select, update

from engine.ahead import MARK, PERSONAL
from engine.campaign import Campaign
from engine.errors import Invalid
from engine.machine import Compiled
from engine.rows import M, MatterRow
from engine.search_tables import Amount, Particulars
from engine.statement import Statement
from engine.tables import table_of

P, V = table_of(Particulars), table_of(Amount)

SHORTEST = 2
"""The fewest characters that are searched for: two make a Chinese word. PLACEHOLDER"""

LONGEST = 100
"""The most characters of one search. PLACEHOLDER"""

INSERT_PARTICULARS = Statement(P.insert(), [column.name for column in P.columns])
UPDATE_PARTICULARS = Statement(
    update(P)
    .where(P.c.matter_id == bindparam("b_matter_id"))
    .values({name: bindparam(name) for name in ("words", "personal", "marks")})
)
DROP_AMOUNTS = Statement(delete(V).where(V.c.matter_id == bindparam("b_matter_id")))
INSERT_AMOUNT = Statement(V.insert(), [column.name for column in V.columns])


def folded(text: str) -> str:
    """Text as it is compared: full-width forms and case make no difference. Lines are folded each by itself."""
    return text.lower() if text.isascii() else _folded(text)


@lru_cache(maxsize=1024)
def _folded(text: str) -> str:
    if _USUAL.fullmatch(text):
        for wide in set(_WIDE.findall(text)):
            text = text.replace(wide, _NARROW[wide])
        return text.lower()
    return unicodedata.normalize("NFKC", text).casefold()


_USUAL = re.compile(
    "[\\x00-\\x7f\u4e00-\u9fff\u3000-\u3002\u3008-\u3011\u3014\u3015\u2014\u2018\u2019\u201c\u201d\uff01-\uff5e]*"
)
"""What is written here most: of it only the full-width forms and the case change, each character by itself."""

_WIDE = re.compile("[\u3000\uff01-\uff5e]")


_NARROW = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {"\u3000": " "}


def particulars_of(machine: Compiled, row: MatterRow, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The particulars of a matter as their row has them."""
    words = [folded(row.title), folded(row.ref)]
    personal: list[str] = []
    marks: list[str] = []
    described = machine.ahead.described
    for code in sorted(described.keys() & facts.keys()):
        value = facts[code]
        if value is None:
            continue
        how = described[code]
        if how != MARK:
            (personal if how == PERSONAL else words).append(folded(str(value)))
        elif isinstance(value, list):
            marks += [f"{code}={_said(each)}" for each in value]
        else:
            marks.append(f"{code}={_said(value)}")
    return {
        "matter_id": row.id, "campaign_id": row.campaign_id, "words": "\n".join(words),
        "personal": "\n".join(personal), "marks": f"|{'|'.join(marks)}|" if marks else "",
    }  # fmt: skip


def amounts_of(machine: Compiled, row: MatterRow, facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The sums of money of a matter, in fen."""
    return [
        {"matter_id": row.id, "campaign_id": row.campaign_id, "fact": code, "value": facts[code]}
        for code in machine.ahead.money
        if type(facts.get(code)) is int
    ]


def _said(value: Any) -> str:
    return ("no", "yes")[value] if isinstance(value, bool) else str(value)


def has_fact(code: str, value: str) -> ColumnElement[bool]:
    """Whether the fact *code* is *value*, or has it among its values."""
    return _in_particulars(says_fact(code, value))


def lacks_fact(code: str, value: str) -> ColumnElement[bool]:
    """Whether the fact *code* is not *value*, also because nobody has stated it."""
    return M.c.id.not_in(select(P.c.matter_id).where(says_fact(code, value)))


def says_fact(code: str, value: str) -> ColumnElement[bool]:
    """The same of the particulars themselves."""
    return says_in(P.c.marks, code, value)


def says_in(marks: ColumnElement[str], code: str, value: str) -> ColumnElement[bool]:
    """The same of *marks*, wherever they stand."""
    return marks.contains(f"|{code}={value}|", autoescape=True)


def has_amount(campaign: Campaign, code: str, least: int | None, most: int | None) -> ColumnElement[bool]:
    """Whether the sum *code* is stated and lies between *least* and *most*, both inclusive, in fen."""
    bounds = [V.c.value >= least] if least is not None else []
    bounds += [V.c.value <= most] if most is not None else []
    return M.c.id.in_(select(V.c.matter_id).where(V.c.campaign_id == campaign.id, V.c.fact == code, *bounds))


def has_text(campaign: Campaign, text: str, personal: ColumnElement[bool] | bool = False) -> ColumnElement[bool]:
    """Whether each word of *text* is found: in title, reference or facts, or as the name of one of their values.

    Personal facts are looked into where *personal* holds. Raises Invalid for what is too short or too long.
    """
    words = folded(text).split()
    if not words or min(map(len, words)) < SHORTEST or len(text) > LONGEST:
        raise Invalid(f"search for {SHORTEST} to {LONGEST} characters: {text[:LONGEST]!r}", "text")
    whole = personal is True or isinstance(personal, True_)
    found = _in_particulars(and_(*(_has_word(campaign, word, personal=whole) for word in words)))
    if whole or personal is False:
        return found
    # A pass of its own, so that where it holds is asked of the matters and not of every word of theirs.
    hidden = _in_particulars(and_(*(_has_word(campaign, word, personal=True) for word in words)))
    return or_(found, and_(personal, hidden))


def _has_word(campaign: Campaign, word: str, *, personal: bool) -> ColumnElement[bool]:
    found = [P.c.words.contains(word, autoescape=True)]
    found += [P.c.marks.contains(f"={code}|", autoescape=True) for code in _named(campaign, word)]
    if personal:
        found.append(P.c.personal.contains(word, autoescape=True))
    return or_(*found)


def fits_then(
    campaign: Campaign,
    row: MatterRow,
    facts: Mapping[str, Any],
    asked: tuple[
        Sequence[tuple[str, str]], Sequence[tuple[str, str]], Sequence[tuple[str, int | None, int | None]], str | None
    ],
) -> bool:
    """Whether a matter fits as it was once: *asked* are facts, facts it lacks, amounts and words, without personal ones."""
    machine = campaign.machines[row.definition_id]
    said, (pairs, lacks, sums, text) = particulars_of(machine, row, facts), asked
    amounts = {each["fact"]: each["value"] for each in amounts_of(machine, row, facts)}
    known = all(f"|{code}={value}|" in said["marks"] for code, value in pairs)
    known = known and not any(f"|{code}={value}|" in said["marks"] for code, value in lacks)
    within = all(
        code in amounts and (least is None or amounts[code] >= least) and (most is None or amounts[code] <= most)
        for code, least, most in sums
    )
    return (
        known
        and within
        and all(
            word in said["words"] or any(f"={code}|" in said["marks"] for code in _named(campaign, word))
            for word in folded(text or "").split()
        )
    )


def flaws_of(
    machine: Compiled, row: MatterRow, facts: Mapping[str, Any], said: Sequence[Any], sums: Mapping[str, int]
) -> list[str]:
    """Where what is put down of a matter, its particulars *said* and its *sums*, is not what follows from its facts."""
    right = particulars_of(machine, row, facts)
    names = ("words", "personal", "marks")
    if len(said) != len(names):
        return ["what it is about was not put down"]
    wrong = [f"{name}: put down {is_!r}, the facts {right[name]!r}" for name, is_ in zip(names, said, strict=True)
             if is_ != right[name]]  # fmt: skip
    wanted = {each["fact"]: each["value"] for each in amounts_of(machine, row, facts)}
    return wrong if sums == wanted else [*wrong, f"amounts: put down {dict(sums)!r}, the facts {wanted!r}"]


def _named(campaign: Campaign, word: str) -> Sequence[str]:
    """The entries of the campaign's taxonomies whose names have *word* in them."""
    return sorted(
        {
            taxon.code
            for taxa in campaign.doc.taxonomies.values()
            for taxon in taxa
            if word in folded(taxon.name.zh) or word in folded(taxon.name.en)
        }
    )


def _in_particulars(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """The matters whose particulars fit: found in one pass over the narrow table, not one by one."""
    return M.c.id.in_(select(P.c.matter_id).where(condition))
