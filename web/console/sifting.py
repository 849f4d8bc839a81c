"""What a list is narrowed down by, as an address says it: one reading of the query string, and the way back.

Names are those of `engine.lists.Wanted`; ``fact.CODE=VALUE`` (may be repeated) and ``amount.CODE.from``/``.to`` in yuan
say the facts and the sums of money, ``not.CODE=VALUE`` what a fact must not say. Days are the campaign's; one that ends
something (*opened_until*, *due_before*) counts whole.
"""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from engine.errors import Invalid
from engine.facts import read_instant
from engine.lists import INSTANTS, TEXTS, Wanted

if TYPE_CHECKING:
    pass

FACT, LACKS, AMOUNT = "fact.", "not.", "amount."

CLOSED = {"yes": True, "no": False}

ENDS = ("due_before", "opened_until")
"""Exclusive bounds: a bare day is meant whole, so its end counts."""

MOST_YUAN = 10**14
"""The largest sum that is asked for. PLACEHOLDER"""

DAY = timedelta(days=1)

Pairs = list[tuple[str, str]]


def wanted_of_pairs(pairs: Iterable[tuple[str, str]], zone: ZoneInfo) -> Wanted:
    """The same of names and values; names that are not of a filter are left alone, empty values say nothing."""
    found: dict[str, Any] = {}
    facts: dict[str, list[tuple[str, str]]] = {FACT: [], LACKS: []}
    sums: dict[str, list[int | None]] = {}
    for name, said in pairs:
        value = said.strip()
        if not value:
            continue
        if name in TEXTS:
            found[name] = value
        elif name in INSTANTS:
            found[name] = _instant(name, value, zone)
        elif name == "closed":
            found[name] = _closed(value)
        elif name.startswith((FACT, LACKS)):
            prefix, code = name.split(".", 1)
            facts[prefix + "."].append((code, value))
        elif name.startswith(AMOUNT):
            code, _, end = name.removeprefix(AMOUNT).rpartition(".")
            if code and end in ("from", "to"):
                sums.setdefault(code, [None, None])[end == "to"] = _fen(name, value)
    amounts = tuple((code, least, most) for code, (least, most) in sums.items())
    return Wanted(
        **found, facts=tuple(dict.fromkeys(facts[FACT])), lacks=tuple(dict.fromkeys(facts[LACKS])), amounts=amounts
    )


def pairs_of(wanted: Wanted, zone: ZoneInfo) -> Pairs:
    """The names and values that say *wanted* in an address."""
    found: Pairs = []
    for name in TEXTS:
        if (value := getattr(wanted, name)) is not None:
            found.append((name, value))
    found += [(name, typed_instant(at, zone, end=name in ENDS)) for name in INSTANTS if (at := getattr(wanted, name))]
    if wanted.closed is not None:
        found.append(("closed", "yes" if wanted.closed else "no"))
    found += [(FACT + code, value) for code, value in wanted.facts]
    found += [(LACKS + code, value) for code, value in wanted.lacks]
    for code, least, most in wanted.amounts:
        found += [
            (f"{AMOUNT}{code}.{end}", typed_fen(fen)) for end, fen in (("from", least), ("to", most)) if fen is not None
        ]
    return found


def query_of(wanted: Wanted, zone: ZoneInfo, **more: str) -> str:
    """The query string that says *wanted*, with *more*; with its question mark, empty if it says nothing."""
    pairs = [*pairs_of(wanted, zone), *((name, value) for name, value in more.items() if value)]
    return "?" + urlencode(pairs) if pairs else ""


def typed_fen(fen: int) -> str:
    """An amount in fen as it is typed: in yuan."""
    return format((Decimal(fen) / 100).quantize(Decimal("0.01")), "f").removesuffix(".00")


def typed_instant(at: datetime, zone: ZoneInfo, *, end: bool) -> str:
    """An instant as a day where it is one's edge, else with its offset."""
    local = at.astimezone(zone)
    if local.timetz().replace(tzinfo=None) == time(0):
        return (local.date() - (DAY if end else timedelta(0))).isoformat()
    return local.isoformat()


def _instant(name: str, value: str, zone: ZoneInfo) -> datetime:
    try:
        at = read_instant(value, zone)
        if len(value) == 10 and name in ENDS:
            return datetime.combine(at.astimezone(zone).date() + DAY, time(0), zone)
        return at.astimezone(zone)
    except (ValueError, OverflowError):
        raise Invalid(f"{name}: not a day like 2010-12-10: {value[:40]!r}", name) from None


def _closed(value: str) -> bool:
    if value not in CLOSED:
        raise Invalid(f"closed: say yes or no, not {value[:40]!r}", "closed")
    return CLOSED[value]


def _fen(name: str, value: str) -> int:
    try:
        yuan = Decimal(value.replace(",", "").replace("，", ""))
        if not yuan.is_finite() or not 0 <= yuan < MOST_YUAN or yuan * 100 != (yuan * 100).to_integral_value():
            raise ValueError(value)
        return int(yuan * 100)
    except (InvalidOperation, ValueError):
        raise Invalid(f"{name}: not an amount in yuan: {value[:40]!r}", name) from None
